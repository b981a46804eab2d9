"""Demands: what must be possible. One that is not met is an outage found early."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.facts.fact import Demand, Known, Link
from seawall.facts.network import Protocol
from seawall.kernel.address import Address
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Reach(Demand):
    """The source must be able to open a connection to a thing, or to a host by its name."""

    target: Address | Textual
    port: Known[int]
    protocol: Protocol = "tcp"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Call(Demand):
    """The source must be allowed to call an AWS action on a resource, in a region.

    ``resource`` is an ARN, ``*`` for an action that is about none; a star within it means every resource of that
    shape. ``context`` are condition keys in lower case with what the caller sends, such as the tags that it asks for.
    """

    action: str
    resource: Textual
    region: Known[str] = ""
    context: tuple[tuple[str, tuple[Textual, ...]], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Hold(Demand):
    """The source must be given a secret's key, as an environment variable or a file."""

    secret: Address
    key: str
    means: Literal["env", "file"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Mount(Demand):
    """The source must be able to mount a volume."""

    volume: Address
    mode: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pull(Demand):
    """The source's nodes must be able to fetch an image."""

    image: Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Schedule(Demand):
    """So many pods of the source with these requests must find a node."""

    least: Known[int]
    most: Known[int]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Connect(Demand):
    """The source must be able to hold so many connections to a store, at its largest."""

    store: Link
    connections: Known[int]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Present(Demand):
    """A certificate for this name must be shown where clients arrive."""

    host: Textual
    at: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Observe(Demand):
    """An alarm, panel or autoscaler reads a metric that somebody must export; ``only`` where labels are so."""

    metric: str
    labels: tuple[str, ...] = ()
    only: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Recover(Demand):
    """A store must be back within so many seconds, having lost no more than so many seconds of writes."""

    store: Link
    within: int
    losing: int
