"""A class that a global database does not take."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.copies import wholes
from seawall.analyze.stores import servers
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-007",
    severity=Severity.HIGH,
    summary="An Aurora Global Database has servers of a burstable class",
    why="Aurora Global Database takes memory-optimised classes only; the apply of the second region fails",
    fix="choose db.r5 or a later class of that family, or db.serverless",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-getting-started.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The classes of every server of a global database's clusters."""
    for whole, members in wholes(facts, "database"):
        for member in members:
            for server in servers(facts, member):
                if isinstance(server.class_, str) and server.class_.startswith("db.t"):
                    yield RULE.refuted(
                        f"{server.of} is a {server.class_} in the global database {whole}", server.of, whole
                    )
