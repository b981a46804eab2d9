"""Readers of the AWS provider's resource types, one file a service; defaults are those of provider 5.100.0."""
