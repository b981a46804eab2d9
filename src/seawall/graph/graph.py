"""The graph itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, TypeVar, cast

from seawall.facts.fact import Demand
from seawall.facts.resilience import Claim
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import refs

R = TypeVar("R")


class Graph:
    """Resources by address, with the demands and claims that come from the description rather than from a body.

    Raises InputError if two resources have the same address.
    """

    __slots__ = ("_by_type", "_dependents", "_derived", "claims", "demands", "resources")

    def __init__(
        self, resources: Iterable[Resource] = (), demands: Iterable[Demand] = (), claims: Iterable[Claim] = ()
    ) -> None:
        by_address: dict[Address, Resource] = {}
        for resource in resources:
            earlier = by_address.setdefault(resource.address, resource)
            if earlier is not resource:
                raise InputError(
                    f"{resource.address} is defined twice",
                    fix=f"rename or remove one of them; the other is at {earlier.origin}",
                    origin=resource.origin,
                )
        self.resources: Mapping[Address, Resource] = MappingProxyType(by_address)
        self.demands: tuple[Demand, ...] = tuple(demands)
        self.claims: tuple[Claim, ...] = tuple(claims)
        self._by_type: dict[str, tuple[Resource, ...]] | None = None
        self._dependents: dict[Address, tuple[Address, ...]] | None = None
        self._derived: dict[Callable[[Graph], Any], Any] = {}

    def __iter__(self) -> Iterator[Resource]:
        return iter(self.resources.values())

    def __len__(self) -> int:
        return len(self.resources)

    def __getitem__(self, address: Address) -> Resource:
        return self.resources[address]

    def get(self, address: Address) -> Resource | None:
        """The resource of that address, or None."""
        return self.resources.get(address)

    def of_type(self, type: str) -> tuple[Resource, ...]:
        """Every resource of a type."""
        if self._by_type is None:
            by_type: dict[str, list[Resource]] = {}
            for resource in self:
                by_type.setdefault(resource.type, []).append(resource)
            self._by_type = {name: tuple(found) for name, found in by_type.items()}
        return self._by_type.get(type, ())

    def references(self, address: Address) -> tuple[Address, ...]:
        """The addresses that a resource's body and ``depends_on`` name, each once, in their order."""
        resource = self.resources[address]
        named = [ref.to for ref in refs(resource.body)]
        return tuple(dict.fromkeys([*named, *resource.meta.get("depends_on", ())]))

    def dependents(self, address: Address) -> tuple[Address, ...]:
        """The addresses of the resources that name this one; the index is built once."""
        if self._dependents is None:
            dependents: dict[Address, list[Address]] = {}
            for resource in self:
                for named in self.references(resource.address):
                    dependents.setdefault(named, []).append(resource.address)
            self._dependents = {named: tuple(found) for named, found in dependents.items()}
        return self._dependents.get(address, ())

    def derive(self, function: Callable[[Graph], R]) -> R:
        """The value of ``function(self)``, worked out once; it must be immutable, as the graph is."""
        if function not in self._derived:
            self._derived[function] = function(self)
        return cast("R", self._derived[function])

    def changed(self, *, without: Collection[Address] = (), put: Iterable[Resource] = ()) -> Graph:
        """A new graph without some resources and with others put in or replaced; bodies that stay are shared."""
        resources = {address: found for address, found in self.resources.items() if address not in without}
        resources.update((resource.address, resource) for resource in put)
        return Graph(resources.values(), self.demands, self.claims)
