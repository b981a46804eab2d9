"""Service accounts and what Kubernetes' own roles let them do."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.identity import Assumes, Attaches, Condition, Principal, Statement
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads

ROLE_ANNOTATION = "eks.amazonaws.com/role-arn"


@reads("v1/ServiceAccount")
def service_account(resource: Resource) -> Iterator[Fact]:
    """An account; its annotation names the AWS role that it takes on through the cluster's issuer."""
    body = Manifest(resource)
    name = f"system:serviceaccount:{body.namespace}:{body.name}"
    yield Principal(resource.address, "service-account", name)
    if body.annotations.has(ROLE_ANNOTATION):
        role = body.annotations.text(ROLE_ANNOTATION)
        yield Assumes(resource.address, role.to if isinstance(role, Ref) else role, "irsa")


@reads("rbac.authorization.k8s.io/v1/Role", "rbac.authorization.k8s.io/v1/ClusterRole")
def role(resource: Resource) -> Iterator[Fact]:
    """A role's rules as statements; resources are spelled as kubectl does: ``pods/log``, ``rollouts.argoproj.io``."""
    body = Manifest(resource)
    for rule in body.blocks("rules"):
        groups = rule.strings("apiGroups") or ("",)
        kinds = [
            resource_name + (f".{group}" if group else "")
            for group in groups
            for resource_name in rule.strings("resources")
        ]
        names = rule.strings("resourceNames")
        yield Statement(
            resource.address,
            "rbac",
            True,
            tuple(sorted(rule.strings("verbs"))),
            tuple(sorted((*kinds, *rule.strings("nonResourceURLs")))),
            conditions=(Condition("StringEquals", "resourceName", tuple(sorted(names))),) if names else (),
        )
    if body.raw("aggregationRule") is not None:
        yield Statement(
            resource.address,
            "rbac",
            True,
            (),
            (),
            opaque=Unknown(f"{resource.address}.aggregationRule", why="other roles of the cluster make up its rules"),
        )


@reads("rbac.authorization.k8s.io/v1/RoleBinding", "rbac.authorization.k8s.io/v1/ClusterRoleBinding")
def binding(resource: Resource) -> Iterator[Fact]:
    """Who has a role; a RoleBinding gives it within its own namespace only, even a ClusterRole."""
    body = Manifest(resource)
    reference = body.block("roleRef")
    policy = body.sibling(reference.string("kind"), reference.string("name"))
    within = body.in_namespace if body.kind == "RoleBinding" else None
    for subject in body.blocks("subjects"):
        kind, name = subject.string("kind"), subject.string("name")
        if kind == "ServiceAccount":
            principal = body.sibling(kind, name, subject.string("namespace"))
        else:
            # Users and groups are not objects: whoever authenticates under that name has the role.
            principal = Address.kubernetes(body.cluster, kind, "", name)
        yield Attaches(principal, policy, within)
