"""An access-control list that opens a way to outside or from there, and none for the answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import AclRule, Direction
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-110",
    severity=Severity.HIGH,
    summary="An access-control list opens a way to or from outside, and none for the answers",
    why="access-control lists are stateless: an answer carries the address of who gives it, not the NAT gateway's, and "
    "the high port of who asked; where that is not let through, no connection ever comes about",
    fix="let TCP 1024-65535 through in the other direction, from or to the same addresses",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
    read=date(2023, 6, 1),
)

ASKED_FROM: Final = Ports(32768, 65535)
"""The ports from which Linux (32768-60999) and Windows (49152-65535) speak unless told otherwise."""
_OTHER: Final[dict[Direction, Direction]] = {"ingress": "egress", "egress": "ingress"}
_PRIVATE: Final = tuple(map(Cidr.parse, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))


def check(facts: Facts) -> Iterator[Finding]:
    """Each list that permits TCP to or from anywhere, against everything that it permits the other way."""
    lists: dict[Address, list[AclRule]] = {}
    for rule in facts.all(AclRule):
        if isinstance(rule.acl, Address) and not rule.stateful:
            lists.setdefault(rule.acl, []).append(rule)
    for acl, listed in lists.items():
        for direction, other in _OTHER.items():
            opened = [rule for rule in listed if rule.direction == direction and _is_open(rule)]
            if opened:
                yield from _answers(acl, opened, [rule for rule in listed if rule.direction == other])


def _answers(acl: Address, opened: list[AclRule], back: list[AclRule]) -> Iterator[Finding]:
    direction = opened[0].direction
    ports = ", ".join(str(rule.ports) for rule in opened)
    if any(_lets_answers(rule) for rule in back):
        return
    way, answers = ("out to", "from") if direction == "egress" else ("in from", "to")
    what = (
        f"{acl} lets tcp {ports} {way} anywhere, and nothing {answers} outside at ports {ASKED_FROM.first} and above, "
        f"where the answers go"
    )
    stated = (value for rule in back for value in (rule.allow, rule.protocol, rule.ports, rule.peer))
    reasons = [value for value in stated if isinstance(value, Unknown)]
    if reasons:
        yield RULE.unknown(f"whether {acl} lets the answers through is not known", reasons, acl)
        return
    evidence = [f"{_OTHER[direction]} {rule.order}: {rule.protocol} {rule.ports}, {rule.peer}" for rule in back]
    yield RULE.refuted(what, acl, evidence=evidence or [f"{_OTHER[direction]}: nothing"])


def _is_open(rule: AclRule) -> bool:
    """Whether it permits TCP at low ports to or from anywhere; one that opens all ports opens those of answers."""
    return (
        rule.allow is True
        and rule.protocol in ("tcp", "any")
        and isinstance(rule.peer, Cidr)
        and rule.peer.prefix == 0
        and isinstance(rule.ports, Ports)
        and not rule.ports.overlaps(ASKED_FROM)
    )


def _lets_answers(rule: AclRule) -> bool:
    """Whether it permits TCP at high ports to or from any address outside; a list of prefixes may hold such."""
    if rule.allow is not True or rule.protocol not in ("tcp", "any") or not isinstance(rule.ports, Ports):
        return False
    if not rule.ports.overlaps(ASKED_FROM):
        return False
    return not isinstance(rule.peer, Cidr) or not any(private.contains(rule.peer) for private in _PRIVATE)
