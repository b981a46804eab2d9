"""What gets through networks agrees with a model that sends packet after packet, on worlds that nobody designed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from typing import Any, TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from property.analyze.reachability.packets import (
    CLIENT_PORTS,
    LINUX_PORTS,
    Rule,
    World,
    connects,
    list_lets,
    spots,
    talks,
    versions,
)
from seawall.analyze.reachability.acls import through
from seawall.analyze.reachability.network import between, hops, inward, outward, somewhere
from seawall.analyze.reachability.places import range_of
from seawall.analyze.reachability.traffic import Open, Traffic
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.network import (
    AclRule,
    Filtered,
    Gateway,
    Interface,
    Network,
    Permit,
    Route,
    Routed,
    Subnet,
)
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import all_of

Tried: TypeAlias = "Mapping[tuple[str, ...], dict[int, list[bool]]]"

BORDERS = (0, 22, 80, 1023, 1024, 3306, 32767, 32768, 50000, 60999, 61000, 65535)
ASKED = (("tcp", 22), ("tcp", 3306), ("udp", 80), ("udp", 40000), ("icmp", 0))
# Two addresses in each subnet, so that a rule may mean half of it.
SUBNETS = {
    "a1": ("a", ["10.0.0.0/31", "fd00:a::/127"]),
    "a2": ("a", ["10.0.0.2/31"]),
    "b1": ("b", ["10.1.0.0/31", "fd00:b::/127"]),
    "c1": ("c", ["10.2.0.0/31"]),
}
NETWORKS = {"a": ["10.0.0.0/24", "fd00:a::/64"], "b": ["10.1.0.0/24", "fd00:b::/64"], "c": ["10.2.0.0/24"]}
PEERINGS = {"ab": ("a", "b"), "bc": ("b", "c"), "ac": ("a", "c")}
INSIDE = (
    "0.0.0.0/0", "::/0", "10.0.0.0/8", "10.0.0.0/24", "10.0.0.0/31", "10.0.0.0/32", "10.0.0.1/32", "10.0.0.2/31",
    "10.1.0.0/24", "10.1.0.1/32", "10.1.0.0/31", "10.2.0.0/16", "fd00:a::/64", "fd00:b::1/128", "fd00::/16",
)  # fmt: skip
OUTSIDE = ("0.0.0.0/0", "0.0.0.0/1", "8.0.0.0/8", "8.8.8.0/24", "::/0", "2600::/12")
FAR = ("200.1.1.1", "1.1.1.1", "8.1.1.1", "8.8.8.8", "2a00::1", "2600::1")


def world_of(chance: random.Random, peers: tuple[str, ...]) -> World:
    """A world in which a good part of what could be open is, and most doors stand open but for a rule or two."""
    world = World(networks=NETWORKS, subnets=SUBNETS, peerings=PEERINGS)
    for subnet, (network, _) in SUBNETS.items():
        world.lists[subnet] = [_rule(chance, peers, order) for order in range(chance.choice((0, 0, 1, 4)))]
        if chance.random() < 0.9:
            world.lists[subnet] += [
                Rule(direction, None, 0, 65535, everybody, 90)
                for direction in ("ingress", "egress")
                for everybody in ("0.0.0.0/0", "::/0")
            ]
        routes = [_route(chance, network) for _ in range(chance.choice((0, 1, 3)))]
        if chance.random() < 0.8:
            routes += _good_routes(network)
        world.tables[subnet] = list({route[0]: route for route in reversed(routes)}.values())
    for group in GROUPS:
        world.groups[group] = [_rule(chance, (*peers, *GROUPS), 0) for _ in range(chance.choice((1, 3)))]
        for direction in ("ingress", "egress"):
            if chance.random() < 0.7:
                protocol = chance.choice((None, "tcp"))
                world.groups[group].append(Rule(direction, protocol, 0, 65535, chance.choice(("0.0.0.0/0", "::/0"))))
    for thing in ("one", "other"):
        world.things[thing] = (
            chance.sample(sorted(SUBNETS), chance.choice((1, 1, 2))),
            chance.sample(GROUPS, chance.choice((1, 2))),
            chance.random() < 0.6,
            chance.random() < 0.5,
        )
    return world


GROUPS = ("g1", "g2", "g3")


def _rule(chance: random.Random, peers: tuple[str, ...], order: int) -> Rule:
    protocol = chance.choice((None, "tcp", "tcp", "udp", "icmp"))
    first, last = sorted((chance.choice(BORDERS), chance.choice(BORDERS)))
    if protocol in (None, "icmp"):
        first, last = 0, 65535
    direction = chance.choice(("ingress", "egress"))
    return Rule(direction, protocol, first, last, chance.choice(peers), order, chance.random() < 0.5)


def _good_routes(network: str) -> list[tuple[str, str, str]]:
    """To every network that is a neighbour, and out."""
    found = [("0.0.0.0/0", "internet", network), ("::/0", "internet", network)]
    for name, ends in PEERINGS.items():
        if network in ends:
            (other,) = set(ends) - {network}
            found += [(cidr, "peering", name) for cidr in NETWORKS[other]]
    return found


def _route(chance: random.Random, network: str) -> tuple[str, str, str]:
    kind = chance.choice(("peering", "peering", "internet", "nat", "blackhole", "egress-only"))
    if kind == "peering":
        via = chance.choice([name for name, ends in PEERINGS.items() if network in ends])
        return chance.choice(_PEERED), kind, via
    via = {"internet": chance.choice((network, "b")), "nat": chance.choice(sorted(SUBNETS))}.get(kind, "")
    if kind == "egress-only":
        return "::/0", kind, via
    if kind == "nat":
        return chance.choice(("0.0.0.0/0", "8.0.0.0/8")), kind, via
    return chance.choice(("0.0.0.0/0", "8.0.0.0/8", "8.8.8.0/24", "10.1.0.0/31", "::/0", "10.2.0.0/16")), kind, via


_PEERED = (
    "10.0.0.0/24", "10.1.0.0/24", "10.2.0.0/24", "10.1.0.0/31", "10.0.0.1/32", "10.0.0.0/30", "fd00:b::/64",
    "fd00:a::/64", "10.0.0.0/8", "fd00:b::1/128",
)  # fmt: skip


def at(name: str) -> Address:
    """The address of a thing of the world."""
    return Address.terraform("r", "s", f"aws_thing.{name}")


def facts_of(world: World) -> Facts:
    """The world as facts, in an order that says nothing."""
    return Facts(random.Random(0).sample(found := _facts(world), len(found)))


def _facts(world: World) -> list[Fact]:
    found: list[Fact] = []
    for name, cidrs in world.networks.items():
        found.append(Network(at(name), tuple(map(Cidr.parse, cidrs)), "r"))
        found.append(Gateway(at(f"igw-{name}"), "internet", at(name)))
    for name, (network, cidrs) in world.subnets.items():
        six = Cidr.parse(cidrs[1]) if len(cidrs) > 1 else None
        found += [
            Subnet(at(name), at(network), Cidr.parse(cidrs[0]), "z", six),
            Routed(at(name), at(f"table-{name}")),
            Filtered(at(name), at(f"list-{name}")),
            Gateway(at(f"nat-{name}"), "nat", at(name)),
        ]
        found += [acl_rule(at(f"list-{name}"), rule) for rule in world.lists[name]]
        for cidr, kind, via in world.tables[name]:
            through = {"internet": f"igw-{via}", "nat": f"nat-{via}", "peering": via}.get(kind)
            found.append(Route(at(f"table-{name}"), Cidr.parse(cidr), at(through) if through else None, kind))
    found += [Gateway(at(name), "peering", at(one), at(other)) for name, (one, other) in world.peerings.items()]
    for name, rules in world.groups.items():
        found += [permit(at(name), rule, world) for rule in rules]
    return found


def acl_rule(acl: Address, rule: Rule) -> AclRule:
    """A rule of a list as a fact."""
    ports = Ports(rule.first, rule.last)
    return AclRule(acl, rule.direction, rule.order, rule.allow, rule.protocol or "any", ports, Cidr.parse(rule.peer))


def permit(group: Address, rule: Rule, world: World) -> Permit:
    """A rule of a group as a fact."""
    peer = at(rule.peer) if rule.peer in world.groups else Cidr.parse(rule.peer)
    return Permit(group, rule.direction, rule.protocol or "any", Ports(rule.first, rule.last), peer)


def interface(world: World, thing: str) -> Interface:
    """A thing of the world in its network."""
    subnets, groups, public, six = world.things[thing]
    return Interface(at(thing), tuple(map(at, subnets)), tuple(map(at, groups)), public, ipv6=six)


def allowed(open: Open, protocol: str, port: int) -> str:
    """What an Open says of one port."""
    return open.ask(Traffic.of(protocol, Ports.one(port))).answer.value  # type: ignore[arg-type]


def expected(tried: Tried, lenient: Tried, every: bool) -> str:
    """What must be said, if connections work so: from all ports, and from the ports of Linux."""
    combine = all if every else any

    def works(results: Tried) -> bool:
        # Between two subnets one version of IP is enough, as long as it works for all of their addresses.
        return combine(any(combine(tries) for tries in by_version.values()) for by_version in results.values())

    if works(tried):
        return "proven"
    return "unknown" if works(lenient) else "refuted"


worlds = st.integers(0, 2**32).map(random.Random)


@settings(max_examples=300)
@given(worlds)
def test_between_agrees_with_packets(chance: random.Random) -> None:
    """Proven, refuted, and unknown only where it hangs on the client's ports: for all places, and for some."""
    world = world_of(chance, INSIDE)
    facts = facts_of(world)
    here, there = interface(world, "one"), interface(world, "other")
    for every, said in ((True, between(facts, here, there)), (False, somewhere(facts, here, there))):
        for protocol, port in ASKED:
            tried = connects(world, "one", "other", protocol, port, CLIENT_PORTS)
            lenient = connects(world, "one", "other", protocol, port, LINUX_PORTS)
            assert allowed(said, protocol, port) == expected(tried, lenient, every), (every, protocol, port)


@settings(max_examples=200)
@given(worlds)
def test_hops_say_what_between_says(chance: random.Random) -> None:
    """The path hop by hop comes to the same verdict as the set, and names the hop that says no."""
    world = world_of(chance, INSIDE)
    facts = facts_of(world)
    here, there = interface(world, "one"), interface(world, "other")
    said = between(facts, here, there)
    for protocol, port in ASKED:
        found = tuple(hops(facts, here, there, port, protocol))
        verdict = all_of(hop.verdict for hop in found)
        assert verdict.answer.value == allowed(said, protocol, port), [str(hop) for hop in found]
        assert all(hop.says for hop in found)


@settings(max_examples=200)
@given(worlds)
def test_ways_to_and_from_the_internet_agree_with_packets(chance: random.Random) -> None:
    """By NAT, by an internet gateway with a public address, by IPv6 outward only: for all addresses, and for some."""
    world = world_of(chance, OUTSIDE)
    for subnet, place in (("a1", "a2"), ("a2", "a1"), ("b1", "a1")):
        if chance.random() < 0.4:
            others = [route for route in world.tables[subnet] if route[0] != "0.0.0.0/0"]
            world.tables[subnet] = [*others, ("0.0.0.0/0", "nat", place)]
    facts = facts_of(world)
    here = interface(world, "one")
    far = tuple(Cidr.parse(one) for one in FAR)
    for direction, every, said in (
        (False, True, outward(facts, here, far)),
        (False, False, outward(facts, here, far, every=False)),
        (True, True, inward(facts, here, far, every=True)),
        (True, False, inward(facts, here, far)),
    ):
        for protocol, port in ASKED:
            tried, lenient = (
                _with_internet(world, protocol, port, ports, inward=direction) for ports in (CLIENT_PORTS, LINUX_PORTS)
            )
            assert allowed(said, protocol, port) == expected(tried, lenient, every), (direction, every, protocol, port)


def _with_internet(world: World, protocol: str, port: int, ports: tuple[int, ...], *, inward: bool) -> Tried:
    """For each place and version, for every address far away: whether a connection works from all ports."""
    found: dict[tuple[str, ...], dict[int, list[bool]]] = {(subnet,): {} for subnet in world.things["one"][0]}
    for version in versions(world, "one"):
        for subnet, mine in spots(world, "one", version):
            for far in FAR:
                if (":" in far) == (version == 6):
                    works = all(
                        talks(world, "one", subnet, mine, far, protocol, port, client, inward=inward)
                        for client in ports
                    )
                    found[(subnet,)].setdefault(version, []).append(works)
    return found


@settings(max_examples=300)
@given(worlds)
def test_what_is_not_known_is_left_open(chance: random.Random) -> None:
    """However a value that is not known turns out: what is sure holds, and nothing is open that may not be."""
    world = world_of(chance, INSIDE)
    often = chance.choice((Permit, AclRule, Subnet, Route, Routed, Filtered, Network, Gateway))
    facts = [_blurred(chance, fact, 0.4 if isinstance(fact, often) else 0.03) for fact in facts_of(world)]
    here, there = interface(world, "one"), interface(world, "other")
    open = Facts(facts)
    for every, said in ((True, between(open, here, there)), (False, somewhere(open, here, there))):
        for protocol, port in ASKED:
            tried = connects(world, "one", "other", protocol, port, CLIENT_PORTS)
            lenient = connects(world, "one", "other", protocol, port, LINUX_PORTS)
            truth, answer = expected(tried, lenient, every), allowed(said, protocol, port)
            assert answer in (truth, "unknown"), (every, protocol, port)
            if answer == "unknown" and truth != "unknown":
                assert any("blurred" in reason.what for reason in said.because), said


def _blurred(chance: random.Random, fact: Any, part: float) -> Any:
    """A fact of which now and then one value is not known."""
    if chance.random() > part:
        return fact
    names = {
        Permit: ("protocol", "ports", "peer", "group"),
        AclRule: ("protocol", "ports", "peer", "order", "allow", "acl"),
        Subnet: ("cidr", "cidr6", "network"),
        Route: ("destination", "table", "via"),
        Routed: ("table", "of"),
        Filtered: ("acl", "of"),
        Network: ("cidrs",),
        Gateway: ("ready",),
    }.get(type(fact))
    if names is None:
        return fact
    name = chance.choice(names)
    if name == "cidr6" and fact.cidr6 is None:
        return fact
    return replace(fact, **{name: Unknown(f"blurred.{name}")})


@settings(max_examples=200)
@given(worlds)
def test_a_list_with_holes_is_all_lists_that_it_may_be(chance: random.Random) -> None:
    """Where a rule's action or place is not known, what is sure is what every list lets through that it may be."""
    subnet, far = "a1", "10.1.0.1"
    rules = [
        replace(_rule(chance, ("0.0.0.0/0", "10.1.0.0/24", "10.1.0.1/32"), order), direction="ingress")
        for order in (10, 20, 30, 40)
    ]
    world = World(networks=NETWORKS, subnets=SUBNETS, lists={subnet: rules})
    loose = chance.choice(rules)
    undecided = [rule for rule in rules if chance.random() < 0.4]
    facts = Facts(
        [
            Subnet(at(subnet), at("a"), Cidr.parse("10.0.0.0/31"), "z"),
            Filtered(at(subnet), at("list")),
            *(
                replace(
                    acl_rule(at("list"), rule),
                    order=Unknown("order") if rule is loose else rule.order,
                    allow=Unknown("allow") if rule in undecided else rule.allow,
                )
                for rule in rules
            ),
        ]
    )
    place = facts.one(Subnet, of=at(subnet))
    assert place is not None
    said = through(facts, place, (), "ingress", range_of(facts, (Cidr.parse("10.1.0.1/32"),)), False)
    for protocol, port in ASKED:
        results: set[bool] = set()
        for order in (5, 15, 25, 35, 45):
            for actions in product((False, True), repeat=len(undecided)):
                chosen = {id(rule): allow for rule, allow in zip(undecided, actions, strict=True)}
                world.lists[subnet] = [
                    replace(rule, order=order if rule is loose else rule.order, allow=chosen.get(id(rule), rule.allow))
                    for rule in rules
                ]
                results.add(list_lets(world, subnet, "ingress", far, protocol, port))
        truth = "unknown" if len(results) == 2 else "proven" if True in results else "refuted"
        assert allowed(said, protocol, port) == truth, (protocol, port)
