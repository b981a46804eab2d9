"""Step Functions: state machines, as whom they act, what they call, and where they log."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from seawall.facts.fact import Fact
from seawall.facts.identity import Assumes, Identifier, Performs
from seawall.facts.telemetry import Logs
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.knowledge.aws_services import PREFIXES
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn
from seawall.readers.aws.policy import parsed
from seawall.readers.registry import reads

_CALL = re.compile(r"arn:aws[a-z-]*:states:::(aws-sdk:)?([a-zA-Z0-9-]+):([a-zA-Z0-9]+)(?:\.[a-zA-Z0-9:]+)?")
_PREFIXES = {
    "applicationautoscaling": "application-autoscaling",
    "cloudwatchevents": "events",
    "cloudwatchlogs": "logs",
    "efs": "elasticfilesystem",
    "elasticloadbalancingv2": "elasticloadbalancing",
    "eventbridge": "events",
    "sfn": "states",
}
"""Services of the SDK whose actions IAM knows by another word than their own."""
_ACTIONS = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:CopyObject": "s3:PutObject",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
}
"""Calls that need an action of another name (Service Authorization Reference)."""
_OWN = frozenset({"dynamodb", "events", "lambda", "sns", "sqs", "states"})
"""Services whose integrations of Step Functions' own call one action; others call several, or none of IAM's."""
_KNOWN = frozenset(PREFIXES.values()) | _OWN


@reads("aws_sfn_state_machine")
def state_machine(resource: Resource) -> Iterator[Fact]:
    """A machine: its role, its name, every call that one of its states makes, and where its log goes."""
    body, address = Arguments(resource), resource.address
    role = body.link_or_text("role_arn")
    yield Assumes(address, body.unknown("role_arn") if role is None else role, "service")
    name = body.text("name") if body.has("name") else body.unknown("name")
    yield Identifier(address, "arn", arn(resource, "states", "stateMachine:", name))
    yield from _performed(resource, body)
    if body.has("logging_configuration"):
        logging = body.block("logging_configuration")
        group = _group(logging.raw("log_destination"))
        if group is not None:
            yield Logs(address, logging.as_link_or_text("log_destination", group))


def _performed(resource: Resource, body: Arguments) -> Iterator[Performs]:
    what = f"{resource.address}.definition"
    definition = parsed(body.raw("definition"), what)
    if isinstance(definition, Unknown):
        yield Performs(resource.address, definition)
        return
    actions: dict[str, None] = {}
    for state in _states(definition):
        called = state.get("Resource")
        match = _CALL.fullmatch(called) if isinstance(called, str) else None
        if match is None:
            continue
        of_sdk, service, operation = match.groups()
        prefix = _PREFIXES.get(service, service)
        if prefix in _KNOWN if of_sdk else service in _OWN:
            action = f"{prefix}:{operation[:1].upper()}{operation[1:]}"
            actions[_ACTIONS.get(action, action)] = None
        elif of_sdk:
            why = f"IAM's word for the service {service} is not known here"
            yield Performs(resource.address, Unknown(f"{what}: {called}", why=why))
    yield from (Performs(resource.address, action) for action in actions)


def _states(machine: Any) -> Iterator[Mapping[str, Any]]:
    """Every state of a machine, those of its branches and of what it does for each item included."""
    if not isinstance(machine, Mapping) or not isinstance(machine.get("States"), Mapping):
        return
    for state in machine["States"].values():
        if not isinstance(state, Mapping):
            continue
        yield state
        for within in (*state.get("Branches", ()), state.get("ItemProcessor"), state.get("Iterator")):
            yield from _states(within)


def _group(destination: Any) -> Textual | None:
    """The log group of a destination, which is its ARN and ``:*``."""
    if isinstance(destination, Text) and len(destination.parts) == 2 and destination.parts[1] == ":*":
        first = destination.parts[0]
        return first if isinstance(first, str | Ref | Unknown) else None
    return destination.removesuffix(":*") if isinstance(destination, str) else None
