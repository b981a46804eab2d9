"""An access-control list that lets a question through and not its answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.analyze.reachability.acls import association, back, borders, through
from seawall.analyze.reachability.api_access import way_out
from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.places import INTERNET, parted, range_of, subnets
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.traffic import Traffic
from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.network import Filtered, Interface, Subnet
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Ports

RULE = Rule(
    id="NET-014",
    severity=Severity.HIGH,
    summary="A network access-control list lets a connection out and not its answers back",
    why="access-control lists are stateless: the answer comes to one of the client's ephemeral ports and is "
    "judged anew",
    fix="allow TCP 1024-65535 in the direction of the answer, for the ranges of the other side",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    read=date(2023, 6, 1),
)

_HTTPS: Final = Traffic.of("tcp", Ports.one(443))


def check(facts: Facts) -> Iterator[Finding]:
    """Needs whose first definite no is the way back, and nodes whose lists let questions out to the internet alone."""
    for demand in demanded(facts):
        path = reach(facts, demand)
        hop = path.blocked
        if hop is not None and hop.kind == "return acl":
            lists = sorted({reason.acl for reason in hop.verdict.because if hasattr(reason, "acl")})
            yield RULE.refuted(
                f"{demand.source} needs {demand.target} on {demand.protocol} {demand.port}: {hop.says}",
                demand.source,
                *lists,
                evidence=path.lines(),
            )
    yield from _nodes(facts)


def _nodes(facts: Facts) -> Iterator[Finding]:
    """Node groups in subnets whose default route leads out, and whose list lets 443 out and no answer in."""
    found: dict[Address, dict[Address, None]] = {}
    for group in facts.all(NodeGroup):
        for interface in facts.where(Interface, of=group.of):
            for subnet in subnets(facts, interface)[0]:
                acl, _ = association(facts, subnet, Filtered)
                if acl is not None and way_out(facts, subnet) == "out" and _keeps_answers(facts, subnet):
                    found.setdefault(acl, {}).update({subnet.of: None, group.of: None})
    for acl, about in found.items():
        where = ", ".join(each for each in about if not facts.where(NodeGroup, of=each))
        yield RULE.refuted(
            f"{acl} lets nodes in {where} ask the internet on tcp 443 and lets no answer in again: no image is "
            "fetched, and no node joins",
            acl,
            *about,
        )


def _keeps_answers(facts: Facts, subnet: Subnet) -> bool:
    """Whether the lists of a subnet let questions out to every address, and answers in from none of them."""
    addresses = tuple(cidr for cidr in INTERNET if cidr.version == 4)
    asked = through(facts, subnet, (), "egress", range_of(facts, addresses), nearby=False)
    if not asked.sure.contains(_HTTPS):
        return False
    parts = parted(addresses, borders(facts, subnet, ())).values()
    answered = (back(facts, subnet, (), "ingress", range_of(facts, part), nearby=False) for part in parts)
    return not any(each.may & _HTTPS for each in answered)
