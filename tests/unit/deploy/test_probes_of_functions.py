"""What is asked of functions and of groups of instances: that they are what was shipped, beyond being there."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from seawall.deploy.probe import Absent, Seen, probe_of


class Standing:
    """A resource of a state, and an AWS that answers each operation with what it was told."""

    def __init__(self, values: dict[str, Any], **answers: Any) -> None:
        self.values, self.answers = values, answers

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def client(self, service: str, region: str = "") -> Any:
        return SimpleNamespace(**{name: lambda answer=answer, **_: answer for name, answer in self.answers.items()})


def seen(type: str, values: dict[str, Any], **answers: Any) -> Seen:
    """What a probe says."""
    probe = probe_of(type)
    assert probe is not None
    return probe(Standing(values, **answers))  # type: ignore[arg-type]


def differs(found: Seen) -> set[str]:
    """What was compared and is not the same."""
    return {name for name, (wanted, there) in found.same.items() if wanted != there}


def test_code_that_somebody_changed_is_seen() -> None:
    """The hash of the running code is compared with that of the package that was shipped."""
    values = {"function_name": "f", "runtime": "python3.13", "source_code_hash": "shipped"}
    for code, wrong in (("shipped", set()), ("somebody's", {"source_code_hash"})):
        configuration = {"Runtime": "python3.13", "CodeSha256": code, "State": "Active"}
        assert differs(seen("aws_lambda_function", values, get_function={"Configuration": configuration})) == wrong


def test_who_may_call_a_function_is_looked_for_by_its_name() -> None:
    """A permission for another topic is a difference, and none at all is an absence."""
    values = {
        "function_name": "f",
        "statement_id": "AlertsInvoke",
        "action": "lambda:InvokeFunction",
        "source_arn": "t",
    }
    for sid, source, wrong in (("AlertsInvoke", "t", set()), ("AlertsInvoke", "other", {"source_arn"})):
        statement = {"Sid": sid, "Action": "lambda:InvokeFunction", "Condition": {"ArnLike": {"AWS:SourceArn": source}}}
        policy = {"Policy": json.dumps({"Statement": [statement]})}
        assert differs(seen("aws_lambda_permission", values, get_policy=policy)) == wrong
    with pytest.raises(Absent):
        seen("aws_lambda_permission", values, get_policy={"Policy": '{"Statement": []}'})


def test_attempts_are_those_that_were_wanted() -> None:
    """How often and how long a call is tried again."""
    values = {"function_name": "f", "maximum_retry_attempts": 2, "maximum_event_age_in_seconds": 3600}
    for age, wrong in ((3600, set()), (21600, {"attempts and age"})):
        answer = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": age}
        found = seen("aws_lambda_function_event_invoke_config", values, get_function_event_invoke_config=answer)
        assert differs(found) == wrong


def test_a_group_without_its_instances_is_not_healthy() -> None:
    """Bounds are compared, and instances on their way do not count."""
    values = {"name": "g", "min_size": 1, "max_size": 1}
    for state, healthy in (("InService", True), ("Pending", False), ("Terminating", False)):
        group = {"MinSize": 1, "MaxSize": 1, "Instances": [{"LifecycleState": state}], "Tags": []}
        found = seen("aws_autoscaling_group", values, describe_auto_scaling_groups={"AutoScalingGroups": [group]})
        assert (found.healthy, differs(found)) == (healthy, set())
