"""Alarms: what every component wants watched, made into CloudWatch alarms that tell somebody; and what it may cost."""

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
from seawall.kernel.errors import InputError
from seawall.kernel.units import Money
from seawall.kernel.value import Ref, Textual, text

Email = Annotated[str, Field(pattern=r"^[^@\s]{1,64}@[a-z0-9.-]{3,253}$")]

_OPERATORS = {
    ">": "GreaterThanThreshold",
    ">=": "GreaterThanOrEqualToThreshold",
    "<": "LessThanThreshold",
    "<=": "LessThanOrEqualToThreshold",
}
_SHORT = {"Average", "Sum", "Minimum", "Maximum", "SampleCount"}
# Half of a month's money gone early is worth a look, four fifths a question, all of it (or about to be) an answer.
_SPENT = (("ACTUAL", 50), ("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))


class Alerts(Expandable):
    """An alarm for each thing that a component wants watched, a topic in each region, a budget, and whoever is told."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "telemetry"

    kind: Literal["alerts"]
    # A budget tells ten addresses at the most (AWS Billing and Cost Management API, NotificationWithSubscribers).
    email: Annotated[tuple[Email, ...], Field(min_length=1, max_length=10)]
    """Who is told, ten at the most; each has to say yes once, by the link that AWS sends, but for the budget."""
    budget: Literal["account", "platform"] = "account"
    """What the budget of a claimed monthly cost counts: the whole account, or what carries the tag `platform`.

    AWS counts by a tag only once whoever pays the bill has activated it as a cost allocation tag; until then, and for
    what cannot be tagged, it counts nothing and so tells nobody. `platform` counts all environments of an account.
    """

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """The budget; and where something is watched key, topic, subscriptions, alarms, and one over the worst."""
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
        for claim in scope.platform.claims:
            if (claim.subject, claim.measure) == ("platform", "monthly_cost") and isinstance(claim.value, Money):
                yield self._budget(scope, claim.value)

    def _budget(self, scope: Scope, most: Money) -> Resource:
        if most.currency != "USD":
            raise InputError(
                f"a monthly cost of {most} is claimed, and AWS's budgets count in USD",
                fix="claim it in USD",
                origin=scope.platform.document.origin(("claims", "monthly_cost")),
            )
        called = f"{scope.title}-month"
        body = {
            "name": called,
            "budget_type": "COST",
            "limit_amount": f"{most.amount.normalize():f}",
            "limit_unit": most.currency,
            "time_unit": "MONTHLY",
            "cost_filter": [{"name": "TagKeyValue", "values": [f"user:platform${scope.platform.name}"]}]
            if self.budget == "platform"
            else None,
            # Straight to people: a budget's mail needs no confirmed subscription, nor a key that lets budgets in.
            "notification": [
                {
                    "comparison_operator": "GREATER_THAN",
                    "notification_type": kind,
                    "threshold": threshold,
                    "threshold_type": "PERCENTAGE",
                    "subscriber_email_addresses": list(self.email),
                }
                for kind, threshold in _SPENT
            ],
        }
        return scope.aws("aws_budgets_budget", "month", body, called=called)

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
    body = {
        "alarm_name": called,
        "alarm_description": watch.says,
        "namespace": watch.namespace,
        "metric_name": watch.metric,
        "dimensions": dimensions,
        statistic: watch.statistic,
        "comparison_operator": _OPERATORS[watch.is_bad],
        "threshold": watch.threshold,
        "period": watch.period,
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
