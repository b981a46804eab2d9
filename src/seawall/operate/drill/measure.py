"""What a client saw of a bad day, in figures: times from the fault on, losses, failures by method, latencies.

All moments are seconds on one clock, that of the drill's record of events.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from seawall.operate.drill.events import Event
from seawall.operate.drill.load import Request


@dataclass(frozen=True, slots=True)
class Loss:
    """Acknowledged writes that are not there any more.

    ``seconds`` is how long before the fault the first of them was acknowledged, 0 where none is lost or that one was
    acknowledged after the fault. ``extra`` are writes that are there although nobody was told so: no loss.
    """

    rows: int
    seconds: float
    acknowledged: int
    extra: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Of requests that were served, in seconds; NaN where none was."""

    requests: int
    p50: float
    p99: float


def detection(events: Iterable[Event], fault: float, lane: str, what: str) -> float | None:
    """Seconds from the fault to the first event of that lane that says this; None where there was none."""
    return next(
        (event.at - fault for event in events if event.lane == lane and event.at >= fault and event.what == what), None
    )


def first_page(requests: Iterable[Request], fault: float) -> float | None:
    """Seconds from the fault until somebody saw the maintenance page; None where nobody did."""
    seen = [request.answered for request in requests if request.page and request.sent >= fault]
    return min(seen) - fault if seen else None


def recovery(requests: Iterable[Request], fault: float) -> float | None:
    """The measured RTO: seconds from the fault until a write was acknowledged that was sent after it.

    A write that was under way when the fault came says nothing of what came back. Where a write fails later than one
    was acknowledged, it is the next acknowledged one that counts: service that comes and goes has not come back. None
    where none did.
    """
    writes = [request for request in requests if request.method == "POST" and request.sent >= fault]
    last = max((request.sent for request in writes if request.failed), default=-math.inf)
    back = [request.answered for request in writes if request.acknowledged and request.sent > last]
    return min(back) - fault if back else None


def first_write(requests: Iterable[Request], fault: float) -> float | None:
    """Seconds from the fault until the first acknowledgement of a write sent after it, whatever came later."""
    back = [request.answered for request in requests if request.acknowledged and request.sent >= fault]
    return min(back) - fault if back else None


def loss(requests: Iterable[Request], present: Collection[int], fault: float) -> Loss:
    """What ``present``, the numbers that the surviving database has, lacks of the acknowledged writes."""
    writes = [request for request in requests if request.method == "POST"]
    kept = {request.number: request for request in writes if request.acknowledged}
    gone = [request.answered for number, request in kept.items() if number not in present]
    unheard = {request.number for request in writes} - kept.keys()
    seconds = max(0.0, fault - min(gone)) if gone else 0.0
    return Loss(len(gone), seconds, len(kept), len(unheard & set(present)))


def failed(requests: Iterable[Request], begin: float = -math.inf, end: float = math.inf) -> dict[str, dict[str, int]]:
    """By method: how many requests sent from ``begin`` to before ``end`` there were, failed, and got the page."""
    counted: dict[str, dict[str, int]] = {}
    for request in requests:
        if begin <= request.sent < end:
            row = counted.setdefault(request.method, {"sent": 0, "failed": 0, "page": 0})
            row["sent"] += 1
            row["failed"] += request.failed
            row["page"] += request.page
    return dict(sorted(counted.items()))


def failures(requests: Iterable[Request], begin: float = -math.inf, end: float = math.inf) -> int:
    """How many requests sent from ``begin`` to before ``end`` failed."""
    return sum(row["failed"] for row in failed(requests, begin, end).values())


def latency(requests: Iterable[Request], begin: float = -math.inf, end: float = math.inf) -> Latency:
    """Of the requests sent from ``begin`` to before ``end`` that were served."""
    took = sorted(request.latency for request in requests if begin <= request.sent < end and not request.failed)
    return Latency(len(took), percentile(took, 50), percentile(took, 99))


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The smallest value that so many percent of all do not exceed, of values in order; NaN of none."""
    if not ordered:
        return math.nan
    return ordered[max(0, math.ceil(len(ordered) * percent / 100) - 1)]


def unread(requests: Iterable[Request]) -> frozenset[int]:
    """Numbers of visits that a client read in vain (404) after their write had been acknowledged to it."""
    requests = list(requests)
    kept: Mapping[int, float] = {request.number: request.answered for request in requests if request.acknowledged}
    return frozenset(
        request.number
        for request in requests
        if request.method == "GET" and request.status == 404 and request.sent >= kept.get(request.number, math.inf)
    )
