"""The cost guard: a function behind the budget that keeps node groups at the size they have while the budget is spent.

It lies where the budget lies, with the budget's topic and key, and reaches into the platform's own region.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

from seawall.components.alerts import Alerts
from seawall.components.cluster import Cluster
from seawall.components.keys import by_logs
from seawall.components.offer import Right
from seawall.components.packages import package
from seawall.components.policy import calls, document, granting, trust
from seawall.components.scope import Scope
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.units import Share
from seawall.kernel.value import Ref, Textual, text

FUNCTION = "cost_guard"
"""The folder of its sources, and the Terraform name of what it is made of."""
WORLD = "us-east-1"
"""Where AWS keeps budgets; a topic there reaches Slack whichever region the platform lies in."""
_LOGS = 90
"""Days for which its log is kept."""


def called(scope: Scope) -> str:
    """What AWS knows it by."""
    return f"{scope.title}-cost-guard"


def log_encryption(scope: Scope, account: Textual) -> dict[str, object]:
    """The statement by which the budget's key lets its log be encrypted."""
    return by_logs(replace(scope, region=WORLD), account, f"/aws/lambda/{called(scope)}")


def guard(scope: Scope, share: Share) -> Iterator[Resource | Demand]:
    """The function with its role, log and dead-letter queue, told by the budget's topic and once a day."""
    name, key = called(scope), scope.ref("aws_kms_key", "budget", "arn")
    log = {"name": f"/aws/lambda/{name}", "retention_in_days": _LOGS, "kms_key_id": key}
    yield scope.aws("aws_cloudwatch_log_group", FUNCTION, log, region=WORLD, called=name)
    queue = {"name": name, "message_retention_seconds": 14 * 86400, "kms_master_key_id": key}
    yield scope.aws("aws_sqs_queue", FUNCTION, queue, region=WORLD, called=name)
    role = {"name": name, "assume_role_policy": trust("lambda.amazonaws.com")}
    yield scope.aws("aws_iam_role", FUNCTION, role, called=name)
    rights = tuple(_rights(scope))
    body = {
        "name": name,
        "role": scope.ref("aws_iam_role", FUNCTION, "name"),
        "policy": document(*(granting(right) for right in rights)),
    }
    yield scope.aws("aws_iam_role_policy", FUNCTION, body)
    yield from calls(scope.address("aws_lambda_function", FUNCTION), rights, f"{scope.origin} {FUNCTION}")
    yield from _function(scope, share, key)
    yield from _told(scope)


def watches(scope: Scope) -> Iterator[Watch]:
    """That it fails: then a group may grow on, or is held although the month is new."""
    # By its name alone: whoever watches lies beneath whom the function tells, and stacks must not read in a circle.
    dimensions = (("FunctionName", called(scope)),)
    yield Watch(
        "guard-errors",
        "The cost guard failed: node groups may grow although the budget is spent, or not although it is not.",
        "Errors", "AWS/Lambda", dimensions, "Sum", ">", 0, "notBreaching", bad=1, of=1, period=300, region=WORLD,
        first=(
            f"Why: `aws logs tail /aws/lambda/{called(scope)} --since 1d --region {WORLD}`.",
            "What it would do now: `seawall cost-guard INPUT --target aws --dry-run`; without `--dry-run` it does it.",
            f"By hand, for each group: `aws eks update-nodegroup-config --cluster-name {scope.cluster_name} "
            f"--nodegroup-name NAME --region {scope.region} --scaling-config maxSize=NUMBER`.",
        ),
    )  # fmt: skip


def _rights(scope: Scope) -> Iterator[Right]:
    account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
    # Its policy names the groups one by one; EKS ends their ARNs in an id of its own.
    groups = tuple(
        text(f"arn:aws:eks:{scope.region}:", account, f":nodegroup/{scope.cluster_name}/{name}/*")
        for name in _groups(scope)
    )
    changing = ("eks:DescribeNodegroup", "eks:TagResource", "eks:UntagResource", "eks:UpdateNodegroupConfig")
    yield Right(changing, groups)
    yield Right(("autoscaling:DescribeAutoScalingGroups",), ("*",))
    yield Right(("budgets:ViewBudget",), (text("arn:aws:budgets::", account, f":budget/{scope.title}-month"),))
    yield Right(("sns:Publish",), (_topic(scope),))
    keys: tuple[Textual, ...] = (scope.ref("aws_kms_key", "budget", "arn"),)
    if scope.has(Alerts):
        keys = (*keys, scope.at("alerts").ref("aws_kms_key", "alerts", "arn"))
    yield Right(("kms:Decrypt", "kms:GenerateDataKey"), keys)
    yield Right(("sqs:SendMessage",), (scope.ref("aws_sqs_queue", FUNCTION, "arn"),))
    log = scope.ref("aws_cloudwatch_log_group", FUNCTION, "arn")
    yield Right(("logs:CreateLogStream", "logs:PutLogEvents"), (text(log, ":*"),))


def _function(scope: Scope, share: Share, key: Ref) -> Iterator[Resource]:
    code = package(FUNCTION)
    variables = {
        "REGION": scope.region,
        "CLUSTER": scope.cluster_name,
        "GROUPS": json.dumps(_groups(scope)),
        "ACCOUNT": scope.ref("data.aws_caller_identity", scope.identifier, "account_id"),
        "BUDGET": f"{scope.title}-month",
        "SHARE": f"{share.percent.normalize():f}",
        "TOPIC": _topic(scope),
    }
    body = {
        "function_name": called(scope),
        "description": "Keeps node groups from growing while the budget is spent",
        "filename": code.name,
        "source_code_hash": code.hash,
        "handler": "handler.lambda_handler",
        "runtime": "python3.13",
        "architectures": ["arm64"],
        "role": scope.ref("aws_iam_role", FUNCTION, "arn"),
        "timeout": 120,
        "memory_size": 256,
        "reserved_concurrent_executions": 1,  # what one run remembers, the next must see
        "kms_key_arn": key,
        "environment": [{"variables": variables}],
        "dead_letter_config": [{"target_arn": scope.ref("aws_sqs_queue", FUNCTION, "arn")}],
        "logging_config": [
            {"log_format": "JSON", "log_group": scope.ref("aws_cloudwatch_log_group", FUNCTION, "name")}
        ],
        "tracing_config": [{"mode": "PassThrough"}],
    }
    before = [scope.address("aws_iam_role_policy", FUNCTION)]
    yield scope.aws(
        "aws_lambda_function",
        FUNCTION,
        body,
        region=WORLD,
        depends_on=before,
        called=called(scope),
        files={code.name: code.content},
    )


def _told(scope: Scope) -> Iterator[Resource]:
    function = scope.ref("aws_lambda_function", FUNCTION, "function_name")
    topic, arn = scope.ref("aws_sns_topic", "budget", "arn"), scope.ref("aws_lambda_function", FUNCTION, "arn")
    rule = {
        "name": called(scope),
        "description": "A message may be lost and a month begins without one, so it looks once a day by itself",
        "schedule_expression": "cron(20 5 * * ? *)",
    }
    yield scope.aws("aws_cloudwatch_event_rule", FUNCTION, rule, region=WORLD, called=called(scope))
    target = {
        "rule": scope.ref("aws_cloudwatch_event_rule", FUNCTION, "name"),
        "target_id": "cost-guard",
        "arn": arn,
    }
    yield scope.aws("aws_cloudwatch_event_target", FUNCTION, target, region=WORLD)
    daily = scope.ref("aws_cloudwatch_event_rule", FUNCTION, "arn")
    for name, principal, source in (("budget", "sns", topic), ("daily", "events", daily)):
        permission = {
            "statement_id": f"{name.title()}Invokes",
            "function_name": function,
            "action": "lambda:InvokeFunction",
            "principal": f"{principal}.amazonaws.com",
            "source_arn": source,
        }
        yield scope.aws("aws_lambda_permission", f"{FUNCTION}_{name}", permission, region=WORLD)
    subscription = {"topic_arn": topic, "protocol": "lambda", "endpoint": arn}
    before = [scope.address("aws_lambda_permission", f"{FUNCTION}_budget")]
    yield scope.aws("aws_sns_topic_subscription", FUNCTION, subscription, region=WORLD, depends_on=before)


def _groups(scope: Scope) -> list[str]:
    return [f"{scope.title}-{name}" for name in scope.the(Cluster).node_groups]


def _topic(scope: Scope) -> Ref:
    """Whom it tells: those who hear of alarms, else those who hear of the budget."""
    if scope.has(Alerts):
        return scope.at("alerts").ref("aws_sns_topic", "alerts", "arn")
    return scope.ref("aws_sns_topic", "budget", "arn")
