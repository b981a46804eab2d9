"""Two plans have the same digest if they would change the same, and no secret is in it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from seawall.deploy.plan import digest_of

PLAN: dict[str, Any] = {
    "timestamp": "2026-11-21T00:00:00Z",
    "resource_changes": [
        {
            "address": "aws_sns_topic.alarms",
            "change": {
                "actions": ["update"],
                "before": {"name": "a"},
                "after": {"name": "b", "tags": [{"value": "x"}, {"value": "y"}], "password": "secret"},
                "after_unknown": {"arn": True},
                "after_sensitive": {"password": True, "tags": [{"value": True}]},
            },
        },
        {"address": "aws_vpc.main", "change": {"actions": ["no-op"], "after": {"id": "1"}}},
    ],
    "output_changes": {"arn": {"actions": ["create"], "after": None, "after_unknown": True}},
}


def changed(*path: Any, to: Any) -> dict[str, Any]:
    """The plan with one value changed."""
    plan = copy.deepcopy(PLAN)
    value: Any = plan
    for step in path[:-1]:
        value = value[step]
    value[path[-1]] = to
    return plan


CHANGE = ("resource_changes", 0, "change")


@pytest.mark.parametrize(
    "path",
    [
        (*CHANGE, "actions"),
        (*CHANGE, "after", "name"),
        (*CHANGE, "after", "tags", 1, "value"),
        (*CHANGE, "after_unknown", "arn"),
        ("resource_changes", 0, "address"),
        ("resource_changes", 1, "change", "actions"),
        ("output_changes", "arn", "after"),
    ],
)
def test_another_change_is_another_digest(path: tuple[Any, ...]) -> None:
    """Another action, value, resource or output: who agreed to the one has not agreed to the other."""
    assert digest_of(changed(*path, to="other")) != digest_of(PLAN)


@pytest.mark.parametrize(
    "path",
    [
        ("timestamp",),
        (*CHANGE, "before", "name"),
        (*CHANGE, "after", "password"),
        (*CHANGE, "after", "tags", 0, "value"),
        ("resource_changes", 1, "change", "after", "id"),
    ],
)
def test_what_changes_nothing_is_not_in_it(path: tuple[Any, ...]) -> None:
    """When it was made, what is left as it is, and what Terraform marks as sensitive."""
    assert digest_of(changed(*path, to="other")) == digest_of(PLAN)
