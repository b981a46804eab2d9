"""Whatever is matched: it agrees with a matcher that tries everything, and what is not known is never guessed."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seawall.analyze.permissions.conditions import compiled
from seawall.analyze.permissions.globs import MAYBE, NO, YES, Pattern, encode, pieces_of
from seawall.analyze.permissions.policy import Met, Missed, Policy
from seawall.analyze.permissions.request import Caller, Request
from seawall.facts.identity import Condition, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown, text
from seawall.kernel.verdict import Answer

ONE, TWO = Unknown("one"), Unknown("two")
HOLES = {"1": ONE, "2": TWO}


def _expression(pattern: str) -> re.Pattern[str]:
    spelled = (".*" if each == "*" else "." if each == "?" else re.escape(each) for each in pattern)
    return re.compile("".join(spelled), re.DOTALL)


def _value(spelled: str) -> Textual:
    """Digits are holes."""
    return text(*(HOLES.get(each, each) for each in spelled))


patterns = st.text("ab*?", max_size=7)
texts = st.text("ab", max_size=8)


@given(patterns, texts)
def test_a_pattern_matches_what_an_expression_matches(pattern: str, asked: str) -> None:
    """On text without holes the matcher is the regular expression that the pattern stands for."""
    expected = bool(_expression(pattern).fullmatch(asked))
    assert Pattern(pieces_of(pattern)).matches(asked) == expected
    assert Pattern(pieces_of(pattern)).covers(asked) == (YES if expected else NO)


WORDS = ["".join(word) for length in range(7) for word in product("abz", repeat=length)]


@settings(max_examples=50)
@given(st.text("ab*?", max_size=3), st.text("ab*", min_size=2, max_size=3))
@example("?*", "*a")
@example("*a*", "*aa*")
def test_a_star_of_the_request_is_every_text(pattern: str, asked: str) -> None:
    """Covering and meeting are what all and some of the words of a small alphabet say."""
    if set(asked) == {"*"}:
        return
    hits = [bool(_expression(pattern).fullmatch(word)) for word in WORDS if _expression(asked).fullmatch(word)]
    ours = Pattern(pieces_of(pattern), "resource")
    assert ours.covers(asked) == (YES if all(hits) else NO)
    assert ours.meets(asked) == (YES if any(hits) else NO)


FILLINGS = [dict(zip("12", pair, strict=True)) for pair in product(("a", "b", "ab", "ba", "aab", "x"), repeat=2)]


@settings(max_examples=100)
@given(st.text("ab12*?", max_size=5), st.text("ab12", max_size=5))
@example("1*", "1a")
@example("1?", "12")
@example("*1b", "a1b")
def test_a_sure_answer_holds_whatever_the_holes_turn_out_to_be(pattern: str, asked: str) -> None:
    """With any text in place of the holes, the same for equal ones, a yes is a match and a no is none."""
    answer = Pattern(pieces_of(encode(_value(pattern)))).covers(encode(_value(asked)))
    outcomes = {bool(_expression(_filled(pattern, filling)).fullmatch(_filled(asked, filling))) for filling in FILLINGS}
    if answer == YES:
        assert outcomes == {True}
    elif answer == NO:
        assert outcomes == {False}


def _filled(spelled: str, filling: dict[str, str]) -> str:
    return "".join(filling.get(each, each) for each in spelled)


parts = st.text("ab*?", max_size=3)


def _part_by_part(pattern: str, asked: str) -> bool:
    wanted, seen = pattern.split(":", 5), asked.split(":", 5)
    return len(wanted) == len(seen) == 6 and all(
        _expression(one).fullmatch(other) for one, other in zip(wanted, seen, strict=True)
    )


@given(st.lists(parts, min_size=5, max_size=5), st.lists(texts, min_size=5, max_size=6))
def test_an_arn_is_compared_part_by_part(pattern: list[str], asked: list[str]) -> None:
    """An ARN in a condition matches where each of the six parts does, the last with its colons."""
    wanted, seen = ":".join(("arn", *pattern)), ":".join(("arn", *asked))
    assert Pattern(pieces_of(wanted), "arn").matches(seen) == _part_by_part(wanted, seen)


def _resource(pattern: str) -> re.Pattern[str]:
    """A Resource as an expression: a wildcard inside one of the first five parts stays there, a last star does not."""
    found, colons = "", 0
    for place, each in enumerate(pattern):
        colons += each == ":"
        inside = colons < 5
        if each == "*":
            found += "[^:]*" if inside and pattern[place + 1 : place + 2] not in ("", ":", "*") else ".*"
        elif each == "?":
            found += "[^:]" if inside else "."
        else:
            found += re.escape(each)
    return re.compile(found, re.DOTALL)


@given(st.lists(parts, min_size=5, max_size=5), st.lists(texts, min_size=4, max_size=7))
def test_a_resource_is_compared_as_its_reference_says(pattern: list[str], asked: list[str]) -> None:
    """A star that ends a part of a Resource runs on past the colon, any other one stays in its part."""
    wanted, seen = re.sub(r"\*+", "*", ":".join(("arn", *pattern))), ":".join(("arn", *asked))
    assert Pattern(pieces_of(wanted), "resource").matches(seen) == bool(_resource(wanted).fullmatch(seen))


VALUES = ("a", "b", "ab", "1", "2", "true", "false", "10.0.0.1", "2026-01-01", "arn:a:b:c:d:e", "*", "")
OPERATORS = (
    "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase", "NumericLessThan",
    "NumericNotEquals", "Bool", "Null", "IpAddress", "NotIpAddress", "DateGreaterThan", "ArnLike", "ArnNotLike",
    "BinaryEquals",
)  # fmt: skip
conditions = st.builds(
    lambda over, operator, exists, key, values: Condition(
        f"{over}{operator}{exists if operator != 'Null' else ''}" if operator != "Null" else operator, key, values
    ),
    st.sampled_from(("", "", "ForAllValues:", "ForAnyValue:")),
    st.sampled_from(OPERATORS),
    st.sampled_from(("", "", "IfExists")),
    st.sampled_from(("k", "l")),
    st.lists(st.sampled_from((*VALUES, "a*", "${k}", "${l, 'a'}", "10.0.0.0/8", "arn:*:*:*:*:*")), max_size=3).map(
        tuple
    ),
)
contexts = st.dictionaries(
    st.sampled_from(("k", "l")), st.lists(st.sampled_from(VALUES), max_size=2).map(tuple), max_size=2
)


@settings(max_examples=120)
@given(conditions, contexts, contexts)
def test_what_is_said_of_an_open_request_holds_for_every_completion(
    condition: Condition, known: dict[str, tuple[str, ...]], more: dict[str, tuple[str, ...]]
) -> None:
    """A sure answer where nothing is said of a key is the answer whatever the request turns out to carry."""
    test = compiled(condition)
    answer = test(known, True)
    if answer != MAYBE:
        assert test({**more, **known}, False) in (answer, MAYBE)
        assert test(known, False) in (answer, MAYBE)


@settings(max_examples=100)
@given(conditions, contexts, st.sampled_from(("k", "l")), st.sampled_from(VALUES))
def test_what_is_said_of_a_value_not_known_holds_for_every_value(
    condition: Condition, context: dict[str, tuple[str, ...]], key: str, value: str
) -> None:
    """A sure answer about a value that is not known is the answer for any value that is not empty."""
    if not value:
        return
    answer = compiled(condition)({**context, key: (Unknown("the value"),)}, False)
    if answer != MAYBE:
        assert compiled(condition)({**context, key: (value,)}, False) in (answer, MAYBE)


@given(conditions, contexts)
def test_a_negated_operator_is_the_opposite(condition: Condition, context: dict[str, tuple[str, ...]]) -> None:
    """A test and its negation never both hold for one value, and never both fail."""
    opposites = {"StringEquals": "StringNotEquals", "StringLike": "StringNotLike", "ArnLike": "ArnNotLike"}
    other = opposites.get(condition.operator)
    if other is None or len(context.get(condition.key, ())) > 1:
        return
    one = compiled(condition)(context, False)
    assert compiled(Condition(other, condition.key, condition.values))(context, False) == 2 - one


words = st.text("a:*?$' {},/.\U00040000\ue000\x00k", max_size=30)


@settings(max_examples=120)
@given(st.lists(words, max_size=3), st.text(max_size=12), words, words, st.booleans())
@example(["${" * 40], "StringLike", "k", "${k, '}", True)
@example(["a*" * 40 + "b"], "StringLike", "k", "a" * 200, False)
@example(["9" * 5_000], "NumericEquals", "k", "1e999999", False)
@example(["0000-00-00T99:99:99+99:99"], "DateEquals", "k", "99999999999999999999", False)
@example(["::/999", "1.1.1.1/-1", "%eth0"], "IpAddress", "k", "::1%lo", False)
def test_hostile_statements_end_in_an_answer(
    values: list[str], operator: str, key: str, seen: str, opened: bool
) -> None:
    """Whatever a statement and a request hold, the three answers are all that comes of it, each explained."""
    statement = Statement(
        Address("r"),
        "resource",
        True,
        tuple(values),
        tuple(values),
        (("AWS", seen),),
        (Condition(operator, key, tuple(values)),),
    )
    request = Request(Caller("role", seen, seen), seen, seen, seen, {key.lower(): (seen, key)}, opened)
    policy = Policy([statement])
    judged, explained = policy.judge(request), policy.explain(request)
    assert len(explained) == 1
    if judged.allow is Answer.REFUTED:
        assert isinstance(explained[0], Missed)
    else:
        assert isinstance(explained[0], Met)
        assert explained[0].answer is judged.allow
        assert (judged.allow is Answer.UNKNOWN) == bool(judged.because)


statements: Any = st.builds(
    lambda allow, actions, others, resources, beside, conditions: Statement(
        Address("r"), "identity", allow, tuple(actions), tuple(resources), (), tuple(conditions), others, beside
    ),
    st.booleans(),
    st.lists(st.sampled_from(("s:A", "S:a", "s:*", "*", "t:B")), max_size=2),
    st.booleans(),
    st.lists(st.sampled_from(("*", "arn:aws:s:::a", "arn:aws:s:::a*", "arn:aws:s:::${k}", "arn:*")), max_size=2),
    st.booleans(),
    st.lists(conditions, max_size=2),
)
requests = st.builds(
    lambda action, resource, context, opened: Request(
        Caller("role", "arn:aws:iam::1:role/r", "1"), action, resource, "1", context, opened
    ),
    st.sampled_from(("s:A", "t:B", "u:C")),
    st.sampled_from(("*", "arn:aws:s:::a", "arn:aws:s:::ab", "arn:aws:s:::a*")),
    contexts,
    st.booleans(),
)


@settings(max_examples=100)
@given(st.lists(statements, max_size=5), requests, st.randoms(use_true_random=False))
def test_the_order_of_statements_is_irrelevant(found: list[Statement], request: Request, draw: Any) -> None:
    """Statements in another order give the same answers, by the same statements."""
    shuffled = list(found)
    draw.shuffle(shuffled)
    one, other = Policy(found).judge(request), Policy(shuffled).judge(request)
    assert (one.allow, one.deny, set(one.because)) == (other.allow, other.deny, set(other.because))
    assert sorted(map(repr, one.allowing)) == sorted(map(repr, other.allowing))
    assert sorted(map(repr, one.denying)) == sorted(map(repr, other.denying))


@settings(max_examples=100)
@given(st.lists(statements, max_size=4), requests)
def test_judging_and_explaining_agree(found: list[Statement], request: Request) -> None:
    """What is judged quickly is what the clauses of the explanation add up to, statement by statement."""
    policy = Policy(found)
    judged, explained = policy.judge(request), policy.explain(request)
    assert len(explained) == len(found)
    for allow, answer in ((True, judged.allow), (False, judged.deny)):
        met = [one.answer for one in explained if isinstance(one, Met) and one.statement.allow is allow]
        best = Answer.PROVEN if Answer.PROVEN in met else Answer.UNKNOWN if met else Answer.REFUTED
        assert answer is best


@settings(max_examples=100)
@given(st.lists(statements, max_size=4), statements, requests)
def test_another_statement_only_adds(found: list[Statement], more: Statement, request: Request) -> None:
    """One more statement never makes less allowed nor less denied by this policy."""
    order = [Answer.REFUTED, Answer.UNKNOWN, Answer.PROVEN]
    before, after = Policy(found).judge(request), Policy([*found, more]).judge(request)
    assert order.index(after.allow) >= order.index(before.allow)
    assert order.index(after.deny) >= order.index(before.deny)
