"""Conditions of a statement, each compiled to a function of the request's context.

Sources: "IAM JSON policy elements: Condition operators", "Conditions with multiple context keys or values" and
"Single-valued vs. multivalued context keys" (AWS Identity and Access Management User Guide, read in November 2026):

* A key that is not in the request makes a test false, a negated one (``StringNotLike``) true, and one with
  ``IfExists`` true. ``ForAllValues`` is true without the key or with nothing but empty values, ``ForAnyValue`` false.
* Several values of a test: one suffices; of a negated one none may match.
* Of a key with several values ``ForAllValues`` wants each to pass, ``ForAnyValue`` at least one, negated tests as well.
* Operators, keys and booleans are compared without regard to case, all other values with, but for ``...IgnoreCase``.
* Variables are filled in tests of strings and ARNs, and stars and question marks count in ``StringLike`` and ARNs.
* A date is a W3C profile of ISO 8601 (without a zone it is read as UTC) or seconds since 1970; four digits are a year.
* An address without a prefix is that address alone; IPv4 is never within IPv6.

Where AWS publishes nothing the answer is *maybe*, never a guess: several values under an operator for single ones that
do not agree, a value of a policy that is no number, date, address or boolean where one is wanted, an operator that
does not exist.
"""

from __future__ import annotations

import base64
import binascii
import re
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from functools import lru_cache
from operator import eq, ge, gt, le, lt
from typing import Any, Final, Literal, TypeAlias

from seawall.analyze.permissions.globs import (
    MAYBE,
    NO,
    YES,
    Pattern,
    Sure,
    encode,
    equal,
    holes_of,
    is_plain,
    pieces_of,
    unknown,
)
from seawall.analyze.permissions.request import Context
from seawall.analyze.permissions.variables import Patterns, Variable, filled, silent, template, undecided
from seawall.facts.identity import Condition
from seawall.kernel.value import Textual, Unknown

Test: TypeAlias = Callable[[Context, bool], Sure]
"""Whether a condition holds in a context; True says that a key which is not mentioned may be there or not."""
Compare: TypeAlias = Callable[[Textual, Context, bool], Sure]
"""Whether one value of the request is matched by one of the policy's."""

_PLAIN = re.compile(r"(?:(forallvalues|foranyvalue):)?([a-z]+?)(ifexists)?")


@dataclass(frozen=True, slots=True)
class Operator:
    """An operator taken apart: ``ForAnyValue:StringNotLikeIfExists``. ``base`` is the test without its negation."""

    base: str
    negated: bool = False
    if_exists: bool = False
    over: Literal["", "all", "any"] = ""


_BASES: Final = {
    "stringequals": "stringequals",
    "stringequalsignorecase": "stringequalsignorecase",
    "stringlike": "stringlike",
    "numericequals": "numericequals",
    "numericlessthan": "numericlessthan",
    "numericlessthanequals": "numericlessthanequals",
    "numericgreaterthan": "numericgreaterthan",
    "numericgreaterthanequals": "numericgreaterthanequals",
    "dateequals": "dateequals",
    "datelessthan": "datelessthan",
    "datelessthanequals": "datelessthanequals",
    "dategreaterthan": "dategreaterthan",
    "dategreaterthanequals": "dategreaterthanequals",
    "bool": "bool",
    "binaryequals": "binaryequals",
    "ipaddress": "ipaddress",
    "arnequals": "arnlike",
    "arnlike": "arnlike",
    "null": "null",
}
_NEGATED: Final = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "numericnotequals": "numericequals",
    "datenotequals": "dateequals",
    "notipaddress": "ipaddress",
    "arnnotequals": "arnlike",
    "arnnotlike": "arnlike",
}


def operator(spelled: str) -> Operator | None:
    """An operator by its name, in any case; None if IAM has none of that name."""
    match = _PLAIN.fullmatch(spelled.strip().lower())
    if match is None:
        return None
    over: Literal["", "all", "any"] = "" if match[1] is None else "all" if match[1] == "forallvalues" else "any"
    base, negated = _BASES.get(match[2]), False
    if base is None:
        base, negated = _NEGATED.get(match[2]), True
    if base is None or (base == "null" and (match[3] is not None or over)):
        return None
    return Operator(base, negated, match[3] is not None, over)


def context_key(key: Textual) -> str:
    """A condition key as it stands in a ``Context``; ``${issuer}:sub`` with its hole as a character."""
    return encode(key).lower()


def compiled(condition: Condition, variables: bool = True) -> Test:
    """The function that says whether a condition holds; ``variables`` as the version of the policy has it."""
    found = operator(condition.operator)
    if found is None:
        return lambda context, opened: MAYBE
    key = context_key(condition.key)
    # A key with a hole may be any key of the request, so that its absence proves nothing.
    certain = is_plain(key)
    if found.base == "null":
        return _null(key, certain, condition.values)
    compare = comparison(found.base, condition.values, variables)
    without: Sure = YES if found.if_exists or found.negated or found.over == "all" else NO
    if found.over == "any" and not found.if_exists:
        without = NO
    if found.over:
        return _set(key, certain, compare, found.negated, found.over == "all", without)
    return _single(key, certain, compare, found.negated, without)


def _single(key: str, certain: bool, compare: Compare, negated: bool, without: Sure) -> Test:
    def test(context: Context, opened: bool) -> Sure:
        values = context.get(key)
        if values is None:
            if not opened and certain:
                return without
            # There with any value, or not there: sure only if both come to the same.
            anything = compare(_ANYTHING, context, opened)
            there: Sure = _not(anything) if negated else anything
            return without if there == without else MAYBE
        if len(values) == 1:
            answer = compare(values[0], context, opened)
            return _not(answer) if negated else answer
        if not values:
            return without if certain else MAYBE
        answers = {compare(value, context, opened) for value in values}
        answer = answers.pop() if len(answers) == 1 else MAYBE
        return _not(answer) if negated else answer

    return test


def _set(key: str, certain: bool, compare: Compare, negated: bool, every: bool, without: Sure) -> Test:
    pick: Callable[[Iterator[Sure]], Sure] = min if every else max

    def test(context: Context, opened: bool) -> Sure:
        values = context.get(key)
        if values is None and (opened or not certain):
            anything = compare(_ANYTHING, context, opened)
            there: Sure = _not(anything) if negated else anything
            return without if there == without else MAYBE
        if not values:
            return without if certain else MAYBE
        if _empty(values):
            return YES if every else NO
        answers = (compare(value, context, opened) for value in values)
        return pick(map(_not, answers) if negated else answers)

    return test


def _empty(values: tuple[Textual, ...]) -> bool:
    """Whether there is nothing but empty text, which counts as no value at all."""
    return all(isinstance(value, str) and value == "" for value in values)


def _null(key: str, certain: bool, wanted: tuple[Textual, ...]) -> Test:
    spelled = {value.lower() if isinstance(value, str) else None for value in wanted}
    unsure = bool(spelled - {"true", "false"})

    def test(context: Context, opened: bool) -> Sure:
        if {"true", "false"} <= spelled:
            return YES
        values = context.get(key)
        if unsure or (values is None and (opened or not certain)):
            return MAYBE
        absent = values is None or _empty(values)
        return YES if ("true" if absent else "false") in spelled else NO

    return test


def _not(answer: Sure) -> Sure:
    return YES if answer == NO else NO if answer == YES else MAYBE


_ANYTHING = Unknown("any value", why="nothing says whether the request carries it")

# --- comparing one value with those of a policy -----------------------------------------------------------------------


def comparison(base: str, values: tuple[Textual, ...], variables: bool) -> Compare:
    """The function that holds a value of the request against those of the policy."""
    match base:
        case "stringequals":
            return _strings(Patterns(values, "text", variables=variables, wild=False))
        case "stringequalsignorecase":
            return _caseless(values, variables)
        case "stringlike":
            return _strings(Patterns(values, "text", variables=variables))
        case "arnlike":
            return _strings(Patterns(values, "arn", variables=variables))
        case "bool":
            return _parsed(values, _boolean, eq)
        case "binaryequals":
            return _parsed(values, _binary, eq)
        case "ipaddress":
            return _addresses(values)
    parse = _date if base.startswith("date") else _number
    order: dict[str, Callable[[Any, Any], bool]] = {
        "equals": eq,
        "lessthan": lt,
        "lessthanequals": le,
        "greaterthan": gt,
        "greaterthanequals": ge,
    }
    return _parsed(values, parse, order[base.removeprefix("date").removeprefix("numeric")])


def _strings(patterns: Patterns) -> Compare:
    literals, covers = patterns.literals, patterns.covers

    def compare(value: Textual, context: Context, opened: bool) -> Sure:
        if isinstance(value, str) and value.isascii():
            return YES if value in literals else covers(value, context, opened, True)
        spelled = encode(value)
        return covers(spelled, context, opened, is_plain(spelled))

    return compare


def _caseless(values: tuple[Textual, ...], variables: bool) -> Compare:
    templates = [template(value, variables=variables, wild=False) for value in values]
    fixed = frozenset(
        "".join(str(part) for part in parts).lower()
        for parts in templates
        if not any(isinstance(part, Variable) for part in parts)
    )
    holed = [text for text in fixed if not is_plain(text)]
    dynamic = [parts for parts in templates if any(isinstance(part, Variable) for part in parts)]

    def compare(value: Textual, context: Context, opened: bool) -> Sure:
        spelled = encode(value).lower()
        if spelled in fixed:
            return YES
        best: Sure = NO
        for text in fixed if not is_plain(spelled) else holed:
            best = max(best, equal(text, spelled))
        for parts in dynamic:
            pieces, sure = filled(parts, context, opened)
            if pieces is not None:
                answer = equal("".join(str(piece) for piece in pieces).lower(), spelled)
                best = max(best, answer if sure else min(answer, MAYBE))
        return best

    return compare


def _parsed(values: tuple[Textual, ...], parse: Callable[[str], Any], holds: Callable[[Any, Any], bool]) -> Compare:
    """Of values that mean something: numbers, dates, booleans, bytes. One that means nothing makes it a maybe."""
    wanted = [parse(value) if isinstance(value, str) else None for value in values]
    known = [value for value in wanted if value is not None]
    otherwise: Sure = NO if len(known) == len(wanted) else MAYBE

    def compare(value: Textual, context: Context, opened: bool) -> Sure:
        if not isinstance(value, str):
            return MAYBE if wanted else NO
        seen = parse(value)
        if seen is None:
            return MAYBE if wanted else NO
        for each in known:
            if holds(seen, each):
                return YES
        return otherwise

    return compare


_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def _number(spelled: str) -> Decimal | None:
    return Decimal(spelled) if _NUMBER.fullmatch(spelled) else None


_DATE = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,9}))?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?)?",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"[0-9]{5,15}(?:\.[0-9]{1,9})?")
_1970 = datetime(1970, 1, 1, tzinfo=UTC)


@lru_cache(maxsize=1_024)
def _date(spelled: str) -> Decimal | None:
    """A moment in seconds since 1970."""
    if _EPOCH.fullmatch(spelled):
        return Decimal(spelled)
    match = _DATE.fullmatch(spelled)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        offset = timedelta()
        if zone is not None and zone not in "Zz":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:])) * (-1 if zone[0] == "-" else 1)
        moment = datetime(
            int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
            tzinfo=timezone(offset),
        )  # fmt: skip
        since = moment - _1970
    except (ValueError, OverflowError):
        return None  # the thirtieth of February
    return Decimal(since.days * 86_400 + since.seconds) + (Decimal(f"0.{fraction}") if fraction else 0)


def _boolean(spelled: str) -> bool | None:
    return {"true": True, "false": False}.get(spelled.lower())


def _binary(spelled: str) -> bytes | None:
    try:
        return base64.b64decode(spelled, validate=True)
    except (binascii.Error, ValueError):
        return None


def _address(spelled: str) -> tuple[int, int] | None:
    """An address as its length in bits and its number."""
    try:
        if ":" in spelled:
            return 128, int.from_bytes(socket.inet_pton(socket.AF_INET6, spelled))
        return 32, int.from_bytes(socket.inet_pton(socket.AF_INET, spelled))
    except (OSError, ValueError):
        return None


def _network(spelled: str) -> tuple[int, int, int] | None:
    """A network as its length in bits, how far its addresses are to be shifted, and its number so shifted."""
    name, slash, prefix = spelled.partition("/")
    found = _address(name)
    if found is None or (slash and not (prefix.isascii() and prefix.isdigit() and len(prefix) <= 3)):
        return None
    bits, number = found
    shift = bits - int(prefix) if slash else 0
    return (bits, shift, number >> shift) if shift >= 0 else None


def _addresses(values: tuple[Textual, ...]) -> Compare:
    networks = [_network(value) if isinstance(value, str) else None for value in values]
    known = [network for network in networks if network is not None]
    otherwise: Sure = NO if len(known) == len(networks) else MAYBE

    def compare(value: Textual, context: Context, opened: bool) -> Sure:
        if not isinstance(value, str):
            return MAYBE if networks else NO
        seen = _address(value)
        if seen is None:
            return otherwise  # a call through a service carries the service's name in aws:SourceIp
        bits, number = seen
        for width, shift, network in known:
            if width == bits and number >> shift == network:
                return YES
        return otherwise

    return compare


# --- why --------------------------------------------------------------------------------------------------------------


def reasons(condition: Condition, context: Context, opened: bool, variables: bool = True) -> Iterator[Unknown]:
    """What makes the answer of a condition a maybe."""
    found = operator(condition.operator)
    if found is None:
        yield Unknown(condition.operator, why="IAM has no condition operator of that name")
        return
    key = context_key(condition.key)
    for hole in holes_of(key, *map(encode, condition.values)):
        yield unknown(hole)
    values = context.get(key)
    if values is None:
        if opened and is_plain(key):
            yield silent(key)
    else:
        for hole in holes_of(*map(encode, values)):
            yield unknown(hole)
        if len(values) > 1 and not found.over and found.base != "null":
            yield Unknown(key, why=f"the request has several values of it, and {condition.operator} is for one")
    if found.base == "arnlike":
        for value in condition.values:
            if Pattern(pieces_of(encode(value)), "arn").short:
                yield Unknown(
                    f"{condition.operator} {value}", why="what an ARN of fewer than six parts matches is not published"
                )
    if found.base in ("stringequals", "stringequalsignorecase", "stringlike", "arnlike"):
        for value in condition.values if variables else ():
            yield from undecided(template(value, variables=True, wild=False), context, opened)
    else:
        yield from _meaningless(found.base, condition, values or ())


_PARSERS: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "bool": (_boolean, "it is neither true nor false"),
    "null": (_boolean, "it is neither true nor false"),
    "binaryequals": (_binary, "it is not base64"),
    "ipaddress": (_network, "it is no address and no network"),
    "date": (_date, "it is no date"),
    "numeric": (_number, "it is no number"),
}


def _meaningless(base: str, condition: Condition, seen: tuple[Textual, ...]) -> Iterator[Unknown]:
    parse, why = next(found for name, found in _PARSERS.items() if base.startswith(name))
    for value in condition.values:
        if isinstance(value, str) and parse(value) is None:
            yield Unknown(f"{condition.operator} {value}", why=why)
    for value in seen if base not in ("null", "ipaddress") else ():
        if isinstance(value, str) and parse(value) is None:
            yield Unknown(f"{condition.key} {value}", why=why)
