#!/bin/sh
# Brings the schemas of a database that several environments share up to date.
#
#     migrate.sh FOLDER DATABASE ENVIRONMENT...
#
# FOLDER holds NNNN_name.sql. Where the server is and who administers it, libpq reads from PGHOST, PGPORT, PGUSER,
# PGPASSWORD, PGSSLMODE and PGSSLROOTCERT. The password of an environment's application is in PASSWORD_<environment>,
# and how many connections it may hold in CONNECTIONS_<environment>. No password stands in an argument.
# Run it without a terminal (setsid -w), or \password asks there.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
folder=$(cd "$1" && pwd)
database=$2
shift 2

# Nobody but this run knows it, and 15 minutes later it is good for nothing.
migrator=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')

run() {
    psql --no-psqlrc --quiet --tuples-only --no-align --dbname "$database" --set ON_ERROR_STOP=1 \
        --set database="$database" --set environment="$environment" --set schema="$environment"_"$database" \
        --set owner="$environment"_owner --set app="$environment"_app --set reader="$environment"_reader \
        --set login="$environment"_login --set connections="$connections" --file "$1"
}

migrations() {
    echo 'SET client_min_messages = warning;'
    echo '\o /dev/null'
    echo "SELECT pg_advisory_lock(hashtext('seawall migrations'), hashtext(:'schema'));"
    echo 'SET ROLE :"owner";'
    echo 'SET search_path = :"schema";'
    echo 'SET lock_timeout = '"'30s';"
    echo 'CREATE TABLE IF NOT EXISTS schema_migrations (version text COLLATE "C" PRIMARY KEY, name text NOT NULL,'
    echo '    checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now());'
    for file in "$folder"/[0-9][0-9][0-9][0-9]_*.sql; do
        name=$(basename "$file" .sql)
        checksum=$(sha256sum < "$file")
        checksum=$(expr "$checksum" : '\([0-9a-f]\{64\}\)')
        printf "\\\\set version %.4s\n\\\\set name %s\n\\\\set checksum %s\n" "$name" "$name" "$checksum"
        printf "\\\\set file '%s'\n\\\\i '%s/apply.sql'\n" "$file" "$here"
    done
}

for environment in "$@"; do
    case $environment in
        *[!a-z0-9]* | '') echo "$environment is no name of an environment" >&2 && exit 2 ;;
    esac
    eval "application=\$PASSWORD_$environment connections=\$CONNECTIONS_$environment"
    printf '%s\n%s\n%s\n%s\n' "$application" "$application" "$migrator" "$migrator" | run "$here/roles.sql"
    driver=$(migrations)
    printf '%s\n' "$driver" | PGUSER=migrator PGPASSWORD=$migrator run -
    echo "$environment is up to date"
done
