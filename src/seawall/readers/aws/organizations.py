"""AWS Organizations: what it lets the principals and the resources of its accounts do, and who is below whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from seawall.facts.fact import Fact, Link
from seawall.facts.identity import Governs, Identifier
from seawall.facts.network import Member
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.policy import policy_facts, statements
from seawall.readers.registry import implies, reads

implies("roots.0.id", "root")

_KINDS: Final[dict[str, Literal["scp", "rcp"]]] = {
    "SERVICE_CONTROL_POLICY": "scp",
    "RESOURCE_CONTROL_POLICY": "rcp",
}
"""The types of policy that have a say in a request; those of tags, of backups and of chat have none."""


@reads("aws_organizations_policy")
def policy(resource: Resource) -> Iterator[Fact]:
    """A policy for whatever of the organisation it is attached to."""
    body, address = Arguments(resource), resource.address
    type = body.known_text("type", "SERVICE_CONTROL_POLICY")
    for name, kind in _KINDS.items():
        if isinstance(type, Unknown):
            yield from statements(type, address, kind, f"{address}.type")  # it may be either, and say anything
        elif type == name:
            yield from policy_facts(body.raw("content"), address, kind, f"{address}.content")


@reads("aws_organizations_policy_attachment")
def policy_attachment(resource: Resource) -> Iterator[Fact]:
    """A policy holds for the whole organisation, for a unit and all below it, or for one account."""
    body = Arguments(resource)
    yield Governs(body.required_link("target_id"), body.required_link("policy_id"))


@reads("aws_organizations_organizational_unit", "aws_organizations_account")
def member(resource: Resource) -> Iterator[Fact]:
    """A unit or an account is right below another unit or the root; an account's number may be known."""
    body, address = Arguments(resource), resource.address
    parent: Link = body.required_link("parent_id")
    yield Member(parent, address)
    if resource.type == "aws_organizations_account" and body.has("id"):
        yield Identifier(address, "account", body.text("id"))


@reads("aws_organizations_organization")
def organization(resource: Resource) -> Iterator[Fact]:
    """An organisation with its root; its first account, the management account, may be known."""
    body, address = Arguments(resource), resource.address
    yield Member(address, address.implied("root"))
    if body.has("master_account_id"):
        yield Identifier(address, "management-account", body.text("master_account_id"))
