"""Alarms: what every component wants watched, made into CloudWatch alarms that tell somebody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field

from seawall.components import burn_rate, runbook
from seawall.components.alarm import alarm_name, any_of, described
from seawall.components.component import Expandable
from seawall.components.keys import key
from seawall.components.policy import document
from seawall.components.scope import Scope
from seawall.components.slack import Channel, hears
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


class Listener(Channel):
    """A Slack channel that hears of alarms of every region."""

    hears: Literal["warning", "critical"] = "warning"
    """The least severity it hears of: `critical` is what visitors feel now, `warning` everything."""


class Alerts(Expandable):
    """An alarm for each thing that a component wants watched, a topic in each region, and whoever is told."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "telemetry"

    kind: Literal["alerts"]
    email: Annotated[tuple[Email, ...], Field(min_length=1, max_length=10)]
    """Who is told, ten at the most; each has to say yes once, by the link that AWS sends."""
    slack: Listener | None = None
    """The channel that hears of alarms beside those who get mail."""

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Where something is watched key, topics and subscriptions; the alarms, and one over those of each layer."""
        yield scope.lookup("aws_caller_identity", scope.identifier, {})
        watched = watches(scope)
        for region in _regions(scope, watched):
            suffix = _suffix(scope, region)
            here = {name: watch for name, watch in watched.items() if watch.region == region}
            yield from self._topics(scope, region)
            for name, watch in here.items():
                yield _alarm(scope, name, watch, self._told(scope, region, critical=watch.critical))
            yield from _layers(scope, here)
            critical = [name for name, watch in here.items() if watch.critical]
            if critical:
                yield _unwell(scope, critical, self._told(scope, region, critical=True), region, f"unwell{suffix}")
        yield from burn_rate.alarms(scope, lambda critical: self._told(scope, scope.region, critical=critical))
        if self.slack is not None and scope.is_home:
            topics = [*self._heard(scope), *(topic for site in scope.sites.values() for topic in self._heard(site))]
            yield from hears(
                scope, self.slack, "alerts", f"{scope.title}-alerts", [*topics, *_budget(scope, self.slack)]
            )

    def _heard(self, scope: Scope) -> list[Ref]:
        """The topics of one site that the channel hears, one a region."""
        topic = "critical" if self.slack is not None and self.slack.hears == "critical" else "alerts"
        regions = _regions(scope, watches(scope))
        return [scope.ref("aws_sns_topic", f"{topic}{_suffix(scope, region)}", "arn") for region in regions]

    def _told(self, scope: Scope, region: str, *, critical: bool) -> list[Ref]:
        """The topics that an alarm tells."""
        suffix = _suffix(scope, region)
        told = [scope.ref("aws_sns_topic", f"alerts{suffix}", "arn")]
        if critical and self.slack is not None and self.slack.hears == "critical":
            told.append(scope.ref("aws_sns_topic", f"critical{suffix}", "arn"))
        return told

    def _topics(self, scope: Scope, region: str) -> Iterator[Resource]:
        name = f"alerts{_suffix(scope, region)}"
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        called = f"{scope.title}-alerts"
        # The key that AWS keeps for SNS does not let CloudWatch in, and alarms would be lost without a word.
        encrypting = {
            "Sid": "AlarmsEncrypt",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
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
        encrypts = scope.ref("aws_kms_key", name, "arn")
        yield from _topic(scope, region, name, called, encrypts)
        for number, address in enumerate(self.email, 1):
            arn = scope.ref("aws_sns_topic", name, "arn")
            subscription = {"topic_arn": arn, "protocol": "email", "endpoint": address}
            yield scope.aws("aws_sns_topic_subscription", f"{name}_{number}", subscription, region=region)
        if self.slack is not None and self.slack.hears == "critical":
            # Slack's subscription is AWS's own and takes no filter: what it hears has a topic of its own.
            critical = f"critical{_suffix(scope, region)}"
            yield from _topic(scope, region, critical, f"{scope.title}-critical", encrypts)


def _topic(scope: Scope, region: str, name: str, called: str, encrypts: Ref) -> Iterator[Resource]:
    account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
    alarms = text(f"arn:aws:cloudwatch:{region}:", account, f":alarm:{scope.title}-*")
    ours: dict[str, Any] = {
        "StringEquals": {"aws:SourceAccount": account},
        "ArnLike": {"aws:SourceArn": alarms},
    }
    topic = {"name": called, "kms_master_key_id": encrypts}
    yield scope.aws("aws_sns_topic", name, topic, region=region, called=called)
    arn = scope.ref("aws_sns_topic", name, "arn")
    publishing = document(
        {
            "Sid": "AlarmsPublish",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": ours,
        }
    )
    yield scope.aws("aws_sns_topic_policy", name, {"arn": arn, "policy": publishing}, region=region)


def _regions(scope: Scope, watched: Mapping[str, Watch]) -> tuple[str, ...]:
    """Where something is watched, the scope's own region first."""
    return tuple(dict.fromkeys((scope.region, *(watch.region for watch in watched.values()))))


def _suffix(scope: Scope, region: str) -> str:
    return "" if region == scope.region else f"_{region.replace('-', '_')}"


def _budget(scope: Scope, slack: Channel) -> Iterator[Ref]:
    """The topic of the budget, if it is the same channel that hears of it."""
    from seawall.components.budget import Budget  # which asks alerts whom it tells

    for name, budget in scope.every(Budget).items():
        if slack.is_same(budget.slack):
            yield scope.at(name).ref("aws_sns_topic", "budget", "arn")


def standing(scope: Scope, watched: Mapping[str, Watch]) -> Iterator[Ref]:
    """The ARNs of the alarms of the scope's region, which a panel there can show: those over several come first."""
    here = {name: watch for name, watch in watched.items() if watch.region == scope.region}
    for resource in (*_layers(scope, here), *burn_rate.alarms(scope, lambda critical: [])):
        if resource.type == "aws_cloudwatch_composite_alarm":
            yield Ref(resource.address, "arn")
    if any(watch.critical for watch in here.values()):
        yield scope.ref("aws_cloudwatch_composite_alarm", "unwell", "arn")
    for name in here:
        yield scope.ref("aws_cloudwatch_metric_alarm", name, "arn")


def watches(scope: Scope) -> dict[str, Watch]:
    """Every component's watches by the Terraform name of their alarm, each with its region filled in."""
    found: dict[str, Watch] = {}
    for name, component in scope.platform.components.items():
        at = scope.at(name)
        for watch in cast(Expandable, component).watches(at):
            called = f"{name}_{watch.name}".replace("-", "_")
            found[called] = replace(watch, region=watch.region or scope.region)
    return found


def _alarm(scope: Scope, name: str, watch: Watch, told: list[Ref]) -> Resource:
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
        "alarm_description": described(scope, called, watch.says),
        **measured,
        "comparison_operator": _OPERATORS[watch.is_bad],
        "threshold": watch.threshold,
        "evaluation_periods": watch.of,
        "datapoints_to_alarm": watch.bad,
        "treat_missing_data": watch.missing,
        "alarm_actions": told,
        "ok_actions": told,
        "tags": {"severity": "critical" if watch.critical else "warning"},
    }
    made = scope.aws("aws_cloudwatch_metric_alarm", name, body, region=watch.region, called=called)
    return runbook.of(made, watch.first, watch.about)


def _layers(scope: Scope, watched: Mapping[str, Watch]) -> Iterator[Resource]:
    """One alarm over those of each layer: its state says which part is ill. Each of them tells somebody by itself."""
    layers: dict[str, list[str]] = {}
    for name, watch in watched.items():
        if watch.layer:
            layers.setdefault(watch.layer, []).append(name)
    for layer, names in layers.items():
        if len(names) == 1:
            continue
        called = alarm_name(scope, f"unwell_{layer}")
        body = {
            "alarm_name": called,
            "alarm_description": described(scope, called, f"At least one alarm of the layer {layer} is raised."),
            "alarm_rule": any_of(scope, names),
            "tags": {"severity": "warning"},
        }
        name = f"unwell_{layer.replace('-', '_')}"
        region = watched[names[0]].region
        made = scope.aws(
            "aws_cloudwatch_composite_alarm", name + _suffix(scope, region), body, region=region, called=called
        )
        yield runbook.of(made, (_raised(scope, names, region), "Follow the page of the one that was raised first."))


def _unwell(scope: Scope, critical: list[str], told: list[Ref], region: str, name: str) -> Resource:
    called = alarm_name(scope, name)
    says = "Visitors feel it: at least one critical alarm of the platform is raised."
    body = {
        "alarm_name": called,
        "alarm_description": described(scope, called, says),
        "alarm_rule": any_of(scope, critical),
        "alarm_actions": told,
        "ok_actions": told,
        "tags": {"severity": "critical"},
    }
    made = scope.aws("aws_cloudwatch_composite_alarm", name, body, region=region, called=called)
    return runbook.of(
        made,
        (
            _raised(scope, critical, region),
            "Say in the team's channel who is at it, and since when visitors feel it.",
            "Follow the page of the one that was raised first; those after it are mostly its echo.",
        ),
    )


def _raised(scope: Scope, names: list[str], region: str) -> str:
    listed = " ".join(alarm_name(scope, name) for name in names)
    return (
        f"Which is raised, and since when: `aws cloudwatch describe-alarms --region {region} --state-value ALARM "
        f"--alarm-names {listed} --query 'sort_by(MetricAlarms,&StateUpdatedTimestamp)[].[StateUpdatedTimestamp,"
        "AlarmName]' --output table`."
    )
