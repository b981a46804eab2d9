"""What is watched, where its alarm lies, and who is told."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.graph.graph import Graph
from seawall.kernel.value import refs

PLATFORM = """
edge: {}
alerts: {email: [one@shop.example, two@shop.example]}
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small, storage: 20 GiB}
  shop: {kind: service, image: shop, framework: spring, needs: [orders], expose: {host: www.shop.example}}
"""
HERE, GLOBAL = "ap-northeast-2", "us-east-1"


@pytest.fixture(scope="module")
def found() -> Graph:
    """A platform in which everything that can be watched is."""
    return descriptions.graph(PLATFORM)


def _alarms(found: Graph) -> dict[str, Any]:
    return {alarm.body["alarm_name"]: alarm for alarm in found.of_type("aws_cloudwatch_metric_alarm")}


def test_global_metrics_are_watched_where_they_are_kept(found: Graph) -> None:
    """CloudFront, Route 53 and CloudFront's firewall speak in us-east-1 alone; everything else at home."""
    for alarm in found.of_type("aws_cloudwatch_metric_alarm"):
        worldwide = alarm.body.get("namespace") in ("AWS/CloudFront", "AWS/Route53", "AWS/WAFV2")
        assert alarm.region == (GLOBAL if worldwide else HERE), alarm.address


def test_every_alarm_tells_a_topic_of_its_own_region(found: Graph) -> None:
    """CloudWatch cannot tell a topic of another region."""
    topics = {topic.address: topic.region for topic in found.of_type("aws_sns_topic")}
    assert sorted(topics.values()) == [HERE, GLOBAL]
    for type in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_composite_alarm"):
        for alarm in found.of_type(type):
            if alarm.body["alarm_name"].partition("-unwell-")[2] in ("load-balancer", "database", "health"):
                continue  # what it is made of tells by itself
            for action in ("alarm_actions", "ok_actions"):
                [topic] = alarm.body[action]
                assert topics[topic.to] == alarm.region


def test_everybody_is_told_of_both_regions(found: Graph) -> None:
    """Each address is subscribed to each topic."""
    subscriptions = list(found.of_type("aws_sns_topic_subscription"))
    pairs = {(subscription.region, subscription.body["endpoint"]) for subscription in subscriptions}
    assert pairs == {(region, f"{who}@shop.example") for region in (HERE, GLOBAL) for who in ("one", "two")}


def test_cloudwatch_may_use_the_topics_key(found: Graph) -> None:
    """An encrypted topic loses every alarm unless its key lets CloudWatch in."""
    for topic in found.of_type("aws_sns_topic"):
        key = next(key for key in found.of_type("aws_kms_key") if key.address == topic.body["kms_master_key_id"].to)
        assert key.region == topic.region
        [statement] = [each for each in key.body["policy"]["Statement"] if "Service" in each["Principal"]]
        assert statement["Principal"]["Service"] == "cloudwatch.amazonaws.com"
        assert set(statement["Action"]) == {"kms:Decrypt", "kms:GenerateDataKey*"}


def test_every_alarm_says_what_silence_means(found: Graph) -> None:
    """The default of CloudWatch is chosen by nobody: each alarm states its own."""
    for alarm in found.of_type("aws_cloudwatch_metric_alarm"):
        assert alarm.body["treat_missing_data"] in ("breaching", "notBreaching", "ignore"), alarm.address


def test_a_silent_database_is_an_alarm(found: Graph) -> None:
    """RDS has no metric of being up: that it says nothing is the trouble."""
    body = _alarms(found)["shop-production-orders-silent"].body
    assert body["treat_missing_data"] == "breaching"
    assert body["dimensions"]["DBInstanceIdentifier"].attr == "identifier"


def test_connections_are_watched_against_what_the_class_accepts(found: Graph) -> None:
    """A db.t4g.small has 2 GiB, 170 connections by MySQL's rule; four fifths of them is the alarm."""
    body = _alarms(found)["shop-production-orders-connections"].body
    assert body["threshold"] == 170 * 4 // 5
    assert body["statistic"] == "Maximum"


def test_storage_is_watched_below_where_it_grows_by_itself(found: Graph) -> None:
    """RDS grows storage below a tenth; an alarm there would cry at every growth."""
    assert _alarms(found)["shop-production-orders-storage"].body["threshold"] == 2**30


def test_a_percentile_is_an_extended_statistic(found: Graph) -> None:
    """CloudWatch takes percentiles under another argument, and never both."""
    body = _alarms(found)["shop-production-edge-slow-answers"].body
    assert body["extended_statistic"] == "p99"
    assert "statistic" not in body


def test_the_worst_alarms_of_a_region_are_one(found: Graph) -> None:
    """In each region one alarm is raised as soon as any critical one is, and by nothing else."""
    critical = {
        HERE: {"orders_silent", "orders_storage", "edge_load_balancer_errors", "edge_service_errors"},
        GLOBAL: {"edge_www_health", "edge_www_errors"},
    }
    worst = {"shop-production-unwell", "shop-production-unwell-us-east-1"}
    for composite in found.of_type("aws_cloudwatch_composite_alarm"):
        if composite.body["alarm_name"] not in worst:
            continue
        rule = composite.body["alarm_rule"]
        named = _members(composite)
        assert named == critical.pop(str(composite.region))
        assert str(rule).count("ALARM(") == len(named)
        assert str(rule).count(" OR ") == len(named) - 1
    assert not critical


def _members(composite: Any) -> set[str]:
    return {ref.to.as_terraform().name for ref in refs(composite.body["alarm_rule"])}  # type: ignore[union-attr]


def test_each_layer_has_a_state_of_its_own() -> None:
    """Nodes, pods, load balancer and database: each alarm of a layer is in its rule, and in no other layer's."""
    found = descriptions.graph(PLATFORM + "insights: {}\n")
    layers = {
        composite.body["alarm_name"].removeprefix("shop-production-unwell-"): _members(composite)
        for composite in found.of_type("aws_cloudwatch_composite_alarm")
        if "alarm_actions" not in composite.body
    }
    assert {"nodes", "pods", "load-balancer", "database"} <= set(layers)
    assert layers["database"] == {
        f"orders_{name}" for name in ("silent", "processor", "storage", "disk_queue", "memory", "connections")
    }
    assert all(name.startswith("insights_") for name in layers["nodes"] | layers["pods"])
    for one, members in layers.items():
        for other, others in layers.items():
            if one != other and "health" not in (one, other) and "us-east-1" not in (one, other):
                assert not members & others


SLACK = "alerts: {email: [one@shop.example], slack: {workspace: T0EXAMPLE1, channel: C0EXAMPLE1%s}}\n"


def _with_slack(more: str = "", rest: str = "") -> Graph:
    lines = [line for line in PLATFORM.splitlines() if not line.startswith("alerts:")]
    return descriptions.graph("\n".join(lines) + "\n" + SLACK % more + rest)


def test_slack_hears_of_every_region_and_may_do_nothing() -> None:
    """One configuration, which hears each region's topic; its role and guardrail allow nothing."""
    found = _with_slack()
    [channel] = found.of_type("aws_chatbot_slack_channel_configuration")
    topics = {topic.address for topic in found.of_type("aws_sns_topic")}
    assert {topic.to for topic in channel.body["sns_topic_arns"]} == topics
    assert len(topics) == 2
    assert channel.body["guardrail_policy_arns"] == ["arn:aws:iam::aws:policy/AWSDenyAll"]
    role = channel.body["iam_role_arn"].to
    holders = [*found.of_type("aws_iam_role_policy"), *found.of_type("aws_iam_role_policy_attachment")]
    assert not [one for one in holders if any(ref.to == role for ref in refs(one.body))]


def test_slack_may_hear_of_the_critical_alone() -> None:
    """Then what is critical tells a topic of its own as well, which Slack hears; everybody else hears everything."""
    found = _with_slack(", hears: critical")
    [channel] = found.of_type("aws_chatbot_slack_channel_configuration")
    heard = {topic.to for topic in channel.body["sns_topic_arns"]}
    assert {found[address].body["name"] for address in heard} == {"shop-production-critical"}
    for alarm in found.of_type("aws_cloudwatch_metric_alarm"):
        told = {topic.to for topic in alarm.body.get("alarm_actions", ())}
        if told:
            assert bool(told & heard) == (alarm.body["tags"]["severity"] == "critical"), alarm.address
            assert told - heard


def test_one_channel_has_one_configuration() -> None:
    """Where the budget is told in the same channel, the alarms' configuration hears its topic too."""
    budget = "budget: {amount: 100 USD, slack: {workspace: T0EXAMPLE1, channel: C0EXAMPLE1}}\n"
    found = _with_slack(rest=budget)
    [channel] = found.of_type("aws_chatbot_slack_channel_configuration")
    assert "budget" in {topic.to.as_terraform().name for topic in channel.body["sns_topic_arns"]}
    assert len(_with_slack(rest=budget.replace("C0EX", "C1EX")).of_type(channel.type)) == 2


def test_each_gateway_is_watched_for_ports() -> None:
    """One alarm a NAT gateway; none where there is no gateway."""
    alerts = "\nalerts: {email: [one@shop.example]}\n"
    names = [name for name in _alarms(descriptions.graph(alerts)) if "nat" in name]
    assert names == ["shop-production-network-nat-a-ports", "shop-production-network-nat-b-ports"]
    frame = descriptions.FRAME.replace("zones: 2", "zones: 2, nat: none")
    assert not _alarms(descriptions.expand(descriptions.platform(frame + alerts)))


def test_what_an_alarm_watches_exists(found: Graph) -> None:
    """Every dimension or query that names a thing of the platform names one that is made."""
    for alarm in found.of_type("aws_cloudwatch_metric_alarm"):
        for value in refs(alarm.body):
            assert found.get(value.to) is not None, alarm.address
