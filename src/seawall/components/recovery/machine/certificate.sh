#!/bin/bash
# Gets or renews the certificate for the names that CloudFront asks. The key is made here and never leaves.
# Whoever issues it asks DNS for a proof; that one name is delegated to a zone here, the only one this machine may write.
. /opt/standby/lib.sh

arguments=()
for name in $NAMES; do arguments+=(-d "$name"); done
certbot certonly --non-interactive --agree-tos --register-unsafely-without-email --keep-until-expiring --expand \
    --cert-name standby --manual --preferred-challenges dns \
    --manual-auth-hook '/opt/standby/proof.sh put' --manual-cleanup-hook '/opt/standby/proof.sh delete' \
    "${arguments[@]}"
ln -sf /opt/standby/nginx.conf /etc/nginx/sites-enabled/default
nginx -t
systemctl reload-or-restart nginx
