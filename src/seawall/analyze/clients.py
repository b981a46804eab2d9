"""Which store an application's clients talk to, and by which of its names."""

from __future__ import annotations

from seawall.analyze.applications import configured
from seawall.analyze.reachability.targets import resolve
from seawall.analyze.texts import fits
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Hostname
from seawall.kernel.value import Ref, Unknown
from seawall.kernel.verdict import Answer
from seawall.readers.application.clients import Client, clients


def every_client(facts: Facts) -> tuple[Client, ...]:
    """The clients of every container's configuration, whatever they talk to."""
    return facts.derive(_every_client)


def _every_client(facts: Facts) -> tuple[Client, ...]:
    found = (clients(source, properties) for source, properties in configured(facts))
    return tuple(dict.fromkeys(client for each in found for client in each))


def clients_of_stores(facts: Facts) -> tuple[tuple[Client, Store], ...]:
    """Every client whose host is surely a store's of the input, with that store."""
    return facts.derive(_clients_of_stores)


def _clients_of_stores(facts: Facts) -> tuple[tuple[Client, Store], ...]:
    found: dict[tuple[Client, Store], None] = {}
    for client in every_client(facts):
        place = resolve(facts, client.source, client.target)
        for thing in place.things if place.definite else ():
            store = facts.one(Store, of=thing)
            if store is not None and store.kind == client.kind:
                found[client, store] = None
    return tuple(found)


def name_of(facts: Facts, client: Client, store: Store) -> Hostname | None:
    """The name by which a client asks for a store, where that is one of the store's own names."""
    for host in facts.where(Hostname, of=store.of):
        if isinstance(client.named, Ref):
            if client.named.attr == host.attr:
                return host
        elif not isinstance(client.named, Unknown):
            spelled = str(client.named).removeprefix("host:")
            if fits(spelled, host.pattern) is Answer.PROVEN:
                return host
    return None
