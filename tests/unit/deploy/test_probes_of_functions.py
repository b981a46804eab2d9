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


def test_what_backs_up_is_compared() -> None:
    """A vault that is not locked, a topic that is another, and a store that is left out are differences."""
    lock = {"backup_vault_name": "v", "min_retention_days": 7, "max_retention_days": None}
    there = {"Locked": True, "MinRetentionDays": 7}
    assert differs(seen("aws_backup_vault_lock_configuration", lock, describe_backup_vault=there)) == set()
    loose = there | {"Locked": False, "MinRetentionDays": 1}
    wrong = seen("aws_backup_vault_lock_configuration", lock, describe_backup_vault=loose)
    assert differs(wrong) == {"locked", "min_retention_days"}
    told = {"backup_vault_name": "v", "sns_topic_arn": "t", "backup_vault_events": ["B", "A"]}
    answer = {"SNSTopicArn": "t", "BackupVaultEvents": ["A", "B"]}
    assert differs(seen("aws_backup_vault_notifications", told, get_backup_vault_notifications=answer)) == set()
    answer = {"SNSTopicArn": "other", "BackupVaultEvents": ["A"]}
    wrong = seen("aws_backup_vault_notifications", told, get_backup_vault_notifications=answer)
    assert differs(wrong) == {"sns_topic_arn", "backup_vault_events"}
    chosen = {"plan_id": "p", "id": "s", "resources": ["b", "a"]}
    left_out = {"BackupSelection": {"Resources": ["a"]}}
    assert differs(seen("aws_backup_selection", chosen, get_backup_selection=left_out)) == {"resources"}


def test_streams_and_what_asks_of_them_are_compared() -> None:
    """Brokers that are missing, another policy, another machine, and states that are not well."""
    brokers = {"ClusterInfo": {"NumberOfBrokerNodes": 2, "State": "HEALING", "Tags": {}}}
    stream = seen("aws_msk_cluster", {"arn": "a", "number_of_broker_nodes": 3}, describe_cluster=brokers)
    assert (differs(stream), stream.healthy) == ({"number_of_broker_nodes"}, False)
    revision = {"LatestRevision": {"Revision": 2}}
    settings = seen("aws_msk_configuration", {"arn": "a", "latest_revision": 1}, describe_configuration=revision)
    assert differs(settings) == {"latest_revision"}
    policy = {"cluster_arn": "a", "policy": '{"a": 1, "b": 2}'}
    same = seen("aws_msk_cluster_policy", policy, get_cluster_policy={"Policy": '{"b": 2, "a": 1}'})
    assert differs(same) == set()
    machine = {"arn": "m", "definition": "{}", "role_arn": "r"}
    other = {"definition": '{"StartAt": "x"}', "roleArn": "r", "status": "DELETING"}
    changed = seen("aws_sfn_state_machine", machine, describe_state_machine=other)
    assert (differs(changed), changed.healthy) == ({"definition"}, False)
    target = {"service_namespace": "kafka", "resource_id": "r", "scalable_dimension": "d", "max_capacity": 500}
    found = {"ScalableTargets": [{"MaxCapacity": 100}]}
    assert differs(seen("aws_appautoscaling_target", target, describe_scalable_targets=found)) == {"max_capacity"}
    with pytest.raises(Absent):
        seen("aws_appautoscaling_target", target, describe_scalable_targets={"ScalableTargets": []})
    firehose = {"DeliveryStreamDescription": {"DeliveryStreamStatus": "ACTIVE", "DeliveryStreamARN": "f"}}
    delivered = seen(
        "aws_kinesis_firehose_delivery_stream", {"name": "n", "arn": "f"}, describe_delivery_stream=firehose
    )
    assert (differs(delivered), delivered.healthy) == (set(), True)


def test_what_a_budget_does_by_itself_is_compared() -> None:
    """A threshold that somebody raised, or an approval that somebody asks for now."""
    action = {
        "account_id": "1",
        "budget_name": "b",
        "action_id": "a",
        "approval_model": "AUTOMATIC",
        "action_threshold": [{"action_threshold_value": 100}],
    }
    for threshold, model, wrong in (
        (100.0, "AUTOMATIC", set()),
        (200.0, "MANUAL", {"action_threshold_value", "approval_model"}),
    ):
        found = {"ActionThreshold": {"ActionThresholdValue": threshold}, "ApprovalModel": model}
        assert differs(seen("aws_budgets_budget_action", action, describe_budget_action={"Action": found})) == wrong


def test_a_machine_that_would_do_something_else_is_seen() -> None:
    """Definition and role of a state machine are compared, not how they are written."""
    values = {"arn": "m", "role_arn": "r", "definition": '{"StartAt": "A", "States": {}}'}
    for definition, role, wrong in (
        ('{"States":{},"StartAt":"A"}', "r", set()),
        ('{"States":{},"StartAt":"B"}', "else", {"definition", "role_arn"}),
    ):
        found = seen(
            "aws_sfn_state_machine",
            values,
            describe_state_machine={"definition": definition, "roleArn": role, "status": "ACTIVE"},
        )
        assert differs(found) == wrong
        assert found.healthy is True
