"""A dump whose failure nobody sees."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.programs import DUMPS
from seawall.check.rule import Rule
from seawall.facts.application import Command
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-121",
    severity=Severity.HIGH,
    summary="A dump goes through a pipe that hides its failure",
    why="a pipe's status is that of its last program: where the dump breaks off, gzip still ends well, and a file "
    "that is cut off, or empty, is kept as a backup",
    fix="set -o pipefail before the pipe (in bash), or write the dump to a file first and look at its status",
    layers=("app",),
    source="https://www.gnu.org/software/bash/manual/html_node/Pipelines.html",
    read=None,
)

_LOOK: Final = frozenset({
    "awk", "cat", "cmp", "cut", "diff", "egrep", "fgrep", "grep", "head", "less", "md5sum", "more", "sed", "sha1sum",
    "sha256sum", "sort", "tail", "tr", "uniq", "wc",
})  # fmt: skip
"""Programs that pass on or count what they read, and keep nothing unless they are told to write a file."""


def check(facts: Facts) -> Iterator[Finding]:
    """Programs that dump a database and write into another one, in scripts that do not ask for the whole pipe."""
    for command in facts.all(Command):
        if command.program in DUMPS and command.feeds and not command.checked and _keeps(facts, command):
            yield RULE.refuted(
                f"line {command.line} of {command.of} writes {command.program} into {command.feeds}, without pipefail",
                command.of,
                evidence=(f"{command.program} ... | {command.feeds}",),
            )


def _keeps(facts: Facts, dump: Command) -> bool:
    """Whether a later program of the pipe keeps what is dumped."""
    orders = {command.order: command for command in facts.where(Command, of=dump.of)}
    at = dump
    while at.feeds:
        following = orders.get(at.order + 1)
        if following is None or following.program not in _LOOK:
            return True
        at = following
    return at.stdout not in ("", "/dev/null", "/dev/stdout", "/dev/stderr")
