"""WAF: web firewalls, their rules, and what they stand in front of."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact, Known
from seawall.facts.identity import Identifier
from seawall.facts.network import FirewallRule, Guards, LimitsBody
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn, made_up
from seawall.readers.registry import reads

LAST = 2**31 - 1
"""The order of the default action, after every rule."""

_SCOPES = {"REGIONAL": "regional", "CLOUDFRONT": "global"}
_ACTIONS = ("block", "allow", "count", "captcha", "challenge")


@reads("aws_wafv2_web_acl")
def web_acl(resource: Resource) -> Iterator[Fact]:
    """A web firewall with its rules; a rule that counts lets everything through."""
    body, address = Arguments(resource), resource.address
    scope = body.known_text("scope")
    known: Known[str] = scope if isinstance(scope, Unknown) else _SCOPES.get(scope, scope)
    yield Setting(address, "firewall-scope", known)
    folder = "global" if known == "global" else "regional"
    name = body.text("name") if body.has("name") else body.unknown("name")
    yield Identifier(address, "arn", arn(resource, "wafv2", f"{folder}/webacl/", name, "/", made_up(resource, "id")))
    seen = body.block("association_config").block("request_body")
    for sees in (seen.block(name) for name in _BODIES):
        if sees.has("default_size_inspection_limit"):
            yield Setting(
                address, "inspects-body", _SIZES.get(str(sees.text("default_size_inspection_limit")), _LONGEST)
            )
    for rule in body.blocks("rule"):
        yield _rule(resource, rule)
        yield from _limits(resource, rule)
    yield FirewallRule(address, LAST, "default", _action(body.block("default_action")) or "allow")


_BODIES = ("cloudfront", "api_gateway", "cognito_user_pool", "app_runner_service", "verified_access_instance")
_SIZES = {"KB_8": 8, "KB_16": 16, "KB_32": 32, "KB_48": 48, "KB_64": 64}
_LONGEST = 64


def _limits(resource: Resource, rule: Arguments) -> Iterator[Fact]:
    compares = rule.block("statement").block("size_constraint_statement")
    body = compares.block("field_to_match")
    if body.stands("body"):
        oversize = body.block("body").known_text("oversize_handling", "CONTINUE")
        operator = str(compares.text("comparison_operator"))
        yield LimitsBody(resource.address, str(rule.text("name")), operator, compares.count("size"), oversize)


def _action(block: Arguments) -> str:
    return next((name for name in _ACTIONS if block.stands(name)), "")


def _rule(resource: Resource, rule: Arguments) -> FirewallRule:
    statement = rule.block("statement")
    kind = next((name for name in statement.body if statement.stands(name)), "unknown")
    inner = statement.block(kind)
    limit: Known[int] | None = None
    window: Known[int] | None = None
    action = _action(rule.block("action"))
    if kind == "managed_rule_group_statement":
        described = f"{inner.text('vendor_name')}/{inner.text('name')}"
    elif kind == "rate_based_statement":
        described, limit, window = "rate", inner.count("limit"), inner.count("evaluation_window_sec", 300)
    else:
        described = kind.removesuffix("_statement").replace("_", "-")
    if not action:
        action = "count" if rule.block("override_action").stands("count") else "managed"
    order = rule.count("priority")
    return FirewallRule(resource.address, order if isinstance(order, int) else 0, described, action, limit, window)


@reads("aws_wafv2_web_acl_association")
def web_acl_association(resource: Resource) -> Iterator[Fact]:
    """A web firewall stands in front of a load balancer or an API."""
    body = Arguments(resource)
    yield Guards(body.required_link("web_acl_arn"), body.required_link("resource_arn"), "regional", resource.region)


@reads("aws_wafv2_web_acl_logging_configuration")
def web_acl_logging(resource: Resource) -> Iterator[Fact]:
    """What a web firewall sees is logged."""
    body = Arguments(resource)
    for destination in _destinations(body):
        yield Logs(body.required_link("resource_arn"), destination, ("access",))


def _destinations(body: Arguments) -> Iterator[Known[str]]:
    destinations = body.links("log_destination_configs")
    yield from (destinations,) if isinstance(destinations, Unknown) else destinations
