"""Two versions in one global database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.copies import wholes
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-010",
    severity=Severity.HIGH,
    summary="The clusters of a global database run different versions",
    why="a managed switchover or failover needs the same version on both sides, so it is refused when it is wanted",
    fix="upgrade every cluster of the global database to one version",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """The stated versions of each global database's clusters; what is not stated AWS keeps the same by itself."""
    for whole, members in wholes(facts, "database"):
        versions = {
            member.of: member.version for member in members if isinstance(member.version, str) and member.version
        }
        if len(set(versions.values())) > 1:
            said = ", ".join(f"{of} {version}" for of, version in versions.items())
            yield RULE.refuted(f"{whole} has clusters of different versions: {said}", *versions)
