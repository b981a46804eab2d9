#!/bin/sh
# What the function petclinic-azure-sync does at 03:00.
set -e
day=$(date +%Y%m%d)
aws rds create-db-snapshot --db-instance-identifier eks-3tier-dev-db --db-snapshot-identifier "sync-$day"
aws rds wait db-snapshot-available --db-snapshot-identifier "sync-$day"
aws rds start-export-task --export-task-identifier "sync-$day" \
  --source-arn "arn:aws:rds:ap-northeast-2:123456789012:snapshot:sync-$day" \
  --s3-bucket-name petclinic-rds-export \
  --iam-role-arn arn:aws:iam::123456789012:role/petclinic-rds-export \
  --kms-key-id alias/petclinic-rds
azcopy copy "https://petclinic-rds-export.s3.ap-northeast-2.amazonaws.com/sync-$day" \
  "https://goupangdr.blob.core.windows.net/db-backups" --recursive
