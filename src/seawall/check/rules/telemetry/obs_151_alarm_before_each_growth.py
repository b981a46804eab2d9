"""An alarm on free storage that the growing of the storage comes after."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.named import stores_named
from seawall.check.rule import Rule
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Alarm, Threshold
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Size
from seawall.kernel.value import Ref

RULE = Rule(
    id="OBS-151",
    severity=Severity.LOW,
    summary="An alarm on free storage goes off each time before the storage grows by itself",
    why="RDS adds storage where a tenth or less of it is free, so that the alarm is up while nothing is wrong yet; "
    "where RDS then does not grow, because it did so less than six hours ago or may not any more, nothing new is said",
    fix="put the threshold below a tenth of the storage, such as a twentieth: there RDS should have grown and has not",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html",
    read=None,
)

SHARE = 10
"""RDS grows where so many percent or less are free for five minutes; the limit is to be that much above the size."""


def check(facts: Facts) -> Iterator[Finding]:
    """Alarms on FreeStorageSpace of an instance that grows by itself, against a tenth of its storage as it is made."""
    for threshold in facts.all(Threshold):
        alarm = facts.one(Alarm, of=threshold.of)
        if alarm is None or alarm.metric != "AWS/RDS/FreeStorageSpace" or threshold.operator not in ("<", "<="):
            continue
        store = _named(facts, alarm)
        if store is None or not isinstance(store.size, int) or not isinstance(threshold.number, float):
            continue
        limit = next((each.value for each in facts.where(Setting, of=store.of) if each.key == "storage-limit"), None)
        grows = store.size * SHARE / 100
        if not isinstance(limit, int) or limit * 2**30 < store.size + grows or threshold.number <= grows:
            continue
        yield RULE.refuted(
            f"{alarm.of} goes off below {threshold.number / 1e9:.3g} GB, and {store.of} grows at {grows / 1e9:.3g} GB",
            alarm.of,
            store.of,
            evidence=(
                f"{store.of}: {Size(store.size)}, growing to {limit} GiB",
                f"a tenth of {Size(store.size)} is {grows / 1e9:.3g} GB",
            ),
        )


def _named(facts: Facts, alarm: Alarm) -> Store | None:
    """The one instance that an alarm is about."""
    if [name for name, _ in alarm.dimensions] != ["DBInstanceIdentifier"]:
        return None
    value = alarm.dimensions[0][1]
    if isinstance(value, Ref):
        return facts.one(Store, of=value.to)
    found = stores_named(facts, value) if isinstance(value, str) else ()
    here = [store for store in found if store.region == alarm.region and store.kind == "database"]
    return here[0] if len(here) == 1 else None
