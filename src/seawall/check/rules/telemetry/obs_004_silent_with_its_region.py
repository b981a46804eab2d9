"""Alarms that are lost with the region that they are to tell of."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.facts.telemetry import Alarm
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="OBS-004",
    severity=Severity.HIGH,
    summary="Every alarm is in the region whose loss is claimed to be survived",
    why="CloudWatch of a region that is lost evaluates nothing and tells nobody: the one event that needs a person "
    "is the one "
    "that comes without a word",
    fix="watch from outside: a Route 53 health check with its alarm in us-east-1 (in another region, if that is the "
    "one), or "
    "alarms in the second region on what it sees of the first",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/welcome.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """With a claim about the loss of a region: the regions of all alarms, and that of the databases."""
    claims = facts.where(Claim, subject="region_loss")
    alarms = facts.all(Alarm)
    regions = {alarm.region for alarm in alarms if isinstance(alarm.region, str)}
    if not claims or len(regions) != 1 or any(not isinstance(alarm.region, str) for alarm in alarms):
        return
    [region] = regions
    if region and any(store.kind == "database" and store.region == region for store in facts.all(Store)):
        first = min(alarm.of for alarm in alarms)
        count = f"all {len(alarms)} alarms are" if len(alarms) > 1 else "the one alarm is"
        yield RULE.refuted(
            f"{count} in {region}, and so is a database that would be lost with it",
            first,
            evidence=sorted(f"claim: region_loss {claim.measure} {claim.value}" for claim in claims),
        )
