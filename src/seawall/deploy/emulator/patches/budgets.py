"""Budgets: moto lacks the tags, updates, subscribers and actions of a budget.

Seen from the provider: aws_budgets_budget ends in ListTagsForResource and DescribeSubscribersForNotification,
which answer 500; aws_budgets_budget_action does not exist.
"""

from __future__ import annotations

import json
import uuid
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, around, store


def apply() -> None:
    """Add what belongs to a budget beside its amount."""
    _budgets()
    _subscribers()
    _tags()
    _actions()


def _budgets() -> None:
    from moto.budgets.responses import BudgetsResponse

    def update_budget(response: Any) -> str:
        given = response._get_param("NewBudget")
        _budget(response, given["BudgetName"]).budget.update(given)
        return "{}"

    add_operations(BudgetsResponse, update_budget)


def _subscribers() -> None:
    from moto.budgets.responses import BudgetsResponse

    def describe_subscribers_for_notification(response: Any) -> str:
        return json.dumps({"Subscribers": _notification(response).subscribers or []})

    def create_subscriber(response: Any) -> str:
        _notification(response).subscribers.append(response._get_param("Subscriber"))
        return "{}"

    def delete_subscriber(response: Any) -> str:
        _notification(response).subscribers.remove(response._get_param("Subscriber"))
        return "{}"

    def update_notification(response: Any) -> str:
        notification = _notification(response, "OldNotification")
        notification.details = response._get_param("NewNotification")
        return "{}"

    add_operations(
        BudgetsResponse,
        describe_subscribers_for_notification,
        create_subscriber,
        delete_subscriber,
        update_notification,
    )


def _tags() -> None:
    from moto.budgets.responses import BudgetsResponse

    def tags_of(response: Any, arn: str) -> dict[str, str]:
        found: dict[str, str] = store(response.backend, "tags").setdefault(arn, {})
        return found

    def tag_resource(response: Any) -> str:
        given = response._get_param("ResourceTags") or []
        tags_of(response, response._get_param("ResourceARN")).update({tag["Key"]: tag["Value"] for tag in given})
        return "{}"

    def untag_resource(response: Any) -> str:
        tags = tags_of(response, response._get_param("ResourceARN"))
        for key in response._get_param("ResourceTagKeys"):
            tags.pop(key, None)
        return "{}"

    def list_tags_for_resource(response: Any) -> str:
        tags = tags_of(response, response._get_param("ResourceARN"))
        return json.dumps({"ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]})

    add_operations(BudgetsResponse, tag_resource, untag_resource, list_tags_for_resource)

    @around(BudgetsResponse, "create_budget")
    def create_budget(original: Any, response: Any) -> Any:
        answer = original(response)
        name = response._get_param("Budget")["BudgetName"]
        arn = f"arn:aws:budgets::{response.current_account}:budget/{name}"
        given = response._get_param("ResourceTags") or []
        store(response.backend, "tags")[arn] = {tag["Key"]: tag["Value"] for tag in given}
        return answer


def _actions() -> None:
    from moto.budgets.responses import BudgetsResponse

    def create_budget_action(response: Any) -> str:
        budget = response._get_param("BudgetName")
        _budget(response, budget)
        action = {
            name: response._get_param(name)
            for name in (
                "BudgetName",
                "NotificationType",
                "ActionType",
                "ActionThreshold",
                "Definition",
                "ExecutionRoleArn",
                "ApprovalModel",
                "Subscribers",
            )
        } | {"ActionId": str(uuid.uuid4()), "Status": "STANDBY"}
        store(response.backend, "actions")[action["ActionId"]] = action
        arn = f"arn:aws:budgets::{response.current_account}:budget/{budget}/action/{action['ActionId']}"
        given = response._get_param("ResourceTags") or []
        store(response.backend, "tags")[arn] = {tag["Key"]: tag["Value"] for tag in given}
        return _named(response, {"ActionId": action["ActionId"]})

    def describe_budget_action(response: Any) -> str:
        return _named(response, {"Action": action_of(response)})

    def update_budget_action(response: Any) -> str:
        old = dict(action_of(response))
        for name in (
            "NotificationType",
            "ActionThreshold",
            "Definition",
            "ExecutionRoleArn",
            "ApprovalModel",
            "Subscribers",
        ):
            given = response._get_param(name)
            if given is not None:
                action_of(response)[name] = given
        return _named(response, {"OldAction": old, "NewAction": action_of(response)})

    def delete_budget_action(response: Any) -> str:
        action = action_of(response)
        del store(response.backend, "actions")[action["ActionId"]]
        return _named(response, {"Action": action})

    def action_of(response: Any) -> Any:
        actions, identifier = store(response.backend, "actions"), response._get_param("ActionId")
        if identifier not in actions:
            raise _not_found(f"Unable to get action: {identifier}")
        return actions[identifier]

    add_operations(
        BudgetsResponse,
        create_budget_action,
        describe_budget_action,
        update_budget_action,
        delete_budget_action,
    )


def _named(response: Any, answer: dict[str, Any]) -> str:
    return json.dumps({"AccountId": response.current_account, "BudgetName": response._get_param("BudgetName")} | answer)


def _budget(response: Any, name: str) -> Any:
    budgets = response.backend.budgets[response._get_param("AccountId")]
    if name not in budgets:
        raise _not_found(f"Unable to get budget: {name} - the budget doesn't exist.")
    return budgets[name]


def _notification(response: Any, parameter: str = "Notification") -> Any:
    wanted = _identity(response._get_param(parameter))
    for notification in _budget(response, response._get_param("BudgetName")).notifications:
        if _identity(notification.details) == wanted:
            return notification
    raise _not_found("Unable to find the notification.")


def _identity(notification: dict[str, Any]) -> tuple[Any, ...]:
    """Return what tells two notifications of one budget apart."""
    return (
        notification["NotificationType"],
        notification["ComparisonOperator"],
        float(notification["Threshold"]),
        notification.get("ThresholdType", "PERCENTAGE"),
    )


def _not_found(message: str) -> Exception:
    from moto.budgets.exceptions import NotFoundException

    return NotFoundException(message)
