"""A policy, compiled once and asked many times: what its statements say about a request, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Literal, TypeAlias

from seawall.analyze.permissions import principals
from seawall.analyze.permissions.account import NUMBER, unnumbered
from seawall.analyze.permissions.conditions import Test, compiled, context_key, reasons
from seawall.analyze.permissions.globs import MAYBE, NO, YES, Sure, encode, holes_of, is_plain, unknown
from seawall.analyze.permissions.principals import Match
from seawall.analyze.permissions.request import Context, Request
from seawall.analyze.permissions.variables import Patterns, template, undecided
from seawall.facts.identity import Condition, Statement
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.kernel.verdict import Answer

Shapes: TypeAlias = Mapping[Ref, Textual]
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


NOTHING = Judgement()
"""What a policy says that has no statement for the request."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One part of a statement held against a request: what it wants, what it saw, and whether that fits.

    ``negated`` for NotAction, NotResource and NotPrincipal; ``saw`` is None where the request lacks the key.
    """

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
    """A statement that does not match. Its clauses are all that were looked at; the refuted ones are why.

    Of a statement whose action is another one only that clause is looked at.
    """

    statement: Statement
    clauses: tuple[Clause, ...]


ANSWERS: tuple[Answer, Answer, Answer] = (Answer.REFUTED, Answer.UNKNOWN, Answer.PROVEN)
"""The answers by the numbers of ``globs``."""


class Policy:
    """Statements that are asked together, in any order; ``shapes`` fills references whose shape is known."""

    __slots__ = ("_candidates", "_compiled", "_far", "statements")

    def __init__(self, statements: Iterable[Statement], shapes: Shapes | None = None) -> None:
        self.statements = tuple(statements)
        self._compiled = tuple(_Compiled(statement, shapes or {}) for statement in self.statements)
        # The statements that speak of an action, found when it is first asked for: there are a few hundred of them in
        # an estate, and what is remembered is a part of the policy, never an answer.
        self._candidates: dict[str, tuple[_Candidate, ...]] = {}
        self._far: dict[str, tuple[Missed, ...]] = {}

    def judge(self, request: Request) -> Judgement:
        """What the statements say; each that matches is among the answer's."""
        candidates = self._candidates.get(request.action)
        if candidates is None:
            candidates = self._find(request.action)
        if not candidates:
            return NOTHING
        resource = request.resource
        if type(resource) is str and resource.isascii():
            plain = "*" not in resource or resource == "*"
        else:
            resource = encode(resource)
            plain = is_plain(resource) and ("*" not in resource or resource == "*")
        starred = resource == "*"
        context, opened = request.context, request.open
        first: _Compiled | None = None
        more: list[tuple[_Compiled, Sure, principals.Matched]] | None = None
        for sure, each in candidates:
            if not each.everything and not (resource in each.literals or resource.startswith(each.heads)):
                if starred and each.some:
                    covers = each.of_all(request)
                else:
                    covers = each.resource(resource, context, opened, plain)
                if covers != YES:
                    if covers == NO:
                        continue
                    sure = MAYBE
            for test in each.tests:
                answer = test(context, opened)
                if answer != YES:
                    if answer == NO:
                        break
                    sure = MAYBE
            else:
                if each.meant is None:
                    if sure == YES and first is None and more is None:
                        first = each
                        continue
                    matched: principals.Matched = ()
                else:
                    matched = each.meant(request.caller)
                    if not matched:
                        continue
                    sure = min(sure, max(one for _, one in matched))
                if more is None:
                    more = [] if first is None else [(first, YES, ())]
                    first = None
                more.append((each, sure, matched))
        if first is not None:
            return first.alone
        return NOTHING if more is None else self._summed(request, more)

    def _summed(self, request: Request, found: list[tuple[_Compiled, Sure, principals.Matched]]) -> Judgement:
        # A document that cannot be read may allow, and may deny as well.
        allows = [one for one in found if one[0].statement.allow]
        denies = [one for one in found if not one[0].statement.allow or one[0].statement.opaque is not None]
        allow = max((sure for _, sure, _ in allows), default=NO)
        deny = max((sure for _, sure, _ in denies), default=NO)
        to: dict[Match, Sure] = {}
        because: dict[Unknown, None] = {}
        for _, sure, matched in allows:
            for match, one in matched:
                to[match] = max(min(sure, one), to.get(match, NO))
        for each, sure, _ in found:
            if sure == MAYBE and MAYBE in (allow, deny):
                for clause in each.clauses(request):
                    because.update(dict.fromkeys(clause.because))
        return Judgement(
            ANSWERS[allow],
            ANSWERS[deny],
            tuple(each.statement for each, sure, _ in allows if sure == allow),
            tuple(each.statement for each, sure, _ in denies if sure == deny),
            tuple(because),
            {match: ANSWERS[sure] for match, sure in to.items()},
        )

    def explain(self, request: Request) -> tuple[Met | Missed, ...]:
        """Every statement with its clauses: those that match first, then the nearest miss first."""
        candidates = self._candidates.get(request.action)
        if candidates is None:
            candidates = self._find(request.action)
        far = self._far.get(request.action)
        if far is None:
            far = self._far[request.action] = self._missed(request.action)
        met: list[tuple[int, int, Met | Missed]] = []
        for place, (_, each) in enumerate(candidates):
            clauses = each.clauses(request)
            distance = sum(_DISTANCE[clause.part] for clause in clauses if clause.answer is Answer.REFUTED)
            if distance:
                met.append((distance, place, Missed(each.statement, clauses)))
            else:
                sure = all(clause.answer is Answer.PROVEN for clause in clauses)
                answer = Answer.PROVEN if sure else Answer.UNKNOWN
                met.append((-2 if sure else -1, place, Met(each.statement, answer, clauses)))
        if len(met) > 1:
            met.sort()
        return (*(one for _, _, one in met), *far)

    def _find(self, action: str) -> tuple[_Candidate, ...]:
        if len(self._candidates) > _ACTIONS:
            self._candidates.clear()
            self._far.clear()
        lowered = action.lower()
        plain = is_plain(lowered)
        found = tuple((sure, each) for each in self._compiled if (sure := each.action(lowered, plain)) != NO)
        self._candidates[action] = found
        return found

    def _missed(self, action: str) -> tuple[Missed, ...]:
        """The statements that are about other actions: those of the same service first."""
        lowered = action.lower()
        plain = is_plain(lowered)
        service = lowered.partition(":")[0] + ":"
        found = [each for each in self._compiled if each.action(lowered, plain) == NO]
        found.sort(key=lambda each: not any(encode(one).lower().startswith(service) for one in each.statement.actions))
        return tuple(
            Missed(
                each.statement,
                (
                    Clause(
                        "action",
                        Answer.REFUTED,
                        each.statement.actions,
                        (action,),
                        negated=each.statement.not_actions,
                    ),
                ),
            )
            for each in found
        )


_ACTIONS = 20_000
"""More actions than AWS has; a hostile caller that invents them makes the index start anew, not grow."""
_DISTANCE = {"document": 1, "condition": 1, "principal": 30, "resource": 100, "action": 1_000}
"""How far a miss is from a match: a condition is nearer than a principal, that is nearer than a resource."""


class _Compiled:
    """A statement made ready. ``resource`` is asked where neither ``literals`` nor ``heads`` settle it.

    With ``some`` it denies some resources, or allows all but some: then a star for every resource and a star for none
    are not the same to it.
    """

    __slots__ = (
        "_actions", "_conditions", "_resources", "action", "alone", "everything", "heads", "literals", "meant",
        "resource", "some", "statement", "tests",
    )  # fmt: skip

    def __init__(self, statement: Statement, shapes: Shapes) -> None:
        self.statement = statement
        shaped = _shaped(statement, shapes) if shapes else statement
        self.alone = (
            Judgement(Answer.PROVEN, allowing=(statement,))
            if statement.allow
            else Judgement(deny=Answer.PROVEN, denying=(statement,))
        )
        self._conditions = shaped.conditions
        self.tests: tuple[Test, ...] = tuple(compiled(each, statement.variables) for each in shaped.conditions)
        self.meant = principals.compiled(shaped)
        actions = [encode(action).lower() for action in shaped.actions]
        self._actions = Patterns(actions, "text", variables=False)
        self.action: Callable[[str, bool], Sure] = self._not_action if statement.not_actions else self._action
        self._resources = Patterns(shaped.resources, "resource", variables=statement.variables)
        self.everything = False
        self.some = statement.not_resources is statement.allow
        self.literals: frozenset[str] = frozenset()
        self.heads: tuple[str, ...] = ()
        self.resource: Callable[[str, Context, bool, bool], Sure] = _always
        if statement.opaque is not None:
            self.action = lambda action, plain: MAYBE
            self.everything = True
            self.meant = _anybody if statement.kind in ("resource", "trust") else None
        elif not shaped.resources and not shaped.not_resources:
            # Trust policies and those of some resources name none: they are about what carries them.
            self.everything = statement.kind in ("trust", "resource")
            self.resource = _never
        elif statement.not_resources:
            self.resource = self._not_allowed if statement.allow else self._not_denied
        else:
            self.everything = self._resources.everything
            self.literals, self.heads = self._resources.literals, self._resources.heads
            self.resource = self._resources.covers if statement.allow else self._resources.meets

    def _action(self, action: str, plain: bool) -> Sure:
        return self._actions.covers(action, {}, False, plain)

    def _not_action(self, action: str, plain: bool) -> Sure:
        return _NOT[self._actions.covers(action, {}, False, plain)]

    def _not_allowed(self, resource: str, context: Context, opened: bool, plain: bool) -> Sure:
        return self._negated(self._resources.meets(resource, context, opened, plain), context, opened)

    def _not_denied(self, resource: str, context: Context, opened: bool, plain: bool) -> Sure:
        return self._negated(self._resources.covers(resource, context, opened, plain), context, opened)

    def _negated(self, covers: Sure, context: Context, opened: bool) -> Sure:
        """A NotResource left out nothing for sure only if each of its variables has a value."""
        if covers == NO and next(self._resources.without_value(context, opened), None) is not None:
            return MAYBE
        return _NOT[covers]

    def of_all(self, request: Request) -> Sure:
        """What ``resource`` says where a request's star is every resource that its action may be about, or none."""
        found = [
            self.resource(every, request.context, request.open, every == "*")
            for every in _every_resource(request.action)
        ]
        return min(found) if self.statement.allow else max(found)

    def clauses(self, request: Request) -> tuple[Clause, ...]:
        """Each part of the statement held against the request."""
        statement, context, opened = self.statement, request.context, request.open
        if statement.opaque is not None:
            return (Clause("document", Answer.UNKNOWN, (), None, because=(statement.opaque,)),)
        lowered = request.action.lower()
        action = self.action(lowered, is_plain(lowered))
        found = [
            Clause(
                "action",
                ANSWERS[action],
                statement.actions,
                (request.action,),
                None,
                statement.not_actions,
                _holes(*statement.actions) if action == MAYBE else (),
            )
        ]
        if self.meant is not None:
            sure = max((one for _, one in self.meant(request.caller)), default=NO)
            found.append(
                Clause(
                    "principal",
                    ANSWERS[sure],
                    tuple(value for _, value in statement.principals),
                    (request.caller.session, request.caller.arn)
                    if not isinstance(request.caller.session, str) or request.caller.session
                    else (request.caller.arn,),
                    None,
                    statement.not_principals,
                    self._doubtful_principal(request) if sure == MAYBE else (),
                )
            )
        if statement.resources or statement.not_resources:
            spelled = encode(request.resource)
            plain = is_plain(spelled) and ("*" not in spelled or spelled == "*")
            sure = YES
            if not self.everything and not (spelled in self.literals or spelled.startswith(self.heads)):
                if spelled == "*" and self.some:
                    sure = self.of_all(request)
                else:
                    sure = self.resource(spelled, context, opened, plain)
            found.append(
                Clause(
                    "resource",
                    ANSWERS[sure],
                    statement.resources,
                    (request.resource,),
                    None,
                    statement.not_resources,
                    self._doubtful_resource(request) if sure == MAYBE else (),
                )
            )
        elif not self.everything:
            found.append(Clause("resource", Answer.REFUTED, (), (request.resource,)))
        for condition, test in zip(self._conditions, self.tests, strict=True):
            sure = test(context, opened)
            found.append(
                Clause(
                    "condition",
                    ANSWERS[sure],
                    condition.values,
                    context.get(context_key(condition.key)),
                    condition,
                    False,
                    _unique(reasons(condition, context, opened, statement.variables)) if sure == MAYBE else (),
                )
            )
        return tuple(found)

    def _doubtful_principal(self, request: Request) -> tuple[Unknown, ...]:
        named = tuple(value for _, value in self.statement.principals)
        holes = _holes(*named, request.caller.arn, request.caller.account)
        return holes or (
            Unknown(f"{request.caller.arn}", why="under which name AWS compares the session is not known"),
        )

    def _doubtful_resource(self, request: Request) -> tuple[Unknown, ...]:
        found = dict.fromkeys(_holes(*self.statement.resources, request.resource))
        for value in self.statement.resources:
            parts = template(value, variables=self.statement.variables, wild=False)
            found.update(dict.fromkeys(undecided(parts, request.context, request.open)))
        if self.statement.not_resources:
            found.update(dict.fromkeys(self._resources.without_value(request.context, request.open)))
        return tuple(found) or (
            Unknown(f"{request.resource}", why="its pattern and the statement's are too intricate to be told apart"),
        )


@lru_cache(maxsize=4_096)
def _every_resource(action: str) -> tuple[str, ...]:
    """The ARNs of all that an action may be about; a star where it may be about nothing, or nobody knows."""
    # Asked for only where it makes a difference: to read the reference of a service takes a while.
    from seawall.knowledge import authorization

    known = authorization.action(action)
    if known is None or not known.always_about_one:
        return ("*",)
    return tuple(dict.fromkeys(re.sub(r"\$\{\w+\}", "*", target.type.arn) for target in known.targets))


_Candidate: TypeAlias = tuple[Sure, _Compiled]
_NOT: tuple[Sure, Sure, Sure] = (YES, MAYBE, NO)


def _always(resource: str, context: Context, opened: bool, plain: bool) -> Sure:
    return YES


def _never(resource: str, context: Context, opened: bool, plain: bool) -> Sure:
    return NO


def _anybody(caller: object) -> principals.Matched:
    return ((Match.EVERYBODY, MAYBE),)


def _holes(*values: Textual) -> tuple[Unknown, ...]:
    return tuple(unknown(hole) for hole in holes_of(*map(encode, values)))


def _unique(found: Iterable[Unknown]) -> tuple[Unknown, ...]:
    return tuple(dict.fromkeys(found))


def _shaped(statement: Statement, shapes: Shapes) -> Statement:
    """A statement with the shapes of references in place of them."""
    return replace(
        statement,
        resources=tuple(shaped(value, shapes) for value in statement.resources),
        principals=tuple((kind, shaped(value, shapes)) for kind, value in statement.principals),
        conditions=tuple(
            Condition(each.operator, shaped(each.key, shapes), tuple(shaped(value, shapes) for value in each.values))
            for each in statement.conditions
        ),
    )


def shaped(value: Textual, shapes: Shapes) -> Textual:
    """A value with the shape of each reference in place of it, where one is known, and a hole for the account."""
    if isinstance(value, Ref):
        return shapes.get(value, value)
    if isinstance(value, Text) and any(isinstance(part, Ref) and part in shapes for part in value.parts):
        value = text(*(shapes.get(part, part) if isinstance(part, Ref) else part for part in value.parts))
    number = shapes.get(NUMBER)
    return unnumbered(value, number) if isinstance(number, str) else value
