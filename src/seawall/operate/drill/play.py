"""Playing a scenario: one stage a repeat, phases by chance, and figures that say how far they lie apart."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from seawall.kernel.errors import InputError
from seawall.operate.drill.events import Event, Events, Watcher
from seawall.operate.drill.leaks import Arguments, leaks
from seawall.operate.drill.scenario import Measure, Outcome, Scenario, Setting
from seawall.operate.drill.stage import LackingError, Stage, program, stage


@dataclass(frozen=True, slots=True)
class Run:
    """One play of a scenario: which of the repeats, how long it took with its stage, and what came of it."""

    number: int
    seconds: float
    outcome: Outcome
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Spread:
    """A measure over the repeats; ``kept`` is None where nothing is promised.

    ``expected`` is the middle of the repeats' estimates, None where one has none.
    """

    name: str
    unit: str
    values: tuple[float, ...]
    limit: float | None
    at_least: bool
    expected: float | None
    claim: str
    kept: bool | None

    @property
    def least(self) -> float:
        """The smallest."""
        return min(self.values)

    @property
    def most(self) -> float:
        """The largest."""
        return max(self.values)

    @property
    def worst(self) -> float:
        """The one furthest from what is promised: the smallest where the promise is ``at_least``."""
        return self.least if self.at_least else self.most

    @property
    def median(self) -> float:
        """The one in the middle."""
        return quantile(self.values, 0.5)

    @property
    def p95(self) -> float:
        """What 95 of a hundred stay below; of few repeats, close to the largest."""
        return quantile(self.values, 0.95)

    @property
    def off(self) -> float | None:
        """How far the estimate lies from the median, as a share of the median; None where either says nothing."""
        if self.expected is None or not self.median or not math.isfinite(self.median):
            return None
        return abs(self.expected - self.median) / self.median


def quantile(values: Sequence[float], share: float) -> float:
    """The value that this share of the values does not exceed, between neighbours in proportion."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    # What never came is infinite, and no part of that is a number.
    if place == below or ordered[below] == ordered[below + 1]:
        return ordered[below]
    return ordered[below] + (ordered[below + 1] - ordered[below]) * (place - below)


def spreads(runs: Sequence[Run]) -> tuple[Spread, ...]:
    """The measures of all repeats, in the order in which the first run has them."""
    found: dict[str, list[tuple[float, float | None, bool | None]]] = {}
    firsts: dict[str, Measure] = {}
    for run in runs:
        for measure in run.outcome.measures:
            firsts.setdefault(measure.name, measure)
            found.setdefault(measure.name, []).append((measure.value, measure.expected, measure.kept))
    result = []
    for name, first in firsts.items():
        values, expected, kept = zip(*found[name], strict=True)
        estimates = [one for one in expected if one is not None]
        result.append(
            Spread(
                name,
                first.unit,
                values,
                first.limit,
                first.at_least,
                quantile(estimates, 0.5) if len(estimates) == len(values) else None,
                first.claim,
                None if first.limit is None else all(kept),
            )
        )
    return tuple(result)


def failures(runs: Sequence[Run]) -> tuple[str, ...]:
    """What should have been so and was not, each sentence with the repeats that say it."""
    said: dict[str, list[int]] = {}
    for run in runs:
        for sentence in run.outcome.failures:
            said.setdefault(sentence, []).append(run.number)
    return tuple(
        sentence if len(runs) == 1 else f"{sentence} (run {', '.join(map(str, numbers))})"
        for sentence, numbers in said.items()
    )


def lacking(scenario: Scenario, setting: Setting) -> tuple[str, ...]:
    """What the scenario needs of this platform and this machine does not have, each with how to get it."""
    found: dict[str, None] = {}
    for name, package in {**scenario.needs, **scenario.needs_of(setting)}.items():
        try:
            _find(name, package)
        except LackingError as error:
            found.setdefault(f"{error.what}: {error.fix}")
    return tuple(found)


def _find(name: str, package: str) -> None:
    """Find a program, or a module of Python that goes by that name."""
    from importlib.util import find_spec

    if not name.isidentifier() or find_spec(name) is None:
        program(name, package)


def play(
    scenario: Scenario,
    setting: Setting,
    repeat: int = 1,
    *,
    seed: int,
    watcher: Callable[[int], Watcher] = lambda number: lambda event: None,
    opened: Callable[[], object] = lambda: None,
) -> Iterator[Run]:
    """Play a scenario so many times, each on a stage of its own; the runs as they end.

    The phases of a repeat hang on ``seed`` and its number, so the third of five is the third of ten. Raises
    LackingError where a program is not there, InputError for a fault that the scenario cannot play.
    """
    playable(scenario, setting.fault)
    for number in range(1, repeat + 1):
        opened()
        yield _once(scenario, replace(setting, chance=chance(scenario, seed, number)), number, watcher(number))


def playable(scenario: Scenario, fault: str) -> None:
    """Raise InputError for a fault that the scenario cannot play."""
    if fault not in scenario.faults:
        raise InputError(f"{scenario.name} cannot play the fault {fault}", fix=f"it plays {', '.join(scenario.faults)}")


def calibrate(scenario: Scenario, setting: Setting, watcher: Watcher = lambda event: None) -> Mapping[str, float]:
    """The constants of the scenario's estimates, measured in a play of their own; none where it estimates nothing."""
    if scenario.calibrate is None:
        return {}
    with stage() as made:
        return dict(scenario.calibrate(made, setting, Events(watcher)))


def chance(scenario: Scenario, seed: int, number: int) -> random.Random:
    """Where the phases of one repeat come from: the same for the same scenario, seed and number."""
    return random.Random(f"{scenario.name} {seed} {number}")


def _once(scenario: Scenario, setting: Setting, number: int, watcher: Watcher) -> Run:
    began = time.monotonic()
    with stage() as made:
        events = Events(watcher)
        with Arguments() as arguments:
            outcome = scenario.play(made, setting, events)
        outcome = _looked_over(made, arguments, outcome, events)
    return Run(number, time.monotonic() - began, outcome, events.all())


def _looked_over(made: Stage, arguments: Arguments, outcome: Outcome, events: Events) -> Outcome:
    got_out = leaks(made, arguments, f"{outcome} {events.all()}")
    return replace(outcome, failures=(*outcome.failures, *got_out))
