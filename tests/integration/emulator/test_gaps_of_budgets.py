"""Each test here passes with the patch of Budgets and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]

ACCOUNT = "123456789012"
NOTIFICATION = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}
OWNER = {"SubscriptionType": "EMAIL", "Address": "owner@petclinic.example"}


@pytest.fixture
def budgets(aws: Clients) -> Any:
    """The client of Budgets."""
    return aws("budgets", "us-east-1")


@pytest.fixture
def budget(budgets: Any) -> str:
    """A budget with one notification and one tag."""
    name = f"b-{uuid.uuid4().hex[:8]}"
    budgets.create_budget(
        AccountId=ACCOUNT,
        Budget=_amount(name, "550"),
        NotificationsWithSubscribers=[{"Notification": NOTIFICATION, "Subscribers": [OWNER]}],
        ResourceTags=[{"Key": "platform", "Value": "petclinic"}],
    )
    return name


def _amount(name: str, amount: str) -> dict[str, Any]:
    limit = {"Amount": amount, "Unit": "USD"}
    return {"BudgetName": name, "BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": limit}


def test_a_budget_keeps_its_tags(budgets: Any, budget: str) -> None:
    """The tags a budget was made with are answered, and change."""
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{budget}"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "team", "Value": "a"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["platform"])
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [{"Key": "team", "Value": "a"}]


def test_a_notification_has_subscribers(budgets: Any, budget: str) -> None:
    """Whoever is told of a budget is answered, and can change."""
    one = {"AccountId": ACCOUNT, "BudgetName": budget, "Notification": NOTIFICATION}
    other = OWNER | {"Address": "other@petclinic.example"}
    budgets.create_subscriber(**one, Subscriber=other)
    budgets.delete_subscriber(**one, Subscriber=OWNER)
    assert budgets.describe_subscribers_for_notification(**one)["Subscribers"] == [other]


def test_a_budget_can_change(budgets: Any, budget: str) -> None:
    """The amount and the threshold of a budget can change."""
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=_amount(budget, "600"))
    stricter = NOTIFICATION | {"Threshold": 50.0}
    budgets.update_notification(
        AccountId=ACCOUNT, BudgetName=budget, OldNotification=NOTIFICATION, NewNotification=stricter
    )
    found = budgets.describe_budget(AccountId=ACCOUNT, BudgetName=budget)["Budget"]
    kept = budgets.describe_notifications_for_budget(AccountId=ACCOUNT, BudgetName=budget)["Notifications"]
    assert found["BudgetLimit"]["Amount"] == "600"
    assert [each["Threshold"] for each in kept] == [50.0]


def test_an_action_of_a_budget_lives(budgets: Any, budget: str) -> None:
    """An action is made, read, changed and deleted."""
    policy = {"IamActionDefinition": {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/stop", "Roles": ["was"]}}
    made = budgets.create_budget_action(
        AccountId=ACCOUNT,
        BudgetName=budget,
        NotificationType="ACTUAL",
        ActionType="APPLY_IAM_POLICY",
        ActionThreshold={"ActionThresholdValue": 90.0, "ActionThresholdType": "PERCENTAGE"},
        Definition=policy,
        ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/budget",
        ApprovalModel="MANUAL",
        Subscribers=[OWNER],
        ResourceTags=[{"Key": "a", "Value": "1"}],
    )
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/{budget}/action/{made['ActionId']}"
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [{"Key": "a", "Value": "1"}]
    one = {"AccountId": ACCOUNT, "BudgetName": budget, "ActionId": made["ActionId"]}
    budgets.update_budget_action(**one, ApprovalModel="AUTOMATIC")
    assert budgets.describe_budget_action(**one)["Action"]["ApprovalModel"] == "AUTOMATIC"
    budgets.delete_budget_action(**one)
    with pytest.raises(budgets.exceptions.NotFoundException):
        budgets.describe_budget_action(**one)
