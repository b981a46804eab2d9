"""Two ExternalDNS that take each other's records for their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import combinations

from seawall.analyze.permissions.controllers import Running, running
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-028",
    severity=Severity.HIGH,
    summary="Two ExternalDNS share a zone and say that they are the same owner",
    why="a record of this owner that no object of the own cluster asks for is one to delete: each takes away what "
    "the other "
    "has made, and the names come and go",
    fix="give each its own txtOwnerId (--txt-owner-id), such as the cluster's name",
    layers=("kubernetes",),
    source="https://github.com/kubernetes-sigs/external-dns/blob/master/docs/registry/txt.md",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Every two of one owner that keep records of a common domain, of which one at least deletes."""
    found = sorted((one for one in running(facts) if one.known.name == "external-dns"), key=lambda one: one.account)
    for one, other in combinations(found, 2):
        if _told(one, "registry") & _told(other, "registry") - {"noop"} and _told(one, "owner") == _told(
            other, "owner"
        ):
            deletes = [each for each in (one, other) if "sync" in _told(each, "policy")]
            if deletes and _share(one, other):
                yield RULE.refuted(
                    f"{one.account} and {other.account} are both {', '.join(sorted(_told(one, 'owner')))}, and "
                    f"{deletes[0].account} deletes",
                    one.fact.by,
                    other.fact.by,
                )


def _told(one: Running, name: str) -> set[str]:
    return {str(value) for told, value in one.fact.told if told == name}


def _share(one: Running, other: Running) -> bool:
    """Whether they look after a common zone for certain: with options that are not read here nobody can tell."""
    types = [
        {value.partition("aws-zone-type=")[2] or value for value in _told(each, "zone-type")} for each in (one, other)
    ]
    if any(value not in ("public", "private") for found in types for value in found) or (
        all(types) and types[0] != types[1]
    ):
        return False
    zones = [_told(each, "zone-id") for each in (one, other)]
    if all(zones):
        return bool(zones[0] & zones[1])
    domains = [_told(each, "domain") for each in (one, other)]
    if any(zones) or not all(domains):
        return not any(zones)
    return any(_within(a, b) or _within(b, a) for a in domains[0] for b in domains[1])


def _within(name: str, domain: str) -> bool:
    return name == domain or name.endswith(f".{domain.lstrip('.')}")
