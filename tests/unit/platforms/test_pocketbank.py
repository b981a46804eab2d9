"""What PocketBank's page says of it is so: its tiers are apart, its copies find their way, its alarms are there."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from platforms import shipped
from seawall.analyze.reachability.reach import reach
from seawall.cli.input import reference_platforms
from seawall.facts.demands import Reach
from seawall.kernel.verdict import Answer
from seawall.readers.read import facts_of
from seawall.render.terraform.files import files

ENVIRONMENTS = ("prod", "staging", "dev")


@pytest.fixture(scope="module", params=ENVIRONMENTS)
def graph(request):
    """Each environment."""
    return shipped("pocketbank", request.param)[1]


def _demand(graph, source, target):
    (found,) = [
        demand
        for demand in graph.demands
        if isinstance(demand, Reach) and source in demand.source and target in str(demand.target)
    ]
    return found


def test_each_tier_reaches_the_next_and_no_other(graph):
    """nginx reaches the application, the application the database; nginx does not reach the database."""
    facts = facts_of(graph)
    inward = _demand(graph, "Deployment/pocketbank/web", "was")
    onward = _demand(graph, "Deployment/pocketbank/was", "bank_db")
    assert reach(facts, inward).verdict.answer is Answer.PROVEN
    assert reach(facts, onward).verdict.answer is Answer.PROVEN
    past = replace(onward, source=inward.source)
    assert reach(facts, past).verdict.answer is Answer.REFUTED


def test_the_backup_instance_reaches_the_database(graph):
    """The path that the document leaves closed: from the instance's group to 3306."""
    assert (
        reach(facts_of(graph), _demand(graph, "aws_autoscaling_group.backup", "bank_db")).verdict.answer
        is Answer.PROVEN
    )


def test_nodes_lie_in_their_own_tiers(graph):
    """web's nodes in web's subnets, was's nodes and the instance in was's, the database in data's."""
    places = {
        resource.address.as_terraform().path: {ref.to.as_terraform().name[:-2] for ref in resource.body[argument]}
        for type, argument in (
            ("aws_eks_node_group", "subnet_ids"),
            ("aws_autoscaling_group", "vpc_zone_identifier"),
            ("aws_db_subnet_group", "subnet_ids"),
        )
        for resource in graph.of_type(type)
    }
    assert places == {
        "aws_eks_node_group.web": {"web"},
        "aws_eks_node_group.was": {"was"},
        "aws_autoscaling_group.backup": {"was"},
        "aws_db_subnet_group.bank_db": {"data"},
    }


POD = {"ClusterName", "Namespace", "PodName"}
BALANCER, DATABASE = {"LoadBalancer"}, {"DBInstanceIdentifier"}
# The document's alarm -> ours, each with its metric, dimensions and threshold in prod.
INSIGHTS, ALB, RDS = "ContainerInsights", "AWS/ApplicationELB", "AWS/RDS"
DOCUMENTED = {
    "node-cpu-high": {"insights-node-processor": (INSIGHTS, "node_cpu_utilization", {"ClusterName"}, ">", 80)},
    "node-memory-high": {"insights-node-memory": (INSIGHTS, "node_memory_utilization", {"ClusterName"}, ">", 85)},
    "node-disk-high": {"insights-node-disk": (INSIGHTS, "node_filesystem_utilization", {"ClusterName"}, ">", 80)},
    "node-status-check-failed": {
        f"insights-{group}-status-check-failed": ("AWS/EC2", "StatusCheckFailed", {"AutoScalingGroupName"}, ">", 0)
        for group in ("web", "was")
    },
    "node-count-low": {"insights-node-count": (INSIGHTS, "cluster_node_count", {"ClusterName"}, "<", 4)},
    "pod-cpu-high": {
        f"insights-{name}-processor": (INSIGHTS, "pod_cpu_utilization_over_pod_limit", POD, ">", 80)
        for name in ("was", "web")
    },
    "pod-memory-high": {
        f"insights-{name}-memory": (INSIGHTS, "pod_memory_utilization_over_pod_limit", POD, ">", 85)
        for name in ("was", "web")
    },
    "pod-restart-high": {
        f"insights-{name}-restarts": (INSIGHTS, "pod_number_of_container_restarts", POD, ">", 5)
        for name in ("was", "web")
    },
    "container-cpu-high": {
        "insights-container-processor": (
            INSIGHTS, "container_cpu_utilization_over_container_limit", {"ClusterName"}, ">", 90,
        )
    },
    "container-memory-high": {
        "insights-container-memory": (
            INSIGHTS, "container_memory_utilization_over_container_limit", {"ClusterName"}, ">", 90,
        )
    },
    "alb-5xx-errors-high": {"edge-load-balancer-errors": (ALB, "HTTPCode_ELB_5XX_Count", BALANCER, ">", 10)},
    "target-5xx-errors-high": {"edge-service-errors": (ALB, "HTTPCode_Target_5XX_Count", BALANCER, ">", 10)},
    "alb-latency-high": {"edge-slow-answers": (ALB, "TargetResponseTime", BALANCER, ">", 2)},
    "unhealthy-hosts": {"edge-unhealthy-targets": (ALB, "UnHealthyHostCount", {*BALANCER, "TargetGroup"}, ">", 0)},
    "alb-surge-queue-high": {
        "edge-rejected-connections": (ALB, "RejectedConnectionCount", BALANCER, ">", 0),
        "edge-refused-connections": (ALB, "TargetConnectionErrorCount", BALANCER, ">", 10),
    },
    "rds-cpu-high": {"bank-db-processor": (RDS, "CPUUtilization", DATABASE, ">", 80)},
    "rds-storage-low": {"bank-db-storage": (RDS, "FreeStorageSpace", DATABASE, "<", 2**30)},
    "rds-connections-high": {"bank-db-connections": (RDS, "DatabaseConnections", DATABASE, ">", 240)},
    "rds-disk-queue-high": {"bank-db-disk-queue": (RDS, "DiskQueueDepth", DATABASE, ">", 10)},
}  # fmt: skip


def test_each_documented_alarm_is_in_what_is_compiled():
    """Whatever takes the place of one of the nineteen watches the right metric of its kind of thing, and tells."""
    assert len(DOCUMENTED) == 19
    platform, graph = shipped("pocketbank", "prod")
    compiled = {}
    for path, content in files(platform, graph):
        if path.endswith("main.tf.json"):
            alarms = json.loads(content).get("resource", {}).get("aws_cloudwatch_metric_alarm", {})
            compiled |= {body["alarm_name"].removeprefix("pocketbank-prod-"): body for body in alarms.values()}
    signs = {"GreaterThanThreshold": ">", "LessThanThreshold": "<"}
    for ours in DOCUMENTED.values():
        for name, (namespace, metric, dimensions, sign, threshold) in ours.items():
            body = compiled[name]
            if "metric_query" in body:
                [query] = body["metric_query"]
                schema = f'FROM SCHEMA("{namespace}", {", ".join(sorted(dimensions))})'
                assert f"({metric}) {schema}" in query["expression"]
            else:
                assert (body["namespace"], body["metric_name"]) == (namespace, metric)
                assert set(body["dimensions"]) == dimensions
            assert (signs[body["comparison_operator"]], body["threshold"]) == (sign, threshold), name
            assert body["alarm_actions"], name


def test_the_alarms_of_the_page_are_those_of_the_platform():
    """The page's table has each of the nineteen, and what the test above says became of it."""
    page = (reference_platforms()["pocketbank"] / "README.md").read_text()
    section = page.partition("## Alarms")[2].partition("\n## ")[0]
    rows = [line.split("|")[1:5] for line in section.splitlines() if line.startswith("|")][2:]
    said = {row[0].strip(): set(re.findall(r"`([^`]+)`", row[1])) for row in rows}
    assert said == {name: set(ours) for name, ours in DOCUMENTED.items()}
    for row in rows:
        for _, metric, _, _, _ in DOCUMENTED[row[0].strip()].values():
            assert metric in row[2]
    _, graph = shipped("pocketbank", "prod")
    there = {alarm.body["alarm_name"] for alarm in graph.of_type("aws_cloudwatch_metric_alarm")}
    assert "forty-three in prod" in section
    assert len(there) == 43
    over = {one.body["alarm_name"] for one in graph.of_type("aws_cloudwatch_composite_alarm")}
    layers = [f"unwell-{layer}" for layer in ("nodes", "pods", "load-balancer", "database")]
    paces = [f"burn-{pace}" for pace in ("fast", "steady", "slow")]
    for name in ("unwell", *layers, *paces):
        assert f"`{name}`" in section
        assert f"pocketbank-prod-{name}" in over
