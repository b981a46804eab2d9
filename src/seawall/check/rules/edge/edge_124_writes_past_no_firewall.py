"""A distribution that passes writes on with no web firewall before them."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.entrances import exposed
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Guards, Interface, Origin, OriginGroup
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-124",
    severity=Severity.MEDIUM,
    summary="What takes writes from the internet has no web firewall",
    why="forms and APIs are tried by machines within minutes of being there; without a firewall nothing limits how "
    "often one address asks, and every known attack reaches the application",
    fix="name a web ACL of scope CLOUDFRONT in the distribution, or guard the load balancer, with AWS's core rules and "
    "a rate",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/distribution-web-awswaf.html",
    read=None,
)

_READS = frozenset({"GET", "HEAD", "OPTIONS"})


def check(facts: Facts) -> Iterator[Finding]:
    """Distributions with writing behaviours to a thing of the input, where neither of the two is guarded."""
    guards = facts.all(Guards)
    if any(isinstance(guard.of, Unknown) for guard in guards):
        return
    guarded = {guard.of for guard in guards}
    for distribution in sorted({origin.of for origin in facts.all(Origin)} - guarded):
        told: dict[Address, str] = {}
        for forwards in facts.where(Forwards, of=distribution):
            writes = [method for method in forwards.methods if method not in _READS]
            targets = _targets(facts, distribution, str(forwards.to)) if writes else set()
            if not targets & guarded:
                for target in targets:
                    told.setdefault(target, f"behaviour {forwards.path}: {', '.join(writes)} go to {target}")
        if told:
            target = min(told)
            yield RULE.refuted(
                f"{distribution} passes writes on to {target}, and no web firewall guards either",
                distribution,
                target,
                evidence=[told[each] for each in sorted(told)],
            )


def _targets(facts: Facts, distribution: Address, named: str) -> set[Address]:
    """Whose host an origin is; of a group, that of its first. Of a load balancer's host, those that it may be."""
    for group in facts.where(OriginGroup, of=distribution):
        if group.id == named and group.members:
            named = group.members[0]
    for origin in facts.where(Origin, of=distribution):
        if origin.id != named:
            continue
        if isinstance(origin.target, Address):
            return {origin.target}
        if str(origin.host).endswith(".elb.amazonaws.com"):
            ways = [way for way in exposed(facts) if way.through and way.through[-1] == distribution]
            return {way.thing for way in ways if facts.one(Interface, of=way.thing) is not None}
    return set()
