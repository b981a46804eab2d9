"""Loki: keeps logs in a bucket, and answers whoever asks for them.

Chart: charts/loki of grafana-community/helm-charts at 3386a1156177 (2026-08-20), where grafana/loki's own has gone.
What it is told, and what it may do in AWS, is the section `logs`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import SERVED, Chart
from seawall.components.logs.place import NAMESPACE
from seawall.components.offer import Right
from seawall.components.scope import Scope


def _rights(scope: Scope) -> Iterator[Right]:
    from seawall.components.logs import loki  # what needs the cluster is imported late: the cluster finds this module

    yield from loki.rights(scope)


def _values(scope: Scope) -> Mapping[str, Any]:
    from seawall.components.logs import loki

    found = loki.values(scope)
    found.setdefault("monitoring", {})["serviceMonitor"] = {"enabled": values.monitored(scope)}
    return found


ADDON = Addon(
    name="loki",
    namespace=NAMESPACE,
    account="loki",
    purpose="keeps logs in a bucket, and answers whoever asks for them",
    rights=_rights,
    part="addons",
    chart=Chart(
        repository="https://grafana-community.github.io/helm-charts",
        name="loki",
        version="18.11.0",
        app_version="3.7.6",
        source="grafana-community/helm-charts@3386a1156177",
        values=_values,
        wave=SERVED,
    ),
)
