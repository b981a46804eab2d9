"""The web firewall: AWS's core rules and known bad inputs, a limit per address, and a log of what was refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from seawall.components.edge.names import GLOBAL_REGION
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref

Where = Literal["cdn", "load_balancer"]
WINDOW = 300
"""Seconds over which requests of one address are counted."""
_MANAGED = (
    ("core", "AWSManagedRulesCommonRuleSet"),
    ("known-bad-inputs", "AWSManagedRulesKnownBadInputsRuleSet"),
)
_REPUTATION = (("reputation", "AWSManagedRulesAmazonIpReputationList"),)


def web_acl(scope: Scope, where: Where) -> Ref:
    """The ARN of the web ACL there."""
    return scope.ref("aws_wafv2_web_acl", where, "arn")


def firewall(
    scope: Scope, where: Where, *, rate: int | None, reputation: bool, logs_kept: Duration
) -> Iterator[Resource]:
    """A web ACL, its log group and what it writes there.

    ``rate`` is how many requests an address may send in five minutes; None where addresses are not those of visitors,
    whose ``reputation`` cannot be asked for there either.
    """
    region = GLOBAL_REGION if where == "cdn" else scope.region
    called = metric(scope, where)
    rules: list[dict[str, Any]] = []
    if rate is not None:
        limit = {"limit": rate, "evaluation_window_sec": WINDOW, "aggregate_key_type": "IP"}
        rules.append(_rule("rate", 0, {"action": [{"block": [{}]}]}, {"rate_based_statement": [limit]}))
    for name, rule_set in (*_MANAGED, *(_REPUTATION if reputation else ())):
        managed = {"vendor_name": "AWS", "name": rule_set}
        statement = {"managed_rule_group_statement": [managed]}
        rules.append(_rule(name, len(rules), {"override_action": [{"none": [{}]}]}, statement))
    body: dict[str, Any] = {
        "name": called,
        "description": f"Refuses attacks on {scope.title}",
        "scope": "CLOUDFRONT" if where == "cdn" else "REGIONAL",
        "default_action": [{"allow": [{}]}],
        "rule": rules,
        "visibility_config": [_visible(called)],
    }
    yield scope.aws("aws_wafv2_web_acl", where, body, region=region, called=called)
    # WAF writes only to log groups whose names begin like this.
    group = {"name": f"aws-waf-logs-{called}", "retention_in_days": round(logs_kept.days)}
    yield scope.aws("aws_cloudwatch_log_group", f"firewall_{where}", group, region=region)
    log = {
        "resource_arn": web_acl(scope, where),
        "log_destination_configs": [scope.ref("aws_cloudwatch_log_group", f"firewall_{where}", "arn")],
        "redacted_fields": [{"single_header": [{"name": header}]} for header in ("authorization", "cookie")],
        # What was let through is in the access logs already.
        "logging_filter": [
            {
                "default_behavior": "DROP",
                "filter": [
                    {
                        "behavior": "KEEP",
                        "requirement": "MEETS_ANY",
                        "condition": [{"action_condition": [{"action": action}]} for action in ("BLOCK", "COUNT")],
                    }
                ],
            }
        ],
    }
    yield scope.aws("aws_wafv2_web_acl_logging_configuration", where, log, region=region)


def metric(scope: Scope, where: Where) -> str:
    """What the web ACL is called, and its metrics with it."""
    return f"{scope.title}-{where.replace('_', '-')}"


def _rule(name: str, priority: int, action: dict[str, Any], statement: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "priority": priority,
        **action,
        "statement": [statement],
        "visibility_config": [_visible(name)],
    }


def _visible(metric: str) -> dict[str, Any]:
    return {"cloudwatch_metrics_enabled": True, "metric_name": metric, "sampled_requests_enabled": True}
