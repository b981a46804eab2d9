"""Rules about Terraform's own state."""
