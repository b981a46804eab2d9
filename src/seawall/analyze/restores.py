"""Restores by script: which database they fill, and with what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from seawall.analyze.texts import fits
from seawall.facts.application import Command
from seawall.facts.facts import Facts
from seawall.facts.network import Hostname
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.kernel.verdict import Answer

_COPIES: Final = frozenset({"azcopy", "rclone", "gsutil", "aws"})
_READERS: Final = frozenset({"mysql", "mariadb", "psql", "pg_restore"})
_PLACE: Final = re.compile(
    r"(?:s3://(?P<s3>[a-z0-9.-]+)|https://(?P<bucket>[a-z0-9.-]+)\.s3[.-][a-z0-9.-]*amazonaws\.com"
    r"|(?P<blob>https://[a-z0-9]+\.blob\.core\.windows\.net/[a-z0-9-]+))"
)
_FILLS: Final = _READERS | {"mysqlimport", "mysqlsh", "myloader"}
_SAYS: Final = frozenset({"-e", "--execute", "-c", "--command"})
_BRINGS: Final = re.compile(r"(?i)\bsource\s|\\i\s|\\copy\s|load data|replication")
"""Statements that read a file into the database, or have it follow another."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A command that is handed the export of a snapshot; ``way`` is how that came there, from its export on."""

    command: Command
    way: tuple[Command, ...]


def unreadable(facts: Facts) -> tuple[Unreadable, ...]:
    """Exports of snapshots, followed from place to place to a client that reads SQL."""
    return facts.derive(_unreadable)


def _unreadable(facts: Facts) -> tuple[Unreadable, ...]:
    return tuple(_followed(facts.all(Command)))


def _followed(commands: tuple[Command, ...]) -> Iterator[Unreadable]:
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
                yield Unreadable(command, (*holding[source], fetched, command))
                break


def filling(facts: Facts, of: Address) -> tuple[tuple[Command, Answer], ...]:
    """The commands that put data into a database, and whether it is surely this one that they ask."""
    found = ((command, _asks(facts, command, of)) for command in facts.all(Command) if _fills(command))
    return tuple((command, answer) for command, answer in found if answer is not Answer.REFUTED)


def _fills(command: Command) -> bool:
    """Whether a client puts data in: not where all it does is to run a statement that reads none."""
    words = _words(command)
    said = [value for name, value in pairwise(words) if name in _SAYS]
    said += [word for word in words if word.startswith(("--execute=", "--command="))]
    return command.program in _FILLS and (not said or any(_BRINGS.search(each) for each in said))


def _asks(facts: Facts, command: Command, of: Address) -> Answer:
    host = _host(command)
    if isinstance(host, Ref):
        return Answer.PROVEN if host.to == of else Answer.REFUTED
    if isinstance(host, str) and "$" in host:
        return Answer.UNKNOWN
    answers = {fits(host, name.pattern) for name in facts.where(Hostname, of=of)} if host != "" else set()
    return next((each for each in (Answer.PROVEN, Answer.UNKNOWN) if each in answers), Answer.REFUTED)


def _host(command: Command) -> Textual:
    """The host that a client asks, as MySQL's and PostgreSQL's take it; empty without one."""
    for number, word in enumerate(command.arguments):
        head = word.parts[0] if isinstance(word, Text) else word
        if word in ("-h", "--host") and number + 1 < len(command.arguments):
            return command.arguments[number + 1]
        if isinstance(head, Unknown | Ref):
            continue
        for start in ("--host=", "-h"):
            if head.startswith(start) and word != start:
                return text(head.removeprefix(start), *(word.parts[1:] if isinstance(word, Text) else ()))
        if isinstance(word, str) and (url := re.match(r"\w+://(?:[^@/]*@)?([^:/?]+)", word)):
            return url[1]
    return ""


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
