#!/usr/bin/env bash
# Writes what Argo CD watches of a stage, and pushes it; prints the commit, or nothing where nothing has changed.
# Use: publish.sh STAGE ENVIRONMENT IMAGES LABEL...; IMAGES is a file of IMAGE@DIGEST, a LABEL what the stage's
# applications are labelled with as their environment. BRANCH is the branch that Argo CD watches, SEAWALL_TARGET where the platform is up.
set -euo pipefail
stage=$1 environment=$2 images=$3
shift 3
: "${BRANCH:?}" "${SEAWALL_TARGET:?}"
said=$(git rev-parse --short=12 HEAD)
stages=()
for label in "$@"; do
    stages+=(--stage "$label")
done

tree=$(mktemp -d)
git fetch --quiet origin "$BRANCH"
git worktree add --quiet --detach "$tree" FETCH_HEAD
trap 'git worktree remove --force "$tree"' EXIT
for attempt in 1 2 3 4 5; do
    seawall promote platform.yaml --environment "$environment" --target "$SEAWALL_TARGET" "${stages[@]}" \
        --images "$images" --output "$tree/deployed" >&2
    sort "$images" > "$tree/deployed/$environment/$stage.images"
    git -C "$tree" add --all "deployed/$environment"
    if git -C "$tree" diff --cached --quiet; then
        echo "deployed/$environment says so already" >&2
        exit 0
    fi
    git -C "$tree" -c user.name=pipeline -c user.email=pipeline@localhost \
        commit --quiet --message "Deploy $said to $stage"
    if git -C "$tree" push --quiet origin "HEAD:refs/heads/$BRANCH"; then
        git -C "$tree" rev-parse HEAD
        exit 0
    fi
    echo "somebody else pushed meanwhile ($attempt): once more, from where they left off" >&2
    git -C "$tree" fetch --quiet origin "$BRANCH"
    git -C "$tree" reset --quiet --hard FETCH_HEAD
done
echo "$BRANCH cannot be pushed to" >&2
exit 1
