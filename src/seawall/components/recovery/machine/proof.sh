#!/bin/bash
# Called by certbot with CERTBOT_DOMAIN and CERTBOT_VALIDATION: puts the proof into the zone here, or takes it away.
. /opt/standby/lib.sh

label=${CERTBOT_DOMAIN%%.*}
url="${MANAGEMENT:-https://management.azure.com}/subscriptions/$(subscription)/resourceGroups/$GROUP/providers/Microsoft.Network/dnsZones/$PROOF_ZONE/TXT/$label?api-version=2018-05-01"
token=$(identity_token https://management.azure.com/)
case $1 in
put)
    azure "$token" -X PUT -H 'Content-Type: application/json' "$url" \
        -d "{\"properties\":{\"TTL\":60,\"TXTRecords\":[{\"value\":[\"$CERTBOT_VALIDATION\"]}]}}"
    sleep "${PROOF_SECONDS:-70}"
    ;;
delete) azure "$token" -X DELETE "$url" ;;
esac
