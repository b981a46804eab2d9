"""Which stores stand for themselves, and what a store's groups say for it."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown


def standing_alone(facts: Facts, *kinds: str) -> Iterator[Store]:
    """Stores of these kinds that are not servers of another store: an Aurora cluster, but not its instances."""
    for store in facts.all(Store):
        if store.kind in kinds and cluster_of(facts, store) is None:
            yield store


def of_aws(store: Store) -> bool:
    """Whether a store is AWS's own, rather than Azure's."""
    name = store.of.as_terraform()
    return name is None or not name.path.startswith("azurerm_")


def cluster_of(facts: Facts, store: Store) -> Store | None:
    """The store that a server belongs to."""
    for member in facts.where(Member, member=store.of):
        if isinstance(member.of, Address):
            whole = facts.one(Store, of=member.of)
            if whole is not None:
                return whole
    return None


def servers(facts: Facts, store: Store) -> tuple[Store, ...]:
    """The servers of a store that is made of several."""
    found = [
        facts.one(Store, of=member.member)
        for member in facts.where(Member, of=store.of)
        if isinstance(member.member, Address)
    ]
    return tuple(server for server in found if server is not None)


def setting(facts: Facts, of: Address, key: str) -> Setting | None:
    """What is set for a thing: by itself, else by a group that it is a member of, such as its parameter group."""
    for own in facts.where(Setting, of=of):
        if own.key == key:
            return own
    for member in facts.where(Member, member=of):
        if isinstance(member.of, Unknown):
            continue
        for given in facts.where(Setting, of=member.of):
            if given.key == key:
                return given
    return None
