#!/bin/sh
# cron: daily at 03:00; every 5 minutes in test.
secret=$(aws secretsmanager get-secret-value --secret-id pocketbank/db --query SecretString --output text)
export MYSQL_PWD="$secret"
name=backup-$(date +%Y%m%d-%H%M%S).sql.gz
mysqldump --host pocketbank-db.xxx.ap-northeast-2.rds.amazonaws.com --user pocketbank \
  --single-transaction --all-databases | gzip > "/var/backups/$name"
az storage blob upload --account-name bloberry01 --container-name mysql-backups \
  --name "backups/$name" --file "/var/backups/$name"
find /var/backups -name 'backup-*.sql.gz' -mmin +1440 -delete
