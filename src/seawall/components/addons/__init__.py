"""Controllers that run in the cluster: who each one is, and what it may do in AWS, one module each.

May import what components may, but not the cluster, which finds them by walking this package. Law: a controller is
given what its own project publishes as needed, narrowed to this cluster wherever AWS has a condition for it. Here are
their identities and namespaces; their charts are delivered with the platform's repository, not by Terraform.
"""
