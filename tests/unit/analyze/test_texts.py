"""Comparing text with holes: yes, no or unknown, and never a guess."""

from __future__ import annotations

import pytest

from seawall.analyze.texts import fits, same
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.kernel.verdict import Answer

HOLE = Unknown("db.host")
PATTERN = text("shop-db.", HOLE, ".eu-west-1.rds.amazonaws.com")
SECRET = text("secret:db-", Unknown("db.suffix", length=6))
REF = Ref(Address("a"), "id")
YES, NO, MAYBE = Answer.PROVEN, Answer.REFUTED, Answer.UNKNOWN


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("shop-db.abc.eu-west-1.rds.amazonaws.com", PATTERN, YES),
        ("shop-db.xxx.eu-west-1.rds.amazonaws.com", PATTERN, YES),
        ("secret:db-a1B2c3", SECRET, YES),
        ("secret:db-main-a1B2c3", SECRET, NO),
        ("secret:db-a1B2c", SECRET, NO),
        ("shop-db..eu-west-1.rds.amazonaws.com", PATTERN, NO),
        ("shop-dev-db.abc.eu-west-1.rds.amazonaws.com", PATTERN, NO),
        ("shop-db.abc.us-east-1.rds.amazonaws.com", PATTERN, NO),
        (PATTERN, PATTERN, YES),
        (text("shop-db.", REF), PATTERN, MAYBE),
        (text("other-db.", REF), PATTERN, NO),
        (HOLE, HOLE, MAYBE),
        ("a.b", "a.b", YES),
        ("axb", "a.b", NO),
        ("a*b", "a*b", YES),
        ("axb", "a*b", NO),
        ("axb", "a?b", NO),
    ],
)
def test_a_literal_fits_the_shape_of_a_generated_name(value: Textual, pattern: Textual, expected: Answer) -> None:
    """A hole of the pattern takes anything but nothing; a hole of the value leaves the question open."""
    assert fits(value, pattern) is expected


@pytest.mark.parametrize(
    ("value", "pattern", "expected"),
    [
        ("s3:GetObject", "s3:*", YES),
        ("s3:GetObject", "s3:Get?bject", YES),
        ("s3:GetObject", "s3:Get*ect", YES),
        ("s3:GetObject", "s3:GetObject", YES),
        ("s3:GetObjectAcl", "s3:GetObject", NO),
        ("s3:GetObject", "s3:Get*Acl", NO),
        ("s3:GetObject", "s?:*", YES),
        ("as3:GetObject", "s3:*", NO),
        ("s3:GetObject", "s3:GetObject*", YES),
        ("s3:GetObject", "sqs:*", NO),
        ("anything", "*", YES),
        (HOLE, "*", YES),
        (HOLE, "s3:*", MAYBE),
        ("a[b]c", "a[b]*", YES),
        ("abc", "a[b]c", NO),
        (Text(("arn:aws:s3:::", HOLE)), "arn:aws:s3:::*", MAYBE),
        (Text(("arn:aws:sqs:", HOLE)), "arn:aws:s3:::*", NO),
    ],
)
def test_globs_are_those_of_iam(value: Textual, pattern: Textual, expected: Answer) -> None:
    """Stars and question marks count, brackets are brackets."""
    assert fits(value, pattern, glob=True) is expected


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("a", "a", YES),
        ("a", "b", NO),
        (REF, REF, YES),
        (REF, Ref(Address("b"), "id"), MAYBE),
        (HOLE, HOLE, MAYBE),
        (HOLE, "a", MAYBE),
        (text("https://", REF), text("https://", REF), YES),
        (text("https://", REF), "http://x", NO),
    ],
)
def test_equality_of_what_is_not_known_is_not_known(one: Textual, other: Textual, expected: Answer) -> None:
    """Two unknown values are not equal because they are both unknown; one reference is equal to itself."""
    assert same(one, other) is expected
    assert same(other, one) is expected
