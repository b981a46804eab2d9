"""Resilience: where things are, what their owner promises, and what a fault has taken away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from seawall.facts.fact import Fact, Known, Link
from seawall.kernel.address import Address
from seawall.kernel.units import Duration, Estimate
from seawall.kernel.value import Unknown


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Located(Fact):
    """A thing is in that region, and in these zones if it is bound to zones."""

    of: Address
    region: Known[str]
    zones: Known[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StateElsewhere(Fact):
    """The Terraform state of what is made in ``region`` lies in another; ``of_azure``, of what Azure has beside it."""

    of: Address
    region: Known[str]
    lies: Known[str]
    of_azure: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tagged(Fact):
    """A thing carries a tag or label."""

    of: Address
    key: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Setting(Fact):
    """A thing is configured so; ``key`` is one of the closed list in ``seawall.facts.settings``."""

    of: Link
    key: str
    value: Any


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Unread(Fact):
    """What this makes is not among the facts, whatever kind it is of, so that nothing is certainly absent.

    ``given`` are the things whose names it is given, which it may therefore add to.
    """

    of: Address
    why: str
    given: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Repeated(Fact):
    """How many of a thing there are is not known: none, one or several."""

    of: Address
    number: Unknown


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Claim(Fact):
    """What the owner promises of a subject: a measure and its value, such as ("availability", Share)."""

    subject: str
    measure: str
    value: Any


@dataclass(frozen=True, slots=True)
class Recovery:
    """Within how long something is back, and how much of what was written is lost then; the value of a claim."""

    rto: Duration
    rpo: Duration

    def __str__(self) -> str:
        return f"rto {self.rto}, rpo {self.rpo}"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Today(Fact):
    """The day on which the facts are judged: an input, so that a calendar never changes an answer by itself."""

    day: date


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Lost(Fact):
    """A fault has taken this away."""

    what: Address
    kind: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Degraded(Fact):
    """A fault has damaged this for so many seconds, because of that."""

    of: Address
    why: str
    lasts: Estimate
