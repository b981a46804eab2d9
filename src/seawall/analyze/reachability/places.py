"""Where a thing is in a private network: its subnets, the addresses that it may have there, and its groups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from seawall.facts.fact import Known, Link
from seawall.facts.facts import Facts
from seawall.facts.network import (
    Filtered,
    Interface,
    Member,
    Network,
    NetworkRange,
    PrefixList,
    Seen,
    Subnet,
    TakenOver,
    Wears,
)
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import ANYWHERE, ANYWHERE_6, Cidr
from seawall.kernel.value import Unknown

# What is no address of the internet. Source: IANA's registries of special-purpose addresses, RFC 6890, and multicast.
_RESERVED: Final = tuple(
    map(
        Cidr.parse,
        (
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
            "192.0.0.0/24", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
            "224.0.0.0/3",
        ),
    )
)  # fmt: skip
PRIVATE: Final = tuple(map(Cidr.parse, ("10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")))
"""Ranges of which no address is one of the internet, and of which networks are made (RFC 1918, 6598, 4193)."""


def without(whole: Cidr, holes: Iterable[Cidr]) -> tuple[Cidr, ...]:
    """A range less the holes in it, as ranges in ascending order."""
    inside = [hole for hole in holes if whole.overlaps(hole)]
    if not inside:
        return (whole,)
    if any(hole.contains(whole) for hole in inside):
        return ()
    halves = (whole.subnet(whole.prefix + 1, number) for number in (0, 1))
    return tuple(part for half in halves for part in without(half, inside))


INTERNET: Final = (*without(ANYWHERE, _RESERVED), Cidr.parse("2000::/3"))
"""The addresses that the internet has, of both versions."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranges:
    """The addresses that something may have: any of ``cidrs``; with ``because`` some of them, nobody knows which.

    Two are equal only if they are the same, so that what is worked out for one is found again at no cost.
    """

    cidrs: tuple[Cidr, ...]
    because: tuple[Unknown, ...] = ()


def range_of(facts: Facts, cidrs: tuple[Cidr, ...], because: tuple[Unknown, ...] = ()) -> Ranges:
    """The one object for these addresses."""
    return facts.derive(_range_of, cidrs, because)


def _range_of(_facts: Facts, cidrs: tuple[Cidr, ...], because: tuple[Unknown, ...]) -> Ranges:
    return Ranges(cidrs, because)


def parted(whole: Iterable[Cidr], borders: Sequence[Cidr]) -> dict[tuple[int, ...], tuple[Cidr, ...]]:
    """Some addresses sorted by the ranges in which they are: the numbers of the ranges, with the parts in them all."""
    found: dict[tuple[int, ...], list[Cidr]] = {}
    for cidr in whole:
        near = [(number, border) for number, border in enumerate(borders) if border.overlaps(cidr)]
        for means, part in _parted(cidr, near, ()):
            found.setdefault(means, []).append(part)
    return {means: tuple(parts) for means, parts in found.items()}


def _parted(
    cidr: Cidr, near: Sequence[tuple[int, Cidr]], around: tuple[int, ...]
) -> Iterator[tuple[tuple[int, ...], Cidr]]:
    inside = [each for each in near if not each[1].contains(cidr)]
    around += tuple(number for number, border in near if border.contains(cidr))
    if not inside:
        yield tuple(sorted(around)), cidr
        return
    for number in (0, 1):
        half = cidr.subnet(cidr.prefix + 1, number)
        yield from _parted(half, [each for each in inside if each[1].overlaps(half)], around)


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A subnet with the addresses that a thing may have in it, of either version."""

    subnet: Subnet
    four: Ranges
    six: Ranges

    def ranges(self, version: int) -> Ranges | None:
        """Its addresses of one version; None if it has none."""
        found = self.four if version == 4 else self.six
        return found if found.cidrs else None


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One end of a connection: its spots, what is not known of where it is, its groups and those not known.

    ``guarded`` is false where no group guards it, ``lists`` are access-control lists of its own, and ``closed`` says
    that nobody of the internet is let in where there is no list. There is one side for all interfaces that do not
    differ, so that what is worked out for it is worked out once.
    """

    spots: tuple[Spot, ...]
    missing: tuple[Unknown, ...]
    groups: tuple[Address, ...]
    doubts: tuple[Unknown, ...]
    guarded: bool
    lists: tuple[Link, ...]
    public: Known[bool]
    ipv6: Known[bool]
    closed: Known[bool] = False


def side(facts: Facts, interface: Interface) -> Side:
    """An interface as an end of connections."""
    lists = tuple(own.acl for own in facts.where(Filtered, of=interface.of))
    groups = interface.groups if interface.guarded or interface.groups else None
    worn = facts.where(Wears, of=interface.of)
    if worn and not isinstance(groups, Unknown):
        groups = tuple(dict.fromkeys((*(groups or ()), *(each.group for each in worn))))
    public = public_of(facts, interface)
    places = interface.subnets
    if places == ():
        places = Unknown(f"{interface.of}.subnets", why="the input does not say in which subnet it is")
    closed = _closed(facts, interface.of)
    return facts.derive(_side, places, groups, lists, public, interface.addresses, interface.ipv6, closed)


def _closed(facts: Facts, of: Address) -> Known[bool]:
    """Whether the public addresses of an interface are such that let nobody in before a list does."""
    found: Known[bool] = False
    for carried in facts.where(Setting, of=of):
        if carried.key == "public-address":
            for kind in facts.where(Setting, of=carried.value):
                if kind.key == "secure-by-default":
                    found = kind.value
    return found


def public_of(facts: Facts, interface: Interface) -> Known[bool]:
    """Whether an interface has a public address: its own, one that somebody gives it besides, or its subnet's.

    One that says by itself whether it has one has it or not; one that says nothing has its subnet's.
    Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html
    """
    if interface.public is True or facts.where(Seen, of=interface.of):
        return True
    if interface.public is not None:
        return interface.public
    found, missing = subnets(facts, interface)
    given = [subnet.gives_public for subnet in found]
    if True in given:
        return True
    return next((each for each in (*given, *missing) if isinstance(each, Unknown)), False if given else _NOWHERE)


_NOWHERE: Final = Unknown("public", why="in which subnet it is, which says so, is not in the input")


def _side(
    facts: Facts,
    links: Known[tuple[Link, ...]],
    groups: Known[tuple[Link, ...]] | None,
    lists: tuple[Link, ...],
    public: Known[bool],
    addresses: tuple[Cidr, ...],
    ipv6: Known[bool],
    closed: Known[bool],
) -> Side:
    found, missing = facts.derive(_subnets, links)
    spots = tuple(spot for subnet in found if (spot := facts.derive(_spot, subnet.of, addresses)) is not None)
    if isinstance(groups, Unknown):
        return Side(spots, missing, (), (groups,), True, lists, public, ipv6, closed)
    if groups == ():
        groups = _by_default(facts, spots, missing)
    doubts = tuple(group for group in groups or () if isinstance(group, Unknown))
    own = dict.fromkeys(canonical(facts, group) for group in groups or () if isinstance(group, Address))
    return Side(spots, missing, tuple(own), doubts, groups is not None, lists, public, ipv6, closed)


DEFAULT_GROUP: Final = "default-group"


def _by_default(facts: Facts, spots: tuple[Spot, ...], missing: tuple[Unknown, ...]) -> tuple[Link, ...]:
    """The groups of a thing that names none: the default one of the network that it is in."""
    networks = dict.fromkeys(spot.subnet.network for spot in spots)
    found: list[Link] = []
    for network in networks:
        if isinstance(network, Unknown):
            found.append(network)
        elif facts.one(Network, of=network) is None:
            found.append(Unknown(f"{network}", why="the network is not in the input"))
        else:
            found.append(network.implied(DEFAULT_GROUP))
    if missing or not networks:
        found.append(Unknown("security_groups", why="no group is named, and in which network it is is not known"))
    return tuple(found)


def canonical(facts: Facts, thing: Address) -> Address:
    """What took a thing over, or the thing itself."""
    taken = facts.one(TakenOver, of=thing)
    return thing if taken is None else taken.to


def names(facts: Facts, thing: Address) -> tuple[Address, ...]:
    """All addresses by which a thing is called: its own, and that of what it took over."""
    return (thing, *(of for each in facts.where(TakenOver, to=thing) if isinstance(of := each.of, Address)))


def _spot(facts: Facts, of: Address, addresses: tuple[Cidr, ...]) -> Spot | None:
    """A subnet as a place for a thing that has these addresses; None if none of them is in it."""
    subnet = facts.one(Subnet, of=of)
    assert subnet is not None
    if not addresses:
        six = Ranges(()) if subnet.cidr6 is None else _ranges(facts, subnet, subnet.cidr6, 6)
        return Spot(subnet, _ranges(facts, subnet, subnet.cidr, 4), six)
    inside = [
        [address for address in addresses if isinstance(cidr, Unknown) or (cidr is not None and cidr.contains(address))]
        for cidr in (subnet.cidr, subnet.cidr6)
    ]
    own4 = tuple(address for address in inside[0] if address.version == 4)
    own6 = tuple(address for address in inside[1] if address.version == 6)
    return Spot(subnet, Ranges(own4), Ranges(own6)) if own4 or own6 else None


def _ranges(facts: Facts, subnet: Subnet, cidr: Known[Cidr], version: int) -> Ranges:
    """A subnet's range; where it is not known, its network's, within which it lies."""
    if isinstance(cidr, Cidr):
        return Ranges((cidr,))
    whole = network_ranges(facts, subnet.network, version) if isinstance(subnet.network, Address) else None
    if whole is None or whole.because or not whole.cidrs:
        whole = Ranges((ANYWHERE if version == 4 else ANYWHERE_6,))
    return Ranges(whole.cidrs, (cidr,))


def network_ranges(facts: Facts, network: Address, version: int) -> Ranges:
    """The ranges of a network, of one version; those that are not known are the reasons."""
    return facts.derive(_network_ranges, network, version)


def _network_ranges(facts: Facts, network: Address, version: int) -> Ranges:
    found: list[Cidr] = []
    missing: list[Unknown] = []
    for own in facts.where(Network, of=network):
        if isinstance(own.cidrs, Unknown):
            missing.append(own.cidrs)
        else:
            found += own.cidrs
    for more in facts.where(NetworkRange, of=network):
        if isinstance(more.cidr, Unknown):
            missing.append(more.cidr)
        else:
            found.append(more.cidr)
    of_version = tuple(dict.fromkeys(cidr for cidr in found if cidr.version == version))
    # A range that is not known may be of either version; a network has one of IPv4 at least.
    return Ranges(of_version, tuple(missing) if version == 6 or not of_version else ())


def subnets(facts: Facts, interface: Interface) -> tuple[tuple[Subnet, ...], tuple[Unknown, ...]]:
    """The subnets of an interface that are in the input, and what is not known of the others."""
    return facts.derive(_subnets, interface.subnets)


def _subnets(facts: Facts, links: Known[tuple[Link, ...]]) -> tuple[tuple[Subnet, ...], tuple[Unknown, ...]]:
    if isinstance(links, Unknown):
        return (), (links,)
    found: dict[Subnet, None] = {}
    missing: list[Unknown] = []
    for link in links:
        if isinstance(link, Unknown):
            missing.append(link)
            continue
        own, gone = _within(facts, link)
        found.update(dict.fromkeys(own))
        missing += gone
    return (
        tuple(sorted(found, key=lambda subnet: subnet.of)),
        tuple(sorted(missing, key=lambda reason: (reason.what, reason.why))),
    )


def _within(facts: Facts, link: Address) -> tuple[list[Subnet], list[Unknown]]:
    """A subnet itself, or the members of a group of subnets."""
    subnet = facts.one(Subnet, of=link)
    if subnet is not None:
        return [subnet], []
    asked = facts.ask(Member, of=link)
    found: list[Subnet] = []
    missing: list[Unknown] = [member.of for member in asked.doubts if isinstance(member.of, Unknown)]
    for member in asked.matches:
        own = facts.one(Subnet, of=member.member) if isinstance(member.member, Address) else None
        if own is not None:
            found.append(own)
        elif isinstance(member.member, Unknown):
            missing.append(member.member)
        else:
            missing.append(Unknown(f"{member.member}", why="the subnet is not in the input"))
    if not asked.matches and not missing:
        missing.append(Unknown(f"{link}", why="the subnet is not in the input"))
    return found, missing


def ranges(facts: Facts, interface: Interface) -> tuple[tuple[Cidr, ...], tuple[Unknown, ...]]:
    """The address ranges in which an interface may be, and what is not known of them."""
    if interface.addresses:
        return interface.addresses, ()
    found, missing = subnets(facts, interface)
    cidrs = [cidr for subnet in found for cidr in _of_subnet(subnet, interface)]
    known = tuple(cidr for cidr in cidrs if not isinstance(cidr, Unknown))
    return known, (*missing, *(cidr for cidr in cidrs if isinstance(cidr, Unknown)))


def _of_subnet(subnet: Subnet, interface: Interface) -> Iterator[Known[Cidr]]:
    yield subnet.cidr
    if interface.ipv6 is True and subnet.cidr6 is not None:
        yield subnet.cidr6


def listed(facts: Facts, peer: Address) -> tuple[tuple[Cidr, ...], tuple[Unknown, ...], bool] | None:
    """The ranges of a prefix list, what is not known of them, and whether the internet alone is meant.

    None if it is no prefix list.
    """
    return facts.derive(_entries, peer)


def _entries(facts: Facts, peer: Address) -> tuple[tuple[Cidr, ...], tuple[Unknown, ...], bool] | None:
    made = facts.one(PrefixList, of=peer)
    of_endpoint = peer.endswith("//prefix-list")
    if made is None and not of_endpoint and not peer.startswith("outside:pl-"):
        return None
    asked = facts.ask(Member, of=peer)
    known = tuple(each.member for each in asked.matches if isinstance(each.member, Cidr))
    missing = [each.member for each in asked.matches if isinstance(each.member, Unknown)]
    missing += [each.of for each in asked.doubts if isinstance(each.of, Unknown)]
    if made is None:
        missing.append(Unknown(f"{peer}", why="what the prefix list holds is not in the input"))
    return known, tuple(dict.fromkeys(missing)), of_endpoint or (made is not None and made.internet)


def of_internet(ranges: Ranges) -> bool:
    """Whether some of these addresses may be of the internet."""
    return not all(any(private.contains(cidr) for private in PRIVATE) for cidr in ranges.cidrs)
