"""What a probe is, and how probes are found: by walking ``deploy/probes``, no table."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias, TypeVar

from seawall.deploy.target import Cloud
from seawall.kernel.address import Address

Thing = TypeVar("Thing")


class Absent(Exception):
    """What was asked for is not there."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A resource of a state, about to be asked for; ``values`` are its attributes as the state holds them."""

    address: Address
    type: str
    values: Mapping[str, Any] = field(repr=False)
    region: str
    cloud: Cloud = field(repr=False)

    def client(self, service: str, region: str = "") -> Any:
        """A boto3 client in the resource's region, or in another one."""
        return _client(self.cloud, service, region or self.region)

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True, slots=True)
class Seen:
    """What the API said of a resource that exists.

    ``same`` maps what was compared to (as in the state, as the API says); ``tags`` are its tags, None where they
    were not asked; ``healthy`` is None where there is nothing to ask, and ``health`` says what was asked.
    """

    same: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    tags: Mapping[str, str] | None = None
    healthy: bool | None = None
    health: str = ""


Probe: TypeAlias = Callable[[Standing], Seen]
_PROBES: dict[str, Probe] = {}


def probes(*types: str) -> Callable[[Probe], Probe]:
    """Mark the function that asks for resources of these types; it raises Absent where there is none."""

    def mark(probe: Probe) -> Probe:
        for type in types:
            if type in _PROBES:
                raise ValueError(f"two probes ask for {type}")
            _PROBES[type] = probe
        return probe

    return mark


def probe_of(type: str) -> Probe | None:
    """The probe of a type, or None where nobody has written one."""
    _load()
    return _PROBES.get(type)


def known_types() -> tuple[str, ...]:
    """The types that have a probe."""
    _load()
    return tuple(sorted(_PROBES))


def only(found: Sequence[Thing]) -> Thing:
    """The one thing that was asked for; raises Absent where there is none."""
    if not found:
        raise Absent
    return found[0]


def pairs(tags: Sequence[Mapping[str, str]] | None, key: str = "Key", value: str = "Value") -> dict[str, str]:
    """Tags that an API lists as pairs, as a mapping."""
    return {tag[key]: tag[value] for tag in tags or ()}


@cache
def _load() -> None:
    from seawall.deploy import probes as package

    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)


_CLIENTS: dict[tuple[int, str, str], tuple[Cloud, Any]] = {}


def _client(cloud: Cloud, service: str, region: str) -> Any:
    # Making one takes as long as a hundred questions. The cloud is kept beside it, so that its id stays its own.
    key = (id(cloud), service, region)
    if key not in _CLIENTS:
        _CLIENTS[key] = (cloud, cloud.client(service, region))
    return _CLIENTS[key][1]
