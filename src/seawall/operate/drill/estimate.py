"""What a recovery should take: the sum of its critical path, from constants that another play measured.

An estimate whose constants came from the very run that it is held against would be right whatever it says; so they
are measured apart, with another amount of data, and kept beside the evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


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


def detection(interval: float, failures: int, *, timeout: float = 0.0) -> Part:
    """What a health check needs on average to find something gone.

    The loss lies anywhere between two probes, so the first that fails comes after half an interval on average, and the
    last of ``failures`` that many less one intervals later. What hangs is told only ``timeout`` seconds after its
    probe was sent; intervals are counted from send to send.
    """
    seconds = (failures - 0.5) * interval + timeout
    hangs = f", each waited for {timeout:g} s" if timeout else ""
    return Part("detect", seconds, f"{failures} probes {interval:g} s apart{hangs}")


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
