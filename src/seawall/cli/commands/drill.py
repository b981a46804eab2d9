"""Rehearse a bad day on real servers of this machine, started from the platform's own description, and measure it.

`seawall drill petclinic` lists the bad days, which of them the platform can play, and what this machine lacks for them.
`seawall drill petclinic region-loss --repeat 5` plays one five times: it seeds data, drives numbered reads and writes,
takes things away, runs the very runbook that a real day would, and measures from the client's side how long it took
and what was lost, beside an estimate from constants that another play measured. `all` plays every one that can be.

Each repeat begins at another moment of the probes' and backups' cycles; --seed gives the same moments again. Servers
listen on the loopback alone, under secrets made for the run, and go with it however it ends. Figures, settings,
stand-ins and a timeline of each run are kept under --state-dir, and `seawall prove` shows them beside the claims. They
decide no claim: a stand-in on one machine shows how the runbook goes, not what AWS or Azure will do.

The exit status is 1 if something promised was not kept or went wrong, 3 if programs are lacking or a play broke off.
"""

from __future__ import annotations

import argparse
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli import options
from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.units import Duration

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from seawall.deploy.workplace import Workplace
    from seawall.operate.drill.events import Event
    from seawall.operate.drill.evidence import Played
    from seawall.operate.drill.play import Spread
    from seawall.operate.drill.scenario import Scenario, Setting

ALL = "all"


@dataclass(frozen=True, slots=True)
class _LeftOut:
    """A scenario that was not played to its end, and why."""

    scenario: str
    why: str
    lacking: bool = False
    broke_off: bool = False


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, the scenario, and how it is played."""
    options.platform(parser)
    parser.add_argument("scenario", nargs="?", metavar="SCENARIO", help=f"which bad day, or {ALL}; without it: a list")
    parser.add_argument("--repeat", type=_count, default=1, metavar="N", help="play it so many times (default: 1)")
    parser.add_argument("--seed", type=int, metavar="S", help="the same number gives the same phases again")
    parser.add_argument("--fault", metavar="FAULT", help="how things are lost; a wrong one lists those that there are")
    parser.add_argument(
        "--probe",
        type=_some_seconds,
        metavar="TIME",
        help="between two health checks (default: as described; 0.5s is quick)",
    )
    parser.add_argument(
        "--ttl", type=_seconds, metavar="TIME", help="for which answers of names are kept (default: as described)"
    )
    parser.add_argument("--megabytes", type=_count, default=200, metavar="N", help="data that is seeded (default: 200)")
    parser.add_argument("--rate", type=_count, default=150, metavar="N", help="requests a second (default: 150)")
    parser.add_argument(
        "--short", action="store_true", help="little data, quick probes: to see that it goes, not how fast"
    )
    options.state_dir(parser, "where evidence is kept")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """List, or play, keep and print."""
    from seawall.operate.drill.scenario import scenarios

    setting = _setting(chosen)
    known = scenarios()
    if chosen.scenario is None:
        return _list(chosen, setting, known)
    return _play(chosen, setting, _wanted(chosen.scenario, known))


def _setting(chosen: argparse.Namespace) -> Setting:
    """What the arguments say, for the first run's chance to be replaced in each."""
    import random

    from seawall.cli.input import load_graph
    from seawall.operate.drill.faults import FAULTS
    from seawall.operate.drill.scenario import Setting
    from seawall.readers.read import facts_of

    if chosen.fault is not None:
        if chosen.fault not in FAULTS:
            raise InputError(
                f"there is no fault {chosen.fault}",
                fix="\n".join(["one of", *(f"    {fault.name:<16}{fault.says}" for fault in FAULTS.values())]),
            )
        if lacks := FAULTS[chosen.fault].lacks():
            raise OutsideError(f"{chosen.fault} is skipped: {lacks}")
    platform, graph = load_graph([chosen.input], chosen.environment)
    if platform is None:
        raise InputError(f"{chosen.input} holds no description", fix="only a platform can be rehearsed")
    return Setting(
        platform,
        graph,
        facts_of(graph),
        random.Random(0),
        short=chosen.short,
        megabytes=min(chosen.megabytes, 5) if chosen.short else chosen.megabytes,
        rate=min(chosen.rate, 60) if chosen.short else chosen.rate,
        probe=chosen.probe or (0.1 if chosen.short else None),
        ttl=chosen.ttl if chosen.ttl is not None else (0.0 if chosen.short else None),
        fault=chosen.fault or "",
    )


def _wanted(name: str, known: Mapping[str, Scenario]) -> Sequence[Scenario]:
    if name == ALL:
        return tuple(known.values())
    if name not in known:
        import difflib

        close = difflib.get_close_matches(name, known, n=1)
        raise InputError(
            f"there is no scenario {name}",
            fix=f"did you mean {close[0]}?" if close else f"they are {', '.join(known)}",
        )
    return (known[name],)


def _list(chosen: argparse.Namespace, setting: Setting, known: Mapping[str, Scenario]) -> int:
    from seawall.operate.drill.play import lacking

    listed = [
        (scenario, scenario.applies(setting), lacking(scenario, setting), _faults(scenario, setting))
        for scenario in known.values()
    ]
    if chosen.format == "json":
        _print_json(
            setting,
            scenarios=[
                {
                    "name": scenario.name,
                    "says": scenario.says,
                    "faults": list(faults),
                    "does_not_apply": why,
                    "lacking": list(lacks),
                }
                for scenario, why, lacks, faults in listed
            ],
        )
        return 0
    for scenario, why, lacks, faults in listed:
        print(f"{scenario.name:<24}{scenario.says}")
        if why:
            print(f"{'':<24}not of {setting.platform.name}: {why}")
            continue
        if faults != ("kill",):
            print(f"{'':<24}--fault {'|'.join(faults)}")
        for lack in lacks:
            print(f"{'':<24}lacking: {lack}")
    print(f"\nseawall drill {chosen.input} NAME plays one, and `all` every one that can be played.")
    return 0


def _faults(scenario: Scenario, setting: Setting) -> tuple[str, ...]:
    """The faults that it can play of this platform, or all of them where it cannot play it anyhow."""
    from dataclasses import replace

    if scenario.applies(setting):
        return scenario.faults
    return tuple(fault for fault in scenario.faults if not scenario.applies(replace(setting, fault=fault)))


def _play(chosen: argparse.Namespace, setting: Setting, wanted: Sequence[Scenario]) -> int:
    import secrets

    from seawall.operate.drill import evidence
    from seawall.operate.drill.play import lacking, playable

    seed = secrets.randbelow(1_000_000) if chosen.seed is None else chosen.seed
    place = evidence.place(chosen.state_dir, setting.platform)
    done: list[tuple[Played, tuple[Path, ...]]] = []
    left_out: list[_LeftOut] = []
    for scenario in wanted:
        if why := scenario.applies(setting):
            if chosen.scenario != ALL:
                raise InputError(f"{setting.platform.name} cannot play {scenario.name}: {why}")
            left_out.append(_LeftOut(scenario.name, why))
            continue
        if chosen.fault and chosen.fault not in scenario.faults and chosen.scenario == ALL:
            left_out.append(_LeftOut(scenario.name, f"it cannot play the fault {chosen.fault}"))
            continue
        playable(scenario, chosen.fault or scenario.faults[0])
        if lacks := lacking(scenario, setting):
            left_out.append(_LeftOut(scenario.name, "; ".join(lacks), lacking=True))
            continue
        try:
            done.append(_one(scenario, setting, chosen.repeat, seed, place))
        except OutsideError as error:
            if chosen.scenario != ALL:
                raise
            left_out.append(_broken_off(scenario, error))
    _print(chosen, setting, done, left_out)
    if not all(played.kept for played, _ in done):
        return 1
    return 3 if any(one.lacking or one.broke_off for one in left_out) else 0


def _broken_off(scenario: Scenario, error: OutsideError) -> _LeftOut:
    from seawall.operate.drill.stage import LackingError

    if isinstance(error, LackingError):
        return _LeftOut(scenario.name, f"{error.what}: {error.fix}", lacking=True)
    return _LeftOut(scenario.name, f"it broke off: {error}", broke_off=True)


def _one(
    scenario: Scenario, setting: Setting, repeat: int, seed: int, place: Workplace
) -> tuple[Played, tuple[Path, ...]]:
    """Calibrate and play one scenario, and keep it; what was played is kept even where a later repeat breaks off."""
    import os
    from dataclasses import replace
    from datetime import UTC, datetime

    from seawall.operate.drill.evidence import Played, keep
    from seawall.operate.drill.play import calibrate, play

    setting = replace(setting, fault=setting.fault or scenario.faults[0])
    at, load = datetime.now(UTC), os.getloadavg()
    if not setting.short and scenario.calibrate is not None:
        _say(f"{scenario.name}: measuring this machine's constants first, in a play of their own")
        setting = replace(setting, constants=calibrate(scenario, setting, _teller(f"{scenario.name} constants")))
    runs = []
    _say(f"{scenario.name}: {scenario.says} (--seed {seed})")
    watcher: Callable[[int], Callable[[Event], None]] = lambda number: _teller(f"{scenario.name} {number}/{repeat}")  # noqa: E731
    try:
        for run in play(scenario, setting, repeat, seed=seed, watcher=watcher):
            runs.append(run)
            _say(f"{scenario.name} {run.number}/{repeat}: {_brief(run.outcome.measures)} ({run.seconds:.0f} s in all)")
    except BaseException:
        if runs:
            files = keep(place, Played(scenario, setting, seed, at, tuple(runs), load))
            _say(f"{scenario.name}: {len(runs)} of {repeat} were played, and are kept in {files[0]}")
        raise
    played = Played(scenario, setting, seed, at, tuple(runs), load)
    return played, keep(place, played)


def _brief(measures: Sequence[object]) -> str:
    from seawall.operate.drill.scenario import Measure

    return ", ".join(f"{one.name} {_figure(one.value, one.unit)}" for one in measures[:4] if isinstance(one, Measure))


def _teller(who: str) -> Callable[[Event], None]:
    """One line an event, on stderr."""
    return lambda event: _say(f"{who} [{event.at:7.2f} s] {event.lane}: {event.what}")


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _print(
    chosen: argparse.Namespace,
    setting: Setting,
    done: Sequence[tuple[Played, tuple[Path, ...]]],
    left_out: Sequence[_LeftOut],
) -> None:
    from seawall.operate.drill.evidence import document

    if chosen.format == "json":
        _print_json(
            setting,
            runs=[document(played) | {"kept_in": [str(file) for file in files]} for played, files in done],
            not_played=[{"scenario": one.scenario, "why": one.why, "lacking": one.lacking} for one in left_out],
        )
        return
    for played, files in done:
        print(_table(played))
        print(f"  kept in {files[0]}, a timeline of each run beside it\n")
    for one in left_out:
        print(f"{one.scenario}: not played: {'lacking: ' if one.lacking else ''}{one.why}")


def _print_json(setting: Setting, **lists: object) -> None:
    import json

    head = {"schema_version": 1, "platform": setting.platform.name, "environment": setting.platform.environment}
    print(json.dumps(head | lists, indent=2))


_HEAD = ("", "min", "median", "p95", "max", "promised", "estimated", "")


def _table(played: Played) -> str:
    """The figures of one scenario over its repeats, what was promised and estimated, and what to know about them."""
    outcome = played.runs[-1].outcome
    rows = [_HEAD, *(_row(spread) for spread in played.spreads)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    repeats = "once" if len(played.runs) == 1 else f"{len(played.runs)} times"
    lines = [f"{played.scenario.name}, {played.setting.fault}, played {repeats} with --seed {played.seed}"]
    for row in rows:
        cells = [
            row[0].ljust(widths[0]),
            *(cell.rjust(width) for cell, width in zip(row[1:7], widths[1:7], strict=True)),
        ]
        lines.append("  " + "  ".join([*cells, row[7]]).rstrip())
    for method, counts in outcome.requests.items():
        lines.append(f"  {method}: " + ", ".join(f"{number} {what}" for what, number in counts.items()))
    lines += [f"  FAILED: {sentence}" for sentence in played.failures]
    if outcome.settings:
        lines.append("  settings: " + ", ".join(f"{name} {value}" for name, value in outcome.settings.items()))
    if outcome.standins:
        lines.append("  played by: " + ", ".join(f"{real} by {standin}" for real, standin in outcome.standins.items()))
    lines.append("  On one machine's loopback, with stand-ins: it shows how the runbook goes, and decides no claim.")
    return "\n".join(lines)


def _row(spread: Spread) -> tuple[str, ...]:
    limit = ""
    if spread.limit is not None:
        limit = f"{'>=' if spread.at_least else '<='} {_figure(spread.limit, spread.unit)}"
    estimated = ""
    if spread.expected is not None:
        off = "" if spread.off is None else f" ({spread.off:.0%} off)"
        estimated = f"{_figure(spread.expected, spread.unit)}{off}"
    figures = (_figure(value, spread.unit) for value in (spread.least, spread.median, spread.p95, spread.most))
    return (spread.name, *figures, limit, estimated, "NOT KEPT" if spread.kept is False else "")


def _figure(value: float, unit: str) -> str:
    if not math.isfinite(value):
        return "never" if unit == "s" and value > 0 else "none"
    if unit == "s":
        return f"{value:.2f} s" if value < 100 else f"{value:.0f} s"
    return f"{value:.6g} {unit}".rstrip()


def _count(spelling: str) -> int:
    try:
        count = int(spelling)
    except ValueError:
        count = 0
    if count < 1:
        raise argparse.ArgumentTypeError(f"{spelling!r} is not a number from 1 up")
    return count


def _seconds(spelling: str) -> float:
    try:
        seconds = Duration.parse(spelling).seconds
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return seconds


def _some_seconds(spelling: str) -> float:
    seconds = _seconds(spelling)
    if seconds <= 0:
        raise argparse.ArgumentTypeError(f"{spelling!r} is no time at all")
    return seconds
