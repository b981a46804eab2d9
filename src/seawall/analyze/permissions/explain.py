"""Why a request is allowed or denied, on one screen: what decides it, and what came nearest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.evaluate import Policies, decide, within
from seawall.analyze.permissions.policy import Clause, Judgement, Met, Missed, Policy
from seawall.analyze.permissions.principals import Match
from seawall.analyze.permissions.request import Request
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Textual
from seawall.kernel.verdict import Answer

SCREEN: Final = 24
"""Lines that fit on the smallest screen that is still in use."""
NEAREST: Final = 3
"""Statements that are shown of those that came near."""
_WORDS: Final = 3
"""Patterns of a statement that are shown before the rest is counted."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and the lines that explain it, the nearest miss first; a screen of them at most."""

    decision: Decision
    lines: tuple[str, ...]


def explain(request: Request, policies: Policies) -> Explanation:
    """What decides a request and, where it is not allowed, which statements came nearest to allowing it."""
    decision = decide(request, policies)
    lines = [_headline(request, decision), f"  {_why(request, policies, decision)}"]
    if decision.answer is Answer.UNKNOWN:
        lines += [f"  not known: {reason.what} ({reason.why})" for reason in decision.because[:NEAREST]]
        lines += _rest(len(decision.because) - NEAREST, "more that is not known")
    if decision.statements:
        lines += _deciding(request, policies, decision)
    elif decision.answer is Answer.REFUTED:
        lines += _nearest(request, policies, decision.layer)
    others = list(_others(request, policies, decision))
    room = SCREEN - len(others)
    return Explanation(decision, (*lines[:room], *others))


def _headline(request: Request, decision: Decision) -> str:
    who = (
        request.caller.session or request.caller.arn if isinstance(request.caller.session, str) else request.caller.arn
    )
    name = who if request.caller.kind != "anonymous" else "anybody"
    where = "" if request.resource == "*" else f" on {request.resource}"
    match decision.answer:
        case Answer.PROVEN:
            return f"allowed: {name} may {request.action}{where}"
        case Answer.REFUTED:
            return f"denied: {name} may not {request.action}{where}"
        case _:
            return f"unknown: whether {name} may {request.action}{where}"


def _why(request: Request, policies: Policies, decision: Decision) -> str:
    layer = decision.layer
    if decision.answer is Answer.PROVEN:
        if layer is Layer.IDENTITY and not decision.statements:
            return "it needs no permission, and no Deny stops it"
        return f"the {layer} allows it"
    if decision.answer is Answer.UNKNOWN:
        return f"it hangs on the {layer}"
    if decision.explicit:
        return f"the {layer} denies it, and no other can allow it then"
    if layer is Layer.IDENTITY:
        if within(request) is Answer.PROVEN and policies.resource is not None and not policies.decisive:
            return "neither an identity policy nor the resource's own allows it"
        return "no identity policy allows it"
    if layer in (Layer.RESOURCE, Layer.KEY, Layer.TRUST):
        return f"the {layer} does not let the caller in"
    return f"the {layer} does not allow it, and all that is allowed must be allowed there too"


def _deciding(request: Request, policies: Policies, decision: Decision) -> Iterator[str]:
    """The statements that decide, each with its place; of those that may match also what they hang on."""
    wanted = {id(statement): statement for statement in decision.statements}
    shown = 0
    for layer, policy in layers(policies):
        if not any(id(statement) in wanted for statement in policy.statements):
            continue
        for found in policy.explain(request):
            if id(found.statement) not in wanted or shown == NEAREST:
                continue
            shown += 1
            yield f"  {_place(layer, found.statement)}"
            yield f"    {_said(found.statement)}"
            if decision.answer is Answer.UNKNOWN:
                yield from (f"    {_clause(each)}" for each in found.clauses if each.answer is Answer.UNKNOWN)
    yield from _rest(len(wanted) - shown, "more that decide it as well")


def _nearest(request: Request, policies: Policies, layer: Layer) -> Iterator[str]:
    """The statements that would have allowed it, had less stood in the way; the nearest first."""
    missed: list[tuple[int, int, Layer, Missed]] = []
    beside = 0
    for of, policy in layers(policies):
        if of is not layer and not (layer is Layer.IDENTITY and of is policies.which and _may_give(request, policy)):
            continue
        for found in policy.explain(request):
            if isinstance(found, Met) or not found.statement.allow:
                continue
            wrong = [each for each in found.clauses if each.answer is Answer.REFUTED]
            if any(each.part == "action" for each in wrong):
                beside += 1
            else:
                missed.append((len(wrong), len(missed), of, found))
    for _, _, of, found in sorted(missed, key=lambda one: one[:2])[:NEAREST]:
        yield f"  near: {_place(of, found.statement)}"
        yield from (f"    {_clause(each)}" for each in found.clauses if each.answer is Answer.REFUTED)
    yield from _rest(len(missed) - NEAREST, "more about the action")
    if not missed:
        yield f"  no statement there is about {request.action}" + (f"; {beside} about others" if beside else "")


def _may_give(request: Request, policy: Policy) -> bool:
    """Whether a resource's policy could have allowed it beside the caller's: in one account, if it does not already."""
    return within(request) is not Answer.REFUTED and policy.judge(request).allow is Answer.REFUTED


def _rest(number: int, of: str) -> Iterator[str]:
    if number > 0:
        yield f"  and {number} {of}"


def _others(request: Request, policies: Policies, decision: Decision) -> Iterator[str]:
    """What the layers say that do not decide, one line a layer."""
    said: dict[Layer, str] = {}
    for layer, policy in layers(policies):
        if layer is not decision.layer:
            word = _word(policy.judge(request))
            said[layer] = min(word, said.get(layer, word), key=_ORDER.index)
    for layer, word in said.items():
        yield f"  beside: the {layer} {word}"


_ORDER: Final = (
    "denies it as well",
    "allows it",
    "leaves it to the account's own policies",
    "may say something of it",
    "says nothing of it",
)


def _word(judgement: Judgement) -> str:
    if judgement.deny is Answer.PROVEN:
        return _ORDER[0]
    if judgement.allow is Answer.PROVEN:
        return _ORDER[2] if set(judgement.to) == {Match.ACCOUNT} else _ORDER[1]
    return _ORDER[3] if Answer.UNKNOWN in (judgement.allow, judgement.deny) else _ORDER[4]


def layers(policies: Policies) -> Iterator[tuple[Layer, Policy]]:
    """Every policy that has a say, with its layer, in the order in which AWS names the layers."""
    for level in policies.rcps:
        yield from ((Layer.RCP, policy) for policy in level)
    for level in policies.scps:
        yield from ((Layer.SCP, policy) for policy in level)
    one_each: Sequence[tuple[Layer, Policy | None]] = (
        (policies.which, policies.resource),
        (Layer.BOUNDARY, policies.boundary),
        (Layer.SESSION, policies.session),
        (Layer.ENDPOINT, policies.endpoint),
    )
    yield from ((Layer.IDENTITY, policy) for policy in policies.identity)
    yield from ((layer, policy) for layer, policy in one_each if policy is not None)
    yield from ((doubt.layer, doubt.policy) for doubt in policies.doubts)


def _place(layer: Layer, statement: Statement) -> str:
    sid = f" {statement.sid}" if statement.sid else ""
    by = f", from {statement.by}" if statement.by not in (statement.holder, Address("")) else ""
    if not statement.holder:
        return f"{layer}{sid}, which is not in the input{by}"
    return f"{layer}{sid} of {statement.holder}{by}"


def _said(statement: Statement) -> str:
    if statement.opaque is not None:
        return f"cannot be read: {statement.opaque.what} ({statement.opaque.why})"
    verb = "allows" if statement.allow else "denies"
    actions = f"{'all but ' if statement.not_actions else ''}{_list(statement.actions)}"
    resources = f" on {'all but ' if statement.not_resources else ''}{_list(statement.resources)}"
    when = " under conditions" if statement.conditions else ""
    return f"{verb} {actions}{resources if statement.resources else ''}{when}"


def _clause(clause: Clause) -> str:
    wants = f"{'anything but ' if clause.negated else ''}{_list(clause.wants)}"
    if clause.part == "document":
        return "the document cannot be read"
    if clause.condition is not None:
        name = f"condition {clause.condition.operator} {clause.condition.key}"
    else:
        name = str(clause.part)
    if clause.answer is Answer.UNKNOWN:
        reasons = "; ".join(reason.why for reason in clause.because) or "nothing in the input says what it is"
        return f"{name}: wants {wants}; is not known: {reasons}"
    saw = "is not there" if clause.saw is None else f"is {_list(clause.saw)}"
    return f"{name}: wants {wants}; {saw}"


def _list(values: Sequence[Textual]) -> str:
    shown = ", ".join(str(value) for value in values[:_WORDS])
    return f"{shown} and {len(values) - _WORDS} more" if len(values) > _WORDS else shown or "nothing"
