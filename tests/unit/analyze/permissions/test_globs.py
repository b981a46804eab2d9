"""Patterns against text: AWS's own examples, parts of ARNs, holes, stars of requests, and what a match costs."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pytest

from seawall.analyze.permissions import globs
from seawall.analyze.permissions.globs import MAYBE, NO, YES, Kind, Pattern, Sure, encode, holes_of, pieces_of
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Textual, Unknown, text

ACCOUNT = Unknown("account")
NAME = Unknown("us-east-1/data:aws_s3_bucket.orders.bucket")
ROLE = Ref(Address("us-east-1/data:aws_iam_role.orders"), "arn")


def _iam(name: str) -> Textual:
    return text("arn:aws:iam::", ACCOUNT, f":{name}")


class Row(NamedTuple):
    """A pattern against a text: whether it covers all that the text stands for, and whether it meets any of it."""

    says: str
    pattern: Textual
    text: Textual
    covers: Sure
    meets: Sure
    kind: Kind = "resource"


BUCKET = "arn:aws:s3:::amzn-s3-demo-bucket"
TABLE = [
    # The examples of "IAM JSON policy elements: Resource".
    Row("stars expand over slashes", f"{BUCKET}/*/test/*", f"{BUCKET}/1/test/object.jpg", YES, YES),
    Row("over several", f"{BUCKET}/*/test/*", f"{BUCKET}/1/2/3/test/4/object.jpg", YES, YES),
    Row("over empty names", f"{BUCKET}/*/test/*", f"{BUCKET}/1///test///object.jpg", YES, YES),
    Row("over nothing at the end", f"{BUCKET}/*/test/*", f"{BUCKET}/1/test/", YES, YES),
    Row("over nothing in the middle", f"{BUCKET}/*/test/*", f"{BUCKET}//test/object.jpg", YES, YES),
    Row("not over a missing slash", f"{BUCKET}/*/test/*", f"{BUCKET}/test/object.jpg", NO, NO),
    Row("not over another name", f"{BUCKET}/*/test/*", f"{BUCKET}/1-test/object.jpg", NO, NO),
    Row("not over a name that is too short", f"{BUCKET}/*/test/*", f"{BUCKET}/1/2/test.jpg", NO, NO),
    Row("resources regard case", f"{BUCKET}/A", f"{BUCKET}/a", NO, NO),
    Row("a star that ends a part runs on past colons", "arn:aws:sqs:*:orders", "arn:aws:sqs:e:1:orders", YES, YES),
    Row("a star within a part stays in it", "arn:aws:sqs:e*1:1:q", "arn:aws:sqs:e:x1:1:q", NO, NO),
    Row("a star within a part", "arn:aws:sqs:e*1:1:q", "arn:aws:sqs:east-1:1:q", YES, YES),
    Row("a question mark within a part is no colon", "arn:aws:sqs:e?1:1:q", "arn:aws:sqs:e:1:1:q", NO, NO),
    Row("the last part is one part", "arn:aws:logs:e:1:log-group:a*c", "arn:aws:logs:e:1:log-group:a:c", YES, YES),
    Row("a star is everything", "*", "arn:aws:sqs:e:1:q", YES, YES),
    Row("nothing is not something", "", "a", NO, NO),
    Row("nothing is nothing", "", "", YES, YES),
    # A request about no resource carries a star, and only a star is that.
    Row("no resource is met by a star", "*", "*", YES, YES),
    Row("no resource is met by no ARN", "arn:aws:s3:::b", "*", NO, NO),
    Row("no resource is met by no ARN with stars", "arn:aws:*", "*", NO, NO),
    # Stars of the request.
    Row("all objects are covered by all objects", "arn:aws:s3:::b/*", "arn:aws:s3:::b/*", YES, YES),
    Row("some objects are covered by all", "arn:aws:s3:::b/*", "arn:aws:s3:::b/in/*.json", YES, YES),
    Row("all objects are met by some", "arn:aws:s3:::b/in/*", "arn:aws:s3:::b/*", NO, YES),
    Row("all objects are met by one", "arn:aws:s3:::b/a", "arn:aws:s3:::b/*", NO, YES),
    Row("all objects are not met by the bucket", "arn:aws:s3:::b", "arn:aws:s3:::b/*", NO, NO),
    Row("ends that differ", "arn:aws:s3:::b/*.csv", "arn:aws:s3:::b/*.json", NO, NO),
    Row("beginning and end overlap", "arn:aws:s3:::b/a*", "arn:aws:s3:::b/*a", NO, YES),
    Row("a question mark and a star: not the empty one", "arn:aws:s3:::b/?*", "arn:aws:s3:::b/*", NO, YES),
    Row("a question mark and a star: at least one", "arn:aws:s3:::b/?*", "arn:aws:s3:::b/*a", YES, YES),
    Row("a star of the request stays in its part", "arn:aws:sqs:*:1:q", "arn:aws:sqs:*:1:q", YES, YES),
    Row("a star of the request holds no colon in its part", "arn:aws:sqs:e:x:1:q", "arn:aws:sqs:*:1:q", NO, NO),
    Row("a star of the request in the last part does", "arn:aws:logs:e:1:log-group:a", "arn:aws:logs:e:1:*", NO, YES),
    Row("a question mark within a part", "arn:aws:s?:1:b:c", "arn:aws:s3:1:b:c", YES, YES),
    Row("a question mark and a star within a part", "arn:aws:s?:1:b:c", "arn:aws:s*:1:b:c", NO, YES),
    Row("a question mark and a hole in a part", "arn:aws:s?:1:b:c", text("arn:aws:s", NAME, ":1:b:c"), MAYBE, MAYBE),
    Row("only the question mark varies", "arn:aws:s?:1:b:c", ":rn:aws:s3:1:b:c", NO, NO),
    Row("only the pattern's own beginning counts", "ba?", "*aab", NO, NO),
    # Holes.
    Row("a hole outside an ARN may hold colons", "x:y:z", text("x", NAME, "z"), MAYBE, MAYBE),
    Row("a star of other text is a character beside a hole", text(NAME, "b"), "a*", NO, NO, "text"),
    Row("a star stays in its part beside a hole", "arn:aws:*:e:1:o", text("arn:aws:s:x:e:1", NAME), NO, NO, "arn"),
    Row("the last part with its colons beside a hole", text("arn:aws:logs:*:", ACCOUNT, ":log-group:*"),
        "arn:aws:logs:e:1:log-group:x", MAYBE, MAYBE, "arn"),
    Row("the same hole", _iam("role/*"), _iam("role/a"), YES, YES),
    Row("the same hole before another name", text("x:", ACCOUNT, ":a*"), text("x:", ACCOUNT, ":b"), NO, NO),
    Row("the same hole and no more", text("arn:aws:s3:::", NAME), text("arn:aws:s3:::", NAME, "/*"), NO, NO),
    Row("the same hole after it", text(NAME, "/a"), text(NAME, "/b"), NO, NO),
    Row("a hole may be the account", "arn:aws:iam::123456789012:role/a", _iam("role/a"), MAYBE, MAYBE),
    Row("a hole in the pattern may be it", _iam("role/a"), "arn:aws:iam::1:role/a", MAYBE, MAYBE),
    Row("a hole in an ARN holds no colon", _iam("a"), "arn:aws:iam::1:2:a", NO, NO),
    Row("a hole is not empty", text("arn:aws:s3:::b", NAME), "arn:aws:s3:::b", NO, NO),
    Row("a star before the same hole", text("arn:s:*:", ACCOUNT, ":o*"), text("arn:s:e:", ACCOUNT, ":i"), NO, NO),
    Row("a star over a hole", "arn:aws:iam::*:role/a", _iam("role/a"), YES, YES),
    Row("a question mark is less than a hole may be", "a?", text("a", NAME), MAYBE, MAYBE),
    Row("a whole ARN that is not known", ROLE, "arn:aws:iam::1:role/a", MAYBE, MAYBE),
    Row("a whole ARN that is not known, twice", ROLE, ROLE, YES, YES),
    Row("two whole ARNs that are not known", ROLE, NAME, MAYBE, MAYBE),
    Row("a hole and a star: what is below it", text(NAME, "/a*"), text(NAME, "/*"), NO, YES),
    Row("a hole beside a star of the request", "arn:aws:s3:::b/*", text("arn:aws:s3:::", NAME, "/*"), MAYBE, MAYBE),
    Row("text of another kind knows no stars", "a*b", "a*", NO, NO, "text"),
    Row("a star in it is a character", "a?", "a*", YES, YES, "text"),
    Row("an ARN with a hole, part by part", text("arn:aws:sns:*:", ACCOUNT, ":o*"), "arn:aws:sns:e:1:p", NO, NO, "arn"),
    Row("an ARN that may fit", text("arn:aws:sns:*:", ACCOUNT, ":o*"), "arn:aws:sns:e:1:o", MAYBE, MAYBE, "arn"),
    Row("an ARN that is not known", "arn:aws:sns:*:*:o*", ROLE, MAYBE, MAYBE, "arn"),
]  # fmt: skip


END = Unknown("secret.suffix", why="AWS makes it up", length=6)
MADE_UP = [
    Row("six question marks", "db-??????", text("db-", END), YES, YES),
    Row("as many as are there, and text behind", "db-??????:x", text("db-", END, ":x"), YES, YES),
    Row("a star", "db-*", text("db-", END), YES, YES),
    Row("one too few", "db-?????", text("db-", END), NO, NO),
    Row("one too many", "db-???????", text("db-", END), NO, NO),
    Row("some of them said", "db-a?????", text("db-", END), MAYBE, MAYBE),
    Row("all of them said", "db-a1B2c3", text("db-", END), MAYBE, MAYBE),
    Row("five of them said", "db-a1B2c", text("db-", END), NO, NO),
    Row("what is neither letter nor digit", "db-a-????", text("db-", END), NO, NO),
    Row("another secret whose name goes on", "db-main-*", text("db-", END), NO, NO),
    Row("another secret's six", "db-main-??????", text("db-", END), NO, NO),
    Row("a shorter name with a star", "d*-??????", text("db-", END), YES, YES),
    Row("six behind a star, of which a name may hold some", "*-??????", text("db-", END), YES, YES),
    Row("the hole itself", text("db-", END), text("db-", END), YES, YES),
    Row("the hole of another", text("db-", END), text("db-", replace(END, what="other")), MAYBE, MAYBE),
    Row("what the hole may be", text("db-", END), "db-a1B2c3", MAYBE, MAYBE),
    Row("what the hole cannot be", text("db-", END), "db-a1B2c", NO, NO),
    Row("what it cannot be either", text("db-", END), "db-a1-2c3", NO, NO),
    Row("with another hole before it", text("x-", ACCOUNT, "-??????"), text("x-", ACCOUNT, "-", END), YES, YES),
    Row("question marks for a hole of any length", text("db-", "??????"), text("db-", ACCOUNT), MAYBE, MAYBE),
]  # fmt: skip


@pytest.mark.parametrize("kind", ["text", "resource"])
@pytest.mark.parametrize("row", MADE_UP, ids=lambda row: row.says)
def test_a_hole_of_a_known_length_is_so_many_letters_and_digits(row: Row, kind: Kind) -> None:
    """What AWS makes up of six characters is met by six question marks for certain, and by five never."""
    pattern = Pattern(pieces_of(encode(row.pattern)), kind)
    assert (pattern.covers(encode(row.text)), pattern.meets(encode(row.text))) == (row.covers, row.meets)
    assert holes_of(encode(text("db-", END))) == (END,)


def test_more_holes_of_a_known_length_than_there_is_room_for_are_of_any(monkeypatch: pytest.MonkeyPatch) -> None:
    """What does not fit any more is compared as any other hole: a maybe, and never a wrong answer."""
    monkeypatch.setitem(globs._counted, globs._MADE_UP, globs._FIRST - 4)
    late = encode(text("db-", replace(END, what="late")))
    assert len(late) == len("db-") + 1
    assert Pattern(pieces_of("db-??????")).covers(late) == MAYBE


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.says)
def test_a_pattern_matches_as_documented(row: Row) -> None:
    """Each row covers and meets what its sentence says."""
    pattern = Pattern(pieces_of(encode(row.pattern)), row.kind)
    assert (pattern.covers(encode(row.text)), pattern.meets(encode(row.text))) == (row.covers, row.meets)


def test_equal_holes_are_one_character_and_come_back() -> None:
    """A value with holes is encoded reversibly, equal holes alike and different ones differently."""
    spelled = encode(text("a", ACCOUNT, "b", ROLE, "c", ACCOUNT))
    assert len(spelled) == 6
    assert spelled[1] == spelled[5] != spelled[3]
    assert holes_of(spelled) == (ACCOUNT, ROLE)


def test_a_reserved_character_of_the_input_is_nothing_known() -> None:
    """Text that holds a character that we use for holes can equal nothing but the same text."""
    hostile = "a" + encode(ACCOUNT)
    assert encode(hostile) != hostile
    assert Pattern((encode(hostile),)).covers(encode(text("a", ACCOUNT))) == MAYBE
    assert Pattern((encode(hostile),)).covers(encode(hostile)) == YES


class _Counted(str):
    """Text that counts how often it is searched, and over how many characters at most."""

    __slots__ = ("looked",)

    def find(self, *given: object) -> int:  # type: ignore[override]
        piece, start, end = given
        assert isinstance(piece, str) and isinstance(start, int) and isinstance(end, int)  # noqa: PT018
        found = str.find(self, piece, start, end)
        self.looked[0] += (found if found >= 0 else end) - start + len(piece)
        return found


@pytest.mark.parametrize("length", [100, 1_000, 10_000])
def test_a_hostile_pattern_costs_a_pass_over_the_text(length: int) -> None:
    """`a*a*a*...b` against `aaa...` looks at each character once and at each piece once; nothing backtracks."""
    asked = _Counted("a" * length)
    asked.looked = [0]  # type: ignore[misc]
    pattern = Pattern(pieces_of("a*" * 50 + "c*b"), "text")
    assert not pattern.matches(asked)
    assert not Pattern(pieces_of("a*" * 50 + "c*a"), "text").matches(asked)
    assert 0 < asked.looked[0] <= 2 * (length + 200)


@pytest.mark.parametrize("length", [50, 200, 800])
def test_the_slow_way_is_a_step_for_each_character(length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """With holes in a hostile pattern and text the automaton takes as many steps as the two are long, times a few."""
    steps = [0]
    once = globs._Automaton._closed

    def counted(automaton: globs._Automaton, state: int) -> int:
        steps[0] += 1
        return once(automaton, state)

    monkeypatch.setattr(globs._Automaton, "_closed", counted)
    asked = encode(text("a" * length, Unknown(f"one of {length}"), "a" * length))
    pattern = Pattern(pieces_of("*a" * 60 + "b"), "resource")
    assert pattern.covers(asked) == NO
    assert 0 < steps[0] <= 10 * (len(asked) + len(pattern.pieces))


def test_what_is_too_intricate_is_left_open() -> None:
    """Whether a pattern covers another can take exponentially many states: beyond a bound the answer is a maybe."""
    for length, answer in ((4, YES), (20, MAYBE)):
        pattern = Pattern(pieces_of("?*a" + "?" * length), "resource")
        assert pattern.covers("*ca" + "b" * length) == answer
        assert pattern.meets("*ca" + "b" * length) == YES


def test_a_star_that_is_meant_is_one_of_many() -> None:
    """A pattern with a literal star meets the star of a request and does not cover it; in other text it equals it."""
    assert Pattern(("a*",), "resource").covers("a*") == NO
    assert Pattern(("a*",), "resource").meets("a*") == YES
    assert Pattern(("a*",), "resource").covers("ab") == NO
    assert Pattern(("a*",), "text").covers("a*") == YES


def test_a_pattern_of_fifty_thousand_characters_is_compared() -> None:
    """Neither a huge pattern nor a huge text ends in an error or in a wait."""
    huge = "a" * 50_000
    assert Pattern(pieces_of(huge + "*")).matches(huge + "b")
    assert not Pattern(pieces_of("*" + huge + "?")).matches(huge)
    assert Pattern(pieces_of("*" + huge[:1_000] + "?")).matches(huge)
