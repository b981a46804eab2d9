"""Rules as Prometheus itself takes them: each alert is raised where it must be, and quiet where it must be."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

import prometheus
from seawall.cli.input import load_graph
from seawall.graph.graph import Graph

PLATFORMS = [("petclinic", "production"), ("petclinic", "development"), ("pingvas", "shared")]
EACH = pytest.mark.parametrize(("name", "environment"), PLATFORMS)
ALL_RULES = pytest.mark.parametrize(("name", "environment"), [PLATFORMS[0], PLATFORMS[2]])
"""The platforms without their smaller environments, which have no rule of their own."""
pytestmark = pytest.mark.needs("promtool")


@cache
def graph(name: str, environment: str) -> Graph:
    """A platform that has a Prometheus."""
    return load_graph([name], environment)[1]


@EACH
def test_prometheus_takes_every_rule(name: str, environment: str, tmp_path: Path) -> None:
    """promtool finds no mistake, no template that fails, and no rule that is there twice."""
    telemetry = prometheus.written(graph(name, environment), tmp_path)
    status, said = prometheus.promtool("check", "rules", *sorted((telemetry / "rules").iterdir()))
    assert status == 0, said


@EACH
def test_every_alert_is_raised_and_quiet_where_it_must_be(name: str, environment: str, tmp_path: Path) -> None:
    """What ships beside the rules passes as it ships."""
    telemetry = prometheus.written(graph(name, environment), tmp_path)
    status, said = prometheus.promtool("test", "rules", *sorted((telemetry / "tests").iterdir()))
    assert status == 0, said


@EACH
def test_every_alert_has_a_test_of_each_kind(name: str, environment: str, tmp_path: Path) -> None:
    """None is without one that raises it and one that does not, and series stand under both."""
    telemetry = prometheus.written(graph(name, environment), tmp_path)
    alerts = [rule["alert"] for _, body in prometheus.rules(telemetry) for rule in _rules(body) if "alert" in rule]
    tests = [test for path in (telemetry / "tests").iterdir() for test in yaml.safe_load(path.read_text())["tests"]]
    for kind, expected in (("is raised", 1), ("is quiet", 0)):
        found = [test for test in tests if test["name"].endswith(f" {kind}")]
        assert sorted(test["name"].removesuffix(f" {kind}") for test in found) == sorted(alerts)
        assert all(test["input_series"] for test in found)
        assert all(len(asked["exp_samples"]) == expected for test in found for asked in test["promql_expr_test"])


def _never(expr: str) -> str:
    return f"({expr}) and on () (vector(0) > 1)"


def _always(expr: str) -> str:
    return f"({expr}) or on () vector(1)"


@ALL_RULES
@pytest.mark.parametrize(("change", "kind"), [(_never, "is raised"), (_always, "is quiet")])
def test_the_tests_notice_an_alert_that_is_wrong(
    name: str, environment: str, change: Callable[[str], str], kind: str, tmp_path: Path
) -> None:
    """One that is never raised fails every test of the first kind, one that always is every test of the second."""
    telemetry = _of_each_kind(prometheus.written(graph(name, environment), tmp_path))
    for path, body in prometheus.rules(telemetry):
        for rule in _rules(body):
            if "alert" in rule:
                rule["expr"] = change(rule["expr"])
        path.write_text(yaml.safe_dump(body))
    paths = sorted((telemetry / "tests").iterdir())
    status, said = prometheus.promtool("test", "rules", *paths)
    expected = {
        asked["expr"]
        for path in paths
        for test in yaml.safe_load(path.read_text())["tests"]
        if test["name"].endswith(kind)
        for asked in test["promql_expr_test"]
    }
    assert status == 1
    assert prometheus.failed(said) == expected


@ALL_RULES
def test_the_tests_notice_a_threshold_that_is_moved(name: str, environment: str, tmp_path: Path) -> None:
    """A hundred times as much must not be needed to raise any alert that has a threshold."""
    telemetry = _of_each_kind(prometheus.written(graph(name, environment), tmp_path))
    moved = set()
    for path, body in prometheus.rules(telemetry):
        for rule in _rules(body):
            before, above, threshold = rule["expr"].rpartition(" > ")
            if "alert" in rule and above and threshold.replace(".", "").isdecimal() and float(threshold) > 0:
                rule["expr"] = f"{before} > {float(threshold) * 100:f}"
                moved.add(rule["alert"])
        path.write_text(yaml.safe_dump(body))
    _, said = prometheus.promtool("test", "rules", *sorted((telemetry / "tests").iterdir()))
    failed = {expr.partition('alertname="')[2].partition('"')[0] for expr in prometheus.failed(said)}
    assert moved <= failed
    assert len(moved) > 5


def _of_each_kind(telemetry: Path) -> Path:
    """One file of each kind: budgets of services burn alike, and a further site has home's alerts."""
    budgets = [path.stem for path in sorted((telemetry / "tests").glob("objectives-*"))]
    for path in (*(telemetry / "tests").iterdir(), *(telemetry / "rules").iterdir()):
        if path.stem in budgets[1:] or path.stem.startswith("oregon-"):
            path.unlink()
    return telemetry


def _rules(body: dict[str, Any]) -> list[dict[str, Any]]:
    return [rule for group in body["groups"] for rule in group["rules"]]
