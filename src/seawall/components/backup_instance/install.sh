#!/bin/bash
# Makes the instance ready: a user that owns nothing else, the client, and the schedule.
set -euo pipefail

id backup >/dev/null 2>&1 || useradd --system --no-create-home --shell /sbin/nologin backup
for attempt in 1 2 3 4 5; do
    # The newest command line: it has to know how a role proves to others who it is.
    if dnf -y install mysql-community-client && dnf -y --releasever=latest upgrade awscli-2; then
        break
    fi
    [ "$attempt" -lt 5 ]
    sleep $((attempt * 30))
done
systemctl daemon-reload
systemctl enable --now backup.timer
