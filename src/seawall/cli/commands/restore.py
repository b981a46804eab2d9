"""Bring a copy of a database back: the newest good one, into an empty server, and shown to be what was copied.

JOB is what copies are made by. TO is a file with `database:` as a job has it; what it names must hold nothing, or be
given up with --replace. A run that was killed begins anew from an empty database. The exit status is 3 where no copy is
good or the server refuses.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from seawall.kernel.units import Duration
    from seawall.operate.copies.job import Job
    from seawall.operate.runbook import Ran, Runbook


def arguments(parser: argparse.ArgumentParser) -> None:
    """JOB, where to, which copy, consent."""
    parser.add_argument("job", metavar="JOB", help="a file, or ssm:NAME or ssm:NAME@REGION")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--to", metavar="TO", help="a file with `database:`: the server to restore into")
    where.add_argument("--list", action="store_true", help="list the copies there are, and why one is none")
    parser.add_argument("--copy", default="", metavar="NAME", help="this copy, however old; else the newest good one")
    parser.add_argument(
        "--not-older-than", type=_duration, metavar="DURATION", help="how old a copy may be (default: 2 x every + 2 h)"
    )
    parser.add_argument("--replace", action="store_true", help="drop what the databases hold, once you have agreed")
    parser.add_argument("--sessions", type=int, default=2, metavar="N", help="sessions that rows go over (default: 2)")
    parser.add_argument("--thorough", action="store_true", help="have the server check every page of its tables, too")
    parser.add_argument("--dry-run", action="store_true", help="say the steps and what is so already; change nothing")
    parser.add_argument("--yes", action="store_true", help="answer every question with yes")
    parser.add_argument("--anew", action="store_true", help="give up a run that was cut short, and begin anew")
    options.state_dir(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """List, or restore and print what came of it."""
    from seawall.kernel.errors import InputError
    from seawall.operate.copies.job import read_database, read_job

    job = read_job(chosen.job)
    if chosen.list:
        return _list(chosen, job)
    if not 1 <= chosen.sessions <= 16:
        raise InputError(f"{chosen.sessions} sessions are none", fix="from 1 to 16")
    from seawall.operate.copies.restore import runbook

    book = runbook(
        job,
        read_database(chosen.to, job),
        copy=chosen.copy,
        not_older_than=chosen.not_older_than,
        replace=chosen.replace,
        sessions=chosen.sessions,
        thorough=chosen.thorough,
    )
    _show(chosen, book, _run(chosen, job, book))
    return 0


def _run(chosen: argparse.Namespace, job: Job, book: Runbook) -> Ran:
    from seawall.cli.steps import Steps
    from seawall.operate.runbook import StepEvent, run

    with Steps() as steps:

        def report(event: StepEvent) -> None:
            # That a copy was not taken must be read even where nobody watches a line move.
            if event.state == "said" and event.detail.startswith(("not taken:", "NOT GOOD:")):
                steps.say(event.detail)
            steps(event)

        return run(
            book,
            chosen.state_dir / job.platform / "operations" / "restore" / job.component,
            report=report,
            approve=steps.approver(given=chosen.yes),
            dry_run=chosen.dry_run,
            anew=chosen.anew,
        )


def _show(chosen: argparse.Namespace, book: Runbook, ran: Ran) -> None:
    import json

    from seawall.cli.steps import document
    from seawall.operate.runbook import names

    would = tuple(name for name in names(book.steps) if name not in ran.already) if chosen.dry_run else ()
    if chosen.format == "json":
        print(json.dumps(document(ran, book.subject, dry_run=chosen.dry_run, would=would), indent=2))
    elif chosen.dry_run:
        print(f"{book.subject}: {len(would)} steps would be done")
    else:
        from seawall.operate.copies.restore import restored

        done = restored(ran)
        if "load" in ran.already and not ran.resumed:
            print(f"{done.copy} has been restored there before; --replace restores it anew")
            return
        print(
            f"{done.copy} of {done.began:%Y-%m-%d %H:%M:%S} UTC from {done.store} is restored: "
            f"{done.plain_size / 1e6:.1f} MB of SQL in {done.seconds:.1f} s. What was written later is not in it."
        )


def _list(chosen: argparse.Namespace, job: Job) -> int:
    import json
    from datetime import UTC, datetime

    from seawall.operate.copies.catalogue import found, oldest_allowed, refusal
    from seawall.operate.copies.stores import stores_of

    limit: Duration = chosen.not_older_than or oldest_allowed(job)
    now = datetime.now(UTC)
    copies: list[dict[str, object]] = []
    for store in stores_of(job):
        for copy in found(store, job.component):
            copies.append(
                {
                    "copy": copy.name,
                    "store": store.place,
                    "began": copy.manifest.began.isoformat() if copy.manifest else None,
                    "size": copy.size,
                    "sql_size": copy.manifest.plain_size if copy.manifest else 0,
                    "why_not": refusal(copy, job, not_older_than=limit, as_of=now),
                }
            )
    if chosen.format == "json":
        print(json.dumps({"schema_version": 1, "component": job.component, "copies": copies}, indent=2))
        return 0
    for one in copies:
        why = f"  not taken: {one['why_not']}" if one["why_not"] else ""
        print(f"{one['copy']}  {one['store']}  {int(str(one['size'])):,} bytes{why}")
    print(f"{len(copies)} copies of {job.component}; whether one's content is whole is known once it is read")
    return 0


def _duration(spelling: str) -> Duration:
    from seawall.kernel.units import Duration

    try:
        return Duration.parse(spelling)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
