"""What a scenario is, and how scenarios are found: by walking ``drill/scenarios``, no table.

A scenario module has a function marked with ``@scenario``; it plays the bad day once on a stage and returns what was
measured. Its docstring's first sentence is what the command lists it as.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TypeAlias

from seawall.facts.facts import Facts
from seawall.graph.graph import Graph
from seawall.model.platform import Platform
from seawall.operate.drill.events import Events
from seawall.operate.drill.stage import Stage


@dataclass(frozen=True, slots=True)
class Setting:
    """What a scenario is played with: the platform and its facts, and how large and long the play is.

    ``chance`` gives the phases, so that no two repeats begin at the same moment of a probe's or a backup's cycle, and
    a seed gives the same play again. ``short`` is for tests: little data, little load, quick probes; what it measures
    is about the course of things, not about times. ``megabytes`` is the data that is seeded, ``rate`` the requests a
    second. ``probe`` is the seconds between health checks, and ``ttl`` those that names are kept, where they are not
    to be the description's own; ``fault`` is how things are lost: kill, freeze, partition ... ``constants`` are the
    figures of this machine that a scenario's ``calibrate`` measured in a play of its own, for its estimates.
    """

    platform: Platform
    graph: Graph
    facts: Facts
    chance: random.Random
    short: bool = False
    megabytes: int = 200
    rate: int = 150
    probe: float | None = None
    ttl: float | None = None
    fault: str = "kill"
    constants: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that was measured: its value in its unit, and what the platform promises or an estimate expected.

    ``limit`` is the most (or for ``at_least`` the least) that passes, None where nothing is promised; ``expected``
    is what the critical path comes to with constants measured apart, None where there is none. ``claim`` names the
    claim of the description that it is a measurement of, such as ``region_loss.rto``.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    at_least: bool = False
    expected: float | None = None
    claim: str = ""

    @property
    def kept(self) -> bool | None:
        """Whether it is within its limit; None where it has none."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.at_least else self.value <= self.limit


@dataclass(frozen=True, slots=True)
class Slice:
    """How many requests sent in the slice of time from ``at`` (seconds on the record of events) got what."""

    at: float
    answered: int
    failed: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one play: measures in the order of interest, requests by method, and words on what was not as it is.

    ``standins`` maps each real thing to what played it, such as ``Aurora MySQL`` to ``MariaDB 10.11``; ``settings``
    are those that the figures hang on. ``failures`` are sentences: what should have been so and was not. For the
    timeline: ``course`` is the load over time, and ``marks`` are its moments by name, both in seconds on the record
    of events.
    """

    measures: tuple[Measure, ...]
    standins: Mapping[str, str]
    settings: Mapping[str, str | int | float]
    failures: tuple[str, ...] = ()
    requests: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    course: tuple[Slice, ...] = ()
    marks: Mapping[str, float] = field(default_factory=dict)


Play: TypeAlias = Callable[[Stage, Setting, Events], Outcome]
Calibrate: TypeAlias = Callable[[Stage, Setting, Events], Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A bad day: its name on the command line, what it shows, the programs it needs by package, and how it is played.

    ``needs_of`` is what it needs beside that for one platform, such as the servers of its database's engine.
    ``applies`` says why a platform cannot play it, or nothing if it can. ``faults`` are the ways of losing things that
    it can play, the usual one first. ``calibrate`` measures the constants of its estimates, on a stage of its own.
    """

    name: str
    says: str
    needs: Mapping[str, str]
    applies: Callable[[Setting], str]
    play: Play
    faults: tuple[str, ...] = ("kill",)
    calibrate: Calibrate | None = None
    needs_of: Callable[[Setting], Mapping[str, str]] = lambda setting: {}


_SCENARIOS: dict[str, Scenario] = {}


def scenario(
    name: str,
    *,
    needs: Mapping[str, str],
    applies: Callable[[Setting], str] = lambda setting: "",
    faults: tuple[str, ...] = ("kill",),
    calibrate: Calibrate | None = None,
    needs_of: Callable[[Setting], Mapping[str, str]] = lambda setting: {},
) -> Callable[[Play], Play]:
    """Mark the function that plays a scenario; ``needs`` maps programs to the packages that have them."""

    def mark(play: Play) -> Play:
        if name in _SCENARIOS:
            raise ValueError(f"two scenarios are called {name}")
        says = (play.__doc__ or "").strip().partition("\n")[0]
        _SCENARIOS[name] = Scenario(name, says, needs, applies, play, faults, calibrate, needs_of)
        return play

    return mark


@cache
def scenarios() -> Mapping[str, Scenario]:
    """Every scenario by its name."""
    from seawall.operate.drill import scenarios as package

    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        importlib.import_module(module.name)
    return dict(sorted(_SCENARIOS.items()))
