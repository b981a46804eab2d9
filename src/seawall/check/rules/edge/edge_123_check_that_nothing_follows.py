"""A health check of Route 53 that nothing follows."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck, Member, Record
from seawall.facts.telemetry import Alarm
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-123",
    severity=Severity.LOW,
    summary="A health check of Route 53 is used by no record and no alarm",
    why="it asks around the clock and is paid for, and when it fails nothing moves and nobody is told; whoever reads "
    "of it takes the name for one that fails over",
    fix="name it in the records that are to follow it, or have an alarm on its HealthCheckStatus in us-east-1",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Health checks of an input that has the records too, against records, calculated checks and alarms."""
    records = facts.all(Record)
    # An alarm by a name that is not known may be of any of them.
    watched = any(alarm.metric.startswith("AWS/Route53/") for alarm in facts.all(Alarm))
    if not records or watched or any(isinstance(record.health, Unknown) for record in records):
        return
    followed = {record.health for record in records}
    for each in facts.all(HealthCheck):
        if _of_route53(each.of) and each.of not in followed and not _counted(facts, each.of):
            yield RULE.refuted(f"{each.of} asks {each.target}, and no record follows it", each.of)


def _of_route53(check: Address) -> bool:
    name = check.as_terraform()
    return name is not None and name.type == "aws_route53_health_check"


def _counted(facts: Facts, check: Address) -> bool:
    """Whether another check counts this one, or may."""
    return any(
        _of_route53(member.of) and (isinstance(member.member, Unknown) or member.member == check)
        for member in facts.all(Member)
        if isinstance(member.of, Address)
    )
