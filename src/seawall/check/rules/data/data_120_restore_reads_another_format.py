"""A restore that is handed what its client cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Final

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

_COPIES: Final = frozenset({"azcopy", "rclone", "gsutil", "aws"})
_READERS: Final = frozenset({"mysql", "mariadb", "psql", "pg_restore"})
_PLACE: Final = re.compile(
    r"(?:s3://(?P<s3>[a-z0-9.-]+)|https://(?P<bucket>[a-z0-9.-]+)\.s3[.-][a-z0-9.-]*amazonaws\.com"
    r"|(?P<blob>https://[a-z0-9]+\.blob\.core\.windows\.net/[a-z0-9-]+))"
)


def check(facts: Facts) -> Iterator[Finding]:
    """Exports of snapshots, followed from place to place to a client that reads SQL."""
    commands = facts.all(Command)
    holding: dict[str, list[Command]] = {}
    for command in commands:
        bucket = _exported_to(command)
        if bucket is not None:
            holding[bucket] = [command]
    moves = [(command, *places) for command in commands if (places := _moved(command)) is not None]
    # A copy of a copy: each round finds those that are one further away.
    for _ in moves:
        for command, source, target in moves:
            if source in holding and target not in holding:
                holding[target] = [*holding[source], command]
    written = {place for command in commands if (place := _dumped_to(command)) is not None}
    for command in commands:
        if command.program not in _READERS or not _reads_a_file(command):
            continue
        for fetched, source, kept in moves:
            before = fetched.of == command.of and fetched.order < command.order
            if before and not kept and source in holding and source not in written:
                way = [*holding[source], fetched, command]
                yield RULE.refuted(
                    f"{command.program} is to read {command.stdin or 'a file'}, and what is fetched before it is an "
                    "export of a snapshot, which is Parquet",
                    command.of,
                    *(step.of for step in way),
                    evidence=[f"{step.of} line {step.line}: {_spelled(step)}" for step in way],
                )
                break


def _words(command: Command) -> list[str]:
    return [str(word) for word in command.arguments]


def _exported_to(command: Command) -> str | None:
    words = _words(command)
    if command.program != "aws" or words[:2] != ["rds", "start-export-task"]:
        return None
    for name, value in pairwise(words):
        if name == "--s3-bucket-name":
            return value
    return None


def _moved(command: Command) -> tuple[str, str] | None:
    """Where a copy comes from and goes to, a bucket or container; empty for a folder of this machine."""
    if command.program not in _COPIES:
        return None
    words = [word for word in _words(command) if not word.startswith("-")]
    if command.program == "aws":
        if words[:1] != ["s3"]:
            return None
        words = words[1:]
    if len(words) < 3 or words[0] not in ("copy", "cp", "sync", "mv", "move", "rsync"):
        return None
    return _place(words[1]), _place(words[2])


def _place(word: str) -> str:
    found = _PLACE.match(word)
    return (found["s3"] or found["bucket"] or found["blob"]) if found else ""


def _dumped_to(command: Command) -> str | None:
    """Where something else than an export is written to, so that what is fetched there may be that."""
    moved = _moved(command)
    return moved[1] if moved is not None and not moved[0] and moved[1] else None


def _reads_a_file(command: Command) -> bool:
    return command.stdin != "" or any(word in ("-f", "--file") for word in _words(command))


def _spelled(command: Command) -> str:
    words = " ".join([command.program, *_words(command)][:4])
    return f"{words} ... < {command.stdin}" if command.stdin != "" else f"{words} ..."
