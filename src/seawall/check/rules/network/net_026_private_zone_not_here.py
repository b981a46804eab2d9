"""A name of a private zone that is asked for where the zone does not exist."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import pod_interfaces
from seawall.analyze.fleets import interfaces
from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.places import subnets
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier
from seawall.facts.network import Member, Record
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-026",
    severity=Severity.HIGH,
    summary="A name of a private zone is asked for in a network that the zone is not associated with",
    why="a private zone answers within its own networks; elsewhere the name does not exist, which in a second region "
    "is noticed on the day that it has to take over",
    fix="associate the zone with the network as well, with a vpc block or aws_route53_zone_association",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-associate-vpcs.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Names that things ask for, which are records of private zones alone, against the networks of who asks."""
    for demand in demanded(facts):
        host = _host(demand.target)
        if host is None:
            continue
        zones = {record.zone for record in facts.where(Record, name=host.lower().rstrip("."))}
        known = {zone for zone in zones if isinstance(zone, Address)}
        where = {zone: _networks(facts, zone) for zone in known}
        if not known or len(known) != len(zones) or not all(where.values()) or _doubtful(facts):
            continue
        places = {network for networks in where.values() for network in networks}
        asking = _networks_of(facts, demand.source)
        if asking and not asking & places:
            yield RULE.refuted(
                f"{demand.source} in {', '.join(sorted(asking))} asks for {host}, which only "
                f"{', '.join(sorted(places))} knows",
                demand.source,
                *sorted(known),
            )


def _host(target: object) -> str | None:
    if isinstance(target, Address):
        return str(target).removeprefix("host:") if target.startswith("host:") else None
    return target if isinstance(target, str) else None


def _networks(facts: Facts, zone: Address) -> set[Address]:
    """The networks of a private zone; nothing for a public one."""
    if not facts.where(Identifier, of=zone):
        return set()
    return {each.of for each in facts.where(Member, member=zone) if isinstance(each.of, Address)}


def _doubtful(facts: Facts) -> bool:
    """Whether some association is with a network that is not known."""
    return any(isinstance(each.of, Unknown) for each in facts.all(Member) if _is_zone(each.member))


def _is_zone(member: object) -> bool:
    name = member.as_terraform() if isinstance(member, Address) else None
    return name is not None and name.type == "aws_route53_zone"


def _networks_of(facts: Facts, source: Address) -> set[Address]:
    """The networks in which a thing may be; nothing if not all are known."""
    workload = facts.one(Workload, of=source)
    own = interfaces(facts, source) if workload is None else pod_interfaces(facts, workload)
    parts = [subnets(facts, interface) for interface in own]
    if any(missing for _, missing in parts):
        return set()
    return {subnet.network for found, _ in parts for subnet in found if isinstance(subnet.network, Address)}
