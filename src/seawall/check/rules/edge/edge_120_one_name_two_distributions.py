"""A name that two distributions want."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Origin, Presents
from seawall.facts.resilience import Repeated
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="EDGE-120",
    severity=Severity.CRITICAL,
    summary="Two CloudFront distributions have the same alias",
    why="CloudFront refuses the second with CNAMEAlreadyExists, so it is never made; and where DNS leads to it, nobody "
    "answers",
    fix="keep one distribution for the name, and let the name of its origin fail over",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/alternate-domain-names-move.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The aliases of each distribution against those of the others; a wildcard beside a name is allowed."""
    holders: dict[str, list[Address]] = {}
    for presents in facts.all(Presents):
        if isinstance(presents.of, Address) and facts.where(Origin, of=presents.of):
            for name in presents.names:
                if isinstance(name, str) and presents.of not in holders.setdefault(name.lower(), []):
                    holders[name.lower()].append(presents.of)
    for name, found in sorted(holders.items()):
        certain = [one for one in found if not facts.where(Repeated, of=one)]
        if len(certain) > 1:
            found = certain
        if len(found) > 1:
            first, *others = sorted(found)
            yield RULE.refuted(f"{name} is an alias of {first} and of {', '.join(others)}", first, *others)
