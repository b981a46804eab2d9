"""Routes of Alertmanager, held against what its own tool says of the same configuration."""

from __future__ import annotations

import itertools
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

import prerequisites
from kubernetes_cluster import thing
from seawall.analyze.alert_routes import told
from seawall.facts.telemetry import Notifies, Routes
from seawall.graph.graph import Graph
from seawall.kernel.value import Unknown
from seawall.readers.read import read

SEVERITIES = ("critical", "warning", "page")
TEAMS = ("shop", "bank")


def leaf(receiver: str, *matchers: str, **more: Any) -> dict[str, Any]:
    """A route with matchers."""
    return {"receiver": receiver, "matchers": list(matchers), **more}


TREES = {
    "flat": [leaf("a", 'severity="critical"'), leaf("b", "severity=~warning|page")],
    "goes on": [leaf("a", 'severity="critical"', **{"continue": True}), leaf("b", 'team="shop"')],
    "goes on and nobody follows": [leaf("a", 'severity!="page"', **{"continue": True}), leaf("b", 'team="none"')],
    "within": [leaf("a", 'team="shop"', routes=[leaf("b", 'severity="critical"'), {"matchers": ['severity="page"']}])],
    "within goes on": [
        leaf("a", 'team="shop"', routes=[leaf("b", 'severity!~"war.*"', **{"continue": True})]),
        leaf("c", 'team=~"shop|bank"'),
    ],
    "old words": [{"receiver": "a", "match": {"team": "shop"}}, {"receiver": "b", "match_re": {"severity": "c.*"}}],
    "none": [],
}


def config(name: str) -> dict[str, Any]:
    """A configuration with that tree."""
    receivers = [{"name": each} for each in ("root", "a", "b", "c")]
    receivers[1]["slack_configs"] = [{"api_url": "http://127.0.0.1/", "channel": "#a"}]  # type: ignore[assignment]
    return {"route": {"receiver": "root", "routes": TREES[name]}, "receivers": receivers}


def routes(config: dict[str, Any]) -> tuple[Routes, list[Notifies]]:
    """What is read of an application with that configuration."""
    values = {"alertmanager": {"config": config}}
    source = {"chart": "kube-prometheus-stack", "helm": {"valuesObject": values}}
    found = read(
        Graph([thing("argoproj.io/v1alpha1", "Application", "p", namespace="argocd", spec={"source": source})])
    )
    [only] = found.all(Routes)
    return only, list(found.all(Notifies))


@pytest.mark.needs("amtool")
@pytest.mark.parametrize("name", TREES)
def test_an_alert_ends_where_amtool_says(name: str, tmp_path: Path) -> None:
    """For every severity and team, the same receivers in the same order."""
    path = tmp_path / "alertmanager.yml"
    path.write_text(yaml.safe_dump(config(name)))
    found, _ = routes(config(name))
    for severity, team in itertools.product(SEVERITIES, TEAMS):
        labels = {"severity": severity, "team": team}
        ends = told(found.root, labels)
        assert not isinstance(ends, Unknown)
        command = [str(prerequisites.program("amtool")), "config", "routes", "test", f"--config.file={path}"]
        said = subprocess.run(
            [*command, *(f"{key}={value}" for key, value in labels.items())],
            capture_output=True, text=True, timeout=60, check=True,
        ).stdout  # fmt: skip
        assert [end.receiver for end in ends] == said.strip().split(","), labels


def test_a_label_of_the_series_leaves_it_open() -> None:
    """Where a label decides that the rule does not give, nobody is said to be told, nor to be not."""
    found, _ = routes(config("flat"))
    assert isinstance(told(found.root, {"team": "shop"}), Unknown)
    empty, _ = routes(config("none"))
    assert [end.receiver for end in told(empty.root, {})] == ["root"]  # type: ignore[union-attr]


def test_receivers_tell_by_what_they_have() -> None:
    """Each means is told of, and a receiver without any tells nobody."""
    found, tells = routes(config("flat"))
    assert dict(found.means) == {"root": (), "a": (("slack", "#a"),), "b": (), "c": ()}
    assert [(each.of.rpartition("//")[2], each.protocol) for each in tells] == [("a", "slack")]  # type: ignore[union-attr]
