#!/bin/bash
# Restores the newest whole copy into a database of its own, and only then points the application at it.
# Until it is promoted, the standby follows; afterwards its own data is the newer, and nothing is restored any more.
. /opt/standby/lib.sh
umask 077
mkdir -p "$STATE"

# Whether it could serve now is asked from outside, every minute: it could not if this fails, or the copy is too old.
ready() {
    local stamp made
    stamp=$(sed -n 's|.*/\([0-9]\{8\}\)T\([0-9]\{2\}\)\([0-9]\{2\}\)\([0-9]\{2\}\)Z$|\1 \2:\3:\4|p' "$STATE/restored")
    made=$(date -u -d "$stamp" +%s)
    [ $(($(date -u +%s) - made)) -le "$OLDEST_SECONDS" ] || {
        echo "the newest copy is older than $OLDEST_SECONDS s" >&2
        return 1
    }
    date -u >"$STATE/ready"
    # nginx reads it as somebody else.
    chmod 755 "$STATE" && chmod 644 "$STATE/ready"
}
work=
trap 'status=$?; [ -z "$work" ] || rm -rf "$work"; [ $status -eq 0 ] || rm -f "$STATE/ready"' EXIT

if [ -e "$STATE/promoted" ]; then
    echo "promoted: what is here is newer than any copy"
    exit 0
fi

token=$(identity_token https://storage.azure.com/)
# A copy counts once its manifest lies beside it; names end in the time, so the last one is the newest. One that is still
# to come is none: it would keep every later one from being restored.
newest=$(azure "$token" "$CONTAINER_URL?restype=container&comp=list&prefix=$COMPONENT/" |
    grep -o '<Name>[^<]*/manifest\.json</Name>' | sed 's|<Name>\(.*\)/manifest\.json</Name>|\1|' |
    awk -F/ -v latest="$(date -u -d '+5 min' +%Y%m%dT%H%M%SZ)" '$NF <= latest' | sort | tail -n 1)
if [ -z "$newest" ]; then
    echo "there is no copy yet" >&2
    exit 1
fi
if [ "$newest" = "$(cat "$STATE/restored" 2>/dev/null || true)" ]; then
    echo "$newest is restored already"
    ready
    exit
fi

work=$(mktemp -d "$STATE/restoring.XXXXXX")
cd "$work"
azure "$token" -o manifest.json "$CONTAINER_URL/$newest/manifest.json"
of() { jq -r ".$1" manifest.json; }
# The manifest says whose copy it is and when it was taken: one that was moved here from elsewhere is another's.
taken=$(date -u -d "$(of began)" +%Y%m%dT%H%M%SZ)
if [ "$(of component)/$taken" != "$newest" ] || [ "$(of component)" != "$COMPONENT" ] || [ "$(of platform)" != "$PLATFORM" ]; then
    echo "$newest is a copy of $(of platform)'s $(of component), taken at $taken" >&2
    exit 1
fi
azure "$token" -o dump.sql.gz "$CONTAINER_URL/$newest/dump.sql.gz"
echo "$(of sha256)  dump.sql.gz" | sha256sum --check --status || {
    echo "$newest is not what was copied: its checksum differs" >&2
    exit 1
}

database="${DATABASE}_$(date -u +%Y%m%d%H%M%S)"
# Binary mode: a dump is SQL; without it the client runs what stands behind \! or `system` in one, as root of this machine.
printf '[client]\nhost=%s\nuser=%s\npassword="%s"\nssl-mode=VERIFY_IDENTITY\nssl-ca=%s\n[mysql]\nbinary-mode\n' \
    "$DATABASE_HOST" "$DATABASE_USER" "$(vault_secret "$SECRET")" /etc/ssl/certs/ca-certificates.crt >admin.cnf
sql() { "${MYSQL:-mysql}" --defaults-extra-file=admin.cnf "$@"; }
sql -e "CREATE DATABASE \`$database\`"
# The dump names the database that it is of; here each copy has one of its own.
gzip -dc dump.sql.gz | sed -e '/^USE `/d' -e '/^CREATE DATABASE /d' | sql "$database" || {
    sql -e "DROP DATABASE \`$database\`"
    exit 1
}

# The application has a user of its own, whose password is made here and lies on this machine alone.
password=$(openssl rand -hex 24)
sql <<SQL
CREATE USER IF NOT EXISTS 'application'@'%' IDENTIFIED BY '$password' REQUIRE SSL;
ALTER USER 'application'@'%' IDENTIFIED BY '$password';
GRANT ALL ON \`${database//_/\\_}\`.* TO 'application'@'%';
SQL
printf 'DATABASE_NAME=%s\nDATABASE_PASSWORD=%s\n' "$database" "$password" >"$STATE/database"
printf '%s' "$newest" >"$STATE/restored"
/opt/standby/start.sh

# What was served before stays for one more round, in case the new one does not start.
sql -N -e "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE '${DATABASE//_/\\_}\\_%' ORDER BY 1" |
    head -n -2 | while read -r old; do sql -e "DROP DATABASE \`$old\`"; done
echo "restored $newest as $database"
ready
