"""What a budget counts, whom it tells, and what it keeps from growing."""

from __future__ import annotations

import json

import pytest

import descriptions
from seawall.components.packages import package
from seawall.facts.cost import SpendLimit
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.readers.read import read

ALERTS = "alerts: {email: [one@shop.example, two@shop.example]}\n"
CLAIM = "claims: {monthly_cost: 550 USD}\n"


def test_a_claimed_cost_is_a_budget_that_tells_everybody() -> None:
    """Half, four fifths, all, and the forecast of all of what is claimed: each is told to each address."""
    found = descriptions.graph(ALERTS + CLAIM + "budget: {}\n")
    [budget] = found.of_type("aws_budgets_budget")
    assert "cost_filter" not in budget.body, "a filter by a tag that nobody has activated counts nothing"
    [limit] = read(found).all(SpendLimit)
    assert (limit.amount, limit.currency, limit.stops) == ("550", "USD", False)
    assert limit.thresholds == ("100 % actual", "100 % forecasted", "50 % actual", "80 % actual")
    for notification in budget.body["notification"]:
        assert notification["subscriber_email_addresses"] == ["one@shop.example", "two@shop.example"]


def test_a_stated_amount_goes_before_the_claim() -> None:
    """A budget may be tighter than what is promised."""
    [limit] = read(descriptions.graph(ALERTS + CLAIM + "budget: {amount: 400 USD}\n")).all(SpendLimit)
    assert limit.amount == "400"


def test_a_budget_needs_an_amount_and_somebody_to_tell() -> None:
    """Neither is made up."""
    with pytest.raises(InputError, match="nothing says of how much"):
        descriptions.graph(ALERTS + "budget: {}\n")
    with pytest.raises(InputError, match="nobody to tell"):
        descriptions.graph(CLAIM + "budget: {}\n")


def test_a_budget_can_count_the_platform_alone() -> None:
    """The tag of every resource is what it counts by, in the spelling of budgets; cents are kept."""
    claim = "claims: {monthly_cost: 99.90 USD}\n"
    [budget] = descriptions.graph(ALERTS + claim + "budget: {counts: platform}\n").of_type("aws_budgets_budget")
    assert budget.body["cost_filter"] == [{"name": "TagKeyValue", "values": ["user:platform$shop"]}]
    assert budget.body["tags"]["platform"] == "shop"
    assert budget.body["limit_amount"] == "99.9"


def test_a_budget_counts_in_dollars() -> None:
    """AWS refuses any other currency, in the midst of an apply."""
    with pytest.raises(InputError, match=r"count in USD") as caught:
        descriptions.graph(ALERTS + "claims: {monthly_cost: 500 EUR}\nbudget: {}\n")
    assert "platform.yaml:" in str(caught.value)


def test_slack_hears_from_its_share_on() -> None:
    """Mail at half, mail and Slack from four fifths; the topic's key and policy let budgets in, and nobody else."""
    slack = "budget: {slack: {workspace: T0EXAMPLE1, channel: C0EXAMPLE1, from: 80 %}}\n"
    found = descriptions.graph(ALERTS + CLAIM + slack)
    [budget] = found.of_type("aws_budgets_budget")
    heard = {
        (each["notification_type"], each["threshold"]): "subscriber_sns_topic_arns" in each
        for each in budget.body["notification"]
    }
    assert heard == {("ACTUAL", 50): False, ("ACTUAL", 80): True, ("ACTUAL", 100): True, ("FORECASTED", 100): True}
    topic = descriptions.named(found, "aws_sns_topic", "budget")
    assert topic.region == "us-east-1"
    for type, service in (("aws_sns_topic_policy", "budgets.amazonaws.com"), ("aws_kms_key", "budgets.amazonaws.com")):
        statements = descriptions.named(found, type, "budget").body["policy"]["Statement"]
        services = [each["Principal"]["Service"] for each in statements if "Service" in each["Principal"]]
        assert services == [service]
    [channel] = found.of_type("aws_chatbot_slack_channel_configuration")
    assert channel.body["sns_topic_arns"] == [Ref(topic.address, "arn")]


def test_a_spent_budget_keeps_every_cluster_from_growing() -> None:
    """What adds nodes is refused to the autoscaler's role; what takes them away is not; the action may do only that."""
    found = descriptions.graph(ALERTS + CLAIM + "budget: {restrict: {}}\n")
    [policy] = [each for each in found.of_type("aws_iam_policy") if each.body["name"].endswith("budget-spent")]
    [statement] = policy.body["policy"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert "autoscaling:SetDesiredCapacity" in statement["Action"]
    assert "autoscaling:TerminateInstanceInAutoScalingGroup" not in statement["Action"]
    [action] = found.of_type("aws_budgets_budget_action")
    [role] = action.body["definition"][0]["iam_action_definition"][0]["roles"]
    assert role.to == descriptions.named(found, "aws_iam_role", "cluster_autoscaler").address
    executing = descriptions.named(found, "aws_iam_role_policy", "budget_spent").body["policy"]["Statement"]
    assert [each["Resource"] for each in executing] == [[Ref(role.to, "arn")]]
    assert executing[0]["Condition"] == {"ArnEquals": {"iam:PolicyARN": Ref(policy.address, "arn")}}


def test_what_happens_at_a_share_is_told_at_that_share() -> None:
    """A budget action or a channel at a share that nobody is told of would be a surprise."""
    with pytest.raises(InputError, match="nobody is told"):
        descriptions.graph(ALERTS + CLAIM + "budget: {at: [50 %], restrict: {from: 100 %}}\n")


def test_a_restriction_needs_something_that_grows() -> None:
    """Without an autoscaler there is nothing to refuse."""
    frame = descriptions.FRAME.replace("max: 6}}", "max: 6}}\n  addons: [external-secrets]")
    with pytest.raises(InputError, match="nothing makes it grow"):
        descriptions.expand(descriptions.platform(frame + ALERTS + CLAIM + "budget: {restrict: {}}\n"))


# -- the cost guard ---------------------------------------------------------------------------------------------------

GUARDED = ALERTS + CLAIM + "budget: {restrict: {from: 100 %}}\n"


def test_a_restriction_brings_a_guard_that_the_budget_tells() -> None:
    """The notification of that share, and no earlier one, reaches a topic that the function hears; so does the day."""
    found = descriptions.graph(GUARDED)
    [budget] = found.of_type("aws_budgets_budget")
    heard = {
        (each["notification_type"], each["threshold"]): "subscriber_sns_topic_arns" in each
        for each in budget.body["notification"]
    }
    assert heard == {("ACTUAL", 50): False, ("ACTUAL", 80): False, ("ACTUAL", 100): True, ("FORECASTED", 100): True}
    function = descriptions.named(found, "aws_lambda_function", "cost_guard")
    assert function.region == "us-east-1"
    assert function.meta["files"] == {"cost_guard.zip": package("cost_guard").content}
    told = function.body["environment"][0]["variables"]
    groups = {group.body["node_group_name"] for group in found.of_type("aws_eks_node_group")}
    assert set(json.loads(told["GROUPS"])) == groups
    assert told["BUDGET"] == budget.body["name"]
    assert (told["REGION"], told["SHARE"]) == ("ap-northeast-2", "100")
    subscription = descriptions.named(found, "aws_sns_topic_subscription", "cost_guard")
    assert subscription.body["endpoint"] == Ref(function.address, "arn")
    target = descriptions.named(found, "aws_cloudwatch_event_target", "cost_guard")
    assert target.body["arn"] == Ref(function.address, "arn")


def test_the_guard_may_change_the_named_groups_alone() -> None:
    """Nothing but reading is allowed on everything, and no other group can be changed or tagged."""
    found = descriptions.graph(GUARDED)
    policy = descriptions.named(found, "aws_iam_role_policy", "cost_guard").body["policy"]
    for statement in policy["Statement"]:
        if any(action.startswith("eks:") for action in statement["Action"]):
            assert all("nodegroup/shop-production/shop-production-" in str(one) for one in statement["Resource"])
        if statement["Resource"] == ["*"]:
            assert statement["Action"] == ["autoscaling:DescribeAutoScalingGroups"]


def test_what_a_person_approves_is_not_done_by_itself() -> None:
    """With `approved: by-hand` there is no guard, and asking for both is an error; a guard can be left out."""
    by_hand = GUARDED.replace("100 %}", "100 %, approved: by-hand}")
    assert not list(descriptions.graph(by_hand).of_type("aws_lambda_function"))
    without = GUARDED.replace("100 %}", "100 %, guard: false}")
    assert not list(descriptions.graph(without).of_type("aws_lambda_function"))
    with pytest.raises(InputError, match="approved by hand"):
        descriptions.graph(GUARDED.replace("100 %}", "100 %, approved: by-hand, guard: true}"))
