"""A bound on the lag that stops the primary."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.copies import wholes
from seawall.check.rule import Rule
from seawall.facts.data import Parameter
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-014",
    severity=Severity.MEDIUM,
    summary="Commits of a global database wait for a single secondary",
    why="rds.global_db_rpo holds back commits while every secondary lags by more; with one secondary its outage is "
    "an outage of writing",
    fix="add a second secondary, or write down that durability goes before availability and waive this",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-global-database-disaster-recovery.html",
    read=date(2023, 6, 1),
)


LEAST = 20
"""Seconds that rds.global_db_rpo may be at the least."""


def check(facts: Facts) -> Iterator[Finding]:
    """Global databases whose parameters bound the lag, by how many secondaries they have."""
    for whole, (first, *others) in wholes(facts, "database"):
        for member in facts.where(Member, member=first.of):
            if not isinstance(member.of, Address):
                continue
            for parameter in facts.where(Parameter, of=member.of):
                if parameter.name != "rds.global_db_rpo" or not isinstance(parameter.value, str):
                    continue
                seconds = parameter.value
                if seconds.isdecimal() and int(seconds) < LEAST:
                    yield RULE.refuted(
                        f"{member.of} bounds the lag to {seconds} s, and {LEAST} is the least", member.of
                    )
                elif len(others) == 1:
                    yield RULE.refuted(
                        f"{whole} commits nothing while {others[0].of}, its only secondary, is more than {seconds} s "
                        "behind",
                        member.of,
                        others[0].of,
                    )
