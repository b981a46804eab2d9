"""A copy that goes to Azure without anybody having logged in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.programs import LOCAL
from seawall.check.rule import Rule
from seawall.facts.application import Assigns, Command
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Textual

RULE = Rule(
    id="DATA-150",
    severity=Severity.HIGH,
    summary="A machine writes to Azure's storage without a login, a key or a token",
    why="az fails with a word to log in first, so that no copy ever arrives; if the machine's image holds a login, "
    "then whoever reads the image has it, too",
    fix="fetch a service principal's secret and run az login --service-principal before it, or hand over a SAS token "
    "as AZURE_STORAGE_SAS_TOKEN",
    layers=("terraform", "app"),
    source="https://learn.microsoft.com/azure/storage/blobs/authorize-data-operations-cli",
    read=None,
)

_WRITES: Final = frozenset({"copy", "delete", "delete-batch", "directory", "sync", "upload", "upload-batch"})
_HANDED: Final = (
    "--account-key", "--sas-token", "--connection-string", "--blob-url", "--container-url", "--share-url",
    "--file-url",
)  # fmt: skip
_PLAIN: Final = LOCAL | {"aws", "az", "logger", "trap"}
"""Programs that log in nowhere for another one; a script that runs anything else may do so there."""


def check(facts: Facts) -> Iterator[Finding]:
    """What instances run as they start, where every program of it is known and no variable is Azure's."""
    for command in facts.all(Command):
        named = command.of.as_terraform()
        if command.program != "az" or named is None or not _writes(command):
            continue
        handed = any(_hands(word) for word in command.arguments) or _open(command.arguments)
        if not handed and not _may_log_in(facts, command.of):
            spelled = " ".join(str(word) for word in command.arguments[:3])
            yield RULE.refuted(
                f"line {command.line} of {command.of} runs az {spelled}, and nothing before it logs in or is a key",
                command.of,
                evidence=(f"programs that it runs: {', '.join(_programs(facts, command.of))}",),
            )


def _writes(command: Command) -> bool:
    words = command.arguments
    return len(words) > 2 and words[0] == "storage" and words[1] in ("blob", "file", "fs") and words[2] in _WRITES


def _hands(word: Textual) -> bool:
    return str(word).partition("=")[0] in _HANDED or "?sv=" in str(word)


def _open(words: tuple[Textual, ...]) -> bool:
    """Whether a variable stands where an option or a value without one may be."""
    return any(
        not isinstance(word, str) or (word.startswith(("$", "@")) and not str(words[place - 1]).startswith("-"))
        for place, word in enumerate(words)
    )


def _programs(facts: Facts, of: Address) -> list[str]:
    return sorted({command.program for command in facts.where(Command, of=of)})


def _may_log_in(facts: Facts, of: Address) -> bool:
    """Whether anything in the script could be a login, or bring one to where az keeps it."""
    variables = {name for each in facts.where(Assigns, of=of) for name in each.names}
    return (
        not _PLAIN.issuperset(_programs(facts, of))
        or any(name.startswith(("AZURE_", "ARM_", "HOME")) for name in variables)
        or any(_is_login(command) for command in facts.where(Command, of=of))
    )


def _is_login(command: Command) -> bool:
    if command.program == "az" and command.arguments[:1] in (("login",), ("config",), ("configure",)):
        return True
    return any(".azure" in str(word) for word in (*command.arguments, command.stdout))
