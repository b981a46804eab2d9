"""Who is meant by what a person writes where a connection begins or ends: an address, a name, a host."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

from seawall.analyze.reachability.targets import behind
from seawall.facts.compute import Fleet, NodeGroup, Workload
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Hostname, Interface, Listens
from seawall.facts.pod_network import Service
from seawall.facts.resilience import Tagged
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

Side: TypeAlias = Literal["source", "target"]


def ends(facts: Facts, side: Side) -> tuple[Address, ...]:
    """Everything that a connection can begin at, or end at; sorted. Nothing connects from a service."""
    return facts.derive(_ends, side)


def _ends(facts: Facts, side: Side) -> tuple[Address, ...]:
    found = {workload.of for workload in facts.all(Workload)}
    # A template is a way to make things; the things are elsewhere.
    templates = {group.launch for group in facts.all(NodeGroup)} | {fleet.launch for fleet in facts.all(Fleet)}
    found.update(interface.of for interface in facts.all(Interface) if interface.of not in templates)
    if side == "target":
        found.update(service.of for service in facts.all(Service))
        found.update(store.of for store in facts.all(Store) if facts.where(Hostname, of=store.of))
    return tuple(sorted(found))


def meant(facts: Facts, spelling: str, side: Side) -> tuple[Address, ...]:
    """Those whom a spelling may mean, sorted: one by its address, else everybody of that name."""
    everybody = ends(facts, side)
    if spelling in everybody:
        return (Address(spelling),)
    return facts.derive(_by_name, side).get(_folded(spelling), ())


def at_port(facts: Facts, found: Iterable[Address], port: int | None) -> tuple[Address, ...]:
    """Of things of one name only those that a person means who asks for that port.

    A service stands for the pods behind it, if it has the port; pods that listen there themselves are meant where it
    does not.
    """
    every = tuple(found)
    services = [service for each in every if (service := facts.one(Service, of=each)) is not None]
    if len(every) == len(services):
        return every
    fitting = [service for service in services if port is None or any(own.port == port for own in service.ports)]
    hidden = {workload.of for service in fitting for workload in behind(facts, service)}
    others = {service.of for service in services} - {service.of for service in fitting}
    return tuple(each for each in every if each not in hidden and each not in others)


def names(facts: Facts, side: Side) -> tuple[str, ...]:
    """Every name that means something, for suggestions; sorted."""
    return tuple(sorted({name for each in ends(facts, side) for name in _names(facts, each)}))


def shortest(facts: Facts, address: Address, side: Side) -> str:
    """The shortest name that means this and nothing else; its address if there is none."""
    of_name = facts.derive(_by_name, side)
    own = (name for name in _names(facts, address) if of_name.get(_folded(name)) == (address,))
    return min(own, key=lambda name: (len(name), name), default=str(address))


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
    if "//" in address:
        yield address.partition("//")[2]
        return
    if (resource := address.as_terraform()) is not None:
        yield resource.path
        own = [resource.path.rpartition(".")[2]]
        own += [str(tag.value) for tag in facts.where(Tagged, of=address) if tag.key in ("component", "Name")]
        for name in dict.fromkeys(own):
            yield name
            yield f"{resource.region}/{name}"
    elif (thing := address.as_kubernetes()) is not None:
        yield thing.name
        yield f"{thing.namespace}/{thing.name}" if thing.namespace else f"{thing.kind}/{thing.name}"
        yield f"{thing.kind}/{thing.namespace}/{thing.name}"
        yield f"{thing.cluster}/{thing.namespace}/{thing.name}"
    for host in facts.where(Hostname, of=address):
        if isinstance(host.pattern, str):
            yield host.pattern
