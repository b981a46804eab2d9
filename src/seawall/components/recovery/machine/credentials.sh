#!/bin/bash
# Puts into a volume in memory what the next container proves itself with: nothing in it lives longer than hours.
# WHO: the parameter that says who we are in Azure.
set -euo pipefail
umask 027

aws ssm get-parameter --name "$WHO" --query Parameter.Value --output text >/secrets/azure.json
aws ecr get-login-password >/secrets/registry
