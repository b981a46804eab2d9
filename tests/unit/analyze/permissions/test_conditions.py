"""Every operator of conditions, true and false, as AWS's reference describes it; a row is a sentence."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from seawall.analyze.permissions.conditions import compiled, operator, reasons
from seawall.analyze.permissions.globs import MAYBE, NO, YES, Sure, encode
from seawall.facts.identity import Condition
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Textual, Unknown, text

KEY = "aws:Key"
ACCOUNT = Unknown("account")
QUEUE = Ref(Address("us-east-1/data:aws_sqs_queue.orders"), "arn")
WHATEVER = Unknown("a value")
TOPIC = "arn:aws:sns:us-east-1:123456789012:orders"


class Row(NamedTuple):
    """The test, what the request carries (None: not the key), and whether it holds."""

    says: str
    operator: str
    values: tuple[Textual, ...]
    seen: tuple[Textual, ...] | None
    holds: Sure
    opened: bool = False


TABLE = [
    # --- strings
    Row("a string equals itself", "StringEquals", ("a",), ("a",), YES),
    Row("a string does not equal another", "StringEquals", ("a",), ("b",), NO),
    Row("strings are compared with regard to case", "StringEquals", ("a",), ("A",), NO),
    Row("operators are written in any case", "stringEQUALS", ("a",), ("a",), YES),
    Row("one of several values suffices", "StringEquals", ("a", "b"), ("b",), YES),
    Row("a star is a star where strings must be equal", "StringEquals", ("a*",), ("ab",), NO),
    Row("a star equals a star", "StringEquals", ("a*",), ("a*",), YES),
    Row("no value in the policy matches nothing", "StringEquals", (), ("a",), NO),
    Row("without the key strings are not equal", "StringEquals", ("a",), None, NO),
    Row("a key that is certainly not there is not equal", "StringEquals", ("a",), (), NO, True),
    Row("a negated test holds for another string", "StringNotEquals", ("a",), ("b",), YES),
    Row("a negated test fails for the same string", "StringNotEquals", ("a",), ("a",), NO),
    Row("a negated test wants none of its values", "StringNotEquals", ("a", "b"), ("b",), NO),
    Row("without the key a negated test holds", "StringNotEquals", ("a",), None, YES),
    Row("a negated test without values holds", "StringNotEquals", (), ("a",), YES),
    Row("case can be left aside", "StringEqualsIgnoreCase", ("Ab",), ("aB",), YES),
    Row("without case another string is another still", "StringEqualsIgnoreCase", ("Ab",), ("ac",), NO),
    Row("a star is a star there too", "StringEqualsIgnoreCase", ("a*",), ("ab",), NO),
    Row("negated without case: the same", "StringNotEqualsIgnoreCase", ("Ab",), ("aB",), NO),
    Row("negated without case: another", "StringNotEqualsIgnoreCase", ("Ab",), ("ac",), YES),
    Row("negated without case: no key", "StringNotEqualsIgnoreCase", ("Ab",), None, YES),
    Row("a star is any text", "StringLike", ("a*c",), ("a-b-c",), YES),
    Row("a star is also no text", "StringLike", ("a*c",), ("ac",), YES),
    Row("a star is any text with slashes and colons", "StringLike", ("a*",), ("a/b:c",), YES),
    Row("a question mark is one character", "StringLike", ("a?c",), ("abc",), YES),
    Row("a question mark is not no character", "StringLike", ("a?c",), ("ac",), NO),
    Row("a question mark is not two characters", "StringLike", ("a?c",), ("abbc",), NO),
    Row("brackets mean themselves", "StringLike", ("[ab]",), ("a",), NO),
    Row("likeness regards case", "StringLike", ("a*",), ("Ab",), NO),
    Row("without the key nothing is like it", "StringLike", ("*",), None, NO),
    Row("a star is like empty text", "StringLike", ("*",), ("",), YES),
    Row("unlike: a match fails", "StringNotLike", ("a*",), ("ab",), NO),
    Row("unlike: no match holds", "StringNotLike", ("a*",), ("b",), YES),
    Row("unlike: no key holds", "StringNotLike", ("a*",), None, YES),
    # --- numbers
    Row("numbers are equal by value", "NumericEquals", ("10",), ("10.0",), YES),
    Row("numbers differ", "NumericEquals", ("10",), ("11",), NO),
    Row("one of several numbers", "NumericEquals", ("1", "2"), ("2",), YES),
    Row("numbers beyond a machine's are exact", "NumericEquals", ("9007199254740993",), ("9007199254740992",), NO),
    Row("negated number: equal", "NumericNotEquals", ("10",), ("10",), NO),
    Row("negated number: other", "NumericNotEquals", ("10",), ("9",), YES),
    Row("negated number: no key", "NumericNotEquals", ("10",), None, YES),
    Row("less", "NumericLessThan", ("10",), ("9.5",), YES),
    Row("less is not equal", "NumericLessThan", ("10",), ("10",), NO),
    Row("less compares numbers, not text", "NumericLessThan", ("10",), ("9",), YES),
    Row("less or equal", "NumericLessThanEquals", ("10",), ("10",), YES),
    Row("not less or equal", "NumericLessThanEquals", ("10",), ("10.1",), NO),
    Row("greater", "NumericGreaterThan", ("-1",), ("0",), YES),
    Row("greater is not equal", "NumericGreaterThan", ("0",), ("0",), NO),
    Row("greater or equal", "NumericGreaterThanEquals", ("0",), ("0",), YES),
    Row("not greater or equal", "NumericGreaterThanEquals", ("0",), ("-0.5",), NO),
    Row("no key is no number", "NumericLessThan", ("10",), None, NO),
    Row("what a policy's word means for a number is not published", "NumericEquals", ("ten",), ("10",), MAYBE),
    Row("a word beside a number that fits does not matter", "NumericEquals", ("ten", "10"), ("10",), YES),
    Row("a request's word for a number is not decided", "NumericEquals", ("10",), ("ten",), MAYBE),
    # --- dates
    Row("a moment in two zones is one", "DateEquals", ("2026-11-22T12:00:00Z",), ("2026-11-22T14:00:00+02:00",), YES),
    Row("a moment in seconds since 1970", "DateEquals", ("2026-11-22T12:00:00Z",), ("1795348800",), YES),
    Row("another moment", "DateEquals", ("2026-11-22T12:00:00Z",), ("2026-11-22T12:00:01Z",), NO),
    Row("four digits are a year", "DateLessThan", ("2027",), ("2026-12-31T23:59:59Z",), YES),
    Row("a month begins with its first day", "DateGreaterThanEquals", ("2026-11",), ("2026-11-01T00:00:00Z",), YES),
    Row("a day begins at midnight", "DateLessThan", ("2026-11-22",), ("2026-11-22T00:00:00Z",), NO),
    Row("minutes suffice", "DateEquals", ("2026-11-22T12:00Z",), ("2026-11-22T12:00:00Z",), YES),
    Row("fractions count", "DateLessThan", ("2026-11-22T12:00:00.5Z",), ("2026-11-22T12:00:00.25Z",), YES),
    Row("later", "DateGreaterThan", ("2026-11-22T12:00:00Z",), ("2026-11-22T12:00:01Z",), YES),
    Row("not later", "DateGreaterThan", ("2026-11-22T12:00:00Z",), ("2026-11-22T12:00:00Z",), NO),
    Row("at the latest", "DateLessThanEquals", ("2026-11-22T12:00:00Z",), ("2026-11-22T12:00:00Z",), YES),
    Row("too late", "DateLessThanEquals", ("2026-11-22T12:00:00Z",), ("2026-11-22T12:00:00.1Z",), NO),
    Row("at the earliest", "DateGreaterThanEquals", ("2026-11-22T12:00:00Z",), ("2026-11-22T11:59:59Z",), NO),
    Row("negated date: the same", "DateNotEquals", ("2026-11-22",), ("2026-11-22T00:00:00Z",), NO),
    Row("negated date: another", "DateNotEquals", ("2026-11-22",), ("2026-11-23T00:00:00Z",), YES),
    Row("negated date: no key", "DateNotEquals", ("2026-11-22",), None, YES),
    Row("no key is no date", "DateLessThan", ("2026-11-22",), None, NO),
    Row("the thirtieth of February is no date", "DateLessThan", ("2026-02-30",), ("2026-02-01",), MAYBE),
    # --- booleans
    Row("true is true", "Bool", ("true",), ("true",), YES),
    Row("true is not false", "Bool", ("true",), ("false",), NO),
    Row("booleans are written in any case", "Bool", ("True",), ("TRUE",), YES),
    Row("false is false", "Bool", ("false",), ("false",), YES),
    Row("without the key a boolean is neither", "Bool", ("false",), None, NO),
    Row("a boolean that may be missing", "BoolIfExists", ("true",), None, YES),
    Row("a boolean that may be missing but is false", "BoolIfExists", ("true",), ("false",), NO),
    Row("yes is no boolean", "Bool", ("yes",), ("true",), MAYBE),
    # --- bytes
    Row("the same bytes", "BinaryEquals", ("QmluYXJ5",), ("QmluYXJ5",), YES),
    Row("other bytes", "BinaryEquals", ("QmluYXJ5",), ("QmluYXJ6",), NO),
    Row("base64 regards case", "BinaryEquals", ("QmluYXJ5",), ("qmluyxj5",), NO),
    Row("no key has no bytes", "BinaryEquals", ("QmluYXJ5",), None, NO),
    Row("what is no base64 is not decided", "BinaryEquals", ("%%",), ("QmluYXJ5",), MAYBE),
    # --- addresses
    Row("within a network", "IpAddress", ("10.0.0.0/8",), ("10.255.0.1",), YES),
    Row("outside a network", "IpAddress", ("10.0.0.0/8",), ("11.0.0.1",), NO),
    Row("an address alone is itself", "IpAddress", ("10.0.0.1",), ("10.0.0.1",), YES),
    Row("an address alone is no network", "IpAddress", ("10.0.0.0",), ("10.0.0.1",), NO),
    Row("everything", "IpAddress", ("0.0.0.0/0",), ("203.0.113.9",), YES),
    Row("everything of IPv4 has no IPv6", "IpAddress", ("0.0.0.0/0",), ("2001:db8::1",), NO),
    Row("within a network of IPv6", "IpAddress", ("2001:DB8:1234::/48",), ("2001:db8:1234:1::1",), YES),
    Row("outside a network of IPv6", "IpAddress", ("2001:DB8:1234::/48",), ("2001:db8:1235::1",), NO),
    Row("an address of IPv6 alone", "IpAddress", ("2001:db8::1",), ("2001:0db8:0:0::1",), YES),
    Row("the bits beyond the prefix do not count", "IpAddress", ("10.1.2.3/8",), ("10.9.9.9",), YES),
    Row("one of several networks", "IpAddress", ("10.0.0.0/8", "2001:db8::/32"), ("2001:db8::1",), YES),
    Row("a service's name is within no network", "IpAddress", ("10.0.0.0/8",), ("cloudformation.amazonaws.com",), NO),
    Row("no key is in no network", "IpAddress", ("10.0.0.0/8",), None, NO),
    Row("negated network: within", "NotIpAddress", ("10.0.0.0/8",), ("10.0.0.1",), NO),
    Row("negated network: outside", "NotIpAddress", ("10.0.0.0/8",), ("11.0.0.1",), YES),
    Row("negated network: no key", "NotIpAddress", ("10.0.0.0/8",), None, YES),
    Row("negated network: a service's name", "NotIpAddress", ("10.0.0.0/8",), ("ec2.amazonaws.com",), YES),
    Row("a prefix too long is no network", "IpAddress", ("10.0.0.0/33",), ("10.0.0.1",), MAYBE),
    # --- ARNs
    Row("the same ARN", "ArnEquals", (TOPIC,), (TOPIC,), YES),
    Row("another account", "ArnEquals", (TOPIC,), (TOPIC.replace("123456789012", "210987654321"),), NO),
    Row("equality of ARNs knows stars", "ArnEquals", ("arn:aws:sns:*:123456789012:ord*",), (TOPIC,), YES),
    Row("likeness is the same test", "ArnLike", ("arn:aws:sns:*:*:order?",), (TOPIC,), YES),
    Row("ARNs regard case", "ArnLike", ("arn:aws:sns:*:*:Orders",), (TOPIC,), NO),
    Row("a star stays within its part", "ArnLike", ("arn:aws:sns:*:orders",), (TOPIC,), NO),
    Row("a star in the middle stays within its part", "ArnLike", ("arn:aws:s*:1:q:r",), ("arn:aws:sns:e:1:q:r",), NO),
    Row(
        "the last part holds its colons", "ArnLike", ("arn:aws:logs:*:*:log-group:*",),
        ("arn:aws:logs:us-east-1:123456789012:log-group:/a:log-stream:b",), YES,
    ),
    Row("what is no ARN is like none", "ArnLike", ("arn:aws:sns:*:*:*",), ("orders",), NO),
    Row("six stars are every ARN", "ArnLike", ("*:*:*:*:*:*",), (TOPIC,), YES),
    Row("what one star alone matches is not published", "ArnLike", ("*",), (TOPIC,), MAYBE),
    Row("what fewer than six parts match is not published", "ArnLike", ("arn:aws:sns:*",), (TOPIC,), MAYBE),
    Row("fewer parts that do not fit anyhow", "ArnLike", ("arn:aws:sqs:*",), (TOPIC,), NO),
    Row("no key has no ARN", "ArnLike", ("arn:aws:sns:*:*:*",), None, NO),
    Row("negated ARN: a match", "ArnNotLike", ("arn:aws:sns:*:*:orders",), (TOPIC,), NO),
    Row("negated ARN: no match", "ArnNotEquals", ("arn:aws:sns:*:*:bills",), (TOPIC,), YES),
    Row("negated ARN: no key", "ArnNotEquals", ("arn:aws:sns:*:*:bills",), None, YES),
    # --- whether a key is there
    Row("not there", "Null", ("true",), None, YES),
    Row("there", "Null", ("false",), ("a",), YES),
    Row("there and should not be", "Null", ("true",), ("a",), NO),
    Row("not there and should be", "Null", ("false",), None, NO),
    Row("empty text counts as not there", "Null", ("false",), ("",), NO),
    Row("no value is not there", "Null", ("true",), (), YES),
    Row("either way", "Null", ("true", "false"), None, YES),
    Row("its booleans are written in any case", "null", ("True",), None, YES),
    Row("several values are there", "Null", ("false",), ("a", "b"), YES),
    Row("it does not go with IfExists", "NullIfExists", ("true",), None, MAYBE),
    # --- if it is there
    Row("if there: not there", "StringEqualsIfExists", ("a",), None, YES),
    Row("if there: equal", "StringEqualsIfExists", ("a",), ("a",), YES),
    Row("if there: not equal", "StringEqualsIfExists", ("a",), ("b",), NO),
    Row("if there, negated: not there", "StringNotEqualsIfExists", ("a",), None, YES),
    Row("if there, negated: equal", "StringNotEqualsIfExists", ("a",), ("a",), NO),
    Row("if there: an address", "IpAddressIfExists", ("10.0.0.0/8",), None, YES),
    Row("if there: a number", "NumericLessThanIfExists", ("1",), ("2",), NO),
    # --- keys with several values
    Row("all of them: each matches one", "ForAllValues:StringEquals", ("a", "b"), ("b", "a"), YES),
    Row("all of them: one does not", "ForAllValues:StringEquals", ("a", "b"), ("a", "c"), NO),
    Row("all of none", "ForAllValues:StringEquals", ("a",), None, YES),
    Row("all of no values", "ForAllValues:StringEquals", ("a",), (), YES),
    Row("all of an empty value", "ForAllValues:StringEquals", ("a",), ("",), YES),
    Row("all of them are like it", "ForAllValues:StringLike", ("a*",), ("a1", "a2"), YES),
    Row("all of them, negated: none matches", "ForAllValues:StringNotEquals", ("a", "b"), ("c", "d"), YES),
    Row("all of them, negated: one matches", "ForAllValues:StringNotEquals", ("a", "b"), ("c", "a"), NO),
    Row("all of none, negated", "ForAllValues:StringNotLike", ("a*",), None, YES),
    Row("the qualifier is written in any case", "forallvalues:stringequals", ("a",), ("b",), NO),
    Row("any of them: one matches", "ForAnyValue:StringEquals", ("a", "b"), ("c", "a"), YES),
    Row("any of them: none matches", "ForAnyValue:StringEquals", ("a", "b"), ("c", "d"), NO),
    Row("any of none", "ForAnyValue:StringEquals", ("a",), None, NO),
    Row("any of no values", "ForAnyValue:StringLike", ("*",), (), NO),
    Row("any of an empty value", "ForAnyValue:StringLike", ("*",), ("",), NO),
    Row("any of them, negated: one does not match", "ForAnyValue:StringNotEquals", ("a",), ("a", "c"), YES),
    Row("any of them, negated: all match", "ForAnyValue:StringNotEquals", ("a",), ("a",), NO),
    Row("any of none, negated", "ForAnyValue:StringNotEquals", ("a",), None, NO),
    Row("any of them, if there: not there", "ForAnyValue:StringEqualsIfExists", ("a",), None, YES),
    Row("any of them, if there: none matches", "ForAnyValue:StringEqualsIfExists", ("a",), ("b",), NO),
    Row("all of them, if there: one does not", "ForAllValues:StringEqualsIfExists", ("a",), ("b",), NO),
    Row("any of the ARNs", "ForAnyValue:ArnLike", ("arn:aws:sns:*:*:*",), ("x", TOPIC), YES),
    Row("any of the addresses", "ForAnyValue:IpAddress", ("10.0.0.0/8",), ("11.0.0.1", "10.0.0.1"), YES),
    Row("all of the numbers", "ForAllValues:NumericLessThan", ("3",), ("1", "2"), YES),
    Row("all of the booleans", "ForAllValues:Bool", ("true",), ("true", "false"), NO),
    Row("several values that agree", "StringEquals", ("a", "b"), ("a", "b"), YES),
    Row("several values, none of which matches", "StringEquals", ("a",), ("b", "c"), NO),
    Row("several values that do not agree are not decided", "StringEquals", ("a",), ("a", "b"), MAYBE),
    Row("negated, several values that do not agree are not decided", "StringNotEquals", ("a",), ("a", "b"), MAYBE),
    # --- what is not known
    Row("an operator that does not exist", "StringMatches", ("a",), ("a",), MAYBE),
    Row("nothing said of a key", "StringEquals", ("a",), None, MAYBE, True),
    Row("nothing said of a key, negated", "StringNotEquals", ("a",), None, MAYBE, True),
    Row("nothing said, and anything would do", "StringLikeIfExists", ("*",), None, YES, True),
    Row("nothing said, but it must be there", "StringLike", ("*",), None, MAYBE, True),
    Row("nothing said, and nothing would do", "StringEquals", (), None, NO, True),
    Row("nothing said of a key, all of them like anything", "ForAllValues:StringLike", ("*",), None, YES, True),
    Row("nothing said of a key, any of them", "ForAnyValue:StringLike", ("*",), None, MAYBE, True),
    Row("nothing said of whether it is there", "Null", ("true",), None, MAYBE, True),
    Row("a value that is not known", "StringEquals", ("a",), (WHATEVER,), MAYBE),
    Row("a value that is not known is like anything", "StringLike", ("*",), (WHATEVER,), YES),
    Row("a value that is not known is not unlike anything", "StringNotLike", ("*",), (WHATEVER,), NO),
    Row("a value that is not known is there", "Null", ("false",), (WHATEVER,), YES),
    Row("a number that is not known", "NumericLessThan", ("1",), (WHATEVER,), MAYBE),
    Row("an address that is not known", "NotIpAddress", ("10.0.0.0/8",), (WHATEVER,), MAYBE),
    Row("one of two values not known, the other matches", "ForAnyValue:StringEquals", ("a",), (WHATEVER, "a"), YES),
    Row("one of two values not known, the other does not", "ForAllValues:StringEquals", ("a",), (WHATEVER, "b"), NO),
    Row("the same reference", "ArnEquals", (QUEUE,), (QUEUE,), YES),
    Row("a reference and a text", "ArnEquals", (QUEUE,), (TOPIC,), MAYBE),
    Row("the same account", "StringEquals", (ACCOUNT,), (ACCOUNT,), YES),
    Row("an account and a number", "StringEquals", (ACCOUNT,), ("123456789012",), MAYBE),
    Row(
        "the same account, another name", "ArnEquals", (text("arn:aws:sns:us-east-1:", ACCOUNT, ":bills"),),
        (text("arn:aws:sns:us-east-1:", ACCOUNT, ":orders"),), NO,
    ),
    Row(
        "an account and a number in an ARN", "ArnLike", (text("arn:aws:sns:*:", ACCOUNT, ":ord*"),), (TOPIC,), MAYBE,
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.says)
def test_an_operator_is_evaluated_as_its_reference_says(row: Row) -> None:
    """Each row of the table holds, fails or is left open as the sentence says."""
    condition = Condition(row.operator, KEY, row.values)
    context = {} if row.seen is None else {KEY.lower(): row.seen}
    assert compiled(condition)(context, row.opened) == row.holds


@pytest.mark.parametrize("row", [row for row in TABLE if row.holds == MAYBE], ids=lambda row: row.says)
def test_what_is_left_open_has_a_reason(row: Row) -> None:
    """No maybe is without something that makes it so, named for a person."""
    context = {} if row.seen is None else {KEY.lower(): row.seen}
    assert all(
        unknown.what and unknown.why
        for unknown in reasons(Condition(row.operator, KEY, row.values), context, row.opened)
    )
    assert list(reasons(Condition(row.operator, KEY, row.values), context, row.opened))


def test_every_operator_has_a_row_that_holds_and_one_that_fails() -> None:
    """No operator of IAM is left out of the table, neither its being true nor its being false."""
    bases = ["StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike"]
    bases += ["StringNotLike", "NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"]
    bases += ["NumericGreaterThan", "NumericGreaterThanEquals", "DateEquals", "DateNotEquals", "DateLessThan"]
    bases += ["DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals", "Bool", "BinaryEquals", "IpAddress"]
    bases += ["NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null"]
    for base in bases:
        assert operator(base) is not None
        same = [row.holds for row in TABLE if operator(row.operator) == operator(base)]
        assert {YES, NO} <= set(same), base


@pytest.mark.parametrize(
    "spelled", ["", "String", "ForSomeValues:StringEquals", "StringEqualsIfExistsIfExists", "ForAllValues:Null", "Foo"]
)
def test_what_is_no_operator_is_none(spelled: str) -> None:
    """A misspelled operator is not taken for one that looks like it."""
    assert operator(spelled) is None


def test_a_key_is_found_in_any_case() -> None:
    """Keys, the names of tags in them included, are compared without regard to case."""
    test = compiled(Condition("StringEquals", "AWS:principalTag/TEAM", ("green",)))
    assert test({"aws:principaltag/team": ("green",)}, False) == YES


def test_a_key_with_a_hole_is_found_by_the_same_hole() -> None:
    """`${issuer}:sub` of a cluster that is not there yet is the key that the request has of the same issuer."""
    issuer = Ref(Address("us-east-1/cluster:aws_eks_cluster.main"), "identity.0.oidc.0.issuer")
    test = compiled(Condition("StringEquals", text(issuer, ":sub"), ("system:serviceaccount:a:b",)))
    assert test({encode(text(issuer, ":sub")).lower(): ("system:serviceaccount:a:b",)}, False) == YES
    assert test({encode(text(issuer, ":sub")).lower(): ("system:serviceaccount:a:c",)}, False) == NO
    assert test({"oidc.eks.example:sub": ("system:serviceaccount:a:b",)}, False) == MAYBE
