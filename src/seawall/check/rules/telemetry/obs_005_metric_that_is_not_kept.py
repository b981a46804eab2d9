"""An alarm or panel that asks CloudWatch for what it does not keep."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.cloudwatch import Asked, asked, emitted, putting
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Alarm
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.knowledge.cloudwatch_metrics import CLASSIC_ONLY, kept_by, knows

RULE = Rule(
    id="OBS-005",
    severity=Severity.HIGH,
    summary="An alarm or panel asks CloudWatch for a metric that is not kept",
    why="CloudWatch keeps a series for each exact set of dimensions, and accepts alarms on any: one that asks for what "
    "is not there stays without data and never rings",
    fix="ask for a metric of the namespace, by one of the sets of dimensions by which it is kept",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each metric that is asked for, against what its service keeps or somebody sends."""
    doubts: dict[Address, tuple[dict[str, None], dict[Unknown, None]]] = {}
    for one in asked(facts):
        found = _of_service(facts, one) if knows(one.namespace) else _of_ours(facts, one)
        if isinstance(found, Finding):
            yield found
        elif found is not None:
            metrics, because = doubts.setdefault(one.source, ({}, {}))
            metrics[f"{one.namespace}/{one.metric}"] = None
            because[found] = None
    for source, (metrics, because) in doubts.items():
        spelled = ", ".join(sorted(metrics))
        severity = _severity(facts, source)
        yield RULE.unknown(
            f"whether anybody keeps what {source} asks for is not known: {spelled}", because, source, severity=severity
        )


def _of_service(facts: Facts, one: Asked) -> Finding | None:
    sets = kept_by(one.namespace, one.metric)
    if sets is None or (one.metric in CLASSIC_ONLY and not sets):  # the latter is EDGE-020
        return None
    if not sets:
        return _refuted(facts, one, f"{one.source} asks for {one.metric}, which {one.namespace} does not have")
    return _by_others(facts, one, sets)


def _of_ours(facts: Facts, one: Asked) -> Finding | Unknown | None:
    if one.namespace.startswith("AWS/"):
        return Unknown(f"{one.namespace}", why="this namespace of AWS's is not in the list of those that are known")
    senders = emitted(facts, one.namespace, one.metric)
    may = putting(facts, one.namespace)
    if may.named:  # by which names and dimensions is in its code, which nobody reads
        return None
    if senders:
        return _by_others(facts, one, tuple(frozenset(sender.labels) for sender in senders))
    if may.unlimited:
        holders = ", ".join(sorted(may.unlimited))
        return Unknown(f"{one.namespace}/{one.metric}", why=f"{holders} may send to any namespace")
    return Unknown(f"{one.namespace}/{one.metric}", why="nobody in the input sends it, or may send to that namespace")


def _by_others(facts: Facts, one: Asked, sets: tuple[frozenset[str], ...]) -> Finding | None:
    if one.dimensions is None or one.dimensions in sets:
        return None
    by = f"by {_spelled(one.dimensions)}"
    return _refuted(
        facts,
        one,
        f"{one.source} asks for {one.namespace}/{one.metric} {by}, by which it is not kept",
        tuple(f"kept by {_spelled(each)}" for each in sets),
    )


def _refuted(facts: Facts, one: Asked, what: str, evidence: tuple[str, ...] = ()) -> Finding:
    return RULE.refuted(what, one.source, evidence=evidence, severity=_severity(facts, one.source))


def _severity(facts: Facts, source: Address) -> Severity:
    """An alarm that never rings is worse than a panel that stays empty."""
    return RULE.severity if facts.where(Alarm, of=source) or source.as_kubernetes() else Severity.MEDIUM


def _spelled(dimensions: frozenset[str]) -> str:
    return " and ".join(sorted(dimensions)) or "no dimension"
