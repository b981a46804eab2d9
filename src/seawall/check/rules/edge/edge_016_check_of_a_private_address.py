"""A health check from the internet on something that is not there."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.places import public_of
from seawall.analyze.reachability.targets import resolve
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck, Interface, Record
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-016",
    severity=Severity.CRITICAL,
    summary="A DNS health check asks something that the internet cannot reach",
    why="Route 53's checkers sit outside every network; what is internal is unhealthy for ever, and the name "
    "fails over "
    "at once or never comes back",
    fix="check a public name, or let the health check follow a CloudWatch alarm",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html",
    read=date(2025, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The checks that records name, against what is known of whether their targets are public."""
    for health in facts.all(HealthCheck):
        if not facts.where(Record, health=health.of):
            continue
        found = resolve(facts, health.of, health.target)
        for thing in found.things:
            for interface in facts.where(Interface, of=thing):
                public = public_of(facts, interface)
                if isinstance(public, Unknown):
                    what = f"whether {thing} can be reached from the internet is not known"
                    yield RULE.unknown(what, [public], health.of, thing)
                elif not public:
                    yield RULE.refuted(f"{health.of} asks {thing}, which has no public address", health.of, thing)
