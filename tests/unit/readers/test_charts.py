"""Which charts an application of Argo CD installs."""

from __future__ import annotations

from typing import Any

from seawall.facts.delivery import Installed
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.kubernetes.charts import charts

CHART = {"repoURL": "https://charts.example", "chart": "loki", "targetRevision": "1.2.3"}
FOLDER = {"repoURL": "https://code.example/shop", "path": "deployed", "targetRevision": "main"}


def _read(**spec: Any) -> list[Installed]:
    body = {
        "metadata": {"name": "loki", "namespace": "argocd"},
        "spec": {"destination": {"namespace": "logging"}, **spec},
    }
    address = Address.kubernetes("main", "Application", "argocd", "loki")
    found = list(charts(Resource(address, "argoproj.io/v1alpha1/Application", body)))
    assert all(isinstance(fact, Installed) for fact in found)
    return found  # type: ignore[return-value]


def test_a_chart_is_installed_into_its_namespace() -> None:
    """Repository, name and version are the source's, the namespace is the destination's."""
    [fact] = _read(source=CHART)
    assert (fact.repository, fact.chart, fact.version) == ("https://charts.example", "loki", "1.2.3")
    assert fact.namespace == "main/Namespace/logging"


def test_a_folder_is_no_chart() -> None:
    """What lies in a repository is synced, and is no release of a chart."""
    assert _read(source=FOLDER) == []


def test_each_of_several_sources_is_looked_at() -> None:
    """Values may lie in a repository beside the chart's own."""
    assert [fact.chart for fact in _read(sources=[FOLDER, CHART])] == ["loki"]
