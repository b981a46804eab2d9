"""Pages of takeovers: how a site takes over from home and gives back, by its machine or by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from seawall.components.takeover.action import Action, Move, Question
from seawall.components.takeover.pages import page
from seawall.components.takeover.takeover import MACHINE
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text, Unknown, render_text
from seawall.render.runbooks.page import Surroundings
from seawall.render.words import said, table

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, slots=True)
class TakeoverPage:
    """A page by its name, what it is for in a sentence, and its lines."""

    name: str
    says: str
    lines: tuple[str, ...]


def pages(around: Surroundings) -> Iterator[TakeoverPage]:
    """One page a machine."""
    for machine in around.graph.of_type(MACHINE):
        if "takeover" in machine.meta:
            told = machine.meta["takeover"]
            yield TakeoverPage(_name(machine), f"{told['says']}.", tuple(_lines(around, machine, told)))


def _name(machine: Resource) -> str:
    return page(machine.body["tags"]["site"], machine.meta["takeover"]["move"])


def _lines(around: Surroundings, machine: Resource, told: Mapping[str, Any]) -> Iterator[str]:
    region, called = str(machine.region), machine.body["name"]
    actions: tuple[Action, ...] = told["actions"]
    arn = (
        f"$(aws stepfunctions list-state-machines --region {region} "
        f"--query \"stateMachines[?name=='{called}'].stateMachineArn\" --output text)"
    )
    yield f"# {called}"
    yield ""
    yield f"{told['says']}. The state machine `{called}` in {region} does it, with nothing but what lies there."
    yield ""
    yield "## Start it"
    yield ""
    yield "```sh"
    yield f"aws stepfunctions start-execution --region {region} --state-machine-arn {arn}"
    yield "```"
    yield ""
    yield from _approving(actions, region, told)
    yield "## See how far it is"
    yield ""
    yield "```sh"
    yield f"aws stepfunctions list-executions --region {region} --max-items 1 --state-machine-arn {arn}"
    group = said(machine.body["logging_configuration"][0]["log_destination"])
    found = next((one for one in around.graph.of_type("aws_cloudwatch_log_group") if _logs(machine, one)), None)
    yield f"aws logs tail {found.body['name'] if found is not None else group} --since 30m --follow --region {region}"
    yield "```"
    yield ""
    yield "## What it does"
    yield ""
    rows = [(str(number), *_row(action)) for number, action in enumerate(actions, 1)]
    yield from table(("", "step", "what", "left out where", "goes on when"), rows)
    yield "## When it fails"
    yield ""
    yield "1. Read the message, or the last event of the execution: it names the step and the error."
    yield "2. Mend that, and start the machine again: what is so already is left out."
    yield "3. It cannot be mended, or Step Functions is what is ill: do the steps by hand, in this order."
    yield ""
    yield "```sh"
    yield "# What stands in angle brackets is in the machine:"
    yield f"aws stepfunctions describe-state-machine --region {region} --query definition --output text \\"
    yield f"  --state-machine-arn {arn}"
    yield from (_command(around, action) for action in actions if action.operation)
    yield "```"
    yield ""
    other: Move = "failback" if told["move"] == "failover" else "failover"
    yield "## The way back"
    yield ""
    yield f"[The other machine]({page(machine.body['tags']['site'], other)}.md) of this site."


def _approving(actions: tuple[Action, ...], region: str, told: Mapping[str, Any]) -> Iterator[str]:
    asking = [action.approval for action in actions if action.approval is not None]
    if not asking:
        yield "Whoever starts it has said yes: it asks nobody."
        yield ""
        return
    yield "## Say yes or no"
    yield ""
    yield f"It sends a message to those who are told, with both answers as commands, and waits {told['wait']} for one."
    yield "Whoever answers needs the right `states:SendTaskSuccess` or `states:SendTaskFailure`; the message is none."
    yield ""
    for approval in asking:
        yield f"> {approval.says}"
        yield ""
        if approval.evidence:
            yield "Told with it, as far as it can be asked from there:"
            yield ""
            yield from (
                f"- whether {question.says}" + ("" if question.region == region else f" (look in {question.region})")
                for question in approval.evidence
            )
            yield ""
    yield "The message does not come: the execution's history has it."
    yield ""
    yield "```sh"
    yield (
        f"aws stepfunctions get-execution-history --region {region} --reverse-order --execution-arn ARN --query "
        "\"events[?type=='TaskScheduled'] | [0].taskScheduledEventDetails.parameters\" --output text"
    )
    yield "```"
    yield ""


def _row(action: Action) -> tuple[str, str, str, str]:
    left_out = " or ".join(one.says for one in (action.already, action.underway) if one is not None)
    says = action.says + (f" It goes on where that fails: {action.tolerated}" if action.tolerated else "")
    return action.name, says, left_out, _until(action.after)


def _until(question: Question | None) -> str:
    return "" if question is None else f"{question.says}, within {question.within} s"


def _logs(machine: Resource, group: Resource) -> bool:
    destination = machine.body["logging_configuration"][0]["log_destination"]
    return isinstance(destination, Text) and any(
        hole.to == group.address for hole in destination.holes if isinstance(hole, Ref)
    )


def _command(around: Surroundings, action: Action) -> str:
    """The call as the AWS command line has it; what only AWS knows is named in angle brackets."""
    words = [f"aws {action.service} {action.operation.replace('_', '-')} --region {action.region}"]
    for name, value in action.parameters.items():
        flag = "--" + _WORD.sub("-", name).lower()
        if isinstance(value, bool):
            words.append(flag if value else flag.replace("--", "--no-", 1))
        elif isinstance(value, Mapping):
            words.append(f"{flag} {','.join(f'{key}={inner}' for key, inner in value.items())}")
        else:
            words.append(f"{flag} {_value(around, value)}")
    return " ".join(words)


def _value(around: Surroundings, value: Any) -> str:
    def known(hole: Ref | Unknown) -> str:
        target = around.graph.get(hole.to) if isinstance(hole, Ref) else None
        found = target.body.get(hole.attr) if target is not None and isinstance(hole, Ref) else None
        return found if isinstance(found, str) else f"'<{said(hole)}>'"

    return render_text(value, known) if isinstance(value, str | Ref | Text | Unknown) else str(value)
