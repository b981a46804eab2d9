"""Alarms: what every component wants watched, made into CloudWatch alarms that tell somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field

from seawall.components.component import Expandable
from seawall.components.keys import key
from seawall.components.policy import document
from seawall.components.scope import Scope
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Textual, text

Email = Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[a-z0-9.-]{3,253}$")]

_OPERATORS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
_SHORT = {"Average", "Sum", "Minimum", "Maximum", "SampleCount"}


class Alerts(Expandable):
    """An alarm for each thing that a component wants watched, a topic in each region, and whoever is told."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "telemetry"

    kind: Literal["alerts"]
    email: Annotated[tuple[Email, ...], Field(min_length=1, max_length=10)]
    """Who is told, ten at the most; each has to say yes once, by the link that AWS sends."""

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Where something is watched key, topic, subscriptions, alarms, and one over the worst."""
        yield scope.lookup("aws_caller_identity", scope.identifier, {})
        watched = watches(scope)
        for region in dict.fromkeys((scope.region, *(watch.region for watch in watched.values()))):
            suffix = "" if region == scope.region else f"_{region.replace('-', '_')}"
            here = {name: watch for name, watch in watched.items() if watch.region == region}
            yield from self._topic(scope, region, f"alerts{suffix}")
            topic = scope.ref("aws_sns_topic", f"alerts{suffix}", "arn")
            for name, watch in here.items():
                yield _alarm(scope, name, watch, topic)
            critical = [name for name, watch in here.items() if watch.critical]
            if critical:
                yield _unwell(scope, critical, topic, region, f"unwell{suffix}")

    def _topic(self, scope: Scope, region: str, name: str) -> Iterator[Resource]:
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        called = f"{scope.title}-alerts"
        alarms = text(f"arn:aws:cloudwatch:{region}:", account, f":alarm:{scope.title}-*")
        ours: dict[str, Any] = {
            "StringEquals": {"aws:SourceAccount": account},
            "ArnLike": {"aws:SourceArn": alarms},
        }
        cloudwatch = {"Service": "cloudwatch.amazonaws.com"}
        # The key that AWS keeps for SNS does not let CloudWatch in, and alarms would be lost without a word.
        encrypting = {
            "Sid": "AlarmsEncrypt",
            "Effect": "Allow",
            "Principal": cloudwatch,
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": account}},
        }
        yield from key(
            scope,
            name,
            account=account,
            called=called,
            purpose=f"Alerts of {scope.title}",
            region=region,
            statements=(encrypting,),
        )
        topic = {"name": called, "kms_master_key_id": scope.ref("aws_kms_key", name, "arn")}
        yield scope.aws("aws_sns_topic", name, topic, region=region, called=called)
        arn = scope.ref("aws_sns_topic", name, "arn")
        publishing = document(
            {
                "Sid": "AlarmsPublish",
                "Effect": "Allow",
                "Principal": cloudwatch,
                "Action": "sns:Publish",
                "Resource": arn,
                "Condition": ours,
            }
        )
        yield scope.aws("aws_sns_topic_policy", name, {"arn": arn, "policy": publishing}, region=region)
        for number, address in enumerate(self.email, 1):
            subscription = {"topic_arn": arn, "protocol": "email", "endpoint": address}
            yield scope.aws("aws_sns_topic_subscription", f"{name}_{number}", subscription, region=region)


def watches(scope: Scope) -> dict[str, Watch]:
    """Every component's watches by the Terraform name of their alarm, each with its region filled in."""
    found: dict[str, Watch] = {}
    for name, component in scope.platform.components.items():
        at = scope.at(name)
        for watch in cast(Expandable, component).watches(at):
            called = f"{name}_{watch.name}".replace("-", "_")
            found[called] = replace(watch, region=watch.region or scope.region)
    return found


def _alarm(scope: Scope, name: str, watch: Watch, topic: Ref) -> Resource:
    called = alarm_name(scope, name)
    statistic = "statistic" if watch.statistic in _SHORT else "extended_statistic"
    dimensions: Mapping[str, Textual] = dict(watch.dimensions)
    measured: dict[str, Any] = {
        "namespace": watch.namespace,
        "metric_name": watch.metric,
        "dimensions": dimensions,
        statistic: watch.statistic,
        "period": watch.period,
    }
    if watch.query is not None:
        asked = {"id": "worst", "expression": watch.query, "period": watch.period, "return_data": True}
        measured = {"metric_query": [asked | {"label": watch.metric}]}
    body = {
        "alarm_name": called,
        "alarm_description": watch.says,
        **measured,
        "comparison_operator": _OPERATORS[watch.is_bad],
        "threshold": watch.threshold,
        "evaluation_periods": watch.of,
        "datapoints_to_alarm": watch.bad,
        "treat_missing_data": watch.missing,
        "alarm_actions": [topic],
        "ok_actions": [topic],
    }
    return scope.aws("aws_cloudwatch_metric_alarm", name, body, region=watch.region, called=called)


def _unwell(scope: Scope, critical: list[str], topic: Ref, region: str, name: str) -> Resource:
    called = f"{scope.title}-unwell"
    rule: list[Textual] = []
    for alarm in critical:
        at = scope.ref("aws_cloudwatch_metric_alarm", alarm, "alarm_name")
        rule += [" OR " if rule else "", 'ALARM("', at, '")']
    body = {
        "alarm_name": called,
        "alarm_description": "Visitors feel it: at least one critical alarm of the platform is raised.",
        "alarm_rule": text(*rule),
        "alarm_actions": [topic],
        "ok_actions": [topic],
    }
    return scope.aws("aws_cloudwatch_composite_alarm", name, body, region=region, called=called)


def alarm_name(scope: Scope, name: str) -> str:
    """The alarm's name in CloudWatch."""
    return f"{scope.title}-{name.replace('_', '-')}"
