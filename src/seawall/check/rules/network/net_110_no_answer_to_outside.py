"""An access-control list that lets everybody ask, and lets no answer out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.analyze.reachability.acls import association
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import AclRule, Filtered, Route, Routed, Subnet
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-110",
    severity=Severity.HIGH,
    summary="An access-control list lets everybody ask and no answer out",
    why="access-control lists are stateless: the answer goes to the high port that the client asked from and is "
    "judged anew; where that is not let out, no connection ever comes about",
    fix="let TCP 1024-65535 out to the addresses that may ask",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    read=date(2023, 6, 1),
)

ASKED_FROM: Final = Ports(32768, 65535)
"""The ports from which Linux (32768-60999) and Windows (49152-65535) speak unless told otherwise."""
_PRIVATE: Final = tuple(map(Cidr.parse, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))


def check(facts: Facts) -> Iterator[Finding]:
    """Each list that lets TCP in from anywhere, against everything that it lets out; the other way is NET-014's."""
    lists: dict[Address, list[AclRule]] = {}
    for rule in facts.all(AclRule):
        if isinstance(rule.acl, Address) and not rule.stateful:
            lists.setdefault(rule.acl, []).append(rule)
    for acl, listed in lists.items():
        opened = [rule for rule in listed if rule.direction == "ingress" and _is_open(rule)]
        out = [rule for rule in listed if rule.direction == "egress"]
        if not opened or any(_lets_answers(rule) for rule in out):
            continue
        public, reasons = _asked_from_outside(facts, acl)
        if not public:
            continue
        stated = (value for rule in out for value in (rule.allow, rule.protocol, rule.ports, rule.peer))
        reasons = [*reasons, *(value for value in stated if isinstance(value, Unknown))]
        if reasons:
            yield RULE.unknown(f"whether {acl} lets the answers out is not known", reasons, acl)
            continue
        yield RULE.refuted(
            f"{acl} lets tcp {', '.join(str(rule.ports) for rule in opened)} in from anywhere, and nothing out to "
            f"ports {ASKED_FROM.first} and above",
            acl,
            evidence=[f"out {rule.order}: {rule.protocol} {rule.ports} to {rule.peer}" for rule in sorted(out, key=str)]
            or ["out: nothing"],
        )


def _asked_from_outside(facts: Facts, acl: Address) -> tuple[bool, list[Unknown]]:
    """Whether the internet's addresses come to a subnet of a list, and what would have to be known to say so.

    Of a list whose subnets are not in the input, or that has none yet, nothing says that they are private.
    """
    doubts: list[Unknown] = []
    subnets = [subnet for subnet in facts.all(Subnet) if association(facts, subnet, Filtered)[0] == acl]
    for subnet in subnets:
        table, missing = association(facts, subnet, Routed)
        if table is None:
            doubts += missing
        elif any(route.kind == "internet" for route in facts.where(Route, table=table)):
            return True, []
        else:
            doubts += [each.via for each in facts.where(Route, table=table) if isinstance(each.via, Unknown)]
    return bool(doubts or not subnets), doubts


def _is_open(rule: AclRule) -> bool:
    """Whether it permits TCP at low ports from anywhere; one that opens all ports opens those of answers, too."""
    return (
        rule.allow is True
        and rule.protocol in ("tcp", "any")
        and isinstance(rule.peer, Cidr)
        and rule.peer.prefix == 0
        and isinstance(rule.ports, Ports)
        and not rule.ports.overlaps(ASKED_FROM)
    )


def _lets_answers(rule: AclRule) -> bool:
    """Whether it permits TCP at high ports to any address outside; a list of prefixes may hold such."""
    if rule.allow is not True or rule.protocol not in ("tcp", "any") or not isinstance(rule.ports, Ports):
        return False
    if not rule.ports.overlaps(ASKED_FROM):
        return False
    return not isinstance(rule.peer, Cidr) or not any(private.contains(rule.peer) for private in _PRIVATE)
