#!/usr/bin/env bash
# Prints a configuration with which the AWS CLI, Terraform and boto3 take on a role from that of the instance, again
# whenever it ends: nobody keeps a key. Use: profile.sh ACCOUNT ROLE REGION.
set -euo pipefail
account=$1 role=$2 region=$3
cat << EOT
[default]
region = $region
role_arn = arn:aws:iam::$account:role/$role
role_session_name = jenkins
credential_source = Ec2InstanceMetadata
EOT
