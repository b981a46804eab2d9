"""No reserved memory."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Backup, Parameter, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-033",
    severity=Severity.MEDIUM,
    summary="A cache that copies itself keeps no memory free for that",
    why="a backup or the synchronisation of a replica needs memory beside the data; with none reserved the node "
    "swaps, and writes stall",
    fix="leave reserved-memory-percent at its default of 25, or raise it",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonElastiCache/latest/red-ug/redis-memory-management.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Groups that reserve nothing, with the caches that have them and take backups or feed replicas."""
    for parameter in facts.where(Parameter, name="reserved-memory-percent"):
        if parameter.value != "0":
            continue
        for member in facts.where(Member, of=parameter.of):
            store = facts.one(Store, of=member.member)
            if store is None or store.kind != "cache" or not isinstance(store.of, Address):
                continue
            reasons = ["takes backups"] if facts.where(Backup, of=store.of) else []
            reasons += [f"has {store.nodes} nodes"] if isinstance(store.nodes, int) and store.nodes > 1 else []
            if reasons:
                yield RULE.refuted(
                    f"{store.of} {' and '.join(reasons)}, and reserves no memory", store.of, parameter.of
                )
