"""Fluent Bit: reads what pods say off their nodes, and sends it to where it is kept.

Chart: charts/fluent-bit of fluent/helm-charts at 5b81bf7a5a5d (2026-08-18). What it is told, and what it may do in AWS,
is the section `logs`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import SERVED, Chart
from seawall.components.logs.place import NAMESPACE
from seawall.components.offer import Right
from seawall.components.scope import Scope


def _rights(scope: Scope) -> Iterator[Right]:
    from seawall.components.logs import fluent_bit  # it needs the cluster, which finds this module

    yield from fluent_bit.rights(scope)


def _values(scope: Scope) -> Mapping[str, Any]:
    from seawall.components.logs import fluent_bit

    return fluent_bit.values(scope)


ADDON = Addon(
    name="fluent-bit",
    namespace=NAMESPACE,
    account="fluent-bit",
    purpose="reads what pods say off their nodes, and sends it to where it is kept",
    rights=_rights,
    # It reads files of the node.
    pod_security="privileged",
    part="addons",
    chart=Chart(
        repository="https://fluent.github.io/helm-charts",
        name="fluent-bit",
        version="0.58.1",
        app_version="5.1.1",
        source="fluent/helm-charts@5b81bf7a5a5d",
        values=_values,
        wave=SERVED,
    ),
)
