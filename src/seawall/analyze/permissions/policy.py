"""A policy, compiled once and asked many times: what its statements say about a request, and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from seawall.analyze.permissions.principals import Match
from seawall.analyze.permissions.request import Request
from seawall.analyze.texts import fits
from seawall.facts.identity import Condition, Statement
from seawall.kernel.value import Ref, Textual, Unknown
from seawall.kernel.verdict import Answer

Shapes = Mapping[Ref, Textual]
"""What is known of references before apply: the shape of an ARN by the reference to it."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one policy says of one request.

    ``allow`` and ``deny`` are proven where a statement matches for sure, unknown where one may; ``allowing`` and
    ``denying`` are those that make it so. ``to`` says for a policy that names principals by which name the caller is
    allowed, each with how sure that is. ``because`` names what makes an answer unknown.
    """

    allow: Answer = Answer.REFUTED
    deny: Answer = Answer.REFUTED
    allowing: tuple[Statement, ...] = ()
    denying: tuple[Statement, ...] = ()
    because: tuple[Unknown, ...] = ()
    to: Mapping[Match, Answer] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a statement held against a request: what it wants, what it saw, and whether that fits."""

    part: Literal["document", "action", "principal", "resource", "condition"]
    answer: Answer
    wants: tuple[Textual, ...]
    saw: tuple[Textual, ...] | None
    condition: Condition | None = None
    negated: bool = False
    because: tuple[Unknown, ...] = ()


@dataclass(frozen=True, slots=True)
class Met:
    """A statement that matches the request (proven), or may (unknown)."""

    statement: Statement
    answer: Answer
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Missed:
    """A statement that does not match; ``clauses`` are all that were looked at, the first refuted one is why."""

    statement: Statement
    clauses: tuple[Clause, ...]


class Policy:
    """Statements that are asked together; ``shapes`` fills references whose shape is known."""

    __slots__ = ("statements",)

    def __init__(self, statements: Iterable[Statement], shapes: Shapes | None = None) -> None:
        self.statements = tuple(statements)

    def judge(self, request: Request) -> Judgement:
        """What the statements say; each that matches is among the answer's."""
        allowing = tuple(each for each in self.statements if each.allow and _matches(each, request))
        denying = tuple(each for each in self.statements if not each.allow and _matches(each, request))
        return Judgement(
            Answer.PROVEN if allowing else Answer.REFUTED,
            Answer.PROVEN if denying else Answer.REFUTED,
            allowing,
            denying,
        )

    def explain(self, request: Request) -> tuple[Met | Missed, ...]:
        """Every statement with its clauses: those that match first, then the nearest miss first."""
        return tuple(
            Met(each, Answer.PROVEN, ()) if _matches(each, request) else Missed(each, ()) for each in self.statements
        )


def _matches(statement: Statement, request: Request) -> bool:
    return any(
        fits(request.action.lower(), str(action).lower(), glob=True) is Answer.PROVEN for action in statement.actions
    ) and any(fits(request.resource, resource, glob=True) is Answer.PROVEN for resource in statement.resources)
