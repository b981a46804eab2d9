"""Readers of controllers take whatever an application holds: what makes no sense is no circumstance."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analyze.permissions.controllers import calls
from seawall.facts.delivery import Controller
from seawall.facts.facts import Facts
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Unknown
from seawall.knowledge.controllers.catalogue import controllers
from seawall.readers.read import read_one

KEYS = (
    "config", "extraFiles", "outputs", "discovery", "jobs", "regions", "type", "roles", "fluent-bit.yaml", "grafana",
    "additionalDataSources", "jsonData", "datasources", "settings", "clusterName", "serviceAccount", "annotations",
    "eks.amazonaws.com/role-arn", "name", "provider", "domainFilters", "agent", "configuration",
    "backupStorageLocation", "bucket", "static", "customNamespace", "pipeline",
)  # fmt: skip
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=6)
    | st.sampled_from(["{", "[OUTPUT]\n Name s3", "a: b"])
)
ODD = LEAVES | st.just(Unknown("x")) | st.just(Text(("a", Unknown("x"))))
VALUES = st.recursive(
    ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)
CHARTS = sorted({chart for controller in controllers().values() for chart in controller.charts})


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(CHARTS), VALUES, VALUES)
def test_no_values_break_a_reader(chart: str, values: Any, text: Any) -> None:
    """A chart with any values at all is read, and what it needs is worked out from what could be made of them."""
    source = {"repoURL": "x", "chart": chart, "targetRevision": "1", "helm": {"valuesObject": values, "values": text}}
    body = {"metadata": {"name": "it"}, "spec": {"destination": {"namespace": "ns"}, "source": source}}
    address = Address.kubernetes("main", "Application", "argocd", "it")
    found = list(read_one(Resource(address, "argoproj.io/v1alpha1/Application", body)))
    assert any(isinstance(fact, Controller) for fact in found)
    assert isinstance(calls(Facts(found)), tuple)
