"""A secondary that is configured otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.copies import wholes
from seawall.check.rule import Rule
from seawall.facts.data import Parameter, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.facts.telemetry import Logs
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-011",
    severity=Severity.MEDIUM,
    summary="The secondary of a global database has other parameters or logs than the primary",
    why="the cluster that is promoted keeps its own configuration, so the application meets another database on the "
    "day of the failover",
    fix="give both clusters parameter groups of the same content and the same log exports",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each secondary's parameters and exported logs against those of the cluster that writes."""
    for _, (first, *others) in wholes(facts, "database"):
        for other in others:
            said = [*_parameters(facts, first, other), *_logs(facts, first, other)]
            if said:
                yield RULE.refuted(f"{other.of} is not configured as {first.of}: {'; '.join(said)}", other.of, first.of)


def _parameters(facts: Facts, first: Store, other: Store) -> Iterator[str]:
    ours, theirs = _values(facts, first.of), _values(facts, other.of)
    if ours is None or theirs is None:
        return
    for name in sorted(ours.keys() | theirs.keys()):
        if ours.get(name) != theirs.get(name):
            yield f"{name} is {theirs.get(name, 'not set')} instead of {ours.get(name, 'not set')}"


def _values(facts: Facts, of: Address) -> dict[str, str] | None:
    """What is set for a cluster; None where a group of it, or a value, is not in the input."""
    found: dict[str, str] = {}
    for member in facts.where(Member, member=of):
        if not isinstance(member.of, Address) or member.of.is_outside:
            return None
        for parameter in facts.where(Parameter, of=member.of):
            if not isinstance(parameter.value, str):
                return None
            found[parameter.name] = parameter.value
    return found


def _logs(facts: Facts, first: Store, other: Store) -> Iterator[str]:
    ours, theirs = ({kind for log in facts.where(Logs, of=each.of) for kind in log.kinds} for each in (first, other))
    if ours - theirs:
        yield f"it does not export {', '.join(sorted(ours - theirs))}"
