#!/bin/bash
# Has Azure fetch the images that the standby runs.
# IMAGES: "source target" lines. REGISTRY: the registry there, as Azure's API names it.
set -euo pipefail
umask 077
. /scripts/identity.sh

management=https://management.azure.com
said() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" /secrets/azure.json; }

AZURE_TOKEN=$(azure_token "$(said tenant)" "$(said client)" "$management" </var/run/azure/token)
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
