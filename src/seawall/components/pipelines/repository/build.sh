#!/usr/bin/env bash
# Builds an image once and pushes it under its commit; prints IMAGE@DIGEST. What is there already is not built again:
# tags do not move. Use: build.sh IMAGE FOLDER PLATFORMS; TITLE is PLATFORM-ENVIRONMENT, COMMIT the tag.
set -euo pipefail
image=$1 folder=$2 platforms=$3
: "${TITLE:?}" "${COMMIT:?}" "${AWS_REGION:?}"

repository=$TITLE/$image

# The digest under which the registry has it, or None: what a registry says is what a cluster will ask it for.
pushed() {
    aws ecr batch-get-image --repository-name "$repository" --image-ids "imageTag=$COMMIT" \
        --query 'images[0].imageId.imageDigest' --output text
}

if [ "$(pushed)" = None ]; then
    registry=$(aws sts get-caller-identity --query Account --output text).dkr.ecr.$AWS_REGION.amazonaws.com
    aws ecr get-login-password | docker login --username AWS --password-stdin "$registry" >&2
    docker buildx inspect pipeline > /dev/null 2>&1 || docker buildx create --name pipeline >&2
    docker buildx build --builder pipeline --platform "$platforms" --provenance false --push \
        --tag "$registry/$repository:$COMMIT" "$folder" >&2
fi
digest=$(pushed)
if [ "$digest" = None ]; then
    echo "::error::$repository has nothing under $COMMIT after it was pushed" >&2
    exit 1
fi
echo "$image@$digest"
