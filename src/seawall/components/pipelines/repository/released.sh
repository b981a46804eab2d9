#!/usr/bin/env bash
# Prints the images of a release as IMAGE@DIGEST: those that the stage before runs, as the released commit says.
# Use: released.sh STAGE ENVIRONMENT, those of the stage before. Fails where that stage runs something else by now, or
# where the released commit is not of BRANCH.
set -euo pipefail
stage=$1 file=deployed/$2/$1.images
: "${BRANCH:?}"
git fetch --quiet origin "$BRANCH"
if ! git merge-base --is-ancestor HEAD FETCH_HEAD; then
    echo "::error::the released commit is not on $BRANCH" >&2
    exit 1
fi
if [ ! -s "$file" ]; then
    echo "::error::$file is not in the released commit: $stage had run nothing by then" >&2
    exit 1
fi
if ! git diff --quiet HEAD FETCH_HEAD -- "$file"; then
    echo "::error::$stage runs something else by now than the released commit says: release a later one" >&2
    git diff HEAD FETCH_HEAD -- "$file" >&2
    exit 1
fi
cat "$file"
