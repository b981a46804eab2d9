"""Remediation: a function that is told of some alarms, and mends what it can before anybody is awake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components.alarm import alarm_name
from seawall.components.alerts import Alerts
from seawall.components.cluster import Cluster
from seawall.components.component import Expandable
from seawall.components.insights import FAILED, Insights
from seawall.components.offer import Right
from seawall.components.packages import package
from seawall.components.policy import calls, document, granting, trust
from seawall.components.scope import Scope
from seawall.components.service import Service
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.value import Ref, text
from seawall.model.fields import Duration, Frame

FUNCTION = "remediation"
"""The folder of its sources, and the Terraform name of what it is made of."""
_LONGEST_WAIT = 3600
"""Seconds after which an alarm is no longer acted on: whoever was told of it is at it by then."""
_RUN = 120
"""Seconds that a run may last."""
_STOPS = "remediation has stopped itself"
"""What its log says when it does; a metric counts it."""


class Limit(Frame):
    """How many nodes it may replace or add, over all node groups of the cluster."""

    # What is planned stands in one tag of 256 characters, twenty a node.
    an_hour: Annotated[int, Field(ge=1, le=8)] = 2
    a_day: Annotated[int, Field(ge=1, le=24)] = 6


class Breaker(Frame):
    """When it stops itself: after so many deeds within a time whose alarms are up again or still.

    It goes on after ``rest``, or when a person lets it.
    """

    after: Annotated[int, Field(ge=1, le=20)] = 3
    within: Duration = units.Duration(6 * 3600)
    rest: Duration = units.Duration(12 * 3600)


class Remediation(Expandable):
    """A failed node is replaced; a service whose containers keep restarting gets a node more, within its group's most.

    Where more than half of a node group has failed, nothing is done but to tell: that is no node's fault.
    """

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "telemetry"

    kind: Literal["remediation"]
    cooldown: Duration = units.Duration(900)
    """How long a node group is left alone after it was mended."""
    limit: Limit = Limit()
    breaker: Breaker = Breaker()
    logs: Duration = units.Duration(90 * 86400)
    """How long its log is kept."""

    @model_validator(mode="after")
    def _calm(self) -> Remediation:
        if not 300 <= self.cooldown.seconds <= 86400:
            raise ValueError(f"cooldown is {self.cooldown}; a node takes minutes to join, give 5 min to 1 d")
        if self.limit.a_day < self.limit.an_hour:
            raise ValueError(f"limit allows {self.limit.a_day} nodes a day and {self.limit.an_hour} an hour")
        if not self.cooldown.seconds < self.breaker.within.seconds <= 86400:
            raise ValueError(
                f"breaker looks back for {self.breaker.within}; it has to be longer than the cooldown, in which a deed "
                "is given time to help, and a day at the most, for which deeds are remembered"
            )
        return self

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """That it fails, and that something it was told was given up."""
        called = (("FunctionName", scope.ref("aws_lambda_function", FUNCTION, "function_name")),)
        named, here = f"{scope.title}-{FUNCTION}", f"--region {scope.region}"
        reading = f"Why: `aws logs tail /aws/lambda/{named} --since 1h {here}`."
        by_hand = (
            "Do by hand what it was to do: the page of the alarm that it was told of, insights-node-failed or "
            "insights-SERVICE-restarts."
        )
        yield Watch(
            "errors",
            "Remediation failed. What it was to mend is still broken; its log says why.",
            "Errors", "AWS/Lambda", called, "Sum", ">", 0, "notBreaching", bad=1, of=1, period=300,
            first=(
                reading,
                by_hand,
                "AccessDenied in its log: its role is no longer what was applied; `seawall plan` shows the "
                "difference.",
            ),
        )  # fmt: skip
        yield Watch(
            "stopped",
            "Remediation has stopped itself: what it did has not helped. Nothing is mended until a person looks.",
            "stopped", _counted(scope), (), "Sum", ">", 0, "notBreaching", bad=1, of=1, period=300, critical=True,
            first=(
                f"What it did, and why it stopped: `aws logs tail /aws/lambda/{named} --since 6h {here}`.",
                "Whether new nodes become ready at all: `kubectl get nodes --sort-by=.metadata.creationTimestamp`, and "
                "`kubectl describe node NODE` of the youngest. A release, an image or the network is more likely to be "
                "at fault than the nodes.",
                by_hand,
                f"Once that is mended: `seawall remediate INPUT --target aws --let-on`. Otherwise it goes on by itself "
                f"{self.breaker.rest} after it stopped.",
            ),
        )  # fmt: skip
        queue = (("QueueName", scope.ref("aws_sqs_queue", FUNCTION, "name")),)
        yield Watch(
            "given-up",
            "Remediation gave up on an alarm after three attempts; the queue keeps what it was told for 14 days.",
            "ApproximateNumberOfMessagesVisible", "AWS/SQS", queue, "Maximum", ">", 0, "notBreaching", bad=1, of=1,
            period=300,
            first=(
                "What it was told: `aws sqs receive-message --max-number-of-messages 10 --visibility-timeout 0 "
                f"{here} --queue-url $(aws sqs get-queue-url --queue-name {named} {here} --query QueueUrl --output "
                "text)`.",
                reading,
                by_hand,
                f"Afterwards empty the queue: `aws sqs purge-queue {here} --queue-url $(aws sqs get-queue-url "
                f"--queue-name {named} {here} --query QueueUrl --output text)`.",
            ),
        )  # fmt: skip

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The function with its role, log, dead-letter queue and subscription."""
        scope.the(Alerts)
        called = f"{scope.title}-{FUNCTION}"
        key = scope.at("alerts").ref("aws_kms_key", "alerts", "arn")
        log = {"name": f"/aws/lambda/{called}", "retention_in_days": round(self.logs.days)}
        yield scope.aws("aws_cloudwatch_log_group", FUNCTION, log, called=called)
        # Slack shows alarms and no words of ours, so that it has stopped has to be an alarm.
        counted = {
            "name": f"{called}-stopped",
            "log_group_name": scope.ref("aws_cloudwatch_log_group", FUNCTION, "name"),
            "pattern": f'"{_STOPS}"',
            "metric_transformation": [
                {"name": "stopped", "namespace": _counted(scope), "value": "1", "default_value": "0"}
            ],
        }
        yield scope.aws("aws_cloudwatch_log_metric_filter", "remediation_stopped", counted)
        queue = {"name": called, "message_retention_seconds": 14 * 86400, "kms_master_key_id": key}
        yield scope.aws("aws_sqs_queue", FUNCTION, queue, called=called)
        yield from self._role(scope, called)
        yield from self._function(scope, called, key)
        yield from self._subscription(scope)

    def _role(self, scope: Scope, called: str) -> Iterator[Resource | Demand]:
        yield scope.lookup("aws_caller_identity", FUNCTION, {})
        role = {"name": called, "assume_role_policy": trust("lambda.amazonaws.com")}
        yield scope.aws("aws_iam_role", FUNCTION, role, called=called)
        rights = tuple(self._rights(scope))
        body = {
            "name": called,
            "role": scope.ref("aws_iam_role", FUNCTION, "name"),
            "policy": document(*(granting(right) for right in rights)),
        }
        yield scope.aws("aws_iam_role_policy", FUNCTION, body)
        yield from calls(scope.address("aws_lambda_function", FUNCTION), rights, f"{scope.origin} {FUNCTION}")

    def _rights(self, scope: Scope) -> Iterator[Right]:
        account = scope.ref("data.aws_caller_identity", FUNCTION, "account_id")
        yield Right(
            (
                "autoscaling:DescribeAutoScalingGroups",
                "cloudwatch:GetMetricData",
                "ec2:DescribeInstanceStatus",
                "ec2:DescribeInstances",
            ),
            ("*",),
        )
        alarms = text(f"arn:aws:cloudwatch:{scope.region}:", account, f":alarm:{scope.title}-*")
        yield Right(("cloudwatch:DescribeAlarms",), (alarms,))
        # EKS names the groups behind its node groups, and tags them with the name of the cluster.
        groups = text(f"arn:aws:autoscaling:{scope.region}:", account, ":autoScalingGroup:*:autoScalingGroupName/eks-*")
        ours = ("StringEquals", "aws:ResourceTag/eks:cluster-name", (scope.cluster_name,))
        yield Right(
            (
                "autoscaling:CreateOrUpdateTags",
                "autoscaling:DeleteTags",
                "autoscaling:SetDesiredCapacity",
                "autoscaling:TerminateInstanceInAutoScalingGroup",
            ),
            (groups,),
            (ours,),
        )
        yield Right(("sns:Publish",), (self._topic(scope),))
        yield Right(("sqs:SendMessage",), (scope.ref("aws_sqs_queue", FUNCTION, "arn"),))
        key = scope.at("alerts").ref("aws_kms_key", "alerts", "arn")
        yield Right(("kms:Decrypt", "kms:GenerateDataKey"), (key,))
        log = scope.ref("aws_cloudwatch_log_group", FUNCTION, "arn")
        yield Right(("logs:CreateLogStream", "logs:PutLogEvents"), (text(log, ":*"),))

    def _function(self, scope: Scope, called: str, key: Ref) -> Iterator[Resource]:
        code = package(FUNCTION)
        insights = scope.the(Insights)
        failed = [_alarm(scope, FAILED), *(_alarm(scope, watch) for watch in insights.checked(scope).values())]
        restarts = {
            _alarm(scope, watch): f"{scope.title}-{group}"
            for name, watch in insights.watched(scope).items()
            if (group := _group_of(scope, name))
        }
        body = {
            "function_name": called,
            "description": "Replaces failed nodes, and gives services that keep restarting a node more",
            "filename": code.name,
            "source_code_hash": code.hash,
            "handler": "handler.lambda_handler",
            "runtime": "python3.13",
            "architectures": ["arm64"],
            "role": scope.ref("aws_iam_role", FUNCTION, "arn"),
            "timeout": _RUN,
            "memory_size": 256,
            # Once at a time: what one run remembers, the next must see. An account whose quota is still the ten of a
            # new one has nothing to reserve from, and has to ask for more first.
            "reserved_concurrent_executions": 1,
            "kms_key_arn": key,
            "environment": [
                {
                    "variables": {
                        "CLUSTER": scope.cluster_name,
                        "TOPIC": self._topic(scope),
                        "FAILED": json.dumps(failed),
                        "RESTARTS": json.dumps(restarts),
                        "COOLDOWN": str(round(self.cooldown.seconds)),
                        "AN_HOUR": str(self.limit.an_hour),
                        "A_DAY": str(self.limit.a_day),
                        "TRIES": str(self.breaker.after),
                        "WITHIN": str(round(self.breaker.within.seconds)),
                        "REST": str(round(self.breaker.rest.seconds)),
                    }
                }
            ],
            "dead_letter_config": [{"target_arn": scope.ref("aws_sqs_queue", FUNCTION, "arn")}],
            "logging_config": [
                {"log_format": "JSON", "log_group": scope.ref("aws_cloudwatch_log_group", FUNCTION, "name")}
            ],
            "tracing_config": [{"mode": "PassThrough"}],
        }
        before = [scope.address("aws_iam_role_policy", FUNCTION)]
        yield scope.aws(
            "aws_lambda_function", FUNCTION, body, depends_on=before, called=called, files={code.name: code.content}
        )
        tries = {
            "function_name": scope.ref("aws_lambda_function", FUNCTION, "function_name"),
            "maximum_retry_attempts": 2,
            "maximum_event_age_in_seconds": _LONGEST_WAIT,
        }
        yield scope.aws("aws_lambda_function_event_invoke_config", FUNCTION, tries)

    def _subscription(self, scope: Scope) -> Iterator[Resource]:
        topic = self._topic(scope)
        permission = {
            "statement_id": "AlertsInvoke",
            "function_name": scope.ref("aws_lambda_function", FUNCTION, "function_name"),
            "action": "lambda:InvokeFunction",
            "principal": "sns.amazonaws.com",
            "source_arn": topic,
        }
        yield scope.aws("aws_lambda_permission", FUNCTION, permission)
        # Alarms that begin, and nothing else: what it says itself comes by the same topic.
        subscription = {
            "topic_arn": topic,
            "protocol": "lambda",
            "endpoint": scope.ref("aws_lambda_function", FUNCTION, "arn"),
            "filter_policy_scope": "MessageBody",
            "filter_policy": json.dumps({"NewStateValue": ["ALARM"]}),
        }
        before = [scope.address("aws_lambda_permission", FUNCTION)]
        yield scope.aws("aws_sns_topic_subscription", FUNCTION, subscription, depends_on=before)

    def _topic(self, scope: Scope) -> Ref:
        return scope.at("alerts").ref("aws_sns_topic", "alerts", "arn")


def _counted(scope: Scope) -> str:
    """The namespace of what its log is counted by."""
    return f"Remediation/{scope.title}"


def _alarm(scope: Scope, watch: str) -> str:
    return alarm_name(scope, f"insights_{watch}")


def _group_of(scope: Scope, name: str) -> str:
    """The node group that a service's pods lie on; where it names none, the first without a taint, if there is one."""
    groups = scope.the(Cluster).node_groups
    service = scope.platform.components[name]
    assert isinstance(service, Service)
    if service.nodes is not None:
        return service.nodes if service.nodes in groups else ""
    return next((group for group, made in groups.items() if not made.taints), "")
