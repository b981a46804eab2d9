"""Brokers that cannot be spread evenly over their subnets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Interface
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-132",
    severity=Severity.HIGH,
    summary="The number of brokers is no multiple of the number of their subnets",
    why="MSK puts as many brokers into each zone as into the others; a cluster that does not come out even is refused "
    "at apply",
    fix="give it as many subnets as divide the number of brokers, or as many brokers",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/msk/latest/developerguide/msk-create-cluster.md",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Kafka clusters of MSK: brokers against subnets, where both are known."""
    for store in facts.all(Store):
        if store.kind != "stream" or store.engine != "kafka" or isinstance(store.nodes, Unknown):
            continue
        for interface in facts.where(Interface, of=store.of):
            if isinstance(interface.subnets, Unknown) or not interface.subnets:
                continue
            if store.nodes % len(interface.subnets):
                yield RULE.refuted(
                    f"{store.of} has {store.nodes} brokers in {len(interface.subnets)} subnets",
                    store.of,
                    evidence=[str(subnet) for subnet in interface.subnets],
                )
