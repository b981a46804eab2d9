"""What the command ``permissions`` is asked and prints: as text that fits a screen, and as JSON."""

from __future__ import annotations

import argparse
import re
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from seawall.analyze.applications import unread
from seawall.analyze.permissions.applicable import caller_of, policies, request_for, request_of
from seawall.analyze.permissions.chain import Chain, by_decision, chain
from seawall.analyze.permissions.chosen import meant, names
from seawall.analyze.permissions.excess import Excess
from seawall.analyze.permissions.explain import Explanation, explain
from seawall.analyze.permissions.gaps import Gap, undecided
from seawall.analyze.permissions.link import Link, shown
from seawall.analyze.permissions.needed import brought_along, needs
from seawall.analyze.permissions.shapes import arn_of
from seawall.facts.application import Involves
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Textual, Unknown
from seawall.kernel.verdict import Answer, all_of

VERSION = 1
"""The version of every document here; it grows when a field is taken away or means something else."""
WORDS: Mapping[Answer, str] = {Answer.PROVEN: "allowed", Answer.REFUTED: "denied", Answer.UNKNOWN: "unknown"}
WIDTH = 118
"""Columns of a line; names that are longer are not broken."""
_REASONS = 3
SHOWN = 6
"""How many items of one kind a screen shows; the JSON has all."""


def _screen(lines: Iterable[str]) -> str:
    """Lines no longer than a screen is wide; what goes on is set in deeper than where it began."""
    found: list[str] = []
    for line in lines:
        if len(line) <= WIDTH:
            found.append(line)
            continue
        indent = " " * (len(line) - len(line.lstrip()))
        found += textwrap.wrap(
            line.strip(),
            WIDTH,
            initial_indent=indent,
            subsequent_indent=indent + "    ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    return "\n".join(found)


# --- The question


@dataclass(frozen=True, slots=True)
class Answered:
    """One question with its chain, what IAM says of the role at its end, and the calls that it brings along."""

    principal: str
    call: Call
    chain: Chain
    explained: Explanation | None
    after: tuple[Chain, ...]

    @property
    def answer(self) -> Answer:
        """Proven is allowed, with all that it brings along: AWS refuses a call whose key refuses it."""
        return all_of(each.verdict for each in (self.chain, *self.after)).answer

    @property
    def fails_at(self) -> Chain | None:
        """The call brought along that keeps one from it that is allowed by itself."""
        if not self.chain.verdict.proven or self.answer is Answer.PROVEN:
            return None
        return next(each for each in self.after if each.verdict.answer is self.answer)

    @property
    def allowed(self) -> bool:
        """Whether it is, for certain."""
        return self.answer is Answer.PROVEN


def asked(facts: Facts, chosen: argparse.Namespace) -> Answered:
    """Answer what was asked; InputError where principal, action, resource or context mean nothing."""
    for name in ("principal", "action", "resource"):
        legible(name.upper(), getattr(chosen, name))
    action, context = _action(chosen.action), _context(chosen.context)
    resource = _resource(facts, chosen.resource)
    source = _principal(facts, chosen.principal)
    open = not chosen.closed
    if source is None:
        return _outsider(facts, chosen.principal, Call(Address(""), action, resource, "", context, said="asked"), open)
    call = Call(source, action, resource, "", context, said="asked")
    followed = chain(facts, call, open=open)
    explained = None
    caller = caller_of(facts, followed.role) if followed.role is not None else None
    if caller is not None and not isinstance(caller, Unknown):
        request = request_of(facts, caller, call, dict(context), open=open)
        explained = explain(request, policies(facts, request))
    after = tuple(chain(facts, each, open=open) for each in brought_along(facts, call))
    return Answered(chosen.principal, call, followed, explained, after)


LONGEST = 2048
"""Characters of what may be asked about: an ARN has no more.

Source: AWS General Reference, "Amazon Resource Names (ARNs)", read 2026-11-22.
"""


def legible(what: str, given: str) -> None:
    """InputError where something is longer than any name is, or holds what nobody can read."""
    shown = ascii(given[:40])
    if len(given) > LONGEST:
        raise InputError(
            f"{what} {shown}... has {len(given):,} characters", fix=f"names and ARNs have {LONGEST:,} at most"
        )
    if not given.isprintable():
        raise InputError(f"{what} {shown} holds characters that no name has", fix="write it without them")


def _outsider(facts: Facts, name: str, call: Call, open: bool) -> Answered:
    """The answer for somebody of another account, a service or anybody at all (``*``)."""
    request = request_for(facts, name, call.action, call.resource, dict(call.context), open=open)
    if isinstance(request, Unknown):
        raise InputError(f"{name}: {request.why}", fix="give a role, a user or a workload of the input")
    explained = explain(request, policies(facts, request))
    return Answered(name, call, by_decision(call, explained.decision), explained, ())


def _principal(facts: Facts, spelling: str) -> Address | None:
    """Who of the input is meant; None for an ARN, a service or ``*`` of which it knows nothing."""
    found = meant(facts, spelling)
    if not found and (spelling == "*" or spelling.startswith("arn:") or spelling.endswith(".amazonaws.com")):
        return None
    if len(found) == 1:
        return found[0]
    if found:
        raise InputError(f"{spelling} may be any of {', '.join(found)}", fix="give one of these addresses")
    import difflib

    close = difflib.get_close_matches(spelling, names(facts), n=1)
    hint = f"did you mean {close[0]}?" if close else "give a role, a user or a workload of the input"
    raise InputError(f"nobody in the input is called {spelling}", fix=hint)


def _action(spelling: str) -> str:
    from seawall.knowledge import authorization

    found = authorization.action(spelling)
    if found is not None:
        return found.name
    near = authorization.nearest(spelling)
    if "*" in spelling or "?" in spelling:
        raise InputError(
            f"{spelling} is a pattern, and one action is asked for", fix=f"for example {near}" if near else ""
        )
    hint = f"did you mean {near}?" if near else "actions are spelled service:Name, such as s3:GetObject"
    raise InputError(f"AWS has no action {spelling}", fix=hint)


def _resource(facts: Facts, spelling: str) -> Textual:
    if spelling == "*" or (spelling.startswith("arn:") and spelling.count(":") >= 5):
        return spelling
    arn = arn_of(facts, Address(spelling))
    if arn is not None:
        return arn
    raise InputError(
        f"{spelling!r} is neither an ARN nor the address of a thing of the input that has one",
        fix="write arn:aws:SERVICE:REGION:ACCOUNT:NAME, or * for an action that is about no resource",
    )


def _context(pairs: Sequence[str]) -> tuple[tuple[str, tuple[Textual, ...]], ...]:
    found: dict[str, list[Textual]] = {}
    for pair in pairs:
        legible("--context", pair)
        key, equals, value = pair.partition("=")
        example = "for example --context aws:SourceVpce=vpce-1a2b"
        if not equals or not key or key != key.strip():
            raise InputError(f"--context {pair!r} is not KEY=VALUE", fix=example)
        if ":" not in key:
            raise InputError(f"--context {key} has no prefix: a condition key is of aws or of a service", fix=example)
        if (form := _form(key.lower())) is not None and not form.holds(value):
            raise InputError(f"--context {key} cannot be {value!r}", fix=f"give {form.what}")
        found.setdefault(key.lower(), []).append(value)
    return tuple((key, tuple(values)) for key, values in found.items())


@dataclass(frozen=True, slots=True)
class _Form:
    """What a value of a condition key has to look like."""

    what: str
    holds: Callable[[str], object]


def _is_address(value: str) -> bool:
    from ipaddress import ip_address

    try:
        ip_address(value)
    except ValueError:
        return False
    return True


_ADDRESS = _Form("an IP address, such as 203.0.113.7", _is_address)
_FORMS: Mapping[str, _Form] = {
    "Bool": _Form("true or false", re.compile(r"(?i)true|false").fullmatch),
    "Numeric": _Form("a number", re.compile(r"-?\d+(\.\d+)?").fullmatch),
}
_GLOBAL: Mapping[str, _Form] = {
    "aws:sourceip": _ADDRESS,
    "aws:vpcsourceip": _ADDRESS,
    "aws:securetransport": _FORMS["Bool"],
    "aws:multifactorauthpresent": _FORMS["Bool"],
    "aws:viaawsservice": _FORMS["Bool"],
    "aws:principalisawsservice": _FORMS["Bool"],
    "aws:multifactorauthage": _FORMS["Numeric"],
}
"""The form of the global keys that are no text.

Source: IAM User Guide, "AWS global condition context keys", read 2026-11-22.
"""


def _form(key: str) -> _Form | None:
    """The form of a key in lower case; None where any text may be its value."""
    from seawall.knowledge import authorization

    service = key.partition(":")[0]
    if service == "aws":
        return _GLOBAL.get(key)
    return _FORMS.get(authorization.condition_keys(service).get(key, ""))


def can_document(answered: Answered) -> dict[str, Any]:
    """The answer with the statements that decide it."""
    decision = answered.explained.decision if answered.explained is not None else None
    broken = (answered.fails_at or answered.chain).breaks
    return {
        "schema_version": VERSION,
        "principal": answered.call.source or answered.principal,
        "role": answered.chain.role,
        "action": answered.call.action,
        "resource": str(answered.call.resource),
        "answer": WORDS[answered.answer],
        "by_itself": WORDS[answered.chain.verdict.answer],
        "layer": str(decision.layer) if decision is not None else None,
        "link": _link(broken),
        "statements": [_statement(each) for each in (decision.statements if decision is not None else ())],
        "because": [{"what": each.what, "why": each.why} for each in _reasons(answered)],
        "brings_along": [
            {"action": each.call.action, "resource": str(each.call.resource), "answer": WORDS[each.verdict.answer]}
            for each in answered.after
        ],
    }


def can_text(answered: Answered) -> str:
    """A line with the answer, and what decides it."""
    call = answered.call
    lines = [f"{WORDS[answered.answer]}: {call.source or answered.principal} {call.action} {call.resource}"]
    broken = answered.chain.breaks
    lines += _fails(answered)
    if broken is not None:
        lines.append(f"  {broken.kind}: {broken.says}")
    elif answered.explained is not None:
        lines += [f"  {_worded(each)}" for each in answered.explained.decision.statements]
    lines += [f"  not known: {each.what}: {each.why}" for each in _reasons(answered)]
    lines += [
        f"  brings along {each.call.action} {each.call.resource}: {WORDS[each.verdict.answer]}"
        for each in answered.after
    ]
    return _screen(lines)


def _fails(answered: Answered) -> list[str]:
    """Where a call ends that is allowed by itself."""
    after = answered.fails_at
    if after is None or after.breaks is None:
        return []
    word = "fails" if after.verdict.refuted else "may fail"
    return [f"  allowed by itself, and {word} at {after.call.action}: {after.breaks.kind}: {after.breaks.says}"]


def why_document(answered: Answered) -> dict[str, Any]:
    """The answer, the whole chain and the explanation."""
    return {
        **can_document(answered),
        "chain": [_link(link) for link in answered.chain.links],
        "explanation": list(answered.explained.lines) if answered.explained is not None else [],
    }


def why_text(answered: Answered) -> str:
    """The answer, the chain link by link, and every layer with the nearest misses."""
    lines = [can_text(answered).splitlines()[0], *_fails(answered), ""]
    lines += _chain_lines(answered.chain)
    lines += [f"  not known: {each.what}: {each.why}" for each in _reasons(answered)]
    if answered.explained is not None:
        lines += ["", "the policies by themselves:", *(f"  {line}" for line in answered.explained.lines)]
    for each in answered.after:
        lines += ["", f"brings along {each.call.action} {each.call.resource}: {WORDS[each.verdict.answer]}"]
        lines += _chain_lines(each)
    return _screen(lines)


def _chain_lines(followed: Chain) -> list[str]:
    """The chain, a link a line, in two columns."""
    width = max((len(link.kind) for link in followed.links), default=0)
    marks = {Answer.PROVEN: "ok", Answer.REFUTED: "NO", Answer.UNKNOWN: "?"}
    return [f"  {marks[link.verdict.answer]:<3}{link.kind:<{width}}  {link.says}" for link in followed.links]


def _reasons(answered: Answered) -> tuple[Unknown, ...]:
    if answered.answer is not Answer.UNKNOWN:
        return ()
    return tuple(dict.fromkeys(each for one in (answered.chain, *answered.after) for each in one.missing))


def _link(link: Link | None) -> dict[str, Any] | None:
    if link is None:
        return None
    answer = str(link.verdict.answer)
    return {"kind": link.kind, "verdict": answer, "fault": link.fault, "says": link.says, "address": link.of}


def _statement(statement: Statement) -> dict[str, Any]:
    return {
        "effect": "Allow" if statement.allow else "Deny",
        "sid": statement.sid,
        "holder": str(statement.holder),
        "by": statement.by,
        "actions": [str(each) for each in statement.actions],
        "resources": [str(each) for each in statement.resources],
    }


def _worded(statement: Statement) -> str:
    effect = "allowed" if statement.allow else "denied"
    name = f"statement {statement.sid} of " if statement.sid else ""
    return f"{effect} by {name}{statement.by or statement.holder}"


# --- Gaps


def gaps_document(facts: Facts, found: Sequence[Gap]) -> dict[str, Any]:
    """Every gap with its chain, how many calls were looked at, of how many nobody knows what they are on, and what of
    the code says nothing of what it calls.
    """
    return {
        "schema_version": VERSION,
        "calls": len(needs(facts)),
        "undecided": len(undecided(facts)),
        "unread": [{"source": each.of, "why": each.why} for each in unread(facts)],
        "gaps": [_gap(each) for each in found],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    return {
        "source": gap.call.source,
        "role": gap.chain.role,
        "action": gap.call.action,
        "resource": str(gap.call.resource),
        "region": gap.call.region if isinstance(gap.call.region, str) else "",
        "said": gap.call.said,
        "derived_from": gap.after.action if gap.after is not None else None,
        "severity": str(gap.severity),
        "verdict": str(gap.chain.verdict.answer),
        "breaks": _link(gap.chain.breaks),
        "chain": [_link(link) for link in gap.chain.links],
        "because": [{"what": each.what, "why": each.why} for each in gap.chain.missing],
    }


def gaps_text(facts: Facts, found: Sequence[Gap]) -> str:
    """Gaps by pod, and within one by the link that breaks."""
    calls = [need.call for need in needs(facts)]
    left = unread(facts)
    if not calls and left:
        return _screen(["no call is known", *_left(left)])
    if not calls:
        return "nothing in the input says what has to be called; give configuration, or source code with --code"
    if not found:
        return _screen([_without_gaps(len(calls), len(undecided(facts)), bool(left)), *_left(left)])
    lines: list[str] = []
    for source, of_source in groupby(found, key=lambda gap: gap.call.source):
        lines.append(str(source))
        broken: dict[tuple[str, str, str], list[Gap]] = {}
        for gap in of_source:
            link = gap.chain.breaks
            if link is not None:
                # A link before the policies breaks for every call alike; one of a policy speaks of its own call.
                says = link.says if link.kind in ("service account", "trust policy", "role") else ""
                broken.setdefault((link.kind, link.fault, says), []).append(gap)
        for (kind, fault, says), every in broken.items():
            # "no service account" says where it is as well as what it is.
            label = fault if kind in fault else f"{kind}: {fault}"
            lines.append(f"  {label}: {says}" if says else f"  {label}")
            lines += _calls(facts, every, whole=bool(says))
    refuted = sum(gap.chain.verdict.refuted for gap in found)
    sources = len({gap.call.source for gap in found})
    callers = len({call.source for call in calls})
    open = len(undecided(facts))
    lines += [
        "",
        f"{_count(refuted, 'gap')} and {len(found) - refuted} not known, of {_count(len(calls), 'call')}; "
        f"{sources} of {callers} callers have one"
        + (f"; of {open} nobody knows what {'it is' if open == 1 else 'they are'} on" if open else ""),
        *_left(left),
    ]
    return _screen(lines)


def _left(unread: Sequence[Involves]) -> list[str]:
    """The places of the code of which nobody knows what they call."""
    if not unread:
        return []
    more = [f"  and {len(unread) - SHOWN} more"] if len(unread) > SHOWN else []
    places = "place of the code" if len(unread) == 1 else "places of the code"
    what = "it calls" if len(unread) == 1 else "they call"
    said = f"{len(unread)} {places} cannot be read: what {what} is not known"
    return [said, *(f"  {each.why}" for each in unread[:SHOWN]), *more]


def _without_gaps(calls: int, open: int, partly: bool) -> str:
    """What is said where there is no gap; ``open`` of the calls are on something that nobody knows.

    ``partly`` says that there may be others.
    """
    if not open:
        return f"no gaps: {_count(calls, 'call')} looked at, and each{' of these' if partly else ''} is allowed"
    what = "it is" if open == 1 else "they are"
    if open == calls:
        return f"no gaps: of {_count(calls, 'call')} looked at nobody knows what {what} on"
    known = _count(calls - open, "call")
    return f"no gaps: {known} looked at, and each is allowed; of {open} more nobody knows what {what} on"


def _calls(facts: Facts, every: list[Gap], *, whole: bool) -> list[str]:
    lines = []
    for gap in every[:SHOWN]:
        after = f" (brought along by {gap.after.action})" if gap.after is not None else ""
        line = f"    {gap.call.action} {shown(facts, gap.call.resource)}{after}"
        link = gap.chain.breaks
        lines.append(line)
        if not whole and link is not None:
            lines.append(f"      {link.says}")
    if len(every) > SHOWN:
        rest = dict.fromkeys(gap.call.action for gap in every[SHOWN:])
        lines.append(f"    and {len(every) - SHOWN} more: {', '.join(rest)}")
    said = list(dict.fromkeys(gap.call.said for gap in every if gap.call.said and gap.after is None))
    more = f" and {len(said) - _REASONS} more" if len(said) > _REASONS else ""
    return [*lines, f"    said by {'; '.join(said[:_REASONS])}{more}"] if said else lines


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


# --- Excess


def excess_document(found: Sequence[Excess]) -> dict[str, Any]:
    """Every statement that grants more than is needed."""
    return {"schema_version": VERSION, "excess": [_excess(each) for each in found]}


def _excess(item: Excess) -> dict[str, Any]:
    return {
        "role": item.role,
        "policy": item.policy,
        "sid": item.statement.sid,
        "verdict": str(item.verdict.answer),
        "never_needed": {"actions": _spelled(item.actions), "resources": _spelled(item.resources)},
        "wider_than_needed": [
            {"of": each.of, "granted": str(each.granted), "needed": _spelled(each.needed), "action": each.action}
            for each in item.wide
        ],
        "dead": [{"action": action, "resource": str(resource)} for action, resource in item.dead],
        "because": [{"what": each.what, "why": each.why} for each in _unknowns(item)],
    }


def _spelled(values: Iterable[Textual]) -> list[str]:
    return [str(each) for each in values]


def _unknowns(item: Excess) -> list[Unknown]:
    return [each for each in item.verdict.because if isinstance(each, Unknown)]


def excess_text(facts: Facts, found: Sequence[Excess]) -> str:
    """Excess by role, a few lines a statement."""
    if not found:
        return "no excess: everything that is granted is needed"
    lines: list[str] = []
    for role, of_role in groupby(found, key=lambda item: item.role):
        lines.append(str(role))
        for item in of_role:
            if item.policy != role:
                lines.append(f"  {item.policy}" + (f" {item.statement.sid}" if item.statement.sid else ""))
            if item.verdict.unknown:
                lines += [f"    not known: {each.what}: {each.why}" for each in _unknowns(item)]
            lines += _listed(facts, "never needed", item.actions)
            lines += _listed(facts, "never needed", item.resources)
            for wide in item.wide[:SHOWN]:
                on = f" for {wide.action}" if wide.action else ""
                needed = ", ".join(dict.fromkeys(shown(facts, each) for each in wide.needed[:SHOWN])) or "nothing"
                lines.append(f"    wider than needed{on}: {shown(facts, wide.granted)}; needed: {needed}")
            lines += [
                f"    matches nothing: {action} on {shown(facts, resource)}" for action, resource in item.dead[:SHOWN]
            ]
    refuted = sum(item.verdict.refuted for item in found)
    roles = len({item.role for item in found})
    lines += [
        "",
        f"{_count(refuted, 'statement')} too wide and {len(found) - refuted} not known, of {_count(roles, 'role')}",
    ]
    return _screen(lines)


def _listed(facts: Facts, word: str, values: Sequence[Textual]) -> list[str]:
    if not values:
        return []
    more = f" and {len(values) - SHOWN} more" if len(values) > SHOWN else ""
    return [f"    {word}: {', '.join(shown(facts, each) for each in values[:SHOWN])}{more}"]
