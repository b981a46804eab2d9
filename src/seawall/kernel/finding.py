"""Findings: what a rule has to say, with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import IntEnum

from seawall.kernel.address import Address
from seawall.kernel.origin import NOWHERE, Origin
from seawall.kernel.verdict import Answer


class Severity(IntEnum):
    """How much a finding matters; compares as it reads."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    def __str__(self) -> str:
        return self.name.lower()

    @classmethod
    def named(cls, name: str) -> Severity:
        """The severity of that name; ValueError if there is none."""
        try:
            return cls[name.upper()]
        except KeyError:
            raise ValueError(f"{name!r} is not one of {', '.join(str(severity) for severity in cls)}") from None


@dataclass(frozen=True, slots=True)
class Waiver:
    """An owner's decision to live with a finding, with the reason and the last day on which it holds."""

    reason: str
    until: date


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (refuted) or cannot be shown to be right (unknown).

    ``summary`` is constant for a rule and fits a line; ``detail`` says what, why and how to fix it here;
    ``evidence`` is the path that proves it, one step a line.
    """

    rule: str
    severity: Severity
    answer: Answer
    summary: str
    detail: str
    addresses: tuple[Address, ...]
    evidence: tuple[str, ...] = ()
    origin: Origin = NOWHERE
    waived: Waiver | None = None
