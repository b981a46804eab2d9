"""What Container Insights is watched for, and the function that mends what it can."""

from __future__ import annotations

import json
from importlib import resources

import pytest

import descriptions
from seawall.components.packages import package
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Text

PLATFORM = """
edge: {}
alerts: {email: [one@shop.example]}
insights: {}
remediation: {}
components:
  was:
    kind: service
    image: was
    resources: {requests: {cpu: 250m, memory: 512 MiB}, limits: {cpu: "1", memory: 1 GiB}}
    expose: {host: www.shop.example}
  jobs: {kind: service, image: jobs}
"""


@pytest.fixture(scope="module")
def found():
    """A platform that is watched and mended."""
    return descriptions.graph(PLATFORM)


def alarms(found):
    """Name -> body."""
    return {alarm.body["alarm_name"]: alarm.body for alarm in found.of_type("aws_cloudwatch_metric_alarm")}


# Metric -> the sets of dimensions by which the agent sends it, cluster-wide first; enhanced Container Insights, see
# translator/translate/otel/exporter/awsemf/kubernetes.go of aws/amazon-cloudwatch-agent.
POD = {"ClusterName", "Namespace", "PodName"}
SENT = {
    "node_cpu_utilization": [{"ClusterName"}],
    "node_memory_utilization": [{"ClusterName"}],
    "node_filesystem_utilization": [{"ClusterName"}],
    "cluster_node_count": [{"ClusterName"}],
    "cluster_failed_node_count": [{"ClusterName"}],
    "pod_cpu_utilization_over_pod_limit": [{"ClusterName"}, POD],
    "pod_memory_utilization_over_pod_limit": [{"ClusterName"}, POD],
    "pod_number_of_container_restarts": [{"ClusterName"}, POD],
    "container_cpu_utilization_over_container_limit": [{"ClusterName"}],
    "container_memory_utilization_over_container_limit": [{"ClusterName"}],
}


def test_every_alarm_asks_for_what_the_agent_sends(found):
    """An alarm by dimensions that are never sent is silent for ever: names and dimensions are the agent's own."""
    asked = [body for body in alarms(found).values() if body.get("namespace") == "ContainerInsights"]
    assert {body["metric_name"] for body in asked} == set(SENT)
    for body in asked:
        assert set(body["dimensions"]) in SENT[body["metric_name"]], body["alarm_name"]
        assert body["dimensions"]["ClusterName"] == Ref(
            descriptions.named(found, "aws_eks_cluster", "main").address, "name"
        )


def test_shares_of_a_limit_are_watched_where_there_is_one(found):
    """Memory always has a limit; a pod without a limit of processor has no share of it that could be watched."""
    names = set(alarms(found))
    assert {f"shop-production-insights-{name}-memory" for name in ("was", "jobs")} <= names
    assert "shop-production-insights-was-processor" in names
    assert "shop-production-insights-jobs-processor" not in names


def test_the_agent_has_an_identity_before_it_starts(found):
    """The add-on waits for its role, its nodes and its logs; the role is the managed one for the agent."""
    addon = descriptions.named(found, "aws_eks_addon", "amazon_cloudwatch_observability")
    waits = {address.as_terraform().path for address in addon.meta["depends_on"]}
    assert "aws_eks_pod_identity_association.cloudwatch_agent" in waits
    assert "aws_eks_node_group.workload" in waits
    said = json.loads(addon.body["configuration_values"])["agent"]["config"]["logs"]["metrics_collected"]
    assert said["kubernetes"]["enhanced_container_insights"] is True


def test_targets_nobody_knows_beforehand_are_asked_for_by_a_query(found):
    """The controller names target groups, so their health is asked over all of the load balancer's."""
    body = alarms(found)["shop-production-edge-unhealthy-targets"]
    [query] = body["metric_query"]
    assert isinstance(query["expression"], Text)
    assert "LoadBalancer, TargetGroup" in str(query["expression"])
    assert not {"metric_name", "namespace", "statistic", "dimensions", "period"} & set(body)


# -- the function that mends ------------------------------------------------------------------------------------------


def test_the_function_knows_the_alarms_that_there_are(found):
    """The names in its environment are names of alarms, and the group is one of EKS's names of node groups."""
    body = descriptions.named(found, "aws_lambda_function", "remediation").body
    told = body["environment"][0]["variables"]
    failed, restarts = json.loads(told["FAILED"]), json.loads(told["RESTARTS"])
    assert failed == ["shop-production-insights-node-failed", "shop-production-insights-workload-status-check-failed"]
    assert set(failed) | set(restarts) <= set(alarms(found))
    groups = {group.body["node_group_name"] for group in found.of_type("aws_eks_node_group")}
    assert set(restarts.values()) <= groups
    assert told["CLUSTER"] == descriptions.named(found, "aws_eks_cluster", "main").body["name"]


def test_its_code_is_the_package_that_is_tested(found):
    """What is deployed lies beside the module, and its hash is the package's."""
    function = descriptions.named(found, "aws_lambda_function", "remediation")
    code = package("remediation")
    assert function.meta["files"] == {function.body["filename"]: code.content}
    assert function.body["source_code_hash"] == code.hash


def test_it_may_change_our_clusters_groups_alone(found):
    """Whatever changes anything names the cluster in a condition; nothing is allowed on everything but reading."""
    [policy] = [
        policy
        for policy in found.of_type("aws_iam_role_policy")
        if policy.address.endswith("aws_iam_role_policy.remediation")
    ]
    for statement in policy.body["policy"]["Statement"]:
        changes = [
            action for action in statement["Action"] if action.startswith("autoscaling:") and "Describe" not in action
        ]
        if changes:
            assert statement["Condition"] == {"StringEquals": {"aws:ResourceTag/eks:cluster-name": ["shop-production"]}}
        if statement["Resource"] == ["*"]:
            assert all(action.split(":")[1].startswith(("Describe", "Get")) for action in statement["Action"])


def test_nothing_it_is_told_is_lost(found):
    """Two more attempts within the hour, then a queue that an alarm watches; one run at a time."""
    function = descriptions.named(found, "aws_lambda_function", "remediation").body
    assert function["reserved_concurrent_executions"] == 1
    assert function["dead_letter_config"][0]["target_arn"].attr == "arn"
    tries = descriptions.named(found, "aws_lambda_function_event_invoke_config", "remediation").body
    assert (tries["maximum_retry_attempts"], tries["maximum_event_age_in_seconds"]) == (2, 3600)
    assert {"shop-production-remediation-errors", "shop-production-remediation-given-up"} <= set(alarms(found))


def test_its_own_words_do_not_wake_it(found):
    """It is subscribed to alarms that begin, and speaks to the same topic in words."""
    subscription = descriptions.named(found, "aws_sns_topic_subscription", "remediation").body
    assert json.loads(subscription["filter_policy"]) == {"NewStateValue": ["ALARM"]}
    assert subscription["filter_policy_scope"] == "MessageBody"


@pytest.mark.parametrize("missing", ["alerts: {email: [one@shop.example]}\n", "insights: {}\n"])
def test_it_needs_alarms_to_act_on(missing):
    """Without alerts or insights there is nothing that it could be told, and the description says so."""
    with pytest.raises(InputError, match="remediation needs"):
        descriptions.graph(PLATFORM.replace(missing, ""))


def test_a_cooldown_shorter_than_a_node_takes_to_join_is_refused():
    """Otherwise a node would be replaced before it could be well."""
    with pytest.raises(InputError, match="cooldown is 1 min"):
        descriptions.graph(PLATFORM.replace("remediation: {}", "remediation: {cooldown: 60 s}"))


def test_its_bounds_are_what_is_described():
    """The function is told each of them, and its role may clear up the tags in which it remembers."""
    said = "remediation: {limit: {an_hour: 3, a_day: 9}, breaker: {after: 4, within: 3 h, rest: 2 h}}"
    found = descriptions.graph(PLATFORM.replace("remediation: {}", said))
    told = descriptions.named(found, "aws_lambda_function", "remediation").body["environment"][0]["variables"]
    names = ("AN_HOUR", "A_DAY", "TRIES", "WITHIN", "REST")
    assert [told[name] for name in names] == ["3", "9", "4", "10800", "7200"]
    policy = descriptions.named(found, "aws_iam_role_policy", "remediation").body["policy"]
    assert any("autoscaling:DeleteTags" in statement["Action"] for statement in policy["Statement"])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("{limit: {an_hour: 5, a_day: 4}}", "4 nodes a day and 5 an hour"),
        ("{limit: {an_hour: 0}}", "an_hour"),
        ("{breaker: {within: 15 min}}", "longer than the cooldown"),
        ("{breaker: {within: 2 d}}", "a day at the most"),
    ],
)
def test_bounds_that_bound_nothing_are_refused(said, why):
    """A day below an hour, none at all, and a look back at what has had no time to help or is forgotten."""
    with pytest.raises(InputError, match=why):
        descriptions.graph(PLATFORM.replace("remediation: {}", f"remediation: {said}"))


def test_that_it_has_stopped_is_an_alarm_made_of_its_own_words(found):
    """The filter counts what the function says when it stops, and the alarm that reads the count is critical."""
    spoken = (resources.files("seawall.lambdas") / "remediation" / "handler.py").read_text()
    counted = descriptions.named(found, "aws_cloudwatch_log_metric_filter", "remediation_stopped").body
    assert f"STOPS = {counted['pattern']}" in spoken
    [metric] = counted["metric_transformation"]
    alarm = alarms(found)["shop-production-remediation-stopped"]
    assert (alarm["namespace"], alarm["metric_name"]) == (metric["namespace"], metric["name"])
    assert alarm["tags"]["severity"] == "critical"


def test_the_dashboard_shows_the_state_of_every_alarm_here():
    """One panel for all alarms of the region, beside a panel for each metric; others are shown where they lie."""
    found = descriptions.graph(PLATFORM.replace("remediation: {}", "remediation: {}\ntelemetry: {errors: null}"))
    body = descriptions.named(found, "aws_cloudwatch_dashboard", "main").body["dashboard_body"]
    [panel] = [widget for widget in body["widgets"] if widget["type"] == "alarm"]
    types = ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm")
    here = {a.address for type in types for a in found.of_type(type) if a.region == "ap-northeast-2"}
    shown = [ref.to for ref in panel["properties"]["alarms"]]
    assert set(shown) == here
    assert len(shown) == len(here)
    assert len(here) > 20
