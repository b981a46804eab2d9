"""Values of a policy, the variables in them filled from the request: ``${aws:PrincipalTag/team, 'none'}``.

Source: "IAM policy elements: Variables and tags" (AWS Identity and Access Management User Guide, read in November
2026). A variable without a value is null: nothing equals it and nothing is like it, so a test for equality fails, a
negated one holds, and a resource that names it matches none. The value of a key that has several cannot be a variable;
what AWS makes of one is not published, so that is a *maybe* here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from seawall.analyze.permissions.globs import (
    MAYBE,
    NO,
    YES,
    Kind,
    Pattern,
    Piece,
    Sure,
    Wild,
    encode,
    holes_of,
    pieces_of,
    unknown,
)
from seawall.analyze.permissions.request import Context
from seawall.kernel.value import Textual, Unknown

_VARIABLE = re.compile(r"\$\{([^{}]*)\}")
_DEFAULT = re.compile(r"\s*([^,']*?)\s*,\s*'([^']*)'\s*", re.DOTALL)
_SPECIAL = {"*": "*", "?": "?", "$": "$"}


@dataclass(frozen=True, slots=True)
class Variable:
    """A condition key in lower case that stands for its value, and what to take where it has none."""

    key: str
    default: str | None = None


Template: TypeAlias = tuple["Piece | Variable", ...]


def template(value: Textual, *, variables: bool, wild: bool) -> Template:
    """A value taken apart; with ``variables`` False ``${...}`` is text, with ``wild`` False a star is one."""
    spelled = encode(value)
    if not variables or "${" not in spelled:
        return pieces_of(spelled) if wild else (spelled,)
    found: list[Piece | Variable] = []
    at = 0
    for match in _VARIABLE.finditer(spelled):
        before = spelled[at : match.start()]
        found.extend(pieces_of(before) if wild else (before,))
        at = match.end()
        found.append(_variable(match[1]))
    rest = spelled[at:]
    found.extend(pieces_of(rest) if wild else (rest,))
    return tuple(piece for piece in found if piece != "")


def _variable(inside: str) -> str | Variable:
    if inside in _SPECIAL:
        return _SPECIAL[inside]
    if match := _DEFAULT.fullmatch(inside):
        return Variable(match[1].lower(), match[2])
    return Variable(inside.strip().lower())


def is_fixed(parts: Template) -> bool:
    """Whether a template has no variable."""
    return not any(isinstance(part, Variable) for part in parts)


def filled(parts: Template, context: Context, opened: bool) -> tuple[tuple[Piece, ...] | None, bool]:
    """A template with the values of a context in place of its variables, and whether that is sure.

    None in place of the pieces is null: a variable that has no value for sure.
    """
    found: list[Piece] = []
    sure = True
    for part in parts:
        if not isinstance(part, Variable):
            found.append(part)
            continue
        values = context.get(part.key)
        if (values is None and not opened) or values == ():
            if part.default is None:
                return None, True
            found.append(part.default)
        elif values is None:
            found.append(encode(Unknown(part.key, why=_NOT_SAID)))
            sure = False
        elif len(values) > 1:
            found.append(encode(Unknown(part.key, why=_SEVERAL)))
            sure = False
        else:
            value = encode(values[0])
            sure = sure and value != ""  # whether an empty value counts as none is not published
            found.append(value)
    return tuple(found), sure


_NOT_SAID = "nothing says whether the request carries it"
_NULL = "the request lacks it, and IAM does not say what a NotResource that holds it then leaves out"
_SEVERAL = "it has several values, and IAM does not say what a variable then stands for"


def undecided(parts: Template, context: Context, opened: bool) -> Iterator[Unknown]:
    """What makes it unknown what the variables of a template stand for."""
    for part in parts:
        if isinstance(part, Variable):
            pieces, sure = filled((part,), context, opened)
            holes = holes_of(*(str(piece) for piece in pieces or ()))
            yield from map(unknown, holes)
            if not sure and not holes:
                yield Unknown(part.key, why="it is empty, and whether that counts as no value is not published")


def silent(key: str) -> Unknown:
    """Why an answer is unknown where a key may be in the request or not."""
    return Unknown(key, why=_NOT_SAID)


class Patterns:
    """Several values of a policy, of which one must match a text; those with variables are filled at each request."""

    __slots__ = ("_dynamic", "_others", "_unsure", "everything", "heads", "literals", "slow")

    def __init__(self, values: Iterable[Textual], kind: Kind, *, variables: bool, wild: bool = True) -> None:
        literals: set[str] = set()
        heads: list[str] = []
        others: list[Pattern] = []
        unsure: list[Pattern] = []
        dynamic: list[Template] = []
        self.everything = False
        for value in values:
            parts = template(value, variables=variables, wild=wild)
            if not is_fixed(parts):
                dynamic.append(parts)
                continue
            pattern = Pattern(_pieces(parts), kind)
            if pattern.pieces == (Wild.MANY,) and kind != "arn":
                self.everything = True
            if pattern.odd:
                others.append(pattern)
            elif pattern.literal is not None:
                literals.add(pattern.literal)
            elif pattern.prefix is not None:
                heads.append(pattern.prefix)
            else:
                others.append(pattern)
            unsure.append(pattern)
        self.literals = frozenset(literals)
        self.heads = tuple(heads)
        self._others = tuple(others)
        self._unsure = tuple(unsure)
        self._dynamic = tuple((parts, kind) for parts in dynamic)
        self.slow = any(pattern.unsure or pattern.short for pattern in unsure)
        """Whether a miss may be a match that is not known yet, whatever the text."""

    def covers(self, text: str, context: Context, opened: bool, plain: bool) -> Sure:
        """Whether one of them matches all that an encoded text stands for; ``plain`` says that it has neither a hole
        nor, in a request's resource, a star."""
        if self.everything or text in self.literals or text.startswith(self.heads):
            return YES
        best: Sure = NO
        for pattern in self._others:
            if pattern.matches(text):
                return YES
        if not plain or self.slow:
            best = max((pattern.covers(text) for pattern in self._unsure), default=NO)
        if best != YES and self._dynamic:
            best = max(best, self._filled(text, context, opened, every=True))
        return best

    def meets(self, text: str, context: Context, opened: bool, plain: bool) -> Sure:
        """Whether one of them matches any of what an encoded text stands for."""
        if plain:
            return self.covers(text, context, opened, plain)
        if self.everything:
            return YES
        best: Sure = max((pattern.meets(text) for pattern in self._unsure), default=NO)
        if best != YES and self._dynamic:
            best = max(best, self._filled(text, context, opened, every=False))
        return best

    def without_value(self, context: Context, opened: bool) -> Iterator[Unknown]:
        """The variables for which a request surely has no value, and the policy no default."""
        for parts, _ in self._dynamic:
            for part in parts:
                if isinstance(part, Variable) and filled((part,), context, opened)[0] is None:
                    yield Unknown(part.key, why=_NULL)

    def _filled(self, text: str, context: Context, opened: bool, every: bool) -> Sure:
        best: Sure = NO
        for parts, kind in self._dynamic:
            pieces, sure = filled(parts, context, opened)
            if pieces is None:
                continue
            pattern = Pattern(pieces, kind)
            answer = pattern.covers(text) if every else pattern.meets(text)
            best = max(best, answer if sure else min(answer, MAYBE))
            if best == YES:
                break
        return best


def _pieces(parts: Sequence[Piece | Variable]) -> tuple[Piece, ...]:
    return tuple(part for part in parts if not isinstance(part, Variable))
