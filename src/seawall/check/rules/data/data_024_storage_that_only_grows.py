"""Storage autoscaling without an alarm."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.named import stores_named
from seawall.check.rule import Rule
from seawall.facts.demands import Observe
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Alarm
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Ref, Textual

RULE = Rule(
    id="DATA-024",
    severity=Severity.LOW,
    summary="Growing storage is all that keeps a database from filling up",
    why="RDS grows the storage once, and then not again for six hours; what fills up faster than that stops the "
    "database, unannounced",
    fix="put an alarm on FreeStorageSpace beside it",
    layers=("terraform", "telemetry"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.StorageTypes.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Databases whose storage grows, against alarms on their free space, CloudWatch's or Prometheus'."""
    if any(_is_prometheus(observe.metric) for observe in facts.all(Observe)):
        return
    alarms = [alarm for alarm in facts.all(Alarm) if alarm.metric == "AWS/RDS/FreeStorageSpace"]
    for setting in facts.where(Setting, key="storage-limit"):
        of = setting.of
        if isinstance(of, Address) and not any(_watches(facts, alarm, of) for alarm in alarms):
            yield RULE.refuted(
                f"the storage of {of} grows to {setting.value} GiB, and nothing watches how much is free", of
            )


def _is_prometheus(metric: str) -> bool:
    """Whether it is free storage as an exporter of CloudWatch's figures calls it, for whichever databases it has."""
    word = metric.lower().replace("_", "")
    return "/" not in metric and "freestorage" in word


def _watches(facts: Facts, alarm: Alarm, of: Address) -> bool:
    """Whether an alarm is about a database, or may be."""
    named: list[Textual] = [value for name, value in alarm.dimensions if name == "DBInstanceIdentifier"]
    if not named:
        return True
    if isinstance(named[0], Ref):
        return named[0].to == of
    return not isinstance(named[0], str) or any(store.of == of for store in stores_named(facts, named[0]))
