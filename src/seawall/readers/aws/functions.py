"""Lambda functions, who may call them, and the events that do."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.identity import Assumes, Condition, Identifier, Statement
from seawall.facts.network import Interface, Outside
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs, Notifies
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn
from seawall.readers.registry import link, reads

link("aws_lambda_permission", "function_name", to="aws_lambda_function", by="function_name")
link("aws_lambda_function_url", "function_name", to="aws_lambda_function", by="function_name")
link("aws_cloudwatch_event_target", "rule", to="aws_cloudwatch_event_rule", by="name")


@reads("aws_lambda_function")
def function(resource: Resource) -> Iterator[Fact]:
    """A function: as whom it acts, where it is in the network if it is in one, and where it logs."""
    body, address = Arguments(resource), resource.address
    role = body.link_or_text("role")
    yield Assumes(address, body.unknown("role") if role is None else role, "service")
    if body.has("vpc_config"):
        network = body.block("vpc_config")
        yield Interface(address, network.links("subnet_ids"), network.links("security_group_ids"))
    else:
        # Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
        yield Outside(address)
    name = body.text("function_name")
    yield Identifier(address, "arn", arn(resource, "lambda", "function:", name))
    group = body.block("logging_config").link_or_text("log_group")
    yield Logs(address, text("/aws/lambda/", name) if group is None else group)
    key = body.link("kms_key_arn")
    if key is not None:
        yield Setting(address, "key", key)


@reads("aws_lambda_permission")
def permission(resource: Resource) -> Iterator[Fact]:
    """A service or an account may call a function, most often on behalf of one thing."""
    body = Arguments(resource)
    function = body.required_link("function_name")
    principal = body.text("principal")
    service = isinstance(principal, str) and "." in principal
    conditions = []
    if body.has("source_account"):
        account = Condition("StringEquals", "aws:SourceAccount", (body.text("source_account"),))
        conditions.append(account)
    if body.has("source_arn"):
        conditions.append(Condition("ArnLike", "aws:SourceArn", (body.text("source_arn"),)))
    yield Statement(
        function,
        "resource",
        True,
        (body.text("action"),),
        ("*",),
        (("Service" if service else "AWS", principal),),
        tuple(sorted(conditions, key=str)),
        sid=str(body.text("statement_id")) if isinstance(body.text("statement_id"), str) else "",
    )


@reads("aws_lambda_function_url")
def function_url(resource: Resource) -> Iterator[Fact]:
    """A URL under which a function answers; without authorization it answers everybody."""
    body = Arguments(resource)
    kind = body.known_text("authorization_type")
    yield Setting(
        body.required_link("function_name"), "public-url", kind if isinstance(kind, Unknown) else kind == "NONE"
    )


@reads("aws_cloudwatch_event_rule")
def event_rule(resource: Resource) -> Iterator[Fact]:
    """What happens that something is to be told of; policies name it as the source."""
    body = Arguments(resource)
    name = body.text("name") if body.has("name") else body.unknown("name")
    yield Identifier(resource.address, "arn", arn(resource, "events", "rule/", name))


@reads("aws_cloudwatch_event_target")
def event_target(resource: Resource) -> Iterator[Fact]:
    """A rule passes events on to a function, a topic or a queue."""
    body = Arguments(resource)
    target = body.required_link("arn")
    named = None if isinstance(target, Unknown) else target.as_terraform()
    yield Notifies(body.required_link("rule"), named.type.removeprefix("aws_") if named else "other")
