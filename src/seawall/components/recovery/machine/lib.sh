# Functions of the standby's scripts: tokens of its own identity, and what Azure's APIs answer to them.
# Tokens never stand in an argument, where every process could read them.
set -euo pipefail
. /etc/standby/settings

METADATA=${METADATA:-http://169.254.169.254}
STATE=${STATE:-/var/lib/standby}

# identity_token RESOURCE: a token of the machine's own identity, good for about a day.
identity_token() {
    curl -fsS --retry 5 --noproxy '*' --max-time 30 -H 'Metadata: true' \
        "$METADATA/metadata/identity/oauth2/token?api-version=2018-02-01&resource=$1" | jq -r .access_token
}

# azure TOKEN ARGUMENT...: curl with that token.
azure() {
    local token=$1
    shift
    curl -fsS --retry 3 --max-time 900 -H 'x-ms-version: 2023-11-03' -H @<(printf 'Authorization: Bearer %s' "$token") "$@"
}

# vault_secret NAME: a secret of the vault.
vault_secret() {
    azure "$(identity_token https://vault.azure.net)" "${VAULT_URL:?}/secrets/$1?api-version=7.4" | jq -r .value
}

subscription() {
    curl -fsS --retry 5 --noproxy '*' --max-time 30 -H 'Metadata: true' \
        "$METADATA/metadata/instance/compute/subscriptionId?api-version=2021-02-01&format=text"
}
