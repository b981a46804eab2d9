#!/bin/bash
# One run of the agent, as its jobs in SSM say; afterwards the alarm that waits for copies is told of one.
# IMAGE: the agent's repository and tag in this account's registry. JOBS: the parameters. PLATFORM, COMPONENT: who this is.
# KEPT: the folder in which copies stay for KEPT_MINUTES.
set -euo pipefail
umask 077

# One run at a time: a copy that takes longer than the schedule's step must not be overtaken.
exec 9>"$KEPT/.lock"
if ! flock -n 9; then
    echo 'the last run is still at it; this one ends' >&2
    exit 0
fi

# What is old goes first, so that a full disk frees itself.
find "$KEPT/copies" -mindepth 2 -maxdepth 2 -type d -mmin "+$KEPT_MINUTES" -exec rm -rf {} +

account=$(aws sts get-caller-identity --query Account --output text)
jobs=()
# shellcheck disable=SC2153 # JOBS is given
for parameter in $JOBS; do jobs+=("ssm:$parameter"); done
# Its logins pass through a folder in memory, and its journal lies beside the copies.
"${DOCKER:-docker}" run --rm --network host --read-only --tmpfs /tmp:mode=1777 --user "$(id -u backup):$(id -g backup)" \
    --cap-drop ALL --security-opt no-new-privileges --env "AWS_REGION=$AWS_REGION" --volume "$KEPT:/var/lib/backup" \
    "$account.dkr.ecr.$AWS_REGION.amazonaws.com/$IMAGE" backup --state-dir /var/lib/backup/state "${jobs[@]}"

aws cloudwatch put-metric-data --namespace Seawall/Recovery --metric-name Copies --unit Count --value 1 \
    --dimensions "Platform=$PLATFORM,Component=$COMPONENT"
