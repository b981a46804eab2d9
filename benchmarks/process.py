"""Measuring whole processes."""

from __future__ import annotations

import os
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class FailedError(Exception):
    """A measured command ended with a status that it should not have; what it said is the message."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run: wall and processor time in seconds, peak resident memory in MiB."""

    wall: float
    cpu: float
    peak: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The medians of several runs, with the least and the most wall time."""

    wall: float
    cpu: float
    peak: float
    least: float
    most: float


def run_once(command: Sequence[str], folder: Path, statuses: Sequence[int] = (0,)) -> Run:
    """Run a command and take the kernel's own account of it; FailedError for a status not in ``statuses``."""
    with (folder / "output.txt").open("w+b") as output:
        started = time.perf_counter()
        child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode not in statuses:
            output.seek(0)
            said = output.read()[-2000:].decode(errors="replace")
            raise FailedError(f"{' '.join(command)} ended with {child.returncode}:\n{said}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(command: Sequence[str], folder: Path, runs: int, statuses: Sequence[int] = (0,)) -> Figures:
    """The medians of ``runs`` runs after one warm-up."""
    run_once(command, folder, statuses)
    return figures([run_once(command, folder, statuses) for _ in range(runs)])


def figures(done: Sequence[Run]) -> Figures:
    """The medians of runs."""
    walls = [run.wall for run in done]
    return Figures(
        wall=statistics.median(walls),
        cpu=statistics.median(run.cpu for run in done),
        peak=statistics.median(run.peak for run in done),
        least=min(walls),
        most=max(walls),
    )


def compare(ours: Sequence[str], theirs: Sequence[str], folder: Path, runs: int, statuses: Sequence[int]) -> float:
    """The median of theirs divided by ours, in wall time, the two run in turn."""
    ratios = []
    for number in range(runs + 1):
        mine, other = run_once(ours, folder, statuses), run_once(theirs, folder, statuses)
        if number:
            ratios.append(other.wall / mine.wall)
    return statistics.median(ratios)
