"""Corners of a policy that only a changed line of it would show: found by changing each (tests/mutants.py)."""

from __future__ import annotations

from typing import Any

import pytest

from permission_documents import HOME, ROLE, allow, deny, document, policy, request
from seawall.analyze.permissions.policy import Met, Missed, Policy
from seawall.analyze.permissions.principals import Match
from seawall.analyze.permissions.request import Caller
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown
from seawall.kernel.verdict import Answer

YES, NO, OPEN = Answer.PROVEN, Answer.REFUTED, Answer.UNKNOWN
HOLDER = Address("r/s:a.b")
BUCKET = Ref(Address("r/s:aws_s3_bucket.b"), "arn")


def identity(*statements: Any) -> Policy:
    """An identity policy of these statements."""
    return policy(document(*statements), "identity")


def plain(kind: Any, **more: Any) -> Policy:
    """A policy of one statement, made without a document."""
    return Policy([Statement(HOLDER, kind, True, ("s3:*",), **{"resources": (), **more})])


@pytest.mark.parametrize("name", ["bucket", "bücket"])
def test_a_star_of_the_request_means_every_resource_in_any_alphabet(name: str) -> None:
    """An Allow of one key does not cover them all, and a Deny of one is met; so says the explanation too."""
    every, one = f"arn:aws:s3:::{name}/*", f"arn:aws:s3:::{name}/a"
    asked = request(resource=every)
    assert identity(allow(resource=one)).judge(asked).allow is NO
    assert identity(allow(resource=every)).judge(asked).allow is YES
    assert identity(deny(resource=one)).judge(asked).deny is YES
    assert identity(deny(resource=one)).judge(request(resource=one)).deny is YES
    assert isinstance(identity(allow(resource=one)).explain(asked)[0], Missed)
    assert isinstance(identity(deny(resource=one)).explain(asked)[0], Met)
    assert isinstance(identity(allow(resource=every)).explain(asked)[0], Met)


def test_the_bare_star_of_an_action_without_a_resource_is_no_pattern() -> None:
    """Only a statement about everything is about it; a Deny of one resource is not met."""
    asked = request(action="s3:ListAllMyBuckets", resource="*")
    one = identity(allow(resource="*"), deny(resource="arn:aws:s3:::bucket"))
    assert (one.judge(asked).allow, one.judge(asked).deny) == (YES, NO)
    assert [type(found) for found in one.explain(asked)] == [Met, Missed]


def test_an_answer_that_one_statement_gives_is_made_once() -> None:
    """Most answers are of one statement that matches for sure; the very object is given again."""
    found = identity(allow(), deny("sqs:*"))
    assert found.judge(request()) is found.judge(request())


def test_what_matches_for_sure_is_explained_before_what_may() -> None:
    """Wherever the statements stand, of two as of more."""
    unsure = allow(Condition={"StringEquals": {"aws:PrincipalTag/a": "b"}}, Sid="Unsure")
    found = identity(unsure, allow(Sid="Sure")).explain(request(open=True))
    met = [(one.statement.sid, one.answer) for one in found if isinstance(one, Met)]
    assert met == [("Sure", YES), ("Unsure", OPEN)]


def test_a_failed_condition_is_nearer_than_another_principal_and_that_than_another_resource() -> None:
    """The nearest miss first, whatever the order of the statements."""
    principal = {"AWS": f"arn:aws:iam::{HOME}:user/else"}
    far = allow("s3:*", "arn:aws:s3:::else", Principal="*", Sid="Resource")
    nearer = allow("s3:*", Principal=principal, Sid="Principal")
    near = allow("s3:*", Principal="*", Sid="Condition", Condition={"Null": {"aws:PrincipalArn": "false"}})
    found = policy(document(far, nearer, near), "resource").explain(request())
    assert [one.statement.sid for one in found] == ["Condition", "Principal", "Resource"]


@pytest.mark.parametrize(
    ("kind", "named"),
    [("identity", False), ("resource", True), ("trust", True), ("boundary", False), ("scp", False)],
)
def test_a_document_that_cannot_be_read_may_let_anybody_in(kind: Any, named: bool) -> None:
    """Where policies name principals it may name anybody; its explanation is one clause, about the document."""
    found = Policy([Statement(HOLDER, kind, True, (), (), opaque=Unknown("x"))])
    judged = found.judge(request())
    assert (judged.allow, judged.deny) == (OPEN, OPEN)
    assert dict(judged.to) == ({Match.EVERYBODY: OPEN} if named else {})
    [explained] = found.explain(request())
    [clause] = explained.clauses
    assert (clause.part, clause.answer, clause.negated, clause.because) == ("document", OPEN, False, (Unknown("x"),))


def test_a_statement_without_a_resource_is_about_what_carries_it() -> None:
    """In a trust policy and in a resource's; in an identity policy it is about nothing."""
    everybody = (("AWS", "*"),)
    assert plain("resource", principals=everybody).judge(request()).allow is YES
    assert plain("trust", principals=everybody).judge(request()).allow is YES
    assert plain("identity").judge(request()).allow is NO
    [missed] = plain("identity").explain(request())
    assert [(clause.part, clause.answer, clause.negated) for clause in missed.clauses] == [
        ("action", YES, False),
        ("resource", NO, False),
    ]


def test_reasons_are_given_for_what_is_open_alone() -> None:
    """A clause that fits for sure names no hole, even if it holds one; one that may fit names it."""
    hole = Unknown("somewhere.action")
    holed = Text(("s3:", hole))
    found = Policy([Statement(HOLDER, "identity", True, (holed, "s3:GetObject"), ("*",))])
    [sure] = found.explain(request())
    assert sure.clauses[0].because == ()
    [maybe] = Policy([Statement(HOLDER, "identity", True, (holed,), ("*",))]).explain(request())
    assert (maybe.clauses[0].answer, maybe.clauses[0].because) == (OPEN, (hole,))
    whom = (("AWS", Text(("arn:aws:iam::", hole, ":role/x"))), ("AWS", ROLE))
    [named] = Policy([Statement(HOLDER, "resource", True, ("*",), ("*",), whom)]).explain(request())
    assert (named.clauses[1].answer, named.clauses[1].because) == (YES, ())


def test_a_session_that_is_not_known_is_a_reason() -> None:
    """A policy names a session, and nobody knows in which one the role acts."""
    session = (("AWS", f"arn:aws:sts::{HOME}:assumed-role/app/one"),)
    found = Policy([Statement(HOLDER, "resource", True, ("*",), ("*",), session)])
    asked = request(Caller("role", ROLE, HOME))
    assert found.judge(asked).allow is OPEN
    assert "under which name" in found.judge(asked).because[0].why
    assert found.judge(request()).allow is YES


def test_references_have_the_shapes_that_are_known() -> None:
    """Alone and within a text; one of which no shape is known stays a hole."""
    shapes = {BUCKET: "arn:aws:s3:::bucket"}
    for resource in (BUCKET, Text((BUCKET, "/*"))):
        found = Policy([Statement(HOLDER, "identity", True, ("*",), (resource,))], shapes)
        name = "arn:aws:s3:::bucket" if resource is BUCKET else "arn:aws:s3:::bucket/key"
        assert found.judge(request(resource=name)).allow is YES
        assert found.judge(request(resource="arn:aws:s3:::else")).allow is NO
    other = Ref(Address("r/s:aws_s3_bucket.c"), "arn")
    mixed = Policy([Statement(HOLDER, "identity", True, ("*",), (Text((other, "/*")), "arn:aws:s3:::else"))], shapes)
    assert mixed.judge(request()).allow is OPEN


# -- whom a statement means --------------------------------------------------------------------------------------------

NAMELESS = Caller("role", ROLE)


def to(
    *principals: tuple[str, Any], kind: Any = "resource", caller: Caller | str = "role", **more: Any
) -> dict[Any, Any]:
    """By which names one statement of a resource's policy allows a caller."""
    statement = Statement(HOLDER, kind, True, ("*",), ("*",), principals, **more)
    return dict(Policy([statement]).judge(request(caller)).to)


@pytest.mark.parametrize(
    ("principals", "caller", "names"),
    [
        ((), "role", {}),
        ((("*", "*"),), "role", {Match.EVERYBODY: YES}),
        ((("*", "*"),), "anonymous", {Match.EVERYBODY: YES}),
        ((("AWS", ROLE), ("AWS", "*")), "role", {Match.EVERYBODY: YES}),
        ((("Other", ROLE), ("AWS", ROLE)), "role", {Match.ROLE: YES}),
        ((("Other", "*"),), "role", {}),
        ((("CanonicalUser", "79a5"),), "user", {Match.ACCOUNT: OPEN}),
        ((("AWS", HOME),), NAMELESS, {Match.ACCOUNT: YES}),
        ((("AWS", f"arn:aws:iam::{HOME}:root"),), NAMELESS, {Match.ACCOUNT: YES}),
        ((("AWS", HOME),), Caller("user", f"arn:aws:iam::{HOME}:user/jo"), {Match.ACCOUNT: YES}),
        ((("AWS", "444455556666"),), NAMELESS, {}),
        ((("AWS", "444455556666"),), "role", {}),
        ((("AWS", HOME),), Caller("role", "odd"), {Match.ACCOUNT: OPEN}),
        ((("AWS", f"arn:aws:sts::{HOME}:federated-user/app"),), NAMELESS, {}),
        ((("AWS", f"arn:aws:iam::{HOME}:assumed-role/app/x"),), NAMELESS, {}),
        ((("AWS", f"arn:aws:sts::{HOME}:assumed-role/app/x"),), NAMELESS, {Match.SESSION: OPEN}),
        ((("AWS", f"arn:aws:sts::{HOME}:assumed-role/other/x"),), NAMELESS, {}),
    ],
)
def test_by_which_names_a_caller_is_meant(principals: Any, caller: Any, names: dict[Any, Any]) -> None:
    """Everybody however it is spelled, accounts by number and root, sessions by role; other kinds mean nobody here."""
    assert to(*principals, caller=caller) == names


def test_a_trust_policy_that_names_nobody_trusts_nobody() -> None:
    """Nor does a resource's; one of a principal means whoever carries it."""
    for kind, answer in (("trust", NO), ("resource", NO), ("identity", YES)):
        found = Policy([Statement(HOLDER, kind, True, ("*",), ("*",))])
        assert found.judge(request()).allow is answer, kind


@pytest.mark.parametrize("kind", ["AWS", "*"])
def test_a_denial_of_all_but_everybody_denies_nobody(kind: str) -> None:
    """Whoever is named by NotPrincipal is left out of it."""
    found = Policy([Statement(HOLDER, "resource", False, ("*",), ("*",), ((kind, "*"),), not_principals=True)])
    assert found.judge(request()).deny is NO
    assert found.judge(request("anonymous")).deny is NO
