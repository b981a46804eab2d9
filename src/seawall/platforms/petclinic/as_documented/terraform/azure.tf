resource "azurerm_resource_group" "dr" {
  name     = "petclinic-dr"
  location = "koreacentral"
}

resource "azurerm_storage_account" "dr" {
  name                     = "goupangdr"
  resource_group_name      = azurerm_resource_group.dr.name
  location                 = azurerm_resource_group.dr.location
  account_tier             = "Standard"
  account_replication_type = "LRS"

  static_website {
    index_document     = "index.html"
    error_404_document = "index.html"
  }
}

resource "azurerm_storage_container" "db_backups" {
  name                  = "db-backups"
  storage_account_name  = azurerm_storage_account.dr.name
  container_access_type = "private"
}

resource "azurerm_virtual_network" "dr" {
  name                = "petclinic-dr"
  resource_group_name = azurerm_resource_group.dr.name
  location            = azurerm_resource_group.dr.location
  address_space       = ["10.1.0.0/16"]
}

resource "azurerm_subnet" "vm" {
  name                 = "vm"
  resource_group_name  = azurerm_resource_group.dr.name
  virtual_network_name = azurerm_virtual_network.dr.name
  address_prefixes     = ["10.1.1.0/24"]
}

resource "azurerm_network_security_group" "vm" {
  name                = "petclinic-dr-vm"
  resource_group_name = azurerm_resource_group.dr.name
  location            = azurerm_resource_group.dr.location
}

resource "azurerm_network_security_rule" "http" {
  name                        = "http"
  resource_group_name         = azurerm_resource_group.dr.name
  network_security_group_name = azurerm_network_security_group.vm.name
  priority                    = 100
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  destination_port_range      = "80"
  source_address_prefix       = "*"
  destination_address_prefix  = "*"
}

resource "azurerm_network_security_rule" "https" {
  name                        = "https"
  resource_group_name         = azurerm_resource_group.dr.name
  network_security_group_name = azurerm_network_security_group.vm.name
  priority                    = 110
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  destination_port_range      = "443"
  source_address_prefix       = "*"
  destination_address_prefix  = "*"
}

resource "azurerm_network_security_rule" "ssh" {
  name                        = "ssh"
  resource_group_name         = azurerm_resource_group.dr.name
  network_security_group_name = azurerm_network_security_group.vm.name
  priority                    = 120
  direction                   = "Inbound"
  access                      = "Allow"
  protocol                    = "Tcp"
  source_port_range           = "*"
  destination_port_range      = "22"
  source_address_prefix       = "*"
  destination_address_prefix  = "*"
}

resource "azurerm_subnet_network_security_group_association" "vm" {
  subnet_id                 = azurerm_subnet.vm.id
  network_security_group_id = azurerm_network_security_group.vm.id
}

resource "azurerm_public_ip" "vm" {
  name                = "petclinic-dr-vm"
  resource_group_name = azurerm_resource_group.dr.name
  location            = azurerm_resource_group.dr.location
  allocation_method   = "Static"
}

resource "azurerm_network_interface" "vm" {
  name                = "petclinic-dr-vm"
  resource_group_name = azurerm_resource_group.dr.name
  location            = azurerm_resource_group.dr.location

  ip_configuration {
    name                          = "vm"
    subnet_id                     = azurerm_subnet.vm.id
    private_ip_address_allocation = "Dynamic"
    public_ip_address_id          = azurerm_public_ip.vm.id
  }
}

resource "azurerm_virtual_machine" "vm" {
  name                  = "petclinic-dr-vm"
  resource_group_name   = azurerm_resource_group.dr.name
  location              = azurerm_resource_group.dr.location
  vm_size               = "Standard_B2s"
  network_interface_ids = [azurerm_network_interface.vm.id]

  storage_image_reference {
    publisher = "Canonical"
    offer     = "0001-com-ubuntu-server-jammy"
    sku       = "22_04-lts"
    version   = "latest"
  }

  storage_os_disk {
    name              = "petclinic-dr-vm"
    create_option     = "FromImage"
    managed_disk_type = "Premium_LRS"
    disk_size_gb      = 30
  }
}

resource "azurerm_mysql_server" "dr" {
  name                         = "petclinic-dr"
  resource_group_name          = azurerm_resource_group.dr.name
  location                     = azurerm_resource_group.dr.location
  version                      = "8.0"
  sku_name                     = "B_Gen5_1"
  storage_mb                   = 51200
  backup_retention_days        = 7
  geo_redundant_backup_enabled = false
  ssl_enforcement_enabled      = true
}
