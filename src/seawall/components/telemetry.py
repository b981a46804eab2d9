"""Telemetry: where the application's traces, logs and metrics go, and where people look at them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from seawall.components import dashboard
from seawall.components.alerts import Alerts, standing
from seawall.components.alerts import watches as all_watches
from seawall.components.component import Expandable
from seawall.components.keys import by_logs, key
from seawall.components.offer import Offer, Right
from seawall.components.policy import trust
from seawall.components.scope import Scope
from seawall.components.steps import back
from seawall.components.watch import Watch
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import text
from seawall.knowledge.grafana import REGIONS
from seawall.model.fields import Duration, Frame, Line, Name, Region, Share

Namespace = Annotated[str, Field(pattern=r"^[A-Za-z0-9._/#:-]{1,255}$")]
LONGEST_RULE = 32
"""Characters of a sampling rule's name, and of a group's (AWS X-Ray API)."""
DATA_SOURCES = {
    "CLOUDWATCH": "service-role/AmazonGrafanaCloudWatchAccess",
    "XRAY": "AWSXrayReadOnlyAccess",
}
"""What Grafana reads, and the managed policy that lets it."""


class Grafana(Frame):
    """A workspace of Amazon Managed Grafana; it reads metrics, logs and traces of every region."""

    region: Region | None = None
    """Where it lies; where silent, where the platform does. It is not offered in every region."""
    sign_in: Literal["identity-center", "saml"] = "identity-center"
    """Who says who people are; either is set up once, by whoever runs the organisation."""


class Telemetry(Expandable):
    """An X-Ray group with a sampling rule, a log group, metric filters, a dashboard, and Grafana where wanted."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "telemetry"

    kind: Literal["telemetry"]
    sampling: Share = units.Share(Decimal(5))
    """Which share of requests is traced, beside the first of every second."""
    logs: Duration = units.Duration(30 * 86400)
    """How long the application's logs are kept."""
    metrics: Namespace | None = None
    """The namespace of the application's own metrics; where silent, ``platform/environment``."""
    errors: Annotated[int, Field(ge=1)] | None = 50
    """How many lines with the word ERROR in five minutes are worth an alarm; null counts none."""
    filters: Mapping[Name, Line] = {}
    """Metrics that are counted from the application's logs beside errors: name -> CloudWatch's filter pattern."""
    grafana: Grafana | None = None

    @model_validator(mode="after")
    def _sound(self) -> Telemetry:
        if self.metrics is not None and self.metrics.startswith("AWS/"):
            raise ValueError(f"the namespace {self.metrics} is one of AWS's own, which nobody else may write to")
        if self.errors is not None and "errors" in self.filters:
            raise ValueError("filters says errors, which `errors` counts already")
        return self

    # -- what others may know --------------------------------------------------------------------------------------

    def log_group(self, scope: Scope) -> str:
        """The name of the application's log group."""
        return f"/aws/{scope.platform.name}/{_place(scope)}/application"

    def namespace(self, scope: Scope) -> str:
        """The namespace of the application's own metrics."""
        return self.metrics or f"{scope.platform.name}/{scope.platform.environment}"

    def offer(self, scope: Scope) -> Offer:
        """The right to send traces, logs and metrics from this region, and to nobody else's log or namespace."""
        here = ("StringEquals", "aws:RequestedRegion", (scope.region,))
        # By its name: the stack that watches everything comes after whatever needs this.
        account = scope.at("cluster").ref("data.aws_caller_identity", "current", "account_id")
        group = text(f"arn:aws:logs:{scope.region}:", account, f":log-group:{self.log_group(scope)}")
        rights = (
            Right(
                ("cloudwatch:PutMetricData",),
                ("*",),
                (here, ("StringEquals", "cloudwatch:namespace", (self.namespace(scope),))),
            ),
            # None of these can be narrowed to a resource.
            Right(
                (
                    "cloudwatch:GetMetricStatistics",
                    "cloudwatch:ListMetrics",
                    "xray:GetSamplingRules",
                    "xray:GetSamplingStatisticSummaries",
                    "xray:GetSamplingTargets",
                    "xray:PutTelemetryRecords",
                    "xray:PutTraceSegments",
                    "logs:DescribeLogGroups",
                ),
                ("*",),
                (here,),
            ),
            Right(
                ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                (text(group, ":*"),),
            ),
        )
        target = scope.address("aws_cloudwatch_log_group", "application")
        return Offer(scope.name, target, "aws", scope.region, 443, name=self.namespace(scope), rights=rights)

    def watches(self, scope: Scope) -> Iterator[Watch]:
        """More errors than usual in the application's logs."""
        if self.errors is not None:
            yield Watch(
                "errors",
                f"The application has logged more than {self.errors} errors in five minutes; they stand in "
                f"{self.log_group(scope)}.",
                "errors", self.namespace(scope), (), "Sum", ">", self.errors, "notBreaching", period=300, bad=1, of=1,
                first=(
                    f"What they say: `aws logs tail {self.log_group(scope)} --since 15m --filter-pattern ERROR "
                    f"--region {scope.region}`.",
                    *back(scope),
                    "One message again and again, and something else rings: follow that alarm; these are its echo.",
                    "Errors that nobody has to act on: let the application log them as warnings, or raise "
                    "`telemetry.errors`.",
                ),
            )  # fmt: skip

    # -- what it comes to ------------------------------------------------------------------------------------------

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """Logs with a key, filters, traces, the dashboard; Grafana at home alone."""
        yield from self._logs(scope)
        yield from self._traces(scope)
        yield self._dashboard(scope)
        if self.grafana is not None and scope.is_home:
            yield from self._grafana(scope, self.grafana)

    def _logs(self, scope: Scope) -> Iterator[Resource]:
        yield scope.lookup("aws_caller_identity", scope.identifier, {})
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        name = self.log_group(scope)
        yield from key(
            scope,
            "application_logs",
            account=account,
            called=f"{scope.title}-application-logs",
            purpose=f"Logs of the application of {scope.title}",
            statements=(by_logs(scope, account, name),),
        )
        group = {
            "name": name,
            "retention_in_days": round(self.logs.days),
            # Whatever an application logs ends up here, names and addresses of people too.
            "kms_key_id": scope.ref("aws_kms_key", "application_logs", "arn"),
        }
        yield scope.aws("aws_cloudwatch_log_group", "application", group)
        counted = {**({"errors": "ERROR"} if self.errors is not None else {}), **self.filters}
        for metric, pattern in counted.items():
            body = {
                "name": f"{scope.title}-{metric}",
                "log_group_name": scope.ref("aws_cloudwatch_log_group", "application", "name"),
                "pattern": pattern,
                "metric_transformation": [
                    {"name": metric, "namespace": self.namespace(scope), "value": "1", "default_value": "0"}
                ],
            }
            yield scope.aws("aws_cloudwatch_log_metric_filter", metric.replace("-", "_"), body)

    def _traces(self, scope: Scope) -> Iterator[Resource]:
        called = scope.title[:LONGEST_RULE].rstrip("-")
        group = {
            "group_name": called,
            "filter_expression": "fault = true OR error = true OR responsetime > 2",
            "insights_configuration": [{"insights_enabled": True, "notifications_enabled": True}],
        }
        yield scope.aws("aws_xray_group", "main", group, called=scope.title)
        rule = {
            "rule_name": called,
            "priority": 1000,
            "version": 1,
            "reservoir_size": 1,
            "fixed_rate": float(self.sampling.percent / 100),
            # Names of services begin with the platform's: another platform of the account keeps its own rule.
            "service_name": f"{scope.platform.name}*",
            "service_type": "*",
            "host": "*",
            "http_method": "*",
            "url_path": "*",
            "resource_arn": "*",
        }
        yield scope.aws("aws_xray_sampling_rule", "main", rule, called=scope.title)

    def _dashboard(self, scope: Scope) -> Resource:
        watched = all_watches(scope)
        names = {
            called: name
            for name in scope.platform.components
            for called in watched
            if called.startswith(f"{name.replace('-', '_')}_")
        }
        alarms = list(standing(scope.at("alerts"), watched)) if scope.has(Alerts) else []
        found = dashboard.sections(scope, watched, names)
        body = {"dashboard_name": scope.title, "dashboard_body": dashboard.document(scope, found, alarms)}
        return scope.aws("aws_cloudwatch_dashboard", "main", body)

    def _grafana(self, scope: Scope, grafana: Grafana) -> Iterator[Resource]:
        region = grafana.region or scope.region
        if region not in REGIONS:
            raise InputError(
                f"Amazon Managed Grafana is not offered in {region}",
                fix=f"give it a region, one of {', '.join(sorted(REGIONS))}; it reads every region from there",
                origin=scope.origin,
            )
        called = f"{scope.title}-grafana"
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        trusted = trust("grafana.amazonaws.com", {"StringEquals": {"aws:SourceAccount": account}})
        yield scope.aws("aws_iam_role", "grafana", {"name": called, "assume_role_policy": trusted}, called=called)
        for source, policy in DATA_SOURCES.items():
            attached = {
                "role": scope.ref("aws_iam_role", "grafana", "name"),
                "policy_arn": f"arn:aws:iam::aws:policy/{policy}",
            }
            yield scope.aws("aws_iam_role_policy_attachment", f"grafana_{source.lower()}", attached)
        body = {
            "name": called,
            "description": f"What {scope.title} does, in every region",
            "account_access_type": "CURRENT_ACCOUNT",
            "authentication_providers": ["AWS_SSO" if grafana.sign_in == "identity-center" else "SAML"],
            # The role is ours and stated; "service managed" would have Grafana make one that nobody reviews.
            "permission_type": "CUSTOMER_MANAGED",
            "role_arn": scope.ref("aws_iam_role", "grafana", "arn"),
            "data_sources": list(DATA_SOURCES),
        }
        yield scope.aws("aws_grafana_workspace", "main", body, region=region, called=called)


def _place(scope: Scope) -> str:
    return "-".join(filter(None, (scope.platform.environment, scope.platform.site)))
