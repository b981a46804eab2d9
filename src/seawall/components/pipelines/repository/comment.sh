#!/usr/bin/env bash
# Says something on a pull request, in the place where it said it last time.
# Use: comment.sh NUMBER TITLE FILE; GH_TOKEN may write on pull requests of GITHUB_REPOSITORY.
set -euo pipefail
number=$1 title=$2 file=$3
: "${GITHUB_REPOSITORY:?}"
mark="<!-- $title -->"
said=$(mktemp)
trap 'rm -f "$said"' EXIT
# GitHub takes 65,536 characters; who wants the rest finds it in the run.
head --bytes 60000 "$file" |
    jq --raw-input --slurp --arg mark "$mark" --arg title "$title" \
        '{body: ($mark + "\n### " + $title + "\n\n```\n" + . + "\n```\n")}' > "$said"
comment=$(gh api --paginate "repos/$GITHUB_REPOSITORY/issues/$number/comments" \
    --jq ".[] | select(.user.type == \"Bot\" and (.body | startswith(\"$mark\"))) | .id" | sed -n 1p)
if [ -n "$comment" ]; then
    gh api --method PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$comment" --input "$said" --silent
else
    gh api --method POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" --input "$said" --silent
fi
