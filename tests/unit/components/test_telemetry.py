"""Where an application's traces, logs and metrics go, and what it may do to send them."""

from __future__ import annotations

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.components.telemetry import Telemetry
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref

PLATFORM = """
alerts: {email: [one@shop.example]}
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small}
  settings: {kind: parameters, values: {greeting: hello, pages/size: "20"}}
  shop: {kind: service, image: shop, needs: [telemetry, settings, orders]}
"""
HERE = "ap-northeast-2"


@pytest.fixture(scope="module")
def found() -> Graph:
    """A platform that sends telemetry."""
    return descriptions.graph(
        PLATFORM + "telemetry: {sampling: 5 %, metrics: Shop/Production, filters: {slow: slow}}\n"
    )


def test_a_service_may_send_what_is_its_own_from_its_region_alone(found: Graph) -> None:
    """Its namespace, its log group, traces; every action without a resource is bound to the region."""
    policy = descriptions.named(found, "aws_iam_role_policy", "shop").body["policy"]
    allowed = {action: statement for statement in policy["Statement"] for action in statement["Action"]}
    assert allowed["cloudwatch:PutMetricData"]["Condition"]["StringEquals"] == {
        "aws:RequestedRegion": [HERE],
        "cloudwatch:namespace": ["Shop/Production"],
    }
    for action, statement in allowed.items():
        if statement["Resource"] == ["*"]:
            assert statement["Condition"]["StringEquals"]["aws:RequestedRegion"] == [HERE], action
    written = [str(resource) for resource in allowed["logs:PutLogEvents"]["Resource"]]
    assert all(":log-group:/aws/shop/production/application" in resource for resource in written)
    assert {"xray:PutTraceSegments", "xray:GetSamplingStatisticSummaries"} <= allowed.keys()


def test_a_service_may_read_its_parameters_and_no_others(found: Graph) -> None:
    """What lies below the path, in this region."""
    policy = descriptions.named(found, "aws_iam_role_policy", "shop").body["policy"]
    [statement] = [each for each in policy["Statement"] if "ssm:GetParametersByPath" in each["Action"]]
    ends = [str(resource).rpartition(":")[2] for resource in statement["Resource"]]
    assert ends == ["parameter/shop/production", "parameter/shop/production/*"]
    names = {parameter.body["name"] for parameter in found.of_type("aws_ssm_parameter")}
    assert names == {"/shop/production/greeting", "/shop/production/pages/size"}
    assert {parameter.body["type"] for parameter in found.of_type("aws_ssm_parameter")} == {"String"}


def test_one_in_twenty_requests_is_traced(found: Graph) -> None:
    """The share is X-Ray's own unit, and the rule is of this platform's services alone."""
    [rule] = found.of_type("aws_xray_sampling_rule")
    assert rule.body["fixed_rate"] == 0.05
    assert rule.body["service_name"] == "shop*"
    assert len(rule.body["rule_name"]) <= 32


def test_the_application_logs_end_and_are_encrypted(found: Graph) -> None:
    """Thirty days, with a key that lets CloudWatch in for this group."""
    group = descriptions.named(found, "aws_cloudwatch_log_group", "application").body
    assert group["retention_in_days"] == 30
    assert group["name"] == "/aws/shop/production/application"
    key = found.resources[group["kms_key_id"].to]
    assert [each for each in key.body["policy"]["Statement"] if "Service" in each["Principal"]]


def test_errors_in_the_logs_are_an_alarm(found: Graph) -> None:
    """The filter counts what the alarm watches."""
    filters = {
        each.body["metric_transformation"][0]["name"] for each in found.of_type("aws_cloudwatch_log_metric_filter")
    }
    assert filters == {"errors", "slow"}
    alarm = descriptions.named(found, "aws_cloudwatch_metric_alarm", "telemetry_errors").body
    assert (alarm["namespace"], alarm["metric_name"]) == ("Shop/Production", "errors")


def test_the_dashboard_shows_all_that_is_watched(found: Graph) -> None:
    """Every alarm's metric has a panel, and things that exist are what its lines name."""
    [dashboard] = found.of_type("aws_cloudwatch_dashboard")
    widgets = dashboard.body["dashboard_body"]["widgets"]
    shown = {tuple(line[:2]) for widget in widgets for line in widget["properties"].get("metrics", ())}
    for alarm in found.of_type("aws_cloudwatch_metric_alarm"):
        assert (alarm.body["namespace"], alarm.body["metric_name"]) in shown
    for widget in widgets:
        for line in widget["properties"].get("metrics", ()):
            assert all(part.to in found.resources for part in line if isinstance(part, Ref))
    places = {(widget["x"], widget["y"]) for widget in widgets}
    assert len(places) == len(widgets), "panels lie on each other"


def test_grafana_lies_where_it_is_offered() -> None:
    """Taipei has none: it is made in Tokyo, with a role that is stated, and reads every region from there."""
    frame = descriptions.FRAME.replace("ap-northeast-2", "ap-east-2")
    with pytest.raises(InputError, match="not offered in ap-east-2"):
        expand(descriptions.platform(frame + "telemetry: {grafana: {}}\n"))
    found = expand(descriptions.platform(frame + "telemetry: {grafana: {region: ap-northeast-1}}\n"))
    [workspace] = found.of_type("aws_grafana_workspace")
    assert workspace.region == "ap-northeast-1"
    assert workspace.body["authentication_providers"] == ["AWS_SSO"]
    assert workspace.body["role_arn"].to in found.resources


def test_aws_keeps_its_namespaces_to_itself() -> None:
    """CloudWatch refuses every metric sent there."""
    with pytest.raises(ValueError, match="AWS's own"):
        Telemetry(kind="telemetry", metrics="AWS/Mine")
