"""A timeout that was raised in one place of two."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Origin, Record
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-029",
    severity=Severity.MEDIUM,
    summary="A distribution gives up on requests that its load balancer is told to wait for",
    why="somebody has raised the balancer's timeout for slow requests; CloudFront waits 30 s unless told otherwise, "
    "answers 504, and does not repeat a POST",
    fix="raise origin_read_timeout as well, or answer at once and let clients ask for the result",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html",
    read=date(2023, 6, 1),
)


USUAL = 60
"""Seconds that a load balancer waits unless told otherwise; what is above has been raised for something."""


def check(facts: Facts) -> Iterator[Finding]:
    """Origins that are load balancers, by what both wait."""
    for origin in facts.all(Origin):
        for balancer in _balancers(facts, origin):
            for setting in facts.where(Setting, of=balancer):
                if (
                    setting.key != "idle-timeout"
                    or not isinstance(setting.value, int)
                    or not isinstance(origin.answers, int)
                ):
                    continue
                if setting.value > max(USUAL, origin.answers):
                    yield RULE.refuted(
                        f"{balancer} waits {setting.value} s for an answer, and {origin.of} gives up on it after "
                        f"{origin.answers} s",
                        origin.of,
                        balancer,
                    )


def _balancers(facts: Facts, origin: Origin) -> tuple[Address, ...]:
    """What an origin's host is: a balancer itself, or what a record of that name leads to."""
    found: set[Link] = set() if origin.target is None else {origin.target}
    if isinstance(origin.host, str):
        found |= {
            to for record in facts.where(Record, name=origin.host) for to in record.targets if isinstance(to, Address)
        }
    known = {of for of in found if isinstance(of, Address)}
    return tuple(
        sorted(
            known | {each.of for of in known for each in facts.where(Forwards, to=of) if isinstance(each.of, Address)}
        )
    )
