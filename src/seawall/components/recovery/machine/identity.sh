# A function of whoever asks Azure: prove to Entra ID who one is. Needs bash, curl and sed.
# Tokens never stand in an argument, where every process could read them.

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
