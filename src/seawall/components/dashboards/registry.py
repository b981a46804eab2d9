"""The dashboards that there are, found by walking this package, and the ConfigMaps by which Grafana gets them."""

from __future__ import annotations

import importlib
import json
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from functools import cache

from seawall.components.dashboards.layout import document
from seawall.components.dashboards.panel import Dashboard
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError

NAMESPACE = "monitoring"
LABEL = {"grafana_dashboard": "1"}
"""By which Grafana's sidecar finds a dashboard."""


@cache
def known() -> dict[str, Callable[[Scope], Dashboard]]:
    """Every dashboard by the name that a description calls it: the ``dashboard`` of each module of this package."""
    import seawall.components.dashboards as package

    found = {}
    for module in pkgutil.iter_modules(package.__path__):
        made = getattr(importlib.import_module(f"{package.__name__}.{module.name}"), "dashboard", None)
        if made is not None:
            found[module.name.replace("_", "-")] = made
    return dict(sorted(found.items()))


def dashboards(scope: Scope, names: Iterable[str]) -> Iterator[Resource]:
    """A ConfigMap a dashboard, in the order of ``names``; InputError where one shows what the platform lacks."""
    for name in names:
        if name not in known():
            raise InputError(
                f"there is no dashboard {name}",
                fix=f"choose from {', '.join(known())}",
                origin=scope.origin,
            )
        found = known()[name](scope)
        # Compact: a ConfigMap holds a mebibyte, and people read a dashboard in Grafana.
        body = json.dumps(document(found), separators=(",", ":"), ensure_ascii=False)
        yield scope.object(
            "v1",
            "ConfigMap",
            f"dashboard-{name}",
            {"data": {f"{found.uid}.json": body}},
            namespace=NAMESPACE,
            labels=LABEL,
            annotations={"grafana_folder": scope.platform.name},
        )


def lacks(scope: Scope, dashboard: str, what: str, fix: str) -> InputError:
    """That a dashboard shows what the platform lacks, and what to do about it."""
    return InputError(
        f"the dashboard {dashboard} shows {what}, of which {scope.platform.name} has none",
        fix=f"{fix}, or take {dashboard} out of monitoring.dashboards",
        origin=scope.origin,
    )
