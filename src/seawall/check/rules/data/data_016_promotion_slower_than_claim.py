"""A recovery time shorter than the promotion it rests on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Replicates
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration

RULE = Rule(
    id="DATA-016",
    severity=Severity.HIGH,
    summary="A recovery time is claimed that the promotion of the standby alone uses up",
    why="before anything works again the standby has to become the writer, and that takes its time at the least; then "
    "every client has to find out and connect again",
    fix="claim a time that holds the promotion, or use a copy that is promoted faster (an Aurora replica, a Multi-AZ "
    "cluster)",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZSingleStandby.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Claims about losing a zone or a region against the least time that a copy of that scope needs.

    A claim of just that time is not kept either, since clients connect again only afterwards.
    """
    for subject, scope in (("zone_loss", "zone"), ("region_loss", "region")):
        for claim in facts.where(Claim, subject=subject):
            if claim.measure != "rto" or not isinstance(claim.value, Duration):
                continue
            for copy in facts.all(Replicates):
                if copy.scope == scope and copy.takes.least >= claim.value.seconds:
                    named = [link for link in (copy.source, copy.target) if isinstance(link, str)]
                    by_hand = ", by hand" if copy.promotion == "manual" else ""
                    yield RULE.refuted(
                        f"{subject} rto {claim.value} is claimed, and promoting {copy.target} takes at least "
                        f"{copy.takes.least:g} s (usually {copy.takes.expected:g} s{by_hand})",
                        *named,
                        evidence=(
                            f"claim: {subject} rto {claim.value}",
                            f"{copy.source} to {copy.target}: {copy.mode}, "
                            f"{copy.takes.least:g} to {copy.takes.most:g} s",
                        ),
                    )
