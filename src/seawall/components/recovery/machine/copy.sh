#!/bin/bash
# Copies each database to Azure, with a checksum beside it; then the images that the standby runs, if it has one.
# CONTAINER_URL: where to. IMAGES: "source target" lines. REGISTRY: the registry there, as Azure's API names it.
set -euo pipefail
umask 077
. /scripts/upload.sh

storage=https://storage.azure.com
management=https://management.azure.com
said() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" /secrets/azure.json; }
token() { azure_token "$(said tenant)" "$(said client)" "$1" </var/run/azure/token; }

authorities=/tmp/authorities.pem
curl -fsS --retry 5 --max-time 60 -o "$authorities" "${AUTHORITIES:-https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem}"

for settings in /secrets/*.cnf; do
    component=$(basename "$settings" .cnf)
    database=$(cat "/secrets/$component.database")
    stamp=$(date -u +%Y%m%d-%H%M%S)
    file="$component-$stamp.sql.gz"
    cd /work
    # One moment of every table, read without locking them; an account that may do nothing but read.
    "${DUMP:-mysqldump}" --defaults-extra-file="$settings" --ssl-mode=VERIFY_IDENTITY --ssl-ca="$authorities" \
        --single-transaction --quick --triggers --events --hex-blob --no-tablespaces --set-gtid-purged=OFF \
        "$database" | gzip >"$file"
    # A dump that was cut off is valid gzip; its last line says that it is whole.
    gzip -dc "$file" | tail -n 1 | grep -q '^-- Dump completed'
    sha256sum "$file" >"$file.sha256"
    AZURE_TOKEN=$(token "$storage")
    put_blob "$file" "$CONTAINER_URL/$component/$file"
    # The checksum comes last: whoever restores takes a copy that has one.
    put_blob "$file.sha256" "$CONTAINER_URL/$component/$file.sha256"
    echo "copied $component: $(stat -c %s "$file") bytes as $file"
    rm -f "$file" "$file.sha256"
done

if [ -n "${IMAGES:-}" ]; then
    AZURE_TOKEN=$(token "$management")
    while read -r source target; do
        [ -n "$source" ] || continue
        # Azure fetches the image itself; it asks with a password that ECR takes back after twelve hours.
        printf '{"source":{"registryUri":"%s","sourceImage":"%s","credentials":{"username":"AWS","password":"%s"}},"targetTags":["%s"],"mode":"Force"}' \
            "${source%%/*}" "${source#*/}" "$(cat /secrets/registry)" "$target" |
            curl -fsS --retry 3 --max-time 300 -X POST -H 'Content-Type: application/json' \
                -H @<(printf 'Authorization: Bearer %s' "$AZURE_TOKEN") --data-binary @- \
                "${AZURE_MANAGEMENT:-$management}/subscriptions/$(said subscription)$REGISTRY/importImage?api-version=2023-07-01"
        echo "asked Azure to fetch $target"
    done <<<"$IMAGES"
fi
