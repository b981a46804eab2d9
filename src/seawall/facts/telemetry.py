"""Telemetry: who says what about itself, and who is told when it is bad."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.facts.fact import Fact, Known, Link, Plain
from seawall.facts.pod_network import Selector
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
class Threshold(Fact):
    """An alarm on one metric goes off where this statistic of it is on that side of a number.

    ``statistic`` is as CloudWatch calls it, the number in the metric's own unit.
    """

    of: Address
    statistic: Known[str]
    operator: Literal[">", ">=", "<=", "<"]
    number: Known[float]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Notifies(Fact):
    """A topic or receiver passes what it is told on to that protocol, at that address where one is said."""

    of: Link
    protocol: str
    endpoint: Textual = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Emits(Fact):
    """A thing exports a metric with these labels or dimensions; where ``like``, with those of these metrics too.

    ``always`` are labels that have one value only.
    """

    of: Address
    metric: str
    labels: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    always: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Exports(Fact):
    """A thing exports every metric of a known exporter, each with these labels beside the metric's own.

    Where both have a label of one name the metric's own is called ``exported_NAME``, unless it is ``honoured``;
    metrics in ``without`` are not kept.  ``always`` are labels that have one value only.
    """

    of: Address
    exporter: str
    labels: tuple[str, ...] = ()
    honoured: bool = False
    without: tuple[str, ...] = ()
    always: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Scraped(Fact):
    """Prometheus asks what a selector means, on a port by its name or number, in these namespaces; empty is every one.

    ``kind`` says whether the selector is of pods or of services before them.
    """

    of: Address
    kind: Literal["pods", "services"]
    namespaces: tuple[Address, ...]
    selector: Selector
    port: str
    path: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Route(Plain):
    """A part of Alertmanager's routes: an alert that fulfils all matchers goes to the receiver, unless a route within
    takes it; ``goes_on`` says that the routes beside it are asked, too.

    A matcher is label, operator (``=``, ``!=``, ``=~``, ``!~``) and value.
    """

    receiver: str
    matchers: tuple[tuple[str, str, str], ...] = ()
    goes_on: bool = False
    routes: tuple[Route, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Routes(Fact):
    """Alertmanager's routes, and by which means each receiver is told; one without any is told nothing.

    A means is what it is called (``slack``) and the channel or mailbox, where one is stated.
    """

    of: Address
    root: Route
    means: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Misread(Fact):
    """A query that is not understood, or of whose result somebody reads what it does not have."""

    of: Address
    query: str
    why: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Compares(Fact):
    """An alert compares one metric with a number: the metric as it stands, or how fast it grows (``rate``).

    ``words`` are what the alert says to people, ``chosen`` the labels by which it chooses among the metric's series.
    """

    of: Address
    metric: str
    growth: Literal["", "rate", "irate", "increase"]
    operator: str
    number: float
    query: str
    words: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()


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
