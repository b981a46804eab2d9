"""Readers of applications' own configuration files."""
