"""A restore that is handed what its client cannot read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.restores import unreadable
from seawall.check.rule import Rule
from seawall.facts.application import Command
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-120",
    severity=Severity.CRITICAL,
    summary="A restore feeds a database's client with an export that it cannot read",
    why="the export of a snapshot to S3 is Parquet, for queries by Athena and the like; mysql and psql read SQL, so on "
    "the day of the disaster there is a copy and no database",
    fix="copy a dump (mysqldump --single-transaction, pg_dump) and restore that; rehearse it, with a count of the rows",
    layers=("app", "terraform"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ExportSnapshot.data-types.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Exports of snapshots, followed from place to place to a client that reads SQL."""
    for found in unreadable(facts):
        command = found.command
        yield RULE.refuted(
            f"{command.program} is to read {command.stdin or 'a file'}, and what is fetched before it is an "
            "export of a snapshot, which is Parquet",
            command.of,
            *(step.of for step in found.way),
            evidence=[f"{step.of} line {step.line}: {_spelled(step)}" for step in found.way],
        )


def _spelled(command: Command) -> str:
    words = " ".join([command.program, *map(str, command.arguments)][:4])
    return f"{words} ... < {command.stdin}" if command.stdin != "" else f"{words} ..."
