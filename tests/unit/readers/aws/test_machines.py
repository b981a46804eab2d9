"""What state machines say: as whom they act, where they log, and what they call."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from seawall.facts.identity import Assumes, Identifier, Performs
from seawall.facts.telemetry import Logs
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Unknown

Says = Callable[..., list[Any]]


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform("ap-northeast-2", "test", path)


def machine(*resources: str) -> str:
    """A definition with a state for each resource."""
    return json.dumps({"StartAt": "0", "States": {str(n): {"Resource": one} for n, one in enumerate(resources)}})


def performed(says: Says, definition: Any) -> list[Any]:
    """What a machine of that definition calls."""
    body = {"name": "m", "role_arn": "${aws_iam_role.r.arn}", "definition": definition}
    return [fact.action for fact in says("aws_sfn_state_machine", body) if isinstance(fact, Performs)]


def test_a_machine_has_a_role_a_name_and_a_log(says: Says) -> None:
    """Who it acts as, by which ARN policies name it, and the group that its log goes to."""
    body = {
        "name": "moves",
        "role_arn": "${aws_iam_role.r.arn}",
        "definition": machine(),
        "logging_configuration": [{"log_destination": "${aws_cloudwatch_log_group.g.arn}:*"}],
    }
    found = says("aws_sfn_state_machine", body)
    assert [(one.account, one.role) for one in found if isinstance(one, Assumes)] == [
        (at("aws_sfn_state_machine.it"), at("aws_iam_role.r"))
    ]
    (named,) = (one.value for one in found if isinstance(one, Identifier))
    assert isinstance(named, Text)
    assert named.parts[-1] == ":stateMachine:moves"
    assert [one.to for one in found if isinstance(one, Logs)] == [at("aws_cloudwatch_log_group.g")]


@pytest.mark.parametrize(
    ("resource", "action"),
    [
        ("arn:aws:states:::aws-sdk:rds:describeDBClusters", "rds:DescribeDBClusters"),
        ("arn:aws:states:::aws-sdk:elasticloadbalancingv2:describeRules", "elasticloadbalancing:DescribeRules"),
        ("arn:aws:states:::aws-sdk:s3:headObject", "s3:GetObject"),
        ("arn:aws:states:::sns:publish.waitForTaskToken", "sns:Publish"),
        ("arn:aws:states:::lambda:invoke", "lambda:InvokeFunction"),
        ("arn:aws:states:::states:startExecution.sync:2", "states:StartExecution"),
    ],
)
def test_a_call_is_known_by_the_action_that_iam_wants_for_it(says: Says, resource: str, action: str) -> None:
    """IAM's own words for services and calls, where they are not those of the SDK."""
    assert performed(says, machine(resource)) == [action]


def test_states_within_states_call_too(says: Says) -> None:
    """Branches, and what is done for each item; each action once."""
    inner = {"StartAt": "A", "States": {"A": {"Resource": "arn:aws:states:::sns:publish"}}}
    states = {
        "Both": {"Type": "Parallel", "Branches": [inner, inner]},
        "Each": {"Type": "Map", "ItemProcessor": json.loads(machine("arn:aws:states:::aws-sdk:rds:startDBCluster"))},
        "Wait": {"Type": "Wait", "Seconds": 1},
    }
    assert performed(says, json.dumps({"States": states})) == ["sns:Publish", "rds:StartDBCluster"]


@pytest.mark.parametrize(
    "definition", ["no json", Unknown("x"), machine("arn:aws:states:::aws-sdk:somethingnew:doIt")], ids=str
)
def test_what_cannot_be_read_is_said_to_be_unknown(says: Says, definition: Any) -> None:
    """A definition, or a service, that nobody knows is no machine that calls nothing."""
    (action,) = performed(says, definition)
    assert isinstance(action, Unknown)
