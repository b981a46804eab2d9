#!/usr/bin/env bash
# Sets in GitHub what no workflow can set for itself: environments with the branch or tag that may deploy to them, who
# has to agree, and what a token may do. Needs gh, logged in as an administrator of the repository; may be run again.
# Use: protect.sh OWNER/NAME BRANCH TEAM STAGE...; TEAM is the team of OWNER that agrees. A STAGE with `!` behind it is
# one that somebody has to agree to: versions come to it by release tags (v*) alone, and never by who made the release.
set -euo pipefail
repository=$1 branch=$2 team=$3
shift 3

put() { gh api --method PUT "repos/$repository/$1" --input - --silent; }

reviewer=$(gh api "orgs/${repository%/*}/teams/$team" --jq .id)
for stage in "$@"; do
    name=${stage%!}
    body='{"deployment_branch_policy": {"protected_branches": false, "custom_branch_policies": true}}'
    policy=$(jq --null-input --arg branch "$branch" '{name: $branch, type: "branch"}')
    if [ "$name" != "$stage" ]; then
        body=$(jq --argjson team "$reviewer" \
            '. + {prevent_self_review: true, reviewers: [{type: "Team", id: $team}]}' <<< "$body")
        policy='{"name": "v*", "type": "tag"}'
    fi
    put "environments/$name" <<< "$body"
    known=$(gh api "repos/$repository/environments/$name/deployment-branch-policies" --jq '.branch_policies[].name')
    if ! grep --fixed-strings --line-regexp --quiet "$(jq --raw-output .name <<< "$policy")" <<< "$known"; then
        gh api --method POST "repos/$repository/environments/$name/deployment-branch-policies" --input - --silent \
            <<< "$policy"
    fi
    echo "$stage: done"
done
put actions/permissions/workflow <<< '{"default_workflow_permissions": "read", "can_approve_pull_request_reviews": false}'
echo "tokens may read alone, unless a job says otherwise"
