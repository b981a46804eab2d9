"""A provider that works inside a cluster which the same apply makes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.delivery import WorksIn
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="TF-005",
    severity=Severity.HIGH,
    summary="A provider works inside a cluster that the same apply makes",
    why="providers are set up before resources are made: with the cluster's address unknown the plan fails or "
    "reaches for "
    "localhost, and on the day of replacing or destroying the cluster what is inside can no longer be reached",
    fix="make the cluster in one root module and what is inside in another, which reads the first one's state; or "
    "leave the "
    "inside to Argo CD",
    layers=("terraform",),
    source="https://github.com/hashicorp/terraform-provider-kubernetes/blob/main/docs/index.md",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Providers whose host is an attribute of a cluster of their own root module."""
    for provider in facts.all(WorksIn):
        if not isinstance(provider.host, Address):
            continue
        mine, theirs = provider.of.as_terraform(), provider.host.as_terraform()
        if mine is not None and theirs is not None and theirs.type == "aws_eks_cluster" and mine[:2] == theirs[:2]:
            yield RULE.refuted(
                f"{provider.of} works inside {provider.host}, which the same apply makes", provider.of, provider.host
            )
