#!/bin/sh
# How the standby in Azure gets its data.
set -e
azcopy copy "https://goupangdr.blob.core.windows.net/db-backups/*" . --recursive
mysql --host petclinic-dr.mysql.database.azure.com --user petclinic petclinic < backup.sql
