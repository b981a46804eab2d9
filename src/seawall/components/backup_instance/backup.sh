#!/bin/bash
# Copies every database that the settings name to a container of Azure's: dumped in one transaction over TLS, packed,
# checked, and sent over HTTPS with a token of minutes. Passwords and tokens stay in memory and out of arguments.
# PARAMETER: the one in SSM that says what and where to, as JSON.
# RUN: a folder in memory, which ends with the run. KEPT: the folder in which copies stay for a while.
set -euo pipefail
umask 077
shopt -s inherit_errexit
# shellcheck source=/dev/null
. "${FUNCTIONS:-/opt/backup/upload.sh}"

# One run at a time: a copy that takes longer than the schedule's step must not be overtaken.
exec 9>"$KEPT/.lock"
if ! flock -n 9; then
    echo 'the last run is still at it; this one ends' >&2
    exit 0
fi

value() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$1" "$2"; }

told=''
tell() {
    told=1
    aws cloudwatch put-metric-data --namespace "$(value "$RUN/settings" namespace)" --metric-name Copies \
        --unit Count --value "$1" \
        --dimensions "Platform=$(value "$RUN/settings" platform),Component=$(value "$RUN/settings" component)"
}
finish() {
    local result=$?
    rm -f "$RUN"/*.cnf "$RUN"/secret "$KEPT"/*.part
    if [ "$result" -ne 0 ] && [ -z "$told" ] && [ -s "$RUN/settings" ]; then
        tell 0 || echo 'the failure could not be told either' >&2
    fi
}
trap finish EXIT

aws ssm get-parameter --name "$PARAMETER" --query Parameter.Value --output text >"$RUN/settings"
aws ssm get-parameter --name "$(value "$RUN/settings" who)" --query Parameter.Value --output text >"$RUN/who"
curl -fsS --retry 5 --max-time 60 -o "$RUN/authorities" \
    "${AUTHORITIES:-https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem}"

azure() {
    aws sts get-web-identity-token --audience "$(value "$RUN/settings" audience)" --signing-algorithm RS256 \
        --duration-seconds 300 --query WebIdentityToken --output text | tr -d '\n' |
        azure_token "$(value "$RUN/who" tenant)" "$(value "$RUN/who" client)" https://storage.azure.com
}

# An option file that holds the password of a secret, quoted as the client reads it.
options() {
    local secret=$1 host=$2 port=$3
    aws secretsmanager get-secret-value --secret-id "$secret" --query SecretString --output text >"$RUN/secret"
    python3 - "$RUN/secret" "$host" "$port" <<'PYTHON'
import json, sys

secret = json.load(open(sys.argv[1]))
password = secret["password"].replace("\\", "\\\\").replace('"', '\\"')
print(f'[client]\nhost={sys.argv[2]}\nport={sys.argv[3]}\nuser={secret["username"]}\npassword="{password}"')
PYTHON
    rm -f "$RUN/secret"
}

# Every database but the server's own: RDS keeps those itself, and refuses to have them restored.
databases() {
    "${CLIENT:-mysql}" --defaults-extra-file="$1" --ssl-mode=VERIFY_IDENTITY --ssl-ca="$RUN/authorities" -BN -e \
        "SELECT schema_name FROM information_schema.schemata WHERE schema_name NOT IN
         ('information_schema', 'innodb', 'mysql', 'performance_schema', 'sys') ORDER BY 1"
}

copy() {
    local component=$1 host=$2 port=$3 secret=$4 settings file found
    settings="$RUN/$component.cnf"
    options "$secret" "$host" "$port" >"$settings"
    mapfile -t found < <(databases "$settings")
    wait "$!"
    if [ "${#found[@]}" -eq 0 ]; then
        echo "$component holds no database" >&2
        return 1
    fi
    file="$component-$(date -u +%Y%m%d-%H%M%S).sql.gz"
    # One moment of every table, without locking them.
    "${DUMP:-mysqldump}" --defaults-extra-file="$settings" --ssl-mode=VERIFY_IDENTITY --ssl-ca="$RUN/authorities" \
        --single-transaction --quick --routines --triggers --events --hex-blob --no-tablespaces \
        --set-gtid-purged=OFF --databases "${found[@]}" | gzip >"$KEPT/$file.part"
    rm -f "$settings"
    # A dump that was cut off is valid gzip; its last line says that it is whole.
    gzip -dc "$KEPT/$file.part" | tail -n 1 | grep -q '^-- Dump completed'
    mv "$KEPT/$file.part" "$KEPT/$file"
    (cd "$KEPT" && sha256sum "$file" >"$file.sha256")
    # shellcheck disable=SC2034 # put_blob reads it
    AZURE_TOKEN=$(azure)
    put_blob "$KEPT/$file" "$(value "$RUN/settings" url)/$component/$file"
    # The checksum comes last: whoever restores takes a copy that has one.
    put_blob "$KEPT/$file.sha256" "$(value "$RUN/settings" url)/$component/$file.sha256"
    echo "copied $component: ${#found[@]} databases, $(stat -c %s "$KEPT/$file") bytes, as $file"
}

# What is old goes first, so that a full disk frees itself; what was just made stays whatever it is called.
find "$KEPT" -maxdepth 1 -name '*.sql.gz*' -mmin "+$(value "$RUN/settings" kept_minutes)" -delete

python3 -c 'import json, sys
for one in json.load(open(sys.argv[1]))["databases"]:
    print(one["component"], one["host"], one["port"], one["secret"])' "$RUN/settings" >"$RUN/databases"
while read -r component host port secret <&3; do
    copy "$component" "$host" "$port" "$secret"
done 3<"$RUN/databases"

tell 1
