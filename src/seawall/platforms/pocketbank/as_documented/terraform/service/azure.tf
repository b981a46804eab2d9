provider "azurerm" {
  features {}
}

resource "azurerm_resource_group" "backup" {
  name     = "pocketbank-backup"
  location = "koreacentral"
}

resource "azurerm_storage_account" "backup" {
  name                     = "bloberry01"
  resource_group_name      = azurerm_resource_group.backup.name
  location                 = azurerm_resource_group.backup.location
  account_tier             = "Standard"
  account_replication_type = "LRS"

  static_website {
    index_document = "index.html"
  }
}

resource "azurerm_storage_container" "backups" {
  name                  = "mysql-backups"
  storage_account_name  = azurerm_storage_account.backup.name
  container_access_type = "private"
}

resource "azurerm_storage_management_policy" "backups" {
  storage_account_id = azurerm_storage_account.backup.id

  rule {
    name    = "expire"
    enabled = true

    filters {
      prefix_match = ["mysql-backups/backups/"]
      blob_types   = ["blockBlob"]
    }

    actions {
      base_blob {
        delete_after_days_since_modification_greater_than = 30
      }
    }
  }
}
