"""Readers of Kubernetes objects, one file a subject; defaults are those of the API server."""
