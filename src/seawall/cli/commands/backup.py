"""Copy a database to every store of a job: one consistent dump, straight there, and a manifest once it is whole.

JOB is a file, or `ssm:NAME` or `ssm:NAME@REGION` of a parameter that holds one. A run that was cut short goes on.
--schedule prints what runs it by itself, and copies nothing.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from seawall.cli.steps import Steps
    from seawall.kernel.errors import SeawallError
    from seawall.operate.copies.job import Job
    from seawall.operate.copies.manifest import Manifest


def arguments(parser: argparse.ArgumentParser) -> None:
    """JOB, where runs are kept, dry run, schedules."""
    parser.add_argument("jobs", nargs="+", metavar="JOB", help="a file, or ssm:NAME or ssm:NAME@REGION")
    options.state_dir(parser)
    parser.add_argument("--dry-run", action="store_true", help="say the steps and what is so already; change nothing")
    parser.add_argument("--anew", action="store_true", help="give up a run that was cut short, and begin anew")
    parser.add_argument(
        "--schedule", choices=("cron", "systemd", "kubernetes"), help="print what runs it by itself; copy nothing"
    )
    parser.add_argument("--image", default="seawall-agent", help="the agent's image, for --schedule kubernetes")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """Copy each, or print the schedules; every job is tried before the first failure is told."""
    from seawall.operate.copies.job import read_job

    jobs = [(name, read_job(name)) for name in chosen.jobs]
    if chosen.schedule:
        print("\n".join(_schedule(chosen, name, job).rstrip("\n") for name, job in jobs))
        return 0
    return _copy(chosen, [job for _, job in jobs])


def folder_of(state: Path, job: Job) -> Path:
    """Where a component's backups are kept: of its own, so that two components' do not wait for each other."""
    return state / job.platform / "operations" / "backup" / job.component


def _copy(chosen: argparse.Namespace, jobs: list[Job]) -> int:
    import json

    from seawall.cli.steps import Steps
    from seawall.kernel.errors import SeawallError

    copies: list[dict[str, object]] = []
    failures: list[SeawallError] = []
    for job in jobs:
        with Steps() as steps:
            try:
                made, would = _one(chosen, job, steps)
            except SeawallError as error:
                failures.append(error)
                continue
        copies.append(_document(job, made, would))
        if chosen.format == "text":
            print(_text(job, made, would))
    if chosen.format == "json":
        print(json.dumps({"schema_version": 1, "dry_run": chosen.dry_run, "copies": copies}, indent=2))
    if len(failures) > 1:
        import sys

        for earlier in failures[:-1]:
            print(f"seawall: {earlier}", file=sys.stderr)
    if failures:
        raise failures[-1]
    return 0


def _one(chosen: argparse.Namespace, job: Job, steps: Steps) -> tuple[Manifest | None, list[str]]:
    from seawall.operate.copies.backup import backup
    from seawall.operate.runbook import StepEvent

    would: list[str] = []

    def report(event: StepEvent) -> None:
        if event.state == "would":
            would.append(event.step)
        steps(event)

    folder = folder_of(chosen.state_dir, job)
    return backup(job, folder, report=report, dry_run=chosen.dry_run, anew=chosen.anew), would


def _document(job: Job, made: Manifest | None, would: list[str]) -> dict[str, object]:
    import json

    return {
        "platform": job.platform,
        "component": job.component,
        "stores": list(job.stores),
        "copy": made.name if made else None,
        "manifest": json.loads(made.as_bytes()) if made else None,
        "would": would,
    }


def _text(job: Job, made: Manifest | None, would: list[str]) -> str:
    if made is None:
        return f"{job.component}: {len(would)} steps would be done"
    rows = sum(made.rows.values())
    seconds = (made.ended - made.began).total_seconds()
    return (
        f"{made.name}: {rows:,} rows of {len(made.rows)} tables, {made.plain_size / 1e6:.1f} MB of SQL as "
        f"{made.size / 1e6:.1f} MB in {seconds:.1f} s, in {', '.join(job.stores)}"
    )


def _schedule(chosen: argparse.Namespace, name: str, job: Job) -> str:
    from seawall.operate.copies import schedule

    match chosen.schedule:
        case "cron":
            return schedule.cron(job, name, chosen.state_dir)
        case "systemd":
            units = schedule.systemd(job, name, chosen.state_dir)
            return "\n".join(f"# /etc/systemd/system/{file}\n{content}" for file, content in units.items())
        case _:
            return schedule.manifests(schedule.kubernetes(job, image=chosen.image))
