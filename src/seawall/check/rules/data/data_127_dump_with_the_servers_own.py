"""A dump that no managed server takes back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.reachability.targets import resolve
from seawall.check.rule import Rule
from seawall.facts.application import Command
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-127",
    severity=Severity.MEDIUM,
    summary="A dump of a managed MySQL takes the server's own schema along",
    why="the schema mysql holds accounts and settings that are the provider's; a managed server refuses to have them "
    "written, and the restore ends there, before or in the middle of one's own tables",
    fix="dump one's own databases by name (--databases shop), and make users by themselves",
    layers=("app", "terraform"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-importing-data-using-free-tools.html",
    read=None,
)

_DUMPS: Final = frozenset({"mysqldump", "mariadb-dump"})


def check(facts: Facts) -> Iterator[Finding]:
    """Dumps of all databases, on machines of which the input says which managed server they ask."""
    for command in facts.all(Command):
        words = [str(word) for word in command.arguments]
        if command.program not in _DUMPS or not {"--all-databases", "-A"} & set(words):
            continue
        for demand in facts.where(Reach, source=command.of):
            if f"line {command.line}:" not in demand.said:
                continue
            for thing in resolve(facts, demand.source, demand.target).things:
                for store in facts.where(Store, of=thing):
                    yield RULE.refuted(
                        f"line {command.line} of {command.of} dumps all databases of {store.of}, mysql among them",
                        command.of,
                        store.of,
                    )
