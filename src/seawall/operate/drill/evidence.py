"""What is kept of a drill: its figures with the settings and stand-ins they were taken with, and a picture of each run.

Kept under ``evidence/`` of the platform's working folder. It stands beside the claims when they are judged, and decides
none of them: what was measured on one machine with stand-ins says how the runbook goes, not what AWS or Azure will do.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from seawall.deploy.workplace import Workplace
from seawall.graph.graph import Graph
from seawall.model.platform import Platform
from seawall.operate.drill.estimate import LANE
from seawall.operate.drill.play import Run, Spread, failures, spreads
from seawall.operate.drill.scenario import Scenario, Setting
from seawall.operate.drill.timeline import timeline

VERSION: Final = 1
PLACE: Final = "drill"
"""The target under which drills are kept: they run on neither the emulator nor AWS."""


def place(root: Path, platform: Platform) -> Workplace:
    """The working folder of a platform's drills."""
    return Workplace(root, platform.name, platform.environment, PLACE)


def state(graph: Graph) -> str:
    """A short name for exactly this state of a platform: what was drilled may have been described anew since."""
    said = hashlib.sha256()
    for address in sorted(graph.resources):
        said.update(f"{address} {graph.resources[address].body!r}\n".encode())
    return said.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Played:
    """A scenario that was played: by what setting and seed, when, and its runs; ``at`` is UTC."""

    scenario: Scenario
    setting: Setting
    seed: int
    at: datetime
    runs: tuple[Run, ...]
    load: tuple[float, float, float]

    @property
    def spreads(self) -> tuple[Spread, ...]:
        """Its measures over all runs."""
        return spreads(self.runs)

    @property
    def failures(self) -> tuple[str, ...]:
        """What should have been so and was not."""
        return failures(self.runs)

    @property
    def kept(self) -> bool:
        """Whether all that is promised was kept, and nothing failed."""
        return not self.failures and all(spread.kept is not False for spread in self.spreads)


def document(played: Played) -> dict[str, Any]:
    """What was played, as plain values: what the command prints and what is kept."""
    setting = played.setting
    last = played.runs[-1].outcome
    return {
        "scenario": played.scenario.name,
        "says": played.scenario.says,
        "at": played.at.isoformat(timespec="seconds"),
        "state": state(setting.graph),
        "seed": played.seed,
        "setting": {
            "fault": setting.fault,
            "megabytes": setting.megabytes,
            "rate": setting.rate,
            "probe": setting.probe,
            "ttl": setting.ttl,
            "short": setting.short,
        },
        "settings": dict(last.settings),
        "standins": dict(last.standins),
        "machine": {"cores": os.cpu_count() or 0, "load": [round(value, 2) for value in played.load]},
        "constants": {name: _figure(value) for name, value in setting.constants.items()},
        "kept": played.kept,
        "failures": list(played.failures),
        "measures": [_spread(spread) for spread in played.spreads],
        "repeats": [_run(run) for run in played.runs],
    }


def keep(place: Workplace, played: Played) -> tuple[Path, ...]:
    """Write the figures and a picture of each run; the files, the one with the figures first."""
    place.make()
    stem = f"{played.scenario.name}-{played.at:%Y%m%dT%H%M%SZ}"
    figures = {
        "schema_version": VERSION,
        "platform": place.platform,
        "environment": place.environment,
        "runs": [document(played)],
    }
    files = [(f"{stem}.json", json.dumps(figures, indent=1) + "\n")]
    files += [(f"{stem}-{run.number}.svg", picture(place, played, run)) for run in played.runs]
    written = []
    for name, content in files:
        path = place.evidence / name
        half_written = path.with_name(f".{name}.{os.getpid()}.part")
        half_written.write_text(content, encoding="utf-8")
        half_written.replace(path)
        written.append(path)
    return tuple(written)


def picture(place: Workplace, played: Played, run: Run) -> str:
    """The timeline of one run."""
    outcome = run.outcome
    title = f"{place.platform} ({place.environment}): {played.scenario.name}, {played.setting.fault}, run {run.number}"
    notes = [
        ", ".join(f"{measure.name} {_rounded(measure.value)} {measure.unit}".rstrip() for measure in outcome.measures),
        "settings: " + ", ".join(f"{name} {value}" for name, value in outcome.settings.items()),
        "played by: " + ", ".join(f"{real} by {standin}" for real, standin in outcome.standins.items()),
        f"{played.at:%Y-%m-%d %H:%M} UTC, seed {played.seed}, {os.cpu_count()} cores; "
        "stand-ins on one machine's loopback: this shows how the runbook goes and proves nothing of the real thing",
        *(f"failed: {sentence}" for sentence in outcome.failures),
    ]
    # An estimate has no moment: its parts stand below.
    drawn = [event for event in run.events if event.lane != LANE]
    if estimated := [event.what for event in run.events if event.lane == LANE]:
        notes.insert(1, "estimated: " + ", ".join(estimated))
    return timeline(title, drawn, outcome.course, _came(outcome.marks), notes)


@dataclass(frozen=True, slots=True)
class Measured:
    """What a drill measured of a claim, newest first: its worst value in its unit, and with what it was taken.

    ``same`` says whether the platform is still described as it was then; ``within`` whether the claim's value was
    kept to, None where the unit is not the claim's.
    """

    claim: str
    scenario: str
    at: str
    value: float
    unit: str
    runs: int
    fault: str
    same: bool
    short: bool
    setting: Mapping[str, Any]
    settings: Mapping[str, Any]
    standins: Mapping[str, str]

    def line(self, claimed: float) -> str:
        """One line for people, beside a claim of so many seconds."""
        exceeds = "" if self.value <= claimed else f", MORE THAN THE {claimed:g} s CLAIMED"
        times = "once" if self.runs == 1 else f"at the most of {self.runs} runs"
        earlier = "" if self.same else ", of an earlier description"
        how = f"{self.fault}{', a short version' if self.short else ''}{self._played}"
        return (
            f"measured {_seconds(self.value)} ({times}) by the drill {self.scenario} ({how}) "
            f"on {self.at[:10]}{earlier}{exceeds}"
        )

    @property
    def _played(self) -> str:
        said = [f"{self.setting['megabytes']} MB, {self.setting['rate']} requests a second"]
        for name, words in (("probe", "probes every {:g} s"), ("ttl", "names kept {:g} s")):
            if self.setting[name] is not None:
                said.append(words.format(self.setting[name]))
        return f", {', '.join(said)}"


def with_what(measured: Sequence[Measured]) -> str:
    """One line for people that names the stand-ins of these, and what they do not say."""
    by = dict.fromkeys(standin for one in measured for standin in one.standins.values())
    return f"the drills ran with stand-ins, and decide nothing: {', '.join(by)}"


def measured(root: Path, platform: Platform, graph: Graph) -> Mapping[str, Sequence[Measured]]:
    """What drills measured of each claim: the newest of every scenario and fault. What cannot be read is left out."""
    folder = place(root, platform).evidence
    found: dict[str, dict[tuple[str, str], Measured]] = {}
    now = ""
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        for run in _runs(path):
            now = now or state(graph)
            for one in _measured(run, now):
                # Names sort by time within a scenario, so the last one read is the newest.
                found.setdefault(one.claim, {})[one.scenario, one.fault] = one
    return {claim: tuple(each.values()) for claim, each in found.items()}


def _runs(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        content = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return
    if isinstance(content, dict) and content.get("schema_version") == VERSION:
        yield from (run for run in content.get("runs", ()) if isinstance(run, dict))


def _measured(run: Mapping[str, Any], now: str) -> Iterator[Measured]:
    for measure in run["measures"]:
        if measure["claim"] and measure["unit"] == "s":
            yield Measured(
                measure["claim"],
                run["scenario"],
                run["at"],
                math.inf if measure["max"] is None else measure["max"],
                measure["unit"],
                len(run["repeats"]),
                run["setting"]["fault"],
                run["state"] == now,
                run["setting"]["short"],
                run["setting"],
                run["settings"],
                run["standins"],
            )


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "name": spread.name,
        "unit": spread.unit,
        "claim": spread.claim,
        "limit": spread.limit,
        "at_least": spread.at_least,
        "kept": spread.kept,
        "expected": None if spread.expected is None else _figure(spread.expected),
        "n": len(spread.values),
        "min": _figure(spread.least),
        "median": _figure(spread.median),
        "p95": _figure(spread.p95),
        "max": _figure(spread.most),
    }


def _run(run: Run) -> dict[str, Any]:
    outcome = run.outcome
    return {
        "number": run.number,
        "seconds": _figure(run.seconds),
        "measures": {measure.name: _figure(measure.value) for measure in outcome.measures},
        "failures": list(outcome.failures),
        "requests": {method: dict(counts) for method, counts in outcome.requests.items()},
        "marks": {name: _figure(at) for name, at in _came(outcome.marks).items()},
        "events": [{"at": _figure(event.at), "lane": event.lane, "what": event.what} for event in run.events],
        "course": [{"at": _figure(one.at), "answered": one.answered, "failed": one.failed} for one in outcome.course],
    }


def _came(marks: Mapping[str, float]) -> dict[str, float]:
    """The moments that came."""
    return {name: at for name, at in marks.items() if math.isfinite(at)}


def _rounded(value: float) -> str:
    """To three digits, and whole numbers whole: 1.50, 43203."""
    return f"{value:.0f}" if value >= 100 or float(value).is_integer() else f"{value:.3g}"


def _figure(value: float) -> float | None:
    """To the tenth of a millisecond, which is more than a shared machine can tell apart; None for what never came."""
    return round(value, 4) if math.isfinite(value) else None


def _seconds(value: float) -> str:
    if math.isinf(value):
        return "no end"
    return f"{value:.1f} s" if value >= 100 else f"{value:.3g} s"
