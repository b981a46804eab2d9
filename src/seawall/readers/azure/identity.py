"""Identities of Azure, whose tokens are taken for them, and what they may do."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.identity import Attaches, Condition, Principal, Statement
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("azurerm_user_assigned_identity")
def user_assigned_identity(resource: Resource) -> Iterator[Fact]:
    """Somebody who can act in Azure."""
    yield Principal(resource.address, "managed-identity", Arguments(resource).text("name"))


@reads("azurerm_federated_identity_credential")
def federated_identity_credential(resource: Resource) -> Iterator[Fact]:
    """Whoever holds a token of that issuer for that subject is the identity."""
    body = Arguments(resource)
    audience = body.texts("audience")
    conditions = [Condition("StringEquals", "sub", (body.text("subject"),))]
    if not isinstance(audience, Unknown):
        conditions.append(Condition("StringEquals", "aud", audience))
    yield Statement(
        body.required_link("parent_id"),
        "trust",
        True,
        ("exchange",),
        ("*",),
        (("Federated", body.text("issuer")),),
        tuple(sorted(conditions, key=str)),
    )


@reads("azurerm_role_assignment")
def role_assignment(resource: Resource) -> Iterator[Fact]:
    """An identity has a role on a thing; the role is known by its name."""
    body = Arguments(resource)
    role = "role_definition_name" if body.has("role_definition_name") else "role_definition_id"
    yield Attaches(body.required_link("principal_id"), body.text(role))
