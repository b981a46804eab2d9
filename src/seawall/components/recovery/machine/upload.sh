# Functions of whoever makes a copy: prove to Entra ID who one is, and put a file into a container of Azure's.
# Needs bash, curl, sed and coreutils. Tokens never stand in an argument, where every process could read them.

# azure_token TENANT CLIENT RESOURCE: exchanges the signed token on standard input for one of Azure's, which is printed.
azure_token() {
    local answer
    answer=$(curl -fsS --retry 5 --max-time 60 \
        -d grant_type=client_credentials \
        -d client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
        -d "client_id=$2" -d "scope=$3/.default" --data-urlencode client_assertion@- \
        "${AZURE_LOGIN:-https://login.microsoftonline.com}/$1/oauth2/v2.0/token") || return 1
    printf '%s' "$answer" | sed -n 's/.*"access_token" *: *"\([^"]*\)".*/\1/p'
}

# put_blob FILE URL: sends the file in blocks, then makes the blob of them; AZURE_TOKEN lets it in.
# A blob that is there already stays as it is, and the function fails.
put_blob() {
    local file=$1 url=$2 block=${BLOCK_BYTES:-67108864} size count id list=''
    size=$(stat -c %s "$file") || return 1
    count=$(((size + block - 1) / block))
    for ((number = 0; number < count; number++)); do
        id=$(printf 'block-%08d' "$number" | base64)
        dd if="$file" bs="$block" skip="$number" count=1 status=none |
            _azure -H 'Content-Type: application/octet-stream' --data-binary @- "$url?comp=block&blockid=$(_escaped "$id")" ||
            return 1
        list+="<Latest>$id</Latest>"
    done
    printf '<?xml version="1.0" encoding="utf-8"?><BlockList>%s</BlockList>' "$list" |
        _azure -H 'Content-Type: application/xml' -H 'If-None-Match: *' --data-binary @- "$url?comp=blocklist"
}

_azure() {
    curl -fsS -X PUT --retry 5 --max-time 600 -H 'x-ms-version: 2023-11-03' \
        -H @<(printf 'Authorization: Bearer %s' "$AZURE_TOKEN") "$@"
}

_escaped() {
    local text=${1//+/%2B}
    text=${text//\//%2F}
    printf '%s' "${text//=/%3D}"
}
