"""Telemetry: who says what about itself, and who is told when it is bad."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.facts.fact import Fact, Known, Link
from seawall.kernel.address import Address
from seawall.kernel.value import Textual


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Alarm(Fact):
    """Somebody is told when a metric is bad for ``detects_after`` seconds.

    ``metric`` is ``namespace/name``; ``dimensions`` are (name, value) pairs; ``missing`` says what silence means.
    """

    of: Address
    metric: str
    dimensions: tuple[tuple[str, Textual], ...]
    detects_after: Known[int]
    region: Known[str]
    notifies: Known[tuple[Link | Textual, ...]]
    missing: str = "missing"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Notifies(Fact):
    """A topic or receiver passes what it is told on to that protocol."""

    of: Link
    protocol: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Emits(Fact):
    """A thing exports a metric with these labels or dimensions."""

    of: Address
    metric: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Exports(Fact):
    """A thing exports every metric of a known exporter, each with these labels beside the metric's own."""

    of: Address
    exporter: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Logs(Fact):
    """A thing writes its log there; ``keeps`` in days, None for ever, on the store of the log."""

    of: Link
    to: Link | Textual
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Retains(Fact):
    """A log store keeps what it is given for that many days; None is for ever."""

    of: Address
    days: Known[int] | None
