"""Ranges, regions and hosts that only a text knows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from seawall.analyze.claimed import written
from seawall.analyze.texts import fits
from seawall.check.rule import Rule
from seawall.facts.compute import Cluster
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.facts.network import Forwards, Hostname, Network, Record, Subnet
from seawall.facts.resilience import Claim, Located
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Cidr
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer

RULE = Rule(
    id="DOC-004",
    severity=Severity.MEDIUM,
    summary="A document names what is not there",
    why="people open the diagram when something is wrong; a range, region or host that does not exist sends them to "
    "the wrong place",
    fix="draw what is there, or make what is drawn",
    layers=("terraform", "kubernetes", "claims"),
    source="https://github.com/hashicorp/terraform/issues/39057",
    read=None,
)


_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z-]+")
_SERVICES = ("172.20.0.0/16", "10.100.0.0/16")
"""Ranges that EKS takes for a cluster's Services where nobody chooses one; no subnet has them."""


def check(facts: Facts) -> Iterator[Finding]:
    """Each name that a claim speaks of, by what it looks like; what is none of the three is left alone."""
    for claim in facts.where(Claim, subject="names"):
        name = claim.measure.lower().rstrip(".")
        found: tuple[str, Address] | None = None
        if "/" in name:
            found = _range(facts, name)
        elif _REGION.fullmatch(name):
            found = _region(facts, name)
        elif _HOST.fullmatch(name):
            found = _host(facts, name)
        if found is not None:
            yield RULE.refuted(
                f"{claim.measure} is named, and {found[0]}",
                *written(claim),
                found[1],
                evidence=(f"claim: names {claim.measure}",),
            )


def _range(facts: Facts, name: str) -> tuple[str, Address] | None:
    try:
        cidr = Cidr.parse(name)
    except ValueError:
        return None
    networks, subnets = facts.all(Network), facts.all(Subnet)
    if not networks or name in _SERVICES:
        return None
    ranges: list[object] = [subnet.cidr for subnet in subnets]
    for network in networks:
        ranges += [network.cidrs] if isinstance(network.cidrs, Unknown) else network.cidrs
    if cidr in ranges or any(isinstance(each, Unknown) for each in ranges):
        return None
    return f"no network or subnet has that range: {_listed(str(each) for each in ranges)}", min(
        network.of for network in networks
    )


def _region(facts: Facts, name: str) -> tuple[str, Address] | None:
    located = facts.all(Located)
    regions = {each.region for each in located} | {cluster.region for cluster in facts.all(Cluster)}
    if not located or name in regions or any(isinstance(each, Unknown) for each in regions):
        return None
    return f"nothing is in that region: {_listed(str(each) for each in regions)}", min(each.of for each in located)


def _host(facts: Facts, name: str) -> tuple[str, Address] | None:
    """A host under a zone of the input that has no record, and that nothing answers for."""
    zones = {
        str(zone.value): zone.of
        for record in facts.all(Record)
        if isinstance(record.zone, Address)
        for zone in facts.where(Identifier, of=record.zone)
        if zone.attr == "name"
    }
    zone = next(
        (zone for zone in sorted(zones, key=len, reverse=True) if name == zone or name.endswith(f".{zone}")), None
    )
    if zone is None:
        return None
    patterns = [record.name for record in facts.all(Record)]
    patterns += [host.pattern for host in facts.all(Hostname)]
    patterns += [forwards.host for forwards in facts.all(Forwards)]
    if any(fits(name, each, glob=True) is not Answer.REFUTED for each in patterns if each != "*"):
        return None
    return f"the zone {zone} has no record of that name", zones[zone]


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(set(names)))
