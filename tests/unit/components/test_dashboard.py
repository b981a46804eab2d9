"""The dashboards that ship: what they show, and that CloudWatch can show it."""

from __future__ import annotations

from itertools import combinations

import pytest
import yaml

from platforms import shipped
from seawall.cli.input import reference_platforms
from seawall.components.dashboard import ALARMS, MOST
from seawall.kernel.value import Ref

ENVIRONMENTS = [
    pytest.param(name, environment, id=f"{name}-{environment}")
    for name, folder in reference_platforms().items()
    for environment in yaml.safe_load((folder / "platform.yaml").read_text())["environments"]
]


def _dashboards(name, environment=None):
    return shipped(name, environment)[1].of_type("aws_cloudwatch_dashboard")


def _sections(dashboard):
    """Heading -> the widgets below it."""
    found = {}
    for widget in dashboard.body["dashboard_body"]["widgets"]:
        if widget["type"] == "text":
            current = found.setdefault(widget["properties"]["markdown"].removeprefix("## "), [])
        else:
            current.append(widget)
    return found


def _metrics(widgets):
    lines = [line for widget in widgets for line in widget["properties"].get("metrics", ())]
    named = {line[1] for line in lines if isinstance(line[0], str)}
    return named | {line[0]["label"] for line in lines if not isinstance(line[0], str)}


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_nothing_lies_on_anything_else(name, environment):
    """Every widget has a place of its own within the 24 columns, and there are no more than CloudWatch takes."""
    for dashboard in _dashboards(name, environment):
        widgets = dashboard.body["dashboard_body"]["widgets"]
        assert len(widgets) <= MOST
        for widget in widgets:
            assert 0 <= widget["x"] <= 24 - widget["width"]
            assert widget["type"] != "alarm" or len(widget["properties"]["alarms"]) <= ALARMS
        for one, other in combinations(widgets, 2):
            apart = (
                one["x"] + one["width"] <= other["x"] or other["x"] + other["width"] <= one["x"]
                or one["y"] + one["height"] <= other["y"] or other["y"] + other["height"] <= one["y"]
            )  # fmt: skip
            assert apart, (one, other)


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_every_panel_can_be_drawn(name, environment):
    """Each has a title, a region and a metric; no two are the same; ids within one are its own; things exist."""
    _, graph = shipped(name, environment)
    for dashboard in _dashboards(name, environment):
        panels = [w["properties"] for w in dashboard.body["dashboard_body"]["widgets"] if w["type"] == "metric"]
        assert panels
        assert len({repr(panel) for panel in panels}) == len(panels)
        for panel in panels:
            assert panel["title"]
            assert panel["region"]
            lines = panel["metrics"]
            assert lines
            ids = [part["id"] for line in lines for part in line if isinstance(part, dict) and "id" in part]
            assert len(set(ids)) == len(ids)
            for line in lines:
                assert all(part.to in graph.resources for part in line if isinstance(part, Ref))


@pytest.mark.parametrize("environment", ["prod", "staging", "dev"])
def test_pocketbank_has_the_sections_of_its_document(environment):
    """Cluster overview, pods, load balancer, RDS, health checks and the alarms' states, each with what it lists."""
    [dashboard] = _dashboards("pocketbank", environment)
    sections = _sections(dashboard)
    wanted = {
        "Cluster overview": {
            "node_cpu_utilization", "node_memory_utilization", "node_filesystem_utilization", "cluster_node_count",
        },
        "Pods": {
            "pod_cpu_utilization_over_pod_limit", "pod_memory_utilization_over_pod_limit",
            "pod_number_of_container_restarts",
        },
        "Load balancer": {
            "RequestCount", "HTTPCode_ELB_5XX_Count", "HTTPCode_Target_5XX_Count", "TargetResponseTime",
            "UnHealthyHostCount", "ActiveConnectionCount",
        },
        "Databases": {"CPUUtilization", "FreeStorageSpace", "DatabaseConnections", "DiskQueueDepth"},
        "Route 53 health checks, and what visitors get": {"HealthCheckStatus", "HealthCheckPercentageHealthy"},
    }  # fmt: skip
    for title, metrics in wanted.items():
        assert metrics <= _metrics(sections[title]), title
    [status] = sections["Alarm status"]
    assert status["type"] == "alarm"
    for widget in sections["Route 53 health checks, and what visitors get"]:
        assert widget["properties"]["region"] == "us-east-1"
    assert ("Service level" in sections) == (environment != "dev")


def test_genai_demo_shows_what_it_is_made_of():
    """Each region's dashboard has nodes, pods, load balancer, database, cache and stream; its own errors, too."""
    home, tokyo = sorted(_dashboards("genai-demo", "production"), key=lambda each: str(each.region))
    for dashboard in (home, tokyo):
        sections = _sections(dashboard)
        layers = {"Cluster overview", "Pods", "Load balancer", "Databases", "Caches", "Streams", "Alarm status"}
        assert layers | {"Service level", "telemetry"} <= set(sections)
        assert "errors" in _metrics(sections["telemetry"])
        assert {"CacheHitRate", "EngineCPUUtilization"} <= _metrics(sections["Caches"])
        assert {"BytesInPerSec", "OfflinePartitionsCount"} <= _metrics(sections["Streams"])
