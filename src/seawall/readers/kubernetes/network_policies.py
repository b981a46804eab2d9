"""NetworkPolicies, exactly as the API defines what is absent and what is empty."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any, cast

from seawall.facts.fact import Fact
from seawall.facts.network import Direction, Protocol
from seawall.facts.pod_network import Isolates, PodPeer, PolicyPeer, PolicyPermit, RangePeer, Selector
from seawall.graph.resource import Resource
from seawall.kernel.units import ALL_PORTS, Cidr, Ports
from seawall.kernel.value import Ref, Text, Unknown
from seawall.readers.kubernetes.objects import Fields, Manifest
from seawall.readers.registry import reads

_SIDES: tuple[tuple[Direction, str], ...] = (("ingress", "from"), ("egress", "to"))


@reads("networking.k8s.io/v1/NetworkPolicy", "extensions/v1beta1/NetworkPolicy")
def network_policy(resource: Resource) -> Iterator[Fact]:
    """A policy isolates its pods in the directions it names, and permits what its rules of these directions say.

    Without ``policyTypes`` it is about ingress, and about egress if it has an egress rule; rules of a direction that
    it is not about have no effect. An empty selector means every pod of the namespace.
    """
    body = Manifest(resource)
    types = {name.lower() for name in body.spec.strings("policyTypes")}
    if not types:
        types = {"ingress", "egress"} if body.spec.raw("egress") is not None else {"ingress"}
    pods = body.spec.selector("podSelector", Selector())
    if (hole := _hole(body.spec, "podSelector")) is not None:
        # A label that nobody knows, which any pod may have.
        pods = Selector(((str(hole), str(hole)),))
    for direction, side in _SIDES:
        if direction in types:
            yield Isolates(resource.address, body.in_namespace, pods, direction)
            if (hole := _hole(body.spec, direction)) is not None:
                yield PolicyPermit(resource.address, direction, "any", ALL_PORTS, hole)
            for rule in body.spec.blocks(direction):
                if (hole := _unclear(rule, side)) is not None:
                    # Whatever it permits, for whomever: all that is known is that it may permit.
                    yield PolicyPermit(resource.address, direction, "any", ALL_PORTS, hole)
                    continue
                for protocol, ports in _ports(rule):
                    for peer in _peers(rule, side):
                        yield PolicyPermit(resource.address, direction, protocol, ports, peer)


def _hole(part: Fields, *names: str) -> Unknown | None:
    """What is not known of the first of these fields that is not."""
    for name in names:
        value = part.raw(name)
        if isinstance(value, Ref | Text | Unknown):
            return part.unknown(name, value)
    return None


def _unclear(rule: Fields, side: str) -> Unknown | None:
    """What is not known of a rule as a whole: its ports or peers, or where a range of its ports ends."""
    ends = (part.count("endPort", 0) for part in rule.blocks("ports"))
    open_ended = (end for end in ends if isinstance(end, Unknown))
    hole = _hole(rule, "ports", side)
    return hole if hole is not None else next(open_ended, None)


def _ports(rule: Fields) -> Iterator[tuple[Protocol, Ports | str]]:
    """A rule without ports is about all of them; a port without a number is all ports of its protocol."""
    if rule.raw("ports") is None:
        yield "any", ALL_PORTS
        return
    for part in rule.blocks("ports"):
        protocol = cast("Protocol", part.string("protocol", "TCP").lower())
        first = part.string("port")
        if not first:
            yield protocol, ALL_PORTS
        elif not first.isdecimal() or type(part.raw("port")) is str:
            # A number in quotes is a name to the API, and one that no container can have.
            yield protocol, first
        else:
            last = part.count("endPort", int(first))
            yield protocol, Ports(int(first), last if isinstance(last, int) else int(first))


def _peers(rule: Fields, side: str) -> Iterator[PolicyPeer]:
    """A rule without peers is about everybody; a peer's two selectors must both match."""
    if rule.raw(side) is None:
        yield None
        return
    for part in rule.blocks(side):
        if (hole := _hole(part, "ipBlock", "namespaceSelector", "podSelector")) is not None:
            yield hole
        elif part.mentions("ipBlock"):
            yield _range(part.block("ipBlock"))
        elif part.mentions("namespaceSelector"):
            yield PodPeer(part.selector("podSelector", Selector()), part.selector("namespaceSelector", Selector()))
        elif part.mentions("podSelector"):
            yield PodPeer(part.selector("podSelector", Selector()))


def _range(block: Fields) -> RangePeer | Unknown:
    cidr = _cidr(block, "cidr", block.raw("cidr"))
    if isinstance(cidr, Unknown):
        return cidr
    excepts: list[Cidr] = []
    value = block.raw("except")
    for number, item in enumerate(value if isinstance(value, list | tuple) else ()):
        hole = _cidr(block, f"except.{number}", item)
        if isinstance(hole, Unknown):
            return hole
        excepts.append(hole)
    return RangePeer(cidr, tuple(sorted(excepts)))


def _cidr(block: Fields, name: str, value: Any) -> Cidr | Unknown:
    if not isinstance(value, str):
        return block.unknown(name, value)
    try:
        # The API server takes a range whose host bits are set for the range around it.
        return Cidr.parse(str(ip_network(value, strict=False)))
    except ValueError as error:
        return Unknown(f"{block.address}.{block.path(name)}", why=str(error))
