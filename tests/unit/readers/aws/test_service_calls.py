"""What services of AWS call as the roles that they are given, from what they are told."""

from __future__ import annotations

from typing import Any

from seawall.facts.demands import Call
from seawall.facts.identity import Assumes
from unit.readers.aws.conftest import Says, at

ROLE = "${aws_iam_role.service.arn}"


def calls(says: Says, type: str, body: dict[str, Any]) -> set[tuple[str, str]]:
    """Each call as action and resource, as text."""
    return {(fact.action, str(fact.resource)) for fact in says(type, body) if isinstance(fact, Call)}


def test_whoever_is_given_a_role_acts_as_it(says: Says, bodies: dict[str, Any]) -> None:
    """A role has a user, so that what it may is held against what its user needs."""
    for type in (
        "aws_budgets_budget_action",
        "aws_chatbot_teams_channel_configuration",
        "aws_grafana_workspace",
        "aws_kinesis_firehose_delivery_stream",
        "aws_scheduler_schedule",
    ):
        for body in bodies[type].values():
            taken = {fact.role for fact in says(type, body) if isinstance(fact, Assumes)}
            assert taken == {at("aws_iam_role.was")}, type


def test_a_flow_log_writes_streams_of_its_group_alone(says: Says) -> None:
    """It neither makes a group nor reads one; into a bucket it writes by itself, and needs no role."""
    body = {"vpc_id": "vpc-1", "iam_role_arn": ROLE, "log_destination": "${aws_cloudwatch_log_group.flows.arn}"}
    writing = {"logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"}
    found = calls(says, "aws_flow_log", body)
    assert {action for action, _ in found} == writing
    ends = {action: resource.partition("aws_cloudwatch_log_group.flows.arn}")[2] for action, resource in found}
    streams = dict.fromkeys(("logs:CreateLogStream", "logs:PutLogEvents"), ":log-stream:*")
    assert ends == {"logs:DescribeLogStreams": ":*"} | streams
    kept = {"vpc_id": "vpc-1", "log_destination": "arn:aws:s3:::flows", "log_destination_type": "s3"}
    assert calls(says, "aws_flow_log", kept) == set()


def test_a_function_logs_sends_its_dead_letters_and_opens_its_variables(says: Says) -> None:
    """What Lambda itself does as the function's role is no matter of its code."""
    body = {
        "function_name": "mail",
        "role": ROLE,
        "kms_key_arn": "arn:aws:kms:ap-northeast-2:111122223333:key/1",
        "dead_letter_config": [{"target_arn": "${aws_sqs_queue.dead.arn}"}],
        "vpc_config": [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}],
        "tracing_config": [{"mode": "Active"}],
    }
    found = calls(says, "aws_lambda_function", body)
    actions = {action for action, _ in found}
    assert {"kms:Decrypt", "sqs:SendMessage", "xray:PutTraceSegments", "ec2:CreateNetworkInterface"} < actions
    [log] = [resource for action, resource in found if action == "logs:PutLogEvents"]
    assert log.endswith(":log-group:/aws/lambda/mail:log-stream:*")
    plain = {"function_name": "mail", "role": ROLE}
    assert {action for action, _ in calls(says, "aws_lambda_function", plain)} == {
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    }


def test_a_machine_needs_the_delivery_of_logs_only_if_it_logs(says: Says) -> None:
    """The rights to deliver logs cannot be narrowed, so they are asked for only where there is a log."""
    quiet = {"name": "m", "role_arn": ROLE, "definition": "{}"}
    logged = {**quiet, "logging_configuration": [{"level": "ALL", "log_destination": "arn:aws:logs:::x:*"}]}
    off = {**quiet, "logging_configuration": [{"level": "OFF"}]}
    assert calls(says, "aws_sfn_state_machine", quiet) == calls(says, "aws_sfn_state_machine", off) == set()
    assert ("logs:CreateLogDelivery", "*") in calls(says, "aws_sfn_state_machine", logged)


def test_a_budget_attaches_one_policy_to_those_it_names(says: Says, bodies: dict[str, Any]) -> None:
    """The policy is what the call sends, so that a role bound to it by a condition is found to be enough."""
    [body] = bodies["aws_budgets_budget_action"].values()
    found = [fact for fact in says("aws_budgets_budget_action", body) if isinstance(fact, Call)]
    assert {fact.action for fact in found} == {
        f"iam:{verb}{kind}Policy" for verb in ("Attach", "Detach") for kind in ("Role", "User")
    }
    assert {fact.context for fact in found} == {(("iam:policyarn", ("arn:aws:iam::111122223333:policy/stop",)),)}


def test_copies_are_read_here_and_written_and_encrypted_there(says: Says) -> None:
    """Markers of deletion are copied unless that is turned off; a rule that is turned off asks for nothing."""
    rule: dict[str, Any] = {
        "status": "Enabled",
        "delete_marker_replication": [{"status": "Disabled"}],
        "destination": [
            {
                "bucket": "arn:aws:s3:::there",
                "encryption_configuration": [
                    {"replica_kms_key_id": "arn:aws:kms:eu-west-1:111122223333:key/1"},
                ],
            }
        ],
    }
    body = {"bucket": "here", "role": ROLE, "rule": [rule]}
    found = calls(says, "aws_s3_bucket_replication_configuration", body)
    assert ("s3:GetObjectVersionForReplication", "arn:aws:s3:::here/*") in found
    assert ("s3:ReplicateObject", "arn:aws:s3:::there/*") in found
    assert ("kms:Encrypt", "arn:aws:kms:eu-west-1:111122223333:key/1") in found
    assert "s3:ReplicateDelete" not in {action for action, _ in found}
    off = {**body, "rule": [{**rule, "status": "Disabled"}]}
    assert not {action for action, _ in calls(says, "aws_s3_bucket_replication_configuration", off)} & {
        "s3:ReplicateObject",
        "kms:Encrypt",
    }


def test_a_schedule_calls_its_target_by_what_it_is(says: Says) -> None:
    """A topic is published to, a function invoked; a target of every API says which call it is."""
    for target, action in (
        ("${aws_sns_topic.t.arn}", "sns:Publish"),
        ("arn:aws:lambda:ap-northeast-2:111122223333:function:f", "lambda:InvokeFunction"),
        ("arn:aws:scheduler:::aws-sdk:ec2:stopInstances", "ec2:StopInstances"),
    ):
        body = {"name": "s", "target": [{"arn": target, "role_arn": ROLE}]}
        assert {each for each, _ in calls(says, "aws_scheduler_schedule", body)} == {action}
