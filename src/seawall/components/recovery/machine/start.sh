#!/bin/bash
# Starts the application's containers anew, from images in the registry here, with the database that was restored last.
. /opt/standby/lib.sh
. "$STATE/database"

refresh=$(printf 'grant_type=access_token&service=%s&access_token=%s' "$REGISTRY" "$(identity_token https://management.azure.com/)" |
    curl -fsS --retry 3 --max-time 60 --data-binary @- "https://$REGISTRY/oauth2/exchange" | jq -r .refresh_token)
printf '%s' "$refresh" | docker login --username 00000000-0000-0000-0000-000000000000 --password-stdin "$REGISTRY"

docker network inspect standby >/dev/null 2>&1 || docker network create standby
export DATABASE_NAME DATABASE_PASSWORD
[ -e "$STATE/cache-password" ] || (umask 077 && openssl rand -hex 24 >"$STATE/cache-password")
CACHE_PASSWORD=$(cat "$STATE/cache-password")
export CACHE_PASSWORD
for file in /etc/standby/containers/*.env; do
    . "${file%.env}.run"
    name=$(basename "$file" .env)
    name=${name#[0-9]-}
    # Passwords are put in here, on the machine; the file that is shipped has names in their place.
    (umask 077 && envsubst '$DATABASE_NAME $DATABASE_PASSWORD $CACHE_PASSWORD' <"$file" >"$STATE/$name.env")
    if docker pull --quiet "$IMAGE"; then :; elif ! docker image inspect "$IMAGE" >/dev/null; then exit 1; fi
    docker rm --force "$name" >/dev/null 2>&1 || true
    docker run --detach --name "$name" --network standby --restart unless-stopped --read-only --tmpfs /tmp \
        --cap-drop ALL --security-opt no-new-privileges --memory "$MEMORY" --env-file "$STATE/$name.env" \
        "${ARGUMENTS[@]}" "$IMAGE" "${COMMAND[@]}"
done
