"""Variables of policies: filled from the request, null where there is nothing to fill them with."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from seawall.analyze.permissions.conditions import compiled, reasons
from seawall.analyze.permissions.globs import MAYBE, NO, YES, Sure, encode
from seawall.analyze.permissions.variables import Patterns
from seawall.facts.identity import Condition
from seawall.kernel.value import Textual, Unknown

TEAM = Unknown("the team")


class Row(NamedTuple):
    """A test of ``aws:key`` against a value with variables."""

    says: str
    operator: str
    value: str
    context: dict[str, tuple[Textual, ...]]
    holds: Sure
    opened: bool = False


def _key(value: Textual, **more: tuple[Textual, ...]) -> dict[str, tuple[Textual, ...]]:
    return {"aws:key": (value,), **{key.replace("_", ":"): values for key, values in more.items()}}


TABLE = [
    Row("a variable is its value", "StringEquals", "${aws:team}/x", _key("green/x", aws_team=("green",)), YES),
    Row("a variable is not another value", "StringEquals", "${aws:team}/x", _key("blue/x", aws_team=("green",)), NO),
    Row("its name is written in any case", "StringEquals", "${AWS:Team}", _key("green", aws_team=("green",)), YES),
    Row(
        "blanks around its name do not count", "StringEquals", "${ aws:team }", _key("green", aws_team=("green",)), YES
    ),
    Row("a default takes the place of a value", "StringEquals", "${aws:team, 'none'}", _key("none"), YES),
    Row("a value goes before a default", "StringEquals", "${aws:team, 'none'}", _key("none", aws_team=("a",)), NO),
    Row("a default regards case", "StringEquals", "${aws:team, 'None'}", _key("none"), NO),
    Row("blanks around a default do not count", "StringEquals", "${aws:team ,  'none' }", _key("none"), YES),
    Row("blanks within a default do", "StringEquals", "${aws:team,'a b'}", _key("a b"), YES),
    Row("a default may be empty", "StringEquals", "x${aws:team, ''}", _key("x"), YES),
    Row("nothing equals a variable without a value", "StringEquals", "${aws:team}", _key("${aws:team}"), NO),
    Row("nothing is like a variable without a value", "StringLike", "*${aws:team}*", _key("anything"), NO),
    Row("everything is unequal to it", "StringNotEquals", "${aws:team}", _key("green"), YES),
    Row("everything is unlike it", "StringNotLike", "${aws:team}*", _key("green"), YES),
    Row("without case: its value", "StringEqualsIgnoreCase", "${aws:team}", _key("GREEN", aws_team=("green",)), YES),
    Row("without case: no value", "StringEqualsIgnoreCase", "${aws:team}", _key("green"), NO),
    Row("in a likeness beside stars", "StringLike", "*/${aws:team}/*", _key("a/green/b", aws_team=("green",)), YES),
    Row("its value is text, not a pattern", "StringLike", "${aws:team}", _key("green", aws_team=("*",)), NO),
    Row("a star that is meant", "StringLike", "a${*}b", _key("a*b"), YES),
    Row("a star that is meant is no wildcard", "StringLike", "a${*}b", _key("axb"), NO),
    Row("a question mark that is meant", "StringLike", "a${?}*", _key("a?b"), YES),
    Row("a question mark that is meant is no wildcard", "StringLike", "a${?}", _key("ab"), NO),
    Row("a dollar that is meant", "StringEquals", "${$}{aws:team}", _key("${aws:team}"), YES),
    Row("a brace that never ends is text", "StringEquals", "${aws:team", _key("${aws:team"), YES),
    Row("in an ARN", "ArnEquals", "arn:aws:s3:::${aws:team}", _key("arn:aws:s3:::green", aws_team=("green",)), YES),
    Row("a number is not filled", "NumericEquals", "${aws:size}", _key("5", aws_size=("5",)), MAYBE),
    Row("a key with several values cannot be one", "StringEquals", "${aws:t}", _key("a", aws_t=("a", "b")), MAYBE),
    Row("a key that certainly has no value is null", "StringEquals", "${aws:t}", _key("a", aws_t=()), NO, True),
    Row("a key of which nothing is said", "StringEquals", "${aws:t}", _key("a"), MAYBE, True),
    Row("a key of which nothing is said, elsewhere", "StringEquals", "x${aws:t}", _key("a"), NO, True),
    Row(
        "a value that is not known, the same on both sides", "StringEquals", "${aws:t}", _key(TEAM, aws_t=(TEAM,)), YES
    ),
    Row("a value that is not known", "StringEquals", "${aws:t}", _key("green", aws_t=(TEAM,)), MAYBE),
    Row("whether an empty value is null is not published", "StringLike", "a${aws:t}*", _key("ab", aws_t=("",)), MAYBE),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.says)
def test_a_variable_is_filled_as_its_reference_says(row: Row) -> None:
    """Each row of the table holds, fails or is left open as the sentence says."""
    assert compiled(Condition(row.operator, "aws:key", (row.value,)))(row.context, row.opened) == row.holds


def test_an_older_version_knows_no_variables() -> None:
    """In a policy of 2008 a variable is the text that it is written as."""
    test = compiled(Condition("StringEquals", "aws:key", ("${aws:team}",)), variables=False)
    assert test({"aws:key": ("${aws:team}",)}, False) == YES
    assert test({"aws:key": ("green",), "aws:team": ("green",)}, False) == NO


def test_a_resource_with_a_variable_that_has_no_value_matches_none() -> None:
    """Neither an Allow nor what NotResource leaves out is met by a resource whose variable is null."""
    patterns = Patterns(["arn:aws:s3:::b/${aws:team}/*"], "resource", variables=True)
    asked = "arn:aws:s3:::b/green/1"
    assert patterns.covers(asked, {}, False, True) == NO
    assert patterns.covers(asked, {"aws:team": ("green",)}, False, True) == YES
    assert patterns.covers(asked, {}, True, True) == MAYBE


def test_a_literal_star_does_not_cover_every_resource() -> None:
    """`${*}` is the character, which the star of a request is not."""
    patterns = Patterns(["arn:aws:s3:::b/${*}"], "resource", variables=True)
    assert patterns.covers("arn:aws:s3:::b/*", {}, False, False) == NO
    assert patterns.meets("arn:aws:s3:::b/*", {}, False, False) == YES


def test_the_reason_names_the_key_of_a_variable() -> None:
    """Where nothing is said of a variable's key, that key is what makes the answer unknown."""
    condition = Condition("StringEquals", "aws:key", ("${aws:PrincipalTag/team}",))
    names = {unknown.what for unknown in reasons(condition, {"aws:key": ("a",)}, True)}
    assert names == {"aws:principaltag/team"}


def test_text_that_looks_like_a_hole_is_not_taken_for_one() -> None:
    """A character that stands for a hole inside Seawall proves nothing when an input holds it."""
    hole = encode(TEAM)
    test = compiled(Condition("StringEquals", "aws:key", (TEAM,)))
    assert test({"aws:key": (hole,)}, False) == MAYBE
