"""Clusters that a replicator cannot connect."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-035",
    severity=Severity.HIGH,
    summary="A replicator's cluster is not one that it works with",
    why="MSK Replicator needs Kafka 2.7 or later, brokers from m5.large on, at least three of them, and IAM access "
    "control; otherwise its creation fails",
    fix="upgrade the cluster, or turn on sasl.iam",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/msk/latest/developerguide/msk-replicator-supported-configs.html",
    read=date(2025, 12, 1),
)


_LEAST = (2, 7)


def check(facts: Facts) -> Iterator[Finding]:
    """Both ends of each replicator: version, brokers, how clients sign in."""
    seen = set()
    for copy in sorted(facts.all(Replicates), key=str):
        for end in (copy.source, copy.target):
            store = facts.one(Store, of=end)
            if store is None or store.engine != "kafka" or store in seen:
                continue
            seen.add(store)
            faults = tuple(_faults(facts, store))
            if faults:
                yield RULE.refuted(f"{store.of} is an end of a replicator: {'; '.join(faults)}", store.of, copy.by)


def _faults(facts: Facts, store: Store) -> Iterator[str]:
    numbers = str(store.version).split(".")[:2]
    if len(numbers) == 2 and all(part.isdecimal() for part in numbers) and (int(numbers[0]), int(numbers[1])) < _LEAST:
        yield f"it runs Kafka {store.version}"
    if isinstance(store.class_, str) and store.class_.startswith("kafka.t3"):
        yield f"its brokers are {store.class_}"
    if isinstance(store.nodes, int) and store.nodes < 3:
        yield f"it has {store.nodes} brokers"
    signed = [setting.value for setting in facts.where(Setting, of=store.of) if setting.key == "iam-authentication"]
    if signed and signed[0] is False:
        yield "it has no IAM access control"
