"""How fast a name can change hands: a lower bound from what is configured."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.facts.fact import Known
from seawall.facts.facts import Facts
from seawall.facts.network import HealthCheck, Record
from seawall.facts.telemetry import Alarm
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

ALIAS_TTL = 60
"""Seconds for which resolvers keep an alias of a load balancer: an alias has the time to live of its target's name.

Source: Route 53 FAQ, "Do I need to adjust the TTL for my records in order to use DNS Failover?"; read 2026-11-21.
"""
FOLLOWS_ALARM = "CLOUDWATCH_METRIC"


@dataclass(frozen=True, slots=True)
class Bound:
    """The least number of seconds between the loss and the last client's new answer, and what it is made of."""

    seconds: int
    addresses: tuple[Address, ...]
    lines: tuple[str, ...]


def fastest(facts: Facts, record: Record) -> Bound | Unknown:
    """The least time in which a primary record's clients arrive at the secondary.

    Detection by its health check (nothing, if it only follows its target, whose own checks are shorter and are left
    out), and the time for which an answer is kept.
    """
    ttl = ALIAS_TTL if record.ttl is None else record.ttl
    if isinstance(ttl, Unknown):
        return ttl
    kept = f"answers are kept {ttl} s ({'an alias' if record.ttl is None else 'TTL'} of {record.of})"
    if record.health is None:
        return Bound(ttl, (), (kept,))
    if isinstance(record.health, Unknown):
        return record.health
    check = facts.one(HealthCheck, of=record.health)
    if check is None:
        return Unknown(f"{record.health}", why="the health check is not in the input")
    found = _detection(facts, check)
    if isinstance(found, Unknown):
        return found
    seconds, said = found
    return Bound(seconds + ttl, (check.of,), (said, kept, f"at the least {seconds} + {ttl} = {seconds + ttl} s"))


def _detection(facts: Facts, check: HealthCheck) -> tuple[int, str] | Unknown:
    if check.protocol == FOLLOWS_ALARM:
        alarm = facts.one(Alarm, of=check.target) if isinstance(check.target, Address) else None
        if alarm is None:
            return Unknown(f"{check.of}.cloudwatch_alarm_name", why="the alarm is not in the input")
        after: Known[int] = alarm.detects_after
        return after if isinstance(after, Unknown) else (after, f"{alarm.of} notices after {after} s")
    if isinstance(check.interval, Unknown):
        return check.interval
    if isinstance(check.threshold, Unknown):
        return check.threshold
    seconds = check.interval * check.threshold
    wanted = "one failure" if check.threshold == 1 else f"{check.threshold} failures"
    return seconds, f"{check.of} asks every {check.interval} s and wants {wanted}: {seconds} s"
