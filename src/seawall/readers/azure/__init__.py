"""Readers of the azurerm provider's resource types, one file a subject; defaults are those of provider 4.55.0."""
