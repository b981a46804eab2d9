"""Shield Advanced: what it protects, and whether the account pays for it."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("aws_shield_protection")
def shield_protection(resource: Resource) -> Iterator[Fact]:
    """A thing is protected by Shield Advanced."""
    yield Setting(Arguments(resource).required_link("resource_arn"), "shield-advanced", True)


@reads("aws_shield_subscription")
def shield_subscription(resource: Resource) -> Iterator[Fact]:
    """The account has Shield Advanced."""
    yield Setting(resource.address, "shield-subscription", True)
