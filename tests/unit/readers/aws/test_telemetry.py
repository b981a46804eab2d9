"""What alarms, topics, queues, functions, budgets and brokers say, and what every resource says of itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from seawall.facts.cost import SpendLimit
from seawall.facts.data import Store
from seawall.facts.demands import Observe
from seawall.facts.identity import Assumes, Condition, Identifier, Statement
from seawall.facts.network import Interface, Listens
from seawall.facts.resilience import Located, Setting, Tagged
from seawall.facts.telemetry import Alarm, Emits, Logs, Notifies, Threshold
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.aws.arn import ACCOUNT
from seawall.readers.read import read_one

Says = Callable[..., list[Any]]
REGION = "ap-northeast-2"
ALARM = {
    "alarm_name": "cpu",
    "namespace": "AWS/RDS",
    "metric_name": "CPUUtilization",
    "dimensions": {"DBInstanceIdentifier": "petclinic-db"},
    "period": 60,
    "evaluation_periods": 5,
    "alarm_actions": ["${aws_sns_topic.t.arn}"],
}


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform(REGION, "test", path)


def test_an_alarm(says: Says) -> None:
    """An alarm says after how long it tells whom about what."""
    it = at("aws_cloudwatch_metric_alarm.it")
    dimensions = (("DBInstanceIdentifier", "petclinic-db"),)
    alarm, identifier, asked = says("aws_cloudwatch_metric_alarm", ALARM)
    topic = at("aws_sns_topic.t")
    assert alarm == Alarm(it, "AWS/RDS/CPUUtilization", dimensions, 300, REGION, (topic,), "missing")
    assert identifier == Identifier(it, "arn", text(f"arn:aws:cloudwatch:{REGION}:", ACCOUNT, ":alarm:cpu"))
    assert asked == Observe(it, "AWS/RDS/CPUUtilization", ("DBInstanceIdentifier",))


@pytest.mark.parametrize(
    ("change", "field", "value"),
    [
        ({"actions_enabled": False}, "notifies", ()),
        ({"alarm_actions": None}, "notifies", ()),
        ({"datapoints_to_alarm": 3}, "detects_after", 180),
        ({"period": Unknown("var.period")}, "detects_after", Unknown("var.period")),
        ({"treat_missing_data": "breaching"}, "missing", "breaching"),
        ({"metric_name": None, "metric_query": [{"id": "e", "expression": "1"}]}, "metric", "expression"),
    ],
)
def test_an_alarm_s_variations(says: Says, change: dict[str, Any], field: str, value: Any) -> None:
    """Whoever switches actions off tells nobody; the fewest bad periods count."""
    alarm, *_ = says("aws_cloudwatch_metric_alarm", ALARM | change)
    assert getattr(alarm, field) == value


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"statistic": "Average", "threshold": 80}, ("Average", ">", 80.0)),
        ({"extended_statistic": "p95", "threshold": "0.5"}, ("p95", ">", 0.5)),
        ({"statistic": "Sum", "threshold": Unknown("var.many")}, ("Sum", ">", Unknown("var.many"))),
        ({"statistic": "Sum", "threshold_metric_id": "band"}, None),
        ({"statistic": "Sum", "threshold": 1, "comparison_operator": "GreaterThanUpperThreshold"}, None),
    ],
)
def test_an_alarm_s_threshold(says: Says, change: dict[str, Any], found: tuple[Any, ...] | None) -> None:
    """An alarm on one metric says which side of which number is bad; one on a band says no number."""
    facts = says("aws_cloudwatch_metric_alarm", {**ALARM, "comparison_operator": "GreaterThanThreshold", **change})
    thresholds = [fact for fact in facts if isinstance(fact, Threshold)]
    assert [(each.statistic, each.operator, each.number) for each in thresholds] == ([found] if found else [])


def test_an_alarm_over_a_query(says: Says) -> None:
    """An alarm over an expression is about the metric that the expression starts from."""
    metric = {"namespace": "AWS/ApplicationELB", "metric_name": "RequestCount", "period": 300}
    queries = [{"id": "e", "expression": "m/60"}, {"id": "m", "metric": [metric]}]
    alarm, _, asked = says(
        "aws_cloudwatch_metric_alarm", {"alarm_name": "x", "evaluation_periods": 2, "metric_query": queries}
    )
    assert asked == Observe(alarm.of, "AWS/ApplicationELB/RequestCount")
    assert (alarm.metric, alarm.detects_after) == ("AWS/ApplicationELB/RequestCount", 600)


@pytest.mark.parametrize(
    ("expression", "metric", "labels"),
    [
        (
            'SELECT MAX(Busy) FROM SCHEMA("Shop", Host, "Cluster Name") WHERE Host = x',
            "Shop/Busy",
            ("Cluster Name", "Host"),
        ),
        ('SELECT AVG("Busy") FROM "Shop"', "Shop/Busy", ("*",)),
    ],
)
def test_a_query_reads_a_metric_by_its_schema(
    says: Says, expression: str, metric: str, labels: tuple[str, ...]
) -> None:
    """Metrics Insights reads by the dimensions of the schema; without one by whatever there is."""
    body = {"alarm_name": "x", "evaluation_periods": 1, "metric_query": [{"id": "q", "expression": expression}]}
    alarm, _, asked = says("aws_cloudwatch_metric_alarm", body)
    assert asked == Observe(alarm.of, metric, labels)


def test_a_filter_sends_a_metric(says: Says) -> None:
    """What a log metric filter makes of lines carries the dimensions that it takes from them."""
    made = {"namespace": "Shop", "name": "errors", "value": "1", "dimensions": {"Service": "$.service"}}
    body = {"name": "errors", "log_group_name": "shop", "pattern": "ERROR", "metric_transformation": [made]}
    assert says("aws_cloudwatch_log_metric_filter", body) == [
        Emits(at("aws_cloudwatch_log_metric_filter.it"), "Shop/errors", ("Service",))
    ]


def test_a_slack_channel_hears_topics(says: Says) -> None:
    """Each topic that a channel's configuration names is passed on to Slack."""
    body = {"configuration_name": "x", "sns_topic_arns": ["${aws_sns_topic.t.arn}"]}
    assert says("aws_chatbot_slack_channel_configuration", body) == [Notifies(at("aws_sns_topic.t"), "slack")]


def test_a_dashboard_demands_its_metrics(says: Says) -> None:
    """Every metric of a panel is demanded once, whatever it repeats of the line above."""
    it = at("aws_cloudwatch_dashboard.it")
    metrics = [
        ["AWS/RDS", "CPUUtilization", "DBInstanceIdentifier", "${aws_db_instance.db.identifier}", {"stat": "Average"}],
        [".", "FreeStorageSpace", ".", "."],
        ["AWS/ApplicationELB", "RequestCount", "TargetGroup", "t", "LoadBalancer", "l"],
        ["...", "m"],
    ]
    document = {"widgets": [{"type": "metric", "properties": {"metrics": metrics}}, {"type": "text"}]}
    assert says("aws_cloudwatch_dashboard", {"dashboard_name": "x", "dashboard_body": json.dumps(document)}) == [
        Observe(it, "AWS/RDS/CPUUtilization", ("DBInstanceIdentifier",)),
        Observe(it, "AWS/RDS/FreeStorageSpace", ("DBInstanceIdentifier",)),
        Observe(it, "AWS/ApplicationELB/RequestCount", ("LoadBalancer", "TargetGroup")),
    ]


def test_a_topic_passes_on(says: Says) -> None:
    """A topic has a key and a policy; a subscription says by which protocol it passes on."""
    it = at("aws_sns_topic.it")
    policy = {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "*",
        }
    }
    facts = says("aws_sns_topic", {"name": "t", "kms_master_key_id": "${aws_kms_key.k.id}", "policy": policy})
    assert facts == [
        Identifier(it, "arn", text(f"arn:aws:sns:{REGION}:", ACCOUNT, ":t")),
        Setting(it, "key", at("aws_kms_key.k")),
        Statement(
            it, "resource", True, ("sns:Publish",), ("*",), (("Service", "cloudwatch.amazonaws.com"),), variables=False
        ),
    ]
    body = {"topic_arn": "${aws_sns_topic.t.arn}", "protocol": "email", "endpoint": "ops@petclinic.example"}
    assert says("aws_sns_topic_subscription", body) == [Notifies(at("aws_sns_topic.t"), "email")]


def test_a_queue(says: Says) -> None:
    """A queue's ARN and URL are known but for the account."""
    it = at("aws_sqs_queue.it")
    assert says("aws_sqs_queue", {"name": "jobs"}) == [
        Identifier(it, "arn", text(f"arn:aws:sqs:{REGION}:", ACCOUNT, ":jobs")),
        Identifier(it, "url", text(f"https://sqs.{REGION}.amazonaws.com/", ACCOUNT, "/jobs")),
    ]


def test_a_function_and_who_may_call_it(says: Says) -> None:
    """A function acts as its role; a permission lets a service call it for one thing."""
    it, rule = at("aws_lambda_function.it"), at("aws_cloudwatch_event_rule.r")
    body = {
        "function_name": "f",
        "role": "${aws_iam_role.r.arn}",
        "vpc_config": [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}],
    }
    facts = says("aws_lambda_function", body)
    assert Assumes(it, at("aws_iam_role.r"), "service") in facts
    assert Interface(it, (Address.outside("subnet-1"),), (Address.outside("sg-1"),)) in facts
    assert Logs(it, "/aws/lambda/f") in facts
    permission = {
        "function_name": "${aws_lambda_function.it.function_name}",
        "action": "lambda:InvokeFunction",
        "principal": "events.amazonaws.com",
        "source_arn": "${aws_cloudwatch_event_rule.r.arn}",
    }
    condition = Condition("ArnLike", "aws:SourceArn", (Ref(rule, "arn"),))
    assert says("aws_lambda_permission", permission) == [
        Statement(
            it,
            "resource",
            True,
            ("lambda:InvokeFunction",),
            ("*",),
            (("Service", "events.amazonaws.com"),),
            (condition,),
        )
    ]


@pytest.mark.parametrize("amount", ["550", "550.0", 550])
def test_a_budget(says: Says, amount: Any) -> None:
    """A budget watches an amount, however it is spelled, and stops nothing."""
    notification = {"threshold": 80, "threshold_type": "PERCENTAGE", "notification_type": "FORECASTED"}
    body = {"budget_type": "COST", "limit_amount": amount, "limit_unit": "USD", "notification": [notification]}
    assert says("aws_budgets_budget", body) == [
        SpendLimit(at("aws_budgets_budget.it"), "550", "USD", ("80 % forecasted",), False)
    ]


@pytest.mark.parametrize(
    ("authentication", "encryption", "ports"),
    [
        ({}, {}, {9094: "required"}),
        ({}, {"client_broker": "TLS_PLAINTEXT"}, {9092: "none", 9094: "required"}),
        ({"sasl": [{"iam": True}]}, {}, {9098: "required"}),
        ({"sasl": [{"iam": True, "scram": True}]}, {}, {9096: "required", 9098: "required"}),
    ],
)
def test_where_brokers_listen(
    says: Says, authentication: dict[str, Any], encryption: dict[str, Any], ports: dict[int, str]
) -> None:
    """The ports of a cluster follow from how its clients sign in, and TLS is the default."""
    it = at("aws_msk_cluster.it")
    body = {
        "cluster_name": "k",
        "kafka_version": "3.8.x",
        "number_of_broker_nodes": 2,
        "broker_node_group_info": [{"instance_type": "kafka.t3.small", "client_subnets": ["subnet-1"]}],
        "client_authentication": [authentication] if authentication else [],
        "encryption_info": [{"encryption_in_transit": [encryption]}] if encryption else [],
    }
    facts = says("aws_msk_cluster", body)
    found = {fact.ports: fact.tls for fact in facts if isinstance(fact, Listens)}
    assert found == {Ports.one(port): tls for port, tls in ports.items()}
    assert facts[0] == Store(it, "stream", "kafka", "3.8.x", REGION, None, 2, "kafka.t3.small", None, True)


def everything(type: str, body: dict[str, Any], region: Any = REGION) -> list[Any]:
    """Tags and place of a resource."""
    resource = Resource(at(f"{type}.it"), type, body, region=region)
    return [fact for fact in read_one(resource) if isinstance(fact, Located | Tagged)]


def test_tags_and_places(says: Says) -> None:
    """Every resource states its tags in order of their keys, and its region with the zones it is bound to."""
    it = at("aws_ebs_volume.it")
    body = {"tags": {"b": "2", "a": "1", "c": None}, "availability_zone": "ap-northeast-2a"}
    assert everything("aws_ebs_volume", body) == [
        Tagged(it, "a", "1"),
        Tagged(it, "b", "2"),
        Located(it, REGION, ("ap-northeast-2a",)),
    ]


def test_services_without_a_region_are_nowhere() -> None:
    """A role is not lost with a region, whatever region its provider was given."""
    assert everything("aws_iam_role", {"tags": {}}) == []


def test_unknown_tags_may_be_any() -> None:
    """Tags that are known later are one tag of any name, so that a missing tag is doubted and not refuted."""
    tags = Unknown("local.tags")
    assert everything("aws_iam_role", {"tags": tags}) == [Tagged(at("aws_iam_role.it"), "*", tags)]


def test_an_unknown_region_is_stated() -> None:
    """A region that is not known is stated as such."""
    region = Unknown("provider.aws.region")
    assert everything("aws_sqs_queue", {}, region) == [Located(at("aws_sqs_queue.it"), region)]
