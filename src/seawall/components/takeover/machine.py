"""A plan as a state machine of AWS Step Functions, in Amazon States Language with JSONPath.

Every action becomes: ask whether it is so; if not, call; then ask until it is so, so many times and no more.  What
fails for good is told to people, and ends the execution; to begin again is safe, since what is so is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from seawall.components.takeover.action import Action, Approval, Question
from seawall.components.takeover.paths import json_path
from seawall.components.takeover.spelling import GLOBAL, members, permission, resource
from seawall.kernel.value import Textual

State: TypeAlias = dict[str, Any]
States: TypeAlias = Iterator[tuple[str, State]]

PUBLISH = "arn:aws:states:::sns:publish"
LONGEST_NAME = 80
"""Characters of a state's name (Amazon States Language)."""
_PATIENCE, _HASTE = 60, 15
"""Seconds after which a call without an answer has failed; a region that is lost does not refuse, it is silent.

In haste where the move goes on all the same: nothing that may fail is to keep what must not waiting.
"""
_CALLS, _BETWEEN_CALLS = 4, 10
"""How often a change is asked for, with questions between, and the seconds between."""
_FAILING = ["States.TaskFailed", "States.Timeout"]
_AGAIN = [{"ErrorEquals": _FAILING, "IntervalSeconds": 5, "BackoffRate": 2.0, "MaxAttempts": 3}]
_ONCE_MORE = [{"ErrorEquals": _FAILING, "IntervalSeconds": 2, "BackoffRate": 1.0, "MaxAttempts": 1}]
_FAILED, _TELL_FAILED, _DONE, _TELL_DONE, _BEGIN = (
    "Failed",
    "Tell that it failed",
    "Done",
    "Tell that it is done",
    "Begin",
)


def definition(says: str, plan: Sequence[Action], region: str, topic: Textual) -> dict[str, Any]:
    """The machine that carries out a plan in a region, and tells a topic; ``says`` is what it does.

    Raises ValueError for a call of another region: a state machine calls its own and global services.
    """
    names = [action.name for action in plan]
    states: dict[str, State] = {}
    first = [_entry(action) for action in plan]
    begin = {"Type": "Pass", "Result": {"heard": {}}, "ResultPath": "$", "Next": [*first, _TELL_DONE][0]}
    states[_BEGIN] = begin
    for action, after in zip(plan, [*first, _TELL_DONE][1:], strict=True):
        _lies_in(region, action)
        states |= dict(_action(action, region, topic, after))
    words = _literal(f"{says}\n\nDone: {', '.join(names)}.\n\nExecution: ")
    states[_TELL_DONE] = _tell(topic, f"Done: {says}", f"States.Format('{words}{{}}', $$.Execution.Id)", _DONE)
    states[_DONE] = {"Type": "Succeed"}
    words = _literal(f"{says}\n\nIt failed at ")
    rest = _literal("\n\nWhat was done stays; begun again, it goes on there.\n\nExecution: ")
    message = f"States.Format('{words}{{}}: {{}}\n\n{{}}{rest}{{}}', $.failed.step, $.failed.says, "
    message += "States.JsonToString($.error), $$.Execution.Id)"
    states[_TELL_FAILED] = _tell(topic, f"Failed: {says}", message, _FAILED)
    states[_FAILED] = {"Type": "Fail", "ErrorPath": "$.failed.step", "CausePath": "$.failed.says"}
    if too_long := [name for name in states if len(name) > LONGEST_NAME]:
        raise ValueError(f"the state {too_long[0]!r} has more than {LONGEST_NAME} characters")
    return {"Comment": says, "StartAt": _BEGIN, "States": states}


def permissions(plan: Sequence[Action], region: str) -> dict[tuple[Textual, ...], list[str]]:
    """What a machine of this plan has to be allowed: the ARNs -> the actions of IAM on them, each once, sorted."""
    found: dict[tuple[Textual, ...], set[str]] = {}
    for action in plan:
        if action.operation:
            found.setdefault(action.on, set()).add(permission(action.service, action.operation))
        for question in _questions(action):
            if _asked_from(question, region):
                found.setdefault(question.on, set()).add(permission(question.service, question.operation))
    return {on: sorted(actions) for on, actions in found.items()}


def _questions(action: Action) -> Iterator[Question]:
    yield from (question for question in (action.already, action.underway, action.after) if question is not None)
    if action.approval is not None:
        yield from action.approval.evidence


def _asked_from(question: Question, region: str) -> bool:
    return question.region == region or question.service in GLOBAL


def _lies_in(region: str, action: Action) -> None:
    called = [(action.service, action.region)] if action.operation else []
    asked = (action.already, action.underway, action.after)
    called += [(question.service, question.region) for question in asked if question is not None]
    for service, place in called:
        if place != region and service not in GLOBAL:
            raise ValueError(f"{action.name} calls {service} in {place}, and the machine is in {region}")


# -- an action -------------------------------------------------------------------------------------------------------


def _entry(action: Action) -> str:
    """The state that an action begins with."""
    if action.approval is not None:
        return f"{action.name}: evidence 1" if action.approval.evidence else f"{action.name}: approval"
    return _asking(action)


def _asking(action: Action) -> str:
    return f"{action.name}: begin" if action.operation else _waiting(action)


def _waiting(action: Action) -> str:
    return f"{action.name}: wait for it"


def _action(action: Action, region: str, topic: Textual, after: str) -> States:
    name = action.name
    failed = f"{name}: passed over" if action.tolerated else f"{name}: failed"
    done = _waiting(action) if action.after is not None else after
    if action.approval is not None:
        onward = _asking(action) if action.operation or action.after is not None else after
        yield from _approval(name, action.approval, region, topic, onward, failed)
    if action.operation:
        yield from _call(action, done, failed)
    if action.after is not None:
        yield from _wait(name, action.after, after, failed, hasty=bool(action.tolerated))
    if action.tolerated:
        words = f"{action.says}\n\nThat failed, and the rest goes on. {action.tolerated}\n\n"
        message = f"States.Format('{_literal(words)}{{}}', States.JsonToString($.error))"
        yield failed, _tell(topic, f"Passed over: {name}", message, after)
    else:
        told = {"step": name, "says": action.says}
        yield failed, {"Type": "Pass", "Result": told, "ResultPath": "$.failed", "Next": _TELL_FAILED}


def _call(action: Action, done: str, failed: str) -> States:
    """Ask whether it is so or on its way; if not, call. What failed may have been heard: ask, then call again."""
    name = action.name
    begin, call, more = f"{name}: begin", f"{name}: call", f"{name}: call again?"
    pause, count = f"{name}: pause", f"{name}: count calls"
    # What is on its way may arrive between two questions, so that is the first.
    asked = [(word, one) for word, one in (("under way", action.underway), ("already", action.already)) if one]
    before = [f"{name}: {word}" for word, _ in asked]
    after = [f"{name}: {word} after all" for word, _ in asked]
    yield begin, {"Type": "Pass", "Result": {"made": 0}, "ResultPath": "$.calls", "Next": [*before, call][0]}
    for (_, question), state, otherwise in zip(asked, before, [*before, call][1:], strict=True):
        yield from _ask(state, question, yes=done, no=otherwise, silent=failed, hasty=bool(action.tolerated))
    yield (
        call,
        {
            "Type": "Task",
            "Comment": action.says,
            "Resource": resource(action.service, action.operation),
            "Parameters": members(dict(action.parameters)),
            "ResultPath": None,
            "TimeoutSeconds": _HASTE if action.tolerated else _PATIENCE,
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": [*after, more][0]}],
            "Next": done,
        },
    )
    for (_, question), state, otherwise in zip(asked, after, [*after, more][1:], strict=True):
        # The call's own error is what people are told.
        hasty = bool(action.tolerated)
        yield from _ask(state, question, yes=done, no=otherwise, silent=more, error="$.unanswered", hasty=hasty)
    enough = {"Variable": "$.calls.made", "NumericGreaterThanEquals": _CALLS - 1, "Next": failed}
    yield more, {"Type": "Choice", "Choices": [enough], "Default": pause}
    yield pause, {"Type": "Wait", "Seconds": _BETWEEN_CALLS, "Next": count}
    counted = {"made.$": "States.MathAdd($.calls.made, 1)"}
    yield count, {"Type": "Pass", "Parameters": counted, "ResultPath": "$.calls", "Next": call}


def _ask(
    name: str, question: Question, *, yes: str, no: str, silent: str, error: str = "$.error", hasty: bool = False
) -> States:
    """Ask once; where nobody answers, ``silent``."""
    path, many = json_path(question.path)
    chosen = f"{name}?"
    yield (
        name,
        {
            "Type": "Task",
            "Comment": f"Whether {question.says}",
            "Resource": resource(question.service, question.operation),
            "Parameters": members(dict(question.parameters)),
            "ResultSelector": {"found.$": path if many else f"States.Array({path})"},
            "ResultPath": "$.asked",
            "TimeoutSeconds": _HASTE if hasty else _PATIENCE,
            "Retry": _ONCE_MORE if hasty else _AGAIN,
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": error, "Next": silent}],
            "Next": chosen,
        },
    )
    first = "$.asked.found[0]"
    is_one = [{"Variable": first, _comparison(value): value} for value in question.expected]
    rule = {"And": [{"Variable": first, "IsPresent": True}, *([{"Or": is_one}] if len(is_one) > 1 else is_one)]}
    yield chosen, {"Type": "Choice", "Choices": [{**rule, "Next": yes}], "Default": no}


def _comparison(value: Any) -> str:
    if isinstance(value, bool):
        return "BooleanEquals"
    return "NumericEquals" if isinstance(value, int) else "StringEquals"


def _wait(name: str, question: Question, after: str, failed: str, *, hasty: bool) -> States:
    """Ask until it is so, as often as fits into the time."""
    begin, ask, more = f"{name}: wait for it", f"{name}: is it so", f"{name}: once more?"
    pause, count, never = f"{name}: wait", f"{name}: count", f"{name}: never"
    rounds = question.within // question.every
    yield begin, {"Type": "Pass", "Result": {"rounds": 0}, "ResultPath": "$.waiting", "Next": ask}
    yield from _ask(ask, question, yes=after, no=more, silent=more, hasty=hasty)
    enough = {"Variable": "$.waiting.rounds", "NumericGreaterThanEquals": rounds, "Next": never}
    yield more, {"Type": "Choice", "Choices": [enough], "Default": pause}
    yield pause, {"Type": "Wait", "Seconds": question.every, "Next": count}
    counted = {"rounds.$": "States.MathAdd($.waiting.rounds, 1)"}
    yield count, {"Type": "Pass", "Parameters": counted, "ResultPath": "$.waiting", "Next": ask}
    cause = {"Error": "NotSo", "Cause": f"After {question.within} s it was still not so that {question.says}."}
    yield never, {"Type": "Pass", "Result": cause, "ResultPath": "$.error", "Next": failed}


def _approval(name: str, approval: Approval, region: str, topic: Textual, after: str, failed: str) -> States:
    """Gather what is seen, tell people, and wait for one of them."""
    state, evidence = f"{name}: approval", approval.evidence
    for number, question in enumerate(evidence, 1):
        here = f"{name}: evidence {number}"
        onward = f"{name}: evidence {number + 1}" if number < len(evidence) else state

        def heard(words: str, number: int = number, onward: str = onward) -> State:
            return {"Type": "Pass", "Result": words, "ResultPath": f"$.heard.e{number}", "Next": onward}

        if not _asked_from(question, region):
            yield here, heard(f"not asked from {region}, look in {question.region}: whether {question.says}")
            continue
        answers = {f"{here}, {word}": word for word in ("so", "not so", "no answer")}
        so, not_so, silent = answers
        yield from _ask(here, question, yes=so, no=not_so, silent=silent, hasty=True)
        for answer, word in answers.items():
            yield answer, heard(f"{word}: {question.says}")
    words = f"{approval.says}\n"
    if evidence:
        words += f"\nWhat is seen from {region}:\n"
    seen = "".join("- {}\n" for _ in evidence)
    answering = (
        f"\nYes: aws stepfunctions send-task-success --region {region} --task-output true --task-token "
        "{}"
        f"\n\nNo: aws stepfunctions send-task-failure --region {region} --error Refused --task-token "
        "{}"
        f"\n\nNo answer within {_hours(approval.within)} is a no. Execution: "
        "{}"
    )
    arguments = [f"$.heard.e{number}" for number in range(1, len(evidence) + 1)]
    arguments += ["$$.Task.Token", "$$.Task.Token", "$$.Execution.Id"]
    yield (
        state,
        {
            "Type": "Task",
            "Resource": f"{PUBLISH}.waitForTaskToken",
            "Parameters": {
                "TopicArn": topic,
                "Subject": "Say yes or no",
                "Message.$": f"States.Format('{_literal(words)}{seen}{answering}', {', '.join(arguments)})",
            },
            "ResultPath": None,
            "TimeoutSeconds": approval.within,
            "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": failed}],
            "Next": after,
        },
    )


def _hours(seconds: int) -> str:
    return f"{seconds / 3600:g} h"


def _tell(topic: Textual, subject: str, message: str, after: str) -> State:
    """Tell people; whether they hear it or not, it goes on."""
    return {
        "Type": "Task",
        "Resource": PUBLISH,
        "Parameters": {"TopicArn": topic, "Subject": subject[:100], "Message.$": message},
        "ResultPath": None,
        "TimeoutSeconds": _PATIENCE,
        "Retry": _AGAIN,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.untold", "Next": after}],
        "Next": after,
    }


def _literal(words: str) -> str:
    """Text within an intrinsic function's quotes, where some characters mean something."""
    for character in "\\'{}":
        words = words.replace(character, f"\\{character}")
    return words
