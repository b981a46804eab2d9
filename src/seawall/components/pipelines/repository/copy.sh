#!/usr/bin/env bash
# Copies images by digest from the registry of one environment into those of another: nothing is built again.
# Use: copy.sh IMAGES FROM TO...; IMAGES is a file of IMAGE@DIGEST, FROM and TO are TITLE=REGION. COMMIT is the tag;
# SOURCE_ACCOUNT is the account of FROM, where it is another one.
set -euo pipefail
images=$1 from=$2
shift 2
: "${COMMIT:?}"
account=$(aws sts get-caller-identity --query Account --output text)
source_account=${SOURCE_ACCOUNT:-$account}

login() {
    aws ecr get-login-password --region "$2" |
        skopeo login --username AWS --password-stdin "$1.dkr.ecr.$2.amazonaws.com" >&2
}

source_region=${from#*=}
login "$source_account" "$source_region"
for to in "$@"; do
    region=${to#*=}
    login "$account" "$region"
    while IFS= read -r line; do
        image=${line%@*} digest=${line#*@}
        repository=${to%=*}/$image
        there=$(aws ecr batch-get-image --region "$region" --repository-name "$repository" \
            --image-ids "imageDigest=$digest" --query 'images[0].imageId.imageDigest' --output text)
        if [ "$there" = "$digest" ]; then
            echo "$repository has $digest in $region"
        else
            skopeo copy --all --preserve-digests --retry-times 3 \
                "docker://$source_account.dkr.ecr.$source_region.amazonaws.com/${from%=*}/$line" \
                "docker://$account.dkr.ecr.$region.amazonaws.com/$repository:$COMMIT"
        fi
    done < "$images"
done
