#!/usr/bin/env bash
# Takes back what a stage was given: reverts the commit that wrote deployed/ENVIRONMENT, and pushes; prints the revert.
# Use: rollback.sh STAGE ENVIRONMENT COMMIT. BRANCH is the branch that Argo CD watches.
set -euo pipefail
stage=$1 environment=$2 commit=$3
: "${BRANCH:?}"
echo "::error::$stage is not well with ${commit:0:12}: it goes back to what ran before" >&2
if ! git cat-file -e "$commit^:deployed/$environment" 2> /dev/null; then
    echo "::error::there is nothing to go back to: this was the first version in $environment" >&2
    exit 1
fi
tree=$(mktemp -d)
git fetch --quiet origin "$BRANCH"
git worktree add --quiet --detach "$tree" FETCH_HEAD
trap 'git worktree remove --force "$tree"' EXIT
for _ in 1 2 3 4 5; do
    git -C "$tree" -c user.name=pipeline -c user.email=pipeline@localhost revert --no-edit "$commit" >&2
    if git -C "$tree" push --quiet origin "HEAD:refs/heads/$BRANCH"; then
        git -C "$tree" rev-parse HEAD
        exit 0
    fi
    git -C "$tree" fetch --quiet origin "$BRANCH"
    git -C "$tree" reset --quiet --hard FETCH_HEAD
done
echo "::error::$BRANCH cannot be pushed to: $stage still has ${commit:0:12}" >&2
exit 1
