"""A load balancer that answers everybody, though a distribution stands in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.entrances import Exposure, exposed, exposures_of
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import FirewallRule, Guards, Interface, Member, Origin
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-011",
    severity=Severity.HIGH,
    summary="A load balancer behind CloudFront answers everybody directly",
    why="who finds its name or address goes round the distribution: past its firewall, its cache, its limits by "
    "country and its protection against floods",
    fix="let in only the managed prefix list com.amazonaws.global.cloudfront.origin-facing, have the listener ask "
    "for a secret header that the distribution adds, or make it internal and a VPC origin",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/restrict-access-to-load-balancer.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Load balancers that a distribution fetches from, whose groups let in anybody without being asked for a header."""
    behind: dict[Address, set[Address]] = {}
    for way in exposed(facts):
        fetched = bool(way.through) and facts.one(Origin, of=way.through[-1]) is not None
        if fetched and facts.one(Interface, of=way.thing) is not None:
            behind.setdefault(way.thing, set()).add(way.through[-1])
    for balancer, distributions in behind.items():
        if _asks(facts, balancer):
            continue
        named = ", ".join(sorted(distributions))
        for way in exposures_of(facts, balancer):
            if way.through or not way.anybody:
                continue
            if way.open.sure:
                yield RULE.refuted(
                    f"{balancer} is what {named} fetches from, and lets everybody in on {way.open.sure}",
                    balancer,
                    *sorted(distributions),
                    evidence=_said(way),
                )
            else:
                what = f"whether {balancer}, which {named} fetches from, lets everybody in is not known"
                yield RULE.unknown(what, way.open.because, balancer, *sorted(distributions), severity=Severity.MEDIUM)


def _said(way: Exposure) -> tuple[str, ...]:
    return (*way.says, *(f"by {address}" for address in way.by))


def _asks(facts: Facts, balancer: Address) -> bool:
    """Whether the balancer, one of its listeners or its firewall may ask for more than an address and a path."""
    places = [balancer, *(each.member for each in facts.where(Member, of=balancer))]
    if any(each.key == "asks-for-header" for place in places for each in facts.where(Setting, of=place)):
        return True
    for guards in facts.where(Guards, of=balancer):
        if isinstance(guards.firewall, Unknown):
            return True
        rules = facts.where(FirewallRule, firewall=guards.firewall)
        if not rules or any("/" not in rule.kind and rule.kind not in ("rate", "default") for rule in rules):
            return True
    return False
