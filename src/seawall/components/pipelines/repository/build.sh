#!/usr/bin/env bash
# Builds an image once and pushes it under its commit; prints IMAGE@DIGEST. What is there already is not built again:
# tags do not move. Use: build.sh IMAGE FOLDER PLATFORMS; TITLE is PLATFORM-ENVIRONMENT, COMMIT the tag.
set -euo pipefail
image=$1 folder=$2 platforms=$3
: "${TITLE:?}" "${COMMIT:?}" "${AWS_REGION:?}"

repository=$TITLE/$image
digest=$(aws ecr batch-get-image --repository-name "$repository" --image-ids "imageTag=$COMMIT" \
    --query 'images[0].imageId.imageDigest' --output text)
if [ "$digest" = None ]; then
    registry=$(aws sts get-caller-identity --query Account --output text).dkr.ecr.$AWS_REGION.amazonaws.com
    aws ecr get-login-password | docker login --username AWS --password-stdin "$registry" >&2
    said=$(mktemp)
    docker buildx build --platform "$platforms" --provenance false --push --metadata-file "$said" \
        --tag "$registry/$repository:$COMMIT" "$folder" >&2
    digest=$(jq --exit-status --raw-output '."containerimage.digest"' "$said")
    rm "$said"
fi
echo "$image@$digest"
