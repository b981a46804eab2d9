"""Layers of policies against a second evaluator, and the laws that every decision keeps."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from permission_documents import (
    CALLERS,
    ELSEWHERE,
    HOME,
    KEY,
    OBJECT,
    PROVIDER,
    ROLE,
    SESSION,
    TARGET,
    USER,
    document,
    policies,
)
from permission_oracle import Asked, Layers, allowed
from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import decide
from seawall.analyze.permissions.request import Request
from seawall.kernel.value import text
from seawall.kernel.verdict import Answer
from seawall.readers.aws.arn import ACCOUNT

ASKED = (
    ("s3:GetObject", OBJECT, Layer.RESOURCE),
    ("kms:Decrypt", KEY, Layer.KEY),
    ("sts:AssumeRole", TARGET, Layer.TRUST),
)
CALLING = ("role", "role", "user", "service", "anonymous", "federated")
ACTIONS = ("*", "s3:*", "S3:Get?bject", "kms:Decrypt", "sts:Assume*", "sqs:*")
RESOURCES = ("*", "arn:aws:s3:::bucket/*", OBJECT, KEY, f"arn:aws:kms:eu-west-1:{HOME}:key/*", TARGET)
PRINCIPALS: tuple[Any, ...] = (
    "*",
    {"AWS": "*"},
    {"AWS": f"arn:aws:iam::{HOME}:root"},
    {"AWS": f"arn:aws:iam::{ELSEWHERE}:root"},
    {"AWS": ROLE},
    {"AWS": [SESSION, USER]},
    {"AWS": USER},
    {"Service": "sns.amazonaws.com"},
    {"Federated": PROVIDER},
)
VALUES: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "aws:principaltag/team": ((), ("a",), ("b",)),
    "aws:securetransport": ((), ("true",), ("false",)),
    "aws:tagkeys": ((), ("a",), ("a", "b")),
}
CONDITIONS: tuple[Mapping[str, Any], ...] = (
    {"StringEquals": {"aws:PrincipalTag/team": "a"}},
    {"StringNotEquals": {"aws:PrincipalTag/Team": ["a", "c"]}},
    {"StringLikeIfExists": {"aws:PrincipalTag/team": "?"}, "Bool": {"aws:SecureTransport": True}},
    {"BoolIfExists": {"aws:SecureTransport": "false"}},
    {"Null": {"aws:PrincipalTag/team": "true"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["a"]}, "Null": {"aws:TagKeys": False}},
    {"ForAnyValue:StringNotEquals": {"aws:TagKeys": "a"}},
)

Case = tuple[Request, dict[str, Any], Layer]


def _statement(random: Random, *, named: bool = False, trust: bool = False) -> dict[str, Any]:
    """A statement at random; one that allows is about everything every other time, or little would be let through."""
    wide = random.random() < 0.6
    deny = random.random() < 0.1
    wide = wide and not deny
    found: dict[str, Any] = {"Effect": "Deny" if deny else "Allow"}
    if wide:
        found |= {"Action": "*", "Resource": "*"}
    else:
        found["NotAction" if random.random() < 0.2 else "Action"] = random.choice(ACTIONS)
        found["NotResource" if random.random() < 0.2 else "Resource"] = random.choice(RESOURCES)
    if trust:
        found = {name: value for name, value in found.items() if "Resource" not in name}
    if named:
        found["Principal"] = random.choice(PRINCIPALS)
    if random.random() < 0.2:
        found["Condition"] = random.choice(CONDITIONS)
    return found


def _document(random: Random, **kind: bool) -> Any:
    return document(*(_statement(random, **kind) for _ in range(random.randint(1, 3))))


def _case(random: Random) -> Case:
    action, resource, which = random.choice(ASKED)
    caller = CALLERS[random.choice(CALLING)]
    context = {key: random.choice(values) for key, values in VALUES.items() if random.random() < 0.6}

    def maybe(often: float, **kind: bool) -> Any:
        return _document(random, **kind) if random.random() < often else None

    def levels() -> list[list[Any]]:
        if random.random() < 0.7:
            return []
        return [[_document(random) for _ in range(random.randint(1, 2))] for _ in range(random.randint(1, 2))]

    layers = {
        "identity": [_document(random) for _ in range(random.randint(0, 3))],
        "boundary": maybe(0.3),
        "session": maybe(0.2),
        "resource": maybe(0.8, named=True, trust=which is Layer.TRUST),
        "scps": levels(),
        "rcps": levels(),
        "endpoint": maybe(0.2, named=True),
    }
    owner = HOME if random.random() < 0.7 else ELSEWHERE
    return Request(caller, action, resource, owner, context), layers, which


# A number stands for a handful of cases: drawing each part of each would take ten times as long.
cases = st.integers(0, 2**32).map(lambda seed: [_case(random) for random in [Random(seed)] for _ in range(20)])


def _oracle(asked: Request, found: Mapping[str, Any], which: Layer, context: Mapping[str, Any]) -> bool:
    caller = asked.caller
    who = {
        "role": {"role": caller.arn, "session": caller.session},
        "user": {"user": caller.arn},
        "service": {"service": caller.arn},
        "federated": {"federated": caller.arn},
        "anonymous": {},
    }[caller.kind]
    decisive = which is not Layer.RESOURCE
    question = Asked(
        caller.kind,
        who,
        caller.account,
        asked.action,
        asked.resource,
        asked.owner,
        context,
        decisive,  # type: ignore[arg-type]
    )
    return allowed(question, Layers(**found))


@given(cases)
@settings(max_examples=40)
def test_it_answers_what_a_second_evaluator_does(found: list[Case]) -> None:
    """Where everything is known, the answer is definite and that of another evaluator, written another way."""
    for asked, layers, which in found:
        answer = decide(asked, policies(**layers, which=which)).answer
        expected = _oracle(asked, layers, which, asked.context)
        assert answer is (Answer.PROVEN if expected else Answer.REFUTED), (asked, layers)


def test_the_cases_that_are_tried_have_both_answers() -> None:
    """A fifth of the cases at least is let through, and as many are not: a law about one answer alone is no law."""
    tried = [_case(random) for random in [Random(6)] for _ in range(400)]
    answers = [decide(asked, policies(**layers, which=which)).answer for asked, layers, which in tried]
    assert min(answers.count(Answer.PROVEN), answers.count(Answer.REFUTED)) > 80


@given(cases)
@settings(max_examples=10)
def test_a_definite_answer_holds_whatever_the_missing_keys_are(found: list[Case]) -> None:
    """Proven or refuted with a context that leaves keys open: so it is for every way of filling them in."""
    for asked, layers, which in found:
        answer = decide(replace(asked, open=True), policies(**layers, which=which)).answer
        missing = [key for key in VALUES if key not in asked.context]
        answers = {
            _oracle(asked, layers, which, {**asked.context, **dict(zip(missing, filling, strict=True))})
            for filling in itertools.product(*(VALUES[key] for key in missing))
        }
        if answer is not Answer.UNKNOWN:
            assert answers == {answer is Answer.PROVEN}, (asked, layers)


@given(cases, st.integers(0, 2**32))
@settings(max_examples=10)
def test_an_allow_takes_nothing_away_and_a_deny_gives_nothing(found: list[Case], seed: int) -> None:
    """One more Allow of the caller's never makes an allowed request denied, nor one more Deny a denied one allowed."""
    more = _statement(Random(seed))
    for asked, layers, which in found:
        before = decide(asked, policies(**layers, which=which)).answer
        for effect, kept in (("Allow", Answer.PROVEN), ("Deny", Answer.REFUTED)):
            wider = {**layers, "identity": [*layers["identity"], document({**more, "Effect": effect})]}
            if before is kept:
                assert decide(asked, policies(**wider, which=which)).answer is kept


@given(cases, st.sampled_from(("identity", "boundary", "session", "resource", "endpoint")))
@settings(max_examples=10)
def test_a_deny_of_everything_always_wins(found: list[Case], where: str) -> None:
    """Whatever else is allowed, in whichever layer that speaks to the caller it stands."""
    for asked, layers, which in found:
        never = {"Effect": "Deny", "Action": "*", "Resource": "*"}
        if where in ("resource", "endpoint"):
            never["Principal"] = "*"
        if which is Layer.TRUST and where == "resource":
            del never["Resource"]
        paper = layers[where]
        denied = [*paper, document(never)] if where == "identity" else document(*_statements(paper), never)
        decision = decide(asked, policies(**{**layers, where: denied}, which=which))
        silent = asked.caller.kind not in ("role", "user") and where in ("identity", "boundary", "session")
        if not silent and not (where == "endpoint" and asked.caller.kind == "service"):
            assert decision.explicit


def _statements(paper: Any) -> list[Any]:
    return [] if paper is None else list(paper["Statement"])


@given(cases, st.integers(0, 2**32))
@settings(max_examples=10)
def test_order_is_irrelevant(found: list[Case], seed: int) -> None:
    """Statements of a document, policies of a layer and levels of an organisation in any order decide the same."""
    for asked, layers, which in found:
        shuffled = {name: _shuffled(value, Random(seed)) for name, value in layers.items()}
        one, other = decide(asked, policies(**layers, which=which)), decide(asked, policies(**shuffled, which=which))
        assert (one.answer, one.explicit) == (other.answer, other.explicit)


def _shuffled(value: Any, random: Random) -> Any:
    if isinstance(value, Mapping):
        return {**value, "Statement": random.sample(value["Statement"], len(value["Statement"]))}
    if isinstance(value, list):
        return [_shuffled(item, random) for item in random.sample(value, len(value))]
    return value


@given(cases)
@settings(max_examples=10)
def test_a_definite_answer_holds_whichever_account_it_is(found: list[Case]) -> None:
    """With a hole in place of the account, proven or refuted is so for the account at home and for any other."""
    for asked, layers, which in found:
        holed = Request(
            replace(
                asked.caller,
                arn=_holed(asked.caller.arn),
                account=_holed(asked.caller.account),
                session=_holed(asked.caller.session),
            ),
            asked.action,
            _holed(asked.resource),
            _holed(asked.owner),
            asked.context,
        )
        answer = decide(holed, policies(**_holed(layers), which=which)).answer
        for account in (HOME, ELSEWHERE, "777788889999"):
            filled = Request(
                replace(
                    asked.caller,
                    arn=_filled(asked.caller.arn, account),
                    account=_filled(asked.caller.account, account),
                    session=_filled(asked.caller.session, account),
                ),
                asked.action,
                _filled(asked.resource, account),
                _filled(asked.owner, account),
                asked.context,
            )
            expected = _oracle(filled, _filled(layers, account), which, asked.context)
            assert answer in (Answer.UNKNOWN, Answer.PROVEN if expected else Answer.REFUTED), (asked, layers, account)


def _holed(value: Any) -> Any:
    """A value with a hole wherever the account at home stands."""
    return _changed(value, lambda found: text(*_joined(found.split(HOME))))


def _joined(words: list[str]) -> list[Any]:
    return [part for word in words for part in (ACCOUNT, word)][1:]


def _filled(value: Any, account: str) -> Any:
    return _changed(value, lambda found: found.replace(HOME, account))


def _changed(value: Any, change: Any) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _changed(item, change) for key, item in value.items()}
    return [_changed(item, change) for item in value] if isinstance(value, list) else value
