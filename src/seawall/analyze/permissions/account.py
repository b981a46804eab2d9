"""The number of the account that an input is of, where literal ARNs beside shapes with a hole give it away.

Resources that are not made yet have ARNs with a hole for the account; policies and annotations of the same estate
often have it as a number. A literal ARN that is that of a resource of the input but for the number says what the
number is. All that is compared has the hole then, so that both spellings of one ARN are equal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, Identifier, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, text
from seawall.readers.aws.arn import ACCOUNT, WHOLE_ARN

NUMBER: Final = Ref(Address("account"), "number")
"""What the number stands under among shapes of references."""

_NUMBERED: Final = re.compile(r"(arn:[^:]*:[^:]*:[^:]*:)(\d{12})(:.*)", re.DOTALL)

_WRITTEN: Final = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):")


def account_number(facts: Facts) -> str | None:
    """The number; None where nothing tells it, or where two are told."""
    return facts.derive(_number)


def _number(facts: Facts) -> str | None:
    told = {match.group(1, 2, 3) for arn in _literal(facts) if (match := _NUMBERED.fullmatch(arn))}
    if not told:
        return None
    ours = {
        identifier.value.parts
        for identifier in facts.all(Identifier)
        if isinstance(identifier.value, Text) and identifier.value.holes == (ACCOUNT,)
    }
    found = {number for before, number, after in told if (before, ACCOUNT, after) in ours}
    return found.pop() if len(found) == 1 else None


def own_number(facts: Facts) -> str | None:
    """The number, or else the one that the input's own roles, policies and identity providers are written with.

    A role carries policies of its own account and trusts providers of its own account; what a statement allows may be
    another's, and tells nothing. None where none or several are written.
    """
    return facts.derive(_own_number)


def _own_number(facts: Facts) -> str | None:
    known = account_number(facts)
    if known is not None:
        return known
    named: list[Textual] = [each.role for each in facts.all(Assumes)]
    named += [each.policy for each in facts.all(Attaches)]
    for statement in facts.all(Statement):
        if statement.kind == "trust":
            named += [value for kind, value in statement.principals if kind == "Federated"]
    found = {match[1] for arn in named if isinstance(arn, str) and (match := _WRITTEN.search(arn))}
    return found.pop() if len(found) == 1 else None


def _literal(facts: Facts) -> Iterator[str]:
    """Every ARN that is written out where a resource is meant."""
    for assumes in facts.all(Assumes):
        if isinstance(assumes.role, str):
            yield assumes.role.removeprefix("outside:")
    for attached in facts.all(Attaches):
        if isinstance(attached.policy, str):
            yield attached.policy.removeprefix("outside:")
    for identifier in facts.all(Identifier):
        if identifier.attr == WHOLE_ARN and isinstance(identifier.value, str):
            yield identifier.value
    for statement in facts.all(Statement):
        yield from (each for each in statement.resources if isinstance(each, str))
        yield from (value for _, value in statement.principals if isinstance(value, str))


def unnumbered(value: Textual, number: str | None) -> Textual:
    """A text with the account's hole in place of its number: as the account of an ARN, or as the whole text."""
    if number is None:
        return value
    if isinstance(value, Text):
        return text(*(_cut(part, number) if isinstance(part, str) else part for part in value.parts))
    return _cut(value, number) if isinstance(value, str) else value


def _cut(value: str, number: str) -> Textual:
    if value == number:
        return ACCOUNT
    before, found, after = value.partition(f":{number}:")
    return text(before, ":", ACCOUNT, ":", after) if found and "arn:" in before else value
