"""All rules of a platform, by who says them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby

from seawall.components.monitoring import nodes, objectives, own, pods, recorded
from seawall.components.monitoring.collect import changed, of_components
from seawall.components.monitoring.group import Group, objects
from seawall.components.monitoring.stated import Stated
from seawall.components.scope import Scope
from seawall.graph.resource import Resource


def rules(scope: Scope, stated: Mapping[str, Stated | None]) -> Iterator[Resource]:
    """A PrometheusRule for each component that has any, with its file and its tests."""
    for name, found in groupby(groups(scope, stated), key=lambda group: group.file or group.component):
        yield from objects(scope, name, found)


def groups(scope: Scope, stated: Mapping[str, Stated | None]) -> list[Group]:
    """Every group, those of a component one after another; InputError for what is stated of none of their alerts."""
    ours = scope.name
    promised = objectives.groups(scope)
    burnt = frozenset((record.name, record.labels["service"]) for group in promised for record in group.records)
    known = [
        Group("alerting", ours, alerts=tuple(own.alerts())),
        Group("nodes", ours, alerts=tuple(nodes.alerts())),
        Group("pods", ours, alerts=tuple(pods.alerts(scope))),
        recorded.group(scope, burnt),
        *promised,
        *of_components(scope),
    ]
    return changed(scope, known, stated)
