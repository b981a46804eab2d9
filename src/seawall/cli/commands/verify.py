"""Find out whether the newest copy of a database can be restored, and tell the metrics of it.

It is restored into a server that is started for it on this machine and goes afterwards, or into --scratch; and every
store's newest copy is read to its end. The exit status is 0 where that is proven, 1 where it is refuted, and 3 where it
could not be found out. --schedule prints what does it half an hour after each copy, on a machine with the server's
programs.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from seawall.operate.copies.job import Job
    from seawall.operate.copies.verify import Verified


def arguments(parser: argparse.ArgumentParser) -> None:
    """JOB, where to restore it, what is printed."""
    parser.add_argument("job", metavar="JOB", help="a file, or ssm:NAME or ssm:NAME@REGION")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--scratch", metavar="FILE", help="a file with `database:`: an empty server to restore into")
    how.add_argument("--content-only", action="store_true", help="read copies to their end; restore nothing")
    options.state_dir(parser)
    parser.add_argument("--schedule", choices=("cron", "systemd"), help="print what runs it by itself; verify nothing")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """Verify, tell, print."""
    import json

    from seawall.cli.steps import Steps
    from seawall.operate.copies.job import read_database, read_job
    from seawall.operate.copies.verify import tell, verify

    job = read_job(chosen.job)
    if chosen.schedule:
        print(_schedule(chosen, job).rstrip("\n"))
        return 0
    folder = chosen.state_dir / job.platform / "operations" / "verify" / job.component
    scratch = read_database(chosen.scratch, job) if chosen.scratch else None
    with Steps() as steps:
        verified = verify(job, folder, scratch=scratch, content_only=chosen.content_only, report=steps)
    if chosen.format == "json":
        print(json.dumps(_document(verified, content_only=chosen.content_only), indent=2))
    else:
        print(_text(job, verified))
    tell(job.metrics, verified)
    return 0 if verified.verdict.proven else 1 if verified.verdict.refuted else 3


def _schedule(chosen: argparse.Namespace, job: Job) -> str:
    from seawall.operate.copies import schedule

    if chosen.schedule == "cron":
        return schedule.cron(job, chosen.job, chosen.state_dir, "verify")
    units = schedule.systemd(job, chosen.job, chosen.state_dir, "verify")
    return "\n".join(f"# /etc/systemd/system/{file}\n{content}" for file, content in units.items())


def _text(job: Job, verified: Verified) -> str:
    lines = [f"{job.component}: {verified.verdict}", *(f"  {reason}" for reason in verified.verdict.because)]
    if verified.copy:
        took = f", restored and compared in {verified.seconds:.1f} s" if verified.seconds is not None else ""
        lines.append(
            f"  {verified.copy}: {verified.age or 0:.0f} s old, {verified.plain_size / 1e6:.1f} MB of SQL{took}"
        )
    return "\n".join(lines)


def _document(verified: Verified, *, content_only: bool) -> dict[str, object]:
    return {
        "schema_version": 1,
        "platform": verified.platform,
        "component": verified.component,
        "at": verified.at.isoformat(timespec="seconds"),
        "content_only": content_only,
        "verdict": str(verified.verdict),
        "because": [str(reason) for reason in verified.verdict.because],
        "copy": verified.copy or None,
        "store": verified.store or None,
        "age": verified.age,
        "size": verified.size,
        "sql_size": verified.plain_size,
        "seconds": verified.seconds,
    }
