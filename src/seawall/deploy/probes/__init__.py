"""How each type of resource is asked for through its own API: a module a service, a function a type.

May import deploy's target and registry and the kernel. Law: a probe asks the service that owns the thing, never
Terraform, and what it cannot ask it does not answer.
"""
