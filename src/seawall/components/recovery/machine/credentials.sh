#!/bin/bash
# Puts into a volume in memory what the next container proves itself with: nothing in it lives longer than hours.
# DATABASES: "component host port database" lines. WHO: the parameter that says who we are in Azure.
set -euo pipefail
umask 027

while read -r component host port database; do
    [ -n "$component" ] || continue
    login=$(aws rds generate-db-auth-token --hostname "$host" --port "$port" --username "$DATABASE_USER")
    {
        echo '[client]'
        printf '%s="%s"\n' host "$host" port "$port" user "$DATABASE_USER" password "$login"
        echo enable-cleartext-plugin
    } >"/secrets/$component.cnf"
    printf '%s' "$database" >"/secrets/$component.database"
done <<<"$DATABASES"

aws ssm get-parameter --name "$WHO" --query Parameter.Value --output text >/secrets/azure.json
if [ -n "${IMAGES:-}" ]; then
    aws ecr get-login-password >/secrets/registry
fi
