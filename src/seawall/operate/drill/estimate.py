"""What a recovery should take: the sum of its critical path, from constants that another play measured.

An estimate whose constants came from the very run that it is held against would be right whatever it says; so they
are measured apart, with another amount of data, and kept beside the evidence.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LANE = "estimate"
"""The lane of events in which the parts of a run's estimate are written down."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the critical path: seconds, and what they are made of."""

    name: str
    seconds: float
    why: str = ""


def total(parts: Sequence[Part]) -> float:
    """Seconds from the loss to the first request that is answered again."""
    return sum(part.seconds for part in parts)


def lines(parts: Sequence[Part]) -> tuple[str, ...]:
    """One line a part, for people."""
    return tuple(f"{part.name} {part.seconds:.2f} s" + (f" ({part.why})" if part.why else "") for part in parts)


def detection(
    interval: float,
    failures: int,
    *,
    timeout: float = 0.0,
    checkers: int = 1,
    share: float = 0.0,
    well: bool = False,
    name: str = "detect",
) -> Part:
    """What health checkers need on average to turn their opinion.

    Each asks again ``interval`` seconds after its last answer and turns after so many answers of the other kind; what
    hangs is answered by ``timeout``. The first such answer comes anywhere within an interval. All is well while more
    than ``share`` of the ``checkers`` think so, so fewer are needed to find something ``well`` than to find it gone: of
    n that lie anywhere, the k-th comes after k/(n+1).
    """
    needed = math.floor(share * checkers) + 1 if well else checkers - math.floor(share * checkers)
    first = needed / (checkers + 1) * interval
    seconds = first + (failures - 1) * interval + failures * timeout
    hangs = f", each waited for {timeout:g} s" if timeout else ""
    of = f" of {needed} out of {checkers} checkers" if checkers > 1 else ""
    answers = "one answer" if failures == 1 else f"{failures} answers"
    return Part(name, seconds, f"{answers}{of} {interval:g} s apart{hangs}")


def names(ttl: float) -> Part:
    """What answers that resolvers keep add: half their time on average, since they are of any age."""
    return Part("names", ttl / 2, f"answers are kept {ttl:g} s")


def linear(constants: Mapping[str, float], name: str, size: float) -> float:
    """Seconds for ``size`` megabytes, from the constants ``<name>.start`` (s) and ``<name>.per_mb`` (s/MB)."""
    return constants[f"{name}.start"] + constants[f"{name}.per_mb"] * size


def line(small: tuple[float, float], large: tuple[float, float]) -> tuple[float, float]:
    """The start and the slope through two measurements of (megabytes, seconds); neither is below nothing."""
    (less, quick), (more, slow) = sorted((small, large))
    slope = max(0.0, (slow - quick) / (more - less)) if more > less else 0.0
    return max(0.0, quick - slope * less), slope
