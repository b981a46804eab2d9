#!/usr/bin/env bash
# Waits until Argo CD has applied a commit in every cluster of a stage and finds all of it healthy.
# Use: wait.sh ENVIRONMENT LABELS COMMIT CLUSTER=REGION...; LABELS are what the stage's applications are labelled with
# as their environment. With SYNC=yes Argo CD is told to sync: where a person has to agree, it never does by itself.
set -euo pipefail
environment=$1 labels=$2 commit=$3
shift 3
patience=${PATIENCE:-1800}

# The stage's applications in a cluster, one a line: those that the commit has a folder of.
applications() {
    local folder=deployed/$environment name
    # Where there are several clusters, each has a folder of its own.
    if git cat-file -e "$commit:$folder/$1" 2> /dev/null; then
        folder+=/$1
    fi
    git ls-tree -d --name-only "$commit" "$folder/" | while IFS= read -r name; do
        kubectl --context "$1" --namespace argocd get applications.argoproj.io "${name##*/}" --output json |
            jq --compact-output --arg labels " $labels " \
                'select(.metadata.labels.environment as $own | $labels | contains(" \($own) "))'
    done
}

# Whether a revision that Argo CD has applied holds the commit: it may be a later one of the same branch.
holds() {
    git cat-file -e "$1^{commit}" 2> /dev/null || git fetch --quiet origin "$1"
    git merge-base --is-ancestor "$commit" "$1"
}

sync() {
    local name
    applications "$1" | while IFS= read -r application; do
        name=$(jq --raw-output .metadata.name <<< "$application")
        jq --compact-output --arg revision "$commit" '{operation: {initiatedBy: {username: "pipeline"},
            retry: (.spec.syncPolicy.retry // {}),
            sync: {revision: $revision, prune: true, syncOptions: (.spec.syncPolicy.syncOptions // [])}}}' \
            <<< "$application" > "$said"
        kubectl --context "$1" --namespace argocd patch applications.argoproj.io "$name" --type merge \
            --patch-file "$said"
    done
}

said=$(mktemp)
trap 'rm -f "$said"' EXIT
for place in "$@"; do
    cluster=${place%=*}
    aws eks update-kubeconfig --name "$cluster" --region "${place#*=}" --alias "$cluster"
    if [ "${SYNC:-no}" = yes ]; then
        sync "$cluster"
    fi
    until=$((SECONDS + patience)) degraded=0
    while :; do
        found=0 waiting=() ill=()
        applications "$cluster" > "$said"
        while IFS=' ' read -r name synced health revision; do
            found=$((found + 1))
            if [ "$synced" != Synced ] || ! holds "$revision"; then
                waiting+=("$name is $synced at ${revision:0:12}")
            elif [ "$health" != Healthy ]; then
                waiting+=("$name is $health")
                if [ "$health" = Degraded ]; then
                    ill+=("$name")
                fi
            fi
        done < <(jq --raw-output '[.metadata.name, (.status.sync.status // "Unknown"),
            (.status.health.status // "Unknown"), (.status.sync.revision // "none")] | join(" ")' "$said")
        if [ "$found" -eq 0 ]; then
            echo "::error::Argo CD in $cluster knows no application of $labels" >&2
            exit 1
        fi
        if [ ${#waiting[@]} -eq 0 ]; then
            echo "$cluster: $found applications hold ${commit:0:12} and are healthy"
            break
        fi
        # A pod that starts may look ill for a moment; one that does for a minute is.
        degraded=$((${#ill[@]} > 0 ? degraded + 1 : 0))
        if [ "$degraded" -ge 6 ] || [ "$SECONDS" -ge "$until" ]; then
            printf '::error::%s: %s\n' "$cluster" "$(IFS=';'; echo "${waiting[*]}")" >&2
            exit 1
        fi
        printf '%s: %s\n' "$cluster" "${waiting[@]}"
        sleep 10
    done
done
