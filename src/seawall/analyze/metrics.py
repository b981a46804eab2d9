"""Which metrics a cluster's Prometheus has, with which labels: what is exported, recorded, and made while it asks.

A question is about one cluster: what another one's Prometheus has is of no use to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from seawall.facts.demands import Observe
from seawall.facts.facts import Facts
from seawall.facts.telemetry import Emits, Exports, Scraped
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.knowledge.exporters.catalogue import exporter

_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_OF_SCRAPES: Final = frozenset(
    {
        "up",
        "scrape_duration_seconds",
        "scrape_samples_scraped",
        "scrape_samples_post_metric_relabeling",
        "scrape_series_added",
    }
)
"""What Prometheus adds to every scrape: its documentation, "Jobs and instances", "Automatically generated"."""
_OF_ALERTS: Final = frozenset({"ALERTS", "ALERTS_FOR_STATE"})
"""What it keeps of its own alerts; they have the labels of what the alert found."""
_OF_CONTROLLERS: Final = ("controller_runtime_", "workqueue_", "rest_client_", "go_", "process_", "certwatcher_")
"""How metrics begin that controllers have from the libraries that they are made with."""


@dataclass(frozen=True, slots=True)
class Offered:
    """A metric as one thing exports it: its labels; where ``more``, it may have others.

    ``shadowed`` are labels that it has of its own and that stand there under another name, since the scrape's went
    before them: ``namespace`` is then the exporter's, and the metric's own is ``exported_namespace``.
    """

    by: Address
    labels: frozenset[str]
    more: bool = False
    shadowed: frozenset[str] = frozenset()
    always: tuple[tuple[str, str], ...] = ()

    def fits(self, only: Iterable[tuple[str, str]]) -> bool:
        """Whether these labels may have these values, as far as theirs are known."""
        known = dict(self.always)
        return all(known.get(label, value) == value for label, value in only)


def observed(facts: Facts) -> Iterator[Observe]:
    """The demands that are asked of a Prometheus; those of CloudWatch have a namespace in the metric's name."""
    for demand in facts.all(Observe):
        if cluster_of(demand.source) and (not demand.metric or _NAME.fullmatch(demand.metric)):
            yield demand


def cluster_of(address: Address) -> str:
    """The cluster of an object, empty where it is none."""
    parts = address.owner.as_kubernetes()
    return "" if parts is None else parts[0]


def offered(facts: Facts, cluster: str, metric: str) -> tuple[Offered, ...]:
    """Everything that exports a metric in a cluster."""
    return tuple(_offered(facts, cluster, metric, frozenset()))


def _offered(facts: Facts, cluster: str, metric: str, above: frozenset[str]) -> Iterator[Offered]:
    exports, emits = facts.derive(_by_cluster).get(cluster, ((), {}))
    if metric in _OF_ALERTS:
        yield Offered(Address.outside("prometheus"), frozenset({"alertname", "alertstate"}), more=True)
    if metric in _OF_SCRAPES:
        for each in exports:
            yield Offered(each.of, frozenset(each.labels), always=each.always)
        for found in emits.values():
            yield from (Offered(each.of, frozenset(each.labels), always=each.always) for each in found)
    for each in exports:
        known = exporter(each.exporter) or {}
        if metric in known and metric not in each.without:
            own, attached = frozenset(known[metric].labels), frozenset(each.labels)
            hidden = frozenset() if each.honoured else own & attached
            labels = (own - hidden) | attached | {f"exported_{label}" for label in hidden}
            yield Offered(each.of, labels, shadowed=hidden, always=each.always)
    for one in emits.get(metric, ()):
        carried, more = frozenset(one.labels), False
        for source in one.like:
            if source in above or source == metric:
                continue
            sources = tuple(_offered(facts, cluster, source, above | {metric}))
            more = more or not sources or any(other.more for other in sources)
            carried |= {label for other in sources for label in other.labels}
        renamed = frozenset(label.removeprefix("exported_") for label in carried if label.startswith("exported_"))
        yield Offered(one.of, carried, more, renamed & carried, one.always)


def open_to(facts: Facts, cluster: str, metric: str) -> Iterator[Unknown]:
    """Why nobody can say that a metric which nothing is known to export is not exported after all."""
    exports, emits = facts.derive(_by_cluster).get(cluster, ((), {}))
    if not exports and not emits:
        yield Unknown(f"{cluster}.metrics", why="nothing in the input says what its Prometheus asks")
    for monitor in facts.derive(_silent).get(cluster, ()):
        yield Unknown(f"{monitor}.exports", why="nothing says what the pods that it selects export")
    for each in exports:
        if exporter(each.exporter) is None and _may_be_of(each.exporter, metric):
            yield Unknown(f"{each.of}.{each.exporter}", why="what this exporter exports is not known here")


def _may_be_of(unknown: str, metric: str) -> bool:
    """Whether a metric is named as those of an exporter are whose table is not here: for itself, or for its library."""
    words = unknown.replace("-", "_")
    return metric.startswith(
        (f"{words}_", f"{words.partition('_')[0]}_", f"{words.replace('_', '')}_", *_OF_CONTROLLERS)
    )


def missing(labels: Iterable[str], found: Iterable[Offered]) -> tuple[frozenset[str], Offered] | None:
    """The fewest labels that a metric lacks of those that are asked for, and in whose export; None where none does."""
    asked = frozenset(labels)
    lacking = [(frozenset() if each.more else asked - each.labels, each) for each in found]
    if any(not lacks and not asked & each.shadowed for lacks, each in lacking):
        return None
    # Of two that lack as much, the same one whatever order they were found in.
    return min(lacking, key=lambda one: (len(one[0]), one[1].by, sorted(one[1].labels)), default=None)


def _by_cluster(facts: Facts) -> dict[str, tuple[tuple[Exports, ...], dict[str, list[Emits]]]]:
    found: dict[str, tuple[list[Exports], dict[str, list[Emits]]]] = {}
    for exports in facts.all(Exports):
        found.setdefault(cluster_of(exports.of), ([], {}))[0].append(exports)
    for emits in facts.all(Emits):
        if cluster := cluster_of(emits.of):
            found.setdefault(cluster, ([], {}))[1].setdefault(emits.metric, []).append(emits)
    return {cluster: (tuple(exports), emits) for cluster, (exports, emits) in found.items()}


def _silent(facts: Facts) -> dict[str, list[Address]]:
    """The monitors of which nothing says what is exported where they ask."""
    telling = {exports.of for exports in facts.all(Exports)} | {emits.of for emits in facts.all(Emits)}
    found: dict[str, list[Address]] = {}
    for scraped in facts.all(Scraped):
        if scraped.of not in telling:
            found.setdefault(cluster_of(scraped.of), []).append(scraped.of)
    return found
