"""Who is meant by what a person writes where a connection begins or ends: an address, a name, a host."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final, Literal, TypeAlias

from seawall.analyze.clusters import pod_interfaces
from seawall.analyze.fleets import interfaces
from seawall.analyze.named import names_of
from seawall.analyze.reachability.entrances import exposed
from seawall.analyze.reachability.places import subnets
from seawall.analyze.reachability.targets import behind
from seawall.facts.compute import Fleet, NodeGroup, Workload
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.fronts import Front
from seawall.facts.network import Hostname, Interface, Listens, Member, Outside
from seawall.facts.pod_network import Service
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

Side: TypeAlias = Literal["source", "target", "entered"]
"""Which end is meant; ``entered`` is a target of the internet's, which reaches what is in no network, too."""


def ends(facts: Facts, side: Side) -> tuple[Address, ...]:
    """Everything that a connection can begin at, or end at; sorted. Nothing connects from a service."""
    return facts.derive(_ends, side)


def _ends(facts: Facts, side: Side) -> tuple[Address, ...]:
    found = {workload.of for workload in facts.all(Workload)}
    # A template is a way to make things; the things are elsewhere.
    templates = {group.launch for group in facts.all(NodeGroup)} | {fleet.launch for fleet in facts.all(Fleet)}
    found.update(interface.of for interface in facts.all(Interface) if interface.of not in templates)
    if side == "source":
        found.update(each.of for each in facts.all(Outside))
    if side == "entered":
        found.update(each.thing for each in exposed(facts))
        found.update(front.of for front in facts.all(Front))
        found.update(each.of for each in facts.all(Outside))
    if side != "source":
        found.update(service.of for service in facts.all(Service))
        found.update(store.of for store in facts.all(Store) if facts.where(Hostname, of=store.of))
    return tuple(sorted(found))


def meant(facts: Facts, spelling: str, side: Side) -> tuple[Address, ...]:
    """Those whom a spelling may mean, sorted: one by its address, else everybody of that name."""
    everybody = ends(facts, side)
    if spelling in everybody:
        return (Address(spelling),)
    return facts.derive(_by_name, side).get(_folded(spelling), ())


EVERYBODY: Final = "*"
_ENVIRONMENT: Final = frozenset({"environment", "env"})


def together(facts: Facts, spelling: str, side: Side) -> tuple[Address, ...]:
    """All that a word means together, sorted: things of that name, and those in a namespace, a cluster, a network or an
    environment of that name; ``*`` is everything. ``a/b`` is also what is called b of those that a means.

    Services are not among them: what is reached are the pods behind.
    """
    return facts.derive(_together, spelling, side)


def _together(facts: Facts, spelling: str, side: Side) -> tuple[Address, ...]:
    every = [each for each in ends(facts, side) if facts.one(Service, of=each) is None]
    if spelling == EVERYBODY:
        return tuple(each for each in every if not _is_part(facts, each, set(every)))
    named: set[Address] = set()
    for each in meant(facts, spelling, side):
        service = facts.one(Service, of=each)
        named.update([each] if service is None else (pods.of for pods in behind(facts, service)))
    within = facts.derive(_by_whole, side)
    named.update(within.get(_folded(spelling), ()))
    whole, slash, part = spelling.partition("/")
    if not named and slash:
        named.update(set(within.get(_folded(whole), ())) & set(_together(facts, part, side)))
    return tuple(sorted(each for each in named if not _is_part(facts, each, named)))


def _is_part(facts: Facts, of: Address, among: set[Address]) -> bool:
    """Whether a thing that the input puts nowhere belongs to one of these, and so is where that is."""
    return facts.one(Interface, of=of) is None and any(member.of in among for member in facts.where(Member, member=of))


def wholes(facts: Facts, side: Side) -> tuple[str, ...]:
    """The names of namespaces, clusters, networks and environments in which there is something, sorted."""
    return tuple(sorted(facts.derive(_by_whole, side)))


def _by_whole(facts: Facts, side: Side) -> dict[str, set[Address]]:
    """Everything by the names of what it is in."""
    found: dict[str, set[Address]] = {}
    tagged = {tag.of: str(tag.value) for tag in facts.all(Tagged) if tag.key.rpartition("/")[2].lower() in _ENVIRONMENT}
    for of in ends(facts, side):
        if facts.one(Service, of=of) is not None:
            continue
        names = {tagged[of]} if of in tagged else set()
        workload = facts.one(Workload, of=of)
        if workload is not None:
            names.add(workload.namespace.rpartition("/")[2])
            names.update({tagged[workload.namespace]} if workload.namespace in tagged else ())
            names.add(of.partition("/")[0])
        for interface in pod_interfaces(facts, workload) if workload is not None else interfaces(facts, of):
            for subnet in subnets(facts, interface)[0]:
                if isinstance(subnet.network, Address):
                    names.update(_names(facts, subnet.network))
        for name in names:
            found.setdefault(_folded(name), set()).add(of)
    return found


def at_port(facts: Facts, found: Iterable[Address], port: int | None) -> tuple[Address, ...]:
    """Of things of one name only those that a person means who asks for that port.

    A service stands for the pods behind it, if it has the port; pods that listen there themselves are meant where it
    does not.
    """
    every = tuple(found)
    services = [service for each in every if (service := facts.one(Service, of=each)) is not None]
    if len(every) == len(services):
        return every
    fitting = [
        service
        for service in services
        if port is None or service.kind == "ExternalName" or any(own.port == port for own in service.ports)
    ]
    hidden = {workload.of for service in fitting for workload in behind(facts, service)}
    others = {service.of for service in services} - {service.of for service in fitting}
    return tuple(each for each in every if each not in hidden and each not in others)


def names(facts: Facts, side: Side) -> tuple[str, ...]:
    """Every name that means something, for suggestions; sorted."""
    return tuple(sorted({name for each in ends(facts, side) for name in _names(facts, each)}))


def shortest(facts: Facts, address: Address, side: Side) -> str:
    """The shortest name of its own that means this and nothing else; its address if there is none."""
    of_name = facts.derive(_by_name, side)
    own = (name for name in _own_names(address) if of_name.get(_folded(name)) == (address,))
    return min(own, key=lambda name: (len(name), name), default=str(address))


def called(everything: Iterable[Address]) -> dict[Address, str]:
    """What each of these is called where only these are spoken of: the shortest name that nothing else of them has."""
    names = {address: tuple(_own_names(address)) for address in everything}
    owners = Counter(_folded(name) for own in names.values() for name in set(map(_folded, own)))
    return {
        address: min(
            (name for name in own if owners[_folded(name)] == 1),
            key=lambda name: (len(name), name),
            default=str(address),
        )
        for address, own in names.items()
    }


def ports_of(facts: Facts, address: Address) -> tuple[int, ...]:
    """The ports that a thing is known to listen on, sorted; () where it is not known or any will do."""
    found: set[int] = set()
    for service in facts.where(Service, of=address):
        found.update(own.port for own in service.ports)
    for listening in facts.where(Listens, of=address):
        ports = listening.ports
        if not isinstance(ports, Unknown) and ports.first == ports.last:
            found.add(ports.first)
    return tuple(sorted(found))


def _by_name(facts: Facts, side: Side) -> dict[str, tuple[Address, ...]]:
    found: dict[str, dict[Address, None]] = {}
    for address in ends(facts, side):
        for name in _names(facts, address):
            found.setdefault(_folded(name), {})[address] = None
    return {name: tuple(sorted(of)) for name, of in found.items()}


def _folded(name: str) -> str:
    # Terraform's names have underscores where everybody else writes hyphens.
    return name.casefold().replace("_", "-")


def _names(facts: Facts, address: Address) -> Iterator[str]:
    """Every name that a person may use: its own, its component's, and its host names."""
    yield from _own_names(address)
    if (resource := address.as_terraform()) is not None and "//" not in address:
        for tag in facts.where(Tagged, of=address):
            if tag.key in ("component", "Name") and isinstance(tag.value, str):
                yield tag.value
                yield f"{resource.region}/{tag.value}"
    for host in facts.where(Hostname, of=address):
        if isinstance(host.pattern, str):
            yield host.pattern
    if facts.where(Store, of=address):
        yield from names_of(facts, address)


def _own_names(address: Address) -> Iterator[str]:
    """What its address calls it, in short and in long."""
    if "//" in address:
        yield address.partition("//")[2]
    elif (resource := address.as_terraform()) is not None:
        whole, bracket, key = resource.path.rpartition("[") if resource.path.endswith("]") else (resource.path, "", "")
        one = whole.rpartition(".")[2]
        name = f"{one}{bracket}{key}"
        yield from (name.replace("_", "-"), resource.path)
        yield from (f"{resource.region}/{name}", f"{resource.region}/{resource.path}")
        # What is there several times is called by its one name too, which then may mean any of them.
        if bracket:
            yield from (one.replace("_", "-"), whole)
    elif (thing := address.as_kubernetes()) is not None:
        yield thing.name
        yield f"{thing.namespace}/{thing.name}" if thing.namespace else f"{thing.kind}/{thing.name}"
        yield f"{thing.kind}/{thing.namespace}/{thing.name}"
        yield f"{thing.cluster}/{thing.namespace}/{thing.name}"
    else:
        yield address.rpartition("/")[2]
