#!/bin/bash
# Makes the standby answer: a person's decision, since whatever is written here from now on is not at home.
. /opt/standby/lib.sh
[ -s "$STATE/restored" ] || {
    echo "nothing is restored; there is nothing to serve" >&2
    exit 1
}
touch "$STATE/promoted"
chmod 755 "$STATE"
echo "serving what was copied as $(cat "$STATE/restored"); Route 53 follows within its next three checks"
