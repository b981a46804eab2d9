"""Kubernetes objects as Kustomize: a base of one folder a component, and an overlay for the environment.

May import the lines below. Law: ``kubectl kustomize`` of the overlay says exactly what the bodies say; a value that
is known only after apply is written as ``${address.attribute}`` and comes from the overlay's ``outputs.yaml`` alone.
"""
