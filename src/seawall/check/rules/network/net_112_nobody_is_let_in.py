"""A store whose groups let nobody in where it listens."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import GroupOf, Interface, Listens, Permit
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-112",
    severity=Severity.HIGH,
    summary="No group of a store lets anybody in where it listens",
    why="a security group refuses whatever no rule permits: the store is paid for, is healthy, and every connection to "
    "it runs into a timeout",
    fix="permit the port that it listens on, from the group of those that need it",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Stores in a network, all of whose groups are in the input, against what those permit from anybody at all."""
    for store in facts.all(Store):
        ports = [each.ports for each in facts.where(Listens, of=store.of)]
        if not ports or any(isinstance(port, Unknown) for port in ports):
            continue
        for interface in facts.where(Interface, of=store.of):
            groups = interface.groups if isinstance(interface.groups, tuple) else ()
            known = [group for group in groups if isinstance(group, Address) and facts.where(GroupOf, group=group)]
            if not known or len(known) < len(groups) or not interface.guarded:
                continue
            permits, doubts = _ingress(facts, known)
            if doubts or any(_opens(permit, port) for permit in permits for port in ports if isinstance(port, Ports)):
                continue
            named = ", ".join(sorted({str(port) for port in ports}))
            let = sorted({f"{each.group}: {each.protocol} {each.ports} from {each.peer}" for each in permits})
            yield RULE.refuted(
                f"{store.of} listens on {named}, and {', '.join(sorted(known))} let nobody in there",
                store.of,
                *sorted(known),
                evidence=let or ["they let nothing in at all"],
            )


def _ingress(facts: Facts, groups: list[Address]) -> tuple[list[Permit], bool]:
    """What groups let in, and whether somebody may let in more."""
    found: list[Permit] = []
    doubts = False
    for group in groups:
        asked = facts.ask(Permit, group=group)
        found += [permit for permit in asked.matches if permit.direction == "ingress"]
        doubts = doubts or any(permit.direction == "ingress" for permit in asked.doubts)
    return found, doubts


def _opens(permit: Permit, ports: Ports) -> bool:
    """Whether a permit may be of TCP at one of these ports."""
    if isinstance(permit.protocol, Unknown) or isinstance(permit.ports, Unknown):
        return True
    return permit.protocol in ("tcp", "any") and permit.ports.overlaps(ports)
