"""What plays of a lost home have in common: how its checks are set, and the load over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from seawall.operate.drill.front import Front
from seawall.operate.drill.load import Request
from seawall.operate.drill.scenario import Setting, Slice
from seawall.operate.drill.servers import dns, health

_SLICES: Final = 120


@dataclass(frozen=True, slots=True)
class Checks:
    """Seconds between a checker's questions, how many answers turn it, and for how many seconds names are kept."""

    interval: float
    failures: int
    ttl: float


def checks(setting: Setting, front: Front) -> Checks:
    """How home is asked after, as the description says or the setting in its place."""
    check = front.check_of(front.places[0])
    described = next(one for one in health.described(setting.graph) if one.check == check)
    ttl = next(record.ttl for record in dns.records(setting.graph) if record.name == front.origin)
    return Checks(
        setting.probe if setting.probe is not None else described.every,
        described.failures,
        math.ceil(setting.ttl if setting.ttl is not None else ttl),
    )


def answers_to_return(setting: Setting, front: Front, place: str) -> int:
    """How many good answers in a row it takes until a place is led to."""
    check = front.check_of(place)
    return next(one.failures for one in health.described(setting.graph) if one.check == check)


def slices(requests: Sequence[Request]) -> tuple[Slice, ...]:
    """The load over time, for the timeline: requests by the moment they were sent."""
    if not requests:
        return ()
    first, last = requests[0].sent, max(request.sent for request in requests)
    width = max((last - first) / _SLICES, 0.02)
    counted: dict[int, list[int]] = {}
    for request in requests:
        counted.setdefault(int((request.sent - first) / width), [0, 0])[request.failed] += 1
    return tuple(Slice(first + number * width, *counted[number]) for number in sorted(counted))
