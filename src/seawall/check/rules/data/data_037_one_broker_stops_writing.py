"""Topics that do not survive a broker."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.data import Parameter, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-037",
    severity=Severity.HIGH,
    summary="The loss of one broker stops a topic, or loses it",
    why="with as many replicas in step demanded as there are, any broker that is away stops writing; with one "
    "replica its records are away too",
    fix="three replicas, min.insync.replicas 2, and acks=all, over three zones",
    layers=("application", "terraform"),
    source="https://docs.aws.amazon.com/msk/latest/developerguide/bestpractices.html",
    read=None,
)


_FACTORS = ("replication.factor", "default.replication.factor")


def check(facts: Facts) -> Iterator[Finding]:
    """Topics, and the defaults of brokers, that say how many replicas there are and how many must be in step."""
    for factor in facts.all(Parameter):
        if factor.name not in _FACTORS or not _number(factor):
            continue
        replicas = int(str(factor.value))
        asked = [
            each
            for each in facts.where(Parameter, of=factor.of)
            if each.name == "min.insync.replicas" and _number(each)
        ]
        wanted = int(str(asked[0].value)) if asked else 1
        stores = [member.member for member in facts.where(Member, of=factor.of) if isinstance(member.member, Address)]
        if any(store is not None and store.nodes == 1 for store in (facts.one(Store, of=of) for of in stores)):
            continue  # one broker is all there is
        if replicas == 1:
            yield RULE.refuted(f"{factor.of} keeps each record on one broker", factor.of, *stores)
        elif wanted >= replicas:
            yield RULE.refuted(
                f"{factor.of} keeps {replicas} replicas and wants {wanted} of them in step before it takes a record",
                factor.of,
                *stores,
            )


def _number(parameter: Parameter) -> bool:
    return isinstance(parameter.value, str) and parameter.value.isdecimal()
