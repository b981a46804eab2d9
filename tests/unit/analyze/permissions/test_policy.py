"""A policy asked: which statements match, how sure that is, and why the others do not."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.analyze.permissions.policy import NOTHING, Judgement, Met, Missed, Policy
from seawall.analyze.permissions.principals import Match
from seawall.analyze.permissions.request import Caller, Request
from seawall.facts.identity import Condition, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Textual, Unknown, text
from seawall.kernel.verdict import Answer

HOLDER = Address("us-east-1/data:aws_iam_role.orders")
ROLE = "arn:aws:iam::111122223333:role/orders"
CALLER = Caller("role", ROLE, "111122223333", "", HOLDER)
OBJECT = "arn:aws:s3:::orders/in/1.json"
PROVEN, REFUTED, UNKNOWN = Answer.PROVEN, Answer.REFUTED, Answer.UNKNOWN


def _statement(actions: str = "s3:GetObject", resources: str = "*", allow: bool = True, **more: Any) -> Statement:
    words = (tuple(actions.split()), tuple(resources.split()))
    return Statement(HOLDER, more.pop("kind", "identity"), allow, *words, **more)


def _asked(action: str = "s3:GetObject", resource: Textual = OBJECT, opened: bool = False, **context: Any) -> Request:
    keys = {key.replace("_", ":"): (value,) for key, value in context.items()}
    return Request(CALLER, action, resource, "111122223333", keys, opened)


def _judged(*statements: Statement, asked: Request | None = None) -> Judgement:
    return Policy(statements).judge(asked or _asked())


@pytest.mark.parametrize(
    ("actions", "action", "matches"),
    [
        ("s3:GetObject", "s3:GetObject", True),
        ("S3:getobject", "s3:GetObject", True),
        ("s3:Get*", "s3:GetObject", True),
        ("s3:?etObject", "s3:GetObject", True),
        ("*", "s3:GetObject", True),
        ("*:GetObject", "s3:GetObject", True),
        ("s3:*", "s3express:GetObject", False),
        ("s3:GetObjectVersion", "s3:GetObject", False),
        ("s3:PutObject s3:GetObject", "s3:GetObject", True),
        ("", "s3:GetObject", False),
    ],
)
def test_actions_are_compared_without_regard_to_case(actions: str, action: str, matches: bool) -> None:
    """An action matches by name or wildcard in any case, and never by a part of its name."""
    assert _judged(_statement(actions), asked=_asked(action)).allow is (PROVEN if matches else REFUTED)
    assert _judged(_statement(actions, not_actions=True), asked=_asked(action)).allow is (
        REFUTED if matches else PROVEN
    )


def test_a_deny_is_told_apart_from_an_allow() -> None:
    """A judgement holds what allows and what denies, each with its statements."""
    allow, deny, other = _statement(), _statement("s3:*", allow=False), _statement("sqs:*")
    assert _judged(allow, deny, other) == Judgement(PROVEN, PROVEN, (allow,), (deny,))
    assert _judged(other) is NOTHING


def test_every_statement_that_allows_is_named() -> None:
    """Two statements that allow the same are both among the answer's."""
    one, two = _statement(), _statement("s3:*")
    assert _judged(one, two).allowing == (one, two)


def test_all_conditions_must_hold() -> None:
    """One condition that fails is enough for a statement not to match."""
    secure, here = Condition("Bool", "aws:SecureTransport", ("true",)), Condition("StringEquals", "aws:x", ("a",))
    both = _statement(conditions=(secure, here))
    assert _judged(both, asked=_asked(aws_securetransport="true", aws_x="a")).allow is PROVEN
    assert _judged(both, asked=_asked(aws_securetransport="true", aws_x="b")).allow is REFUTED
    assert _judged(both, asked=_asked(aws_securetransport="false", aws_x="a")).allow is REFUTED


def test_a_failed_condition_settles_it_whatever_is_unknown_beside_it() -> None:
    """An unknown condition beside one that fails does not make the statement one that may match."""
    conditions = (Condition("Bool", "aws:SecureTransport", ("true",)), Condition("StringEquals", "aws:x", ("a",)))
    assert _judged(_statement(conditions=conditions), asked=_asked(aws_x="b", opened=True)).allow is REFUTED
    unsure = _judged(_statement(conditions=conditions), asked=_asked(aws_x="a", opened=True))
    assert unsure.allow is UNKNOWN
    assert [unknown.what for unknown in unsure.because] == ["aws:securetransport"]


@pytest.mark.parametrize(
    ("resources", "asked", "allow", "deny", "not_allow", "not_deny"),
    [
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/a", PROVEN, PROVEN, REFUTED, REFUTED),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::c/a", REFUTED, REFUTED, PROVEN, PROVEN),
        ("arn:aws:s3:::b/*", "arn:aws:s3:::b/*", PROVEN, PROVEN, REFUTED, REFUTED),
        ("arn:aws:s3:::b/in/*", "arn:aws:s3:::b/*", REFUTED, PROVEN, REFUTED, PROVEN),
        ("arn:aws:s3:::b/in/*", "arn:aws:s3:::c/*", REFUTED, REFUTED, PROVEN, PROVEN),
        ("*", "*", PROVEN, PROVEN, REFUTED, REFUTED),
        ("arn:aws:s3:::b", "*", REFUTED, REFUTED, PROVEN, PROVEN),
        ("arn:aws:s3:::b/*", "*", REFUTED, PROVEN, REFUTED, PROVEN),
        ("arn:aws:s3:::b/a", "*", REFUTED, PROVEN, REFUTED, PROVEN),
        ("arn:aws:sqs:*:*:q", "*", REFUTED, REFUTED, PROVEN, PROVEN),
    ],
)
def test_an_allow_must_cover_a_star_and_a_deny_need_only_meet_it(
    resources: str, asked: str, allow: Answer, deny: Answer, not_allow: Answer, not_deny: Answer
) -> None:
    """Of every resource of a shape an Allow must cover all, and a Deny that covers one of them is met."""
    request = _asked(resource=asked)
    assert _judged(_statement(resources=resources), asked=request).allow is allow
    assert _judged(_statement(resources=resources, allow=False), asked=request).deny is deny
    assert _judged(_statement(resources=resources, not_resources=True), asked=request).allow is not_allow
    assert _judged(_statement(resources=resources, allow=False, not_resources=True), asked=request).deny is not_deny


@pytest.mark.parametrize(
    ("action", "resource", "deny"),
    [
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:*:*:secret:a-*", PROVEN),
        ("SecretsManager:getsecretvalue", "arn:aws:secretsmanager:*:*:secret:a-*", PROVEN),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:key/a", PROVEN),
        ("kms:Decrypt", "arn:aws:kms:eu-west-1:111122223333:alias/a", REFUTED),
        ("ec2:DescribeInstances", "arn:aws:ec2:*:*:instance/*", REFUTED),
        ("cloudwatch:PutMetricData", "arn:aws:cloudwatch:*:*:dataset/a", REFUTED),
        ("rds:DescribeDBSnapshots", "arn:aws:rds:*:*:snapshot:a", REFUTED),
        ("kms:NoSuchAction", "arn:aws:kms:eu-west-1:111122223333:key/a", REFUTED),
    ],
)
def test_a_bare_star_is_every_resource_of_an_action_that_needs_one(action: str, resource: str, deny: Answer) -> None:
    """A Deny of one resource is met by a call that may be about any, and the explanation says the same."""
    statement = _statement(action.partition(":")[0] + ":*", resource, allow=False)
    request = _asked(action=action, resource="*")
    assert _judged(statement, asked=request).deny is deny
    [explained] = Policy([statement]).explain(request)
    assert isinstance(explained, Met) is (deny is PROVEN)


@pytest.mark.parametrize(
    ("resource", "context", "answer"),
    [
        ("arn:aws:s3:::home/${aws:username}/*", {}, UNKNOWN),
        ("arn:aws:s3:::home/${aws:username}/*", {"aws_username": "jo"}, PROVEN),
        ("arn:aws:s3:::home/${aws:username, 'jo'}/*", {}, PROVEN),
        ("arn:aws:s3:::home/jo/*", {}, PROVEN),
    ],
)
@pytest.mark.parametrize("allows", [True, False])
def test_all_but_what_has_no_value_is_not_all(
    allows: bool, resource: str, context: dict[str, Any], answer: Answer
) -> None:
    """A NotResource with a variable that the request lacks is left open; without negation it matches nothing."""
    asked = _asked(**context)
    words = (("s3:GetObject",), (resource,))
    statement = Statement(HOLDER, "identity", allows, *words, not_resources=True)
    judged = _judged(statement, asked=asked)
    assert (judged.allow if allows else judged.deny) is answer
    assert [one.what for one in judged.because] == (["aws:username"] if answer is UNKNOWN else [])
    plain = _judged(Statement(HOLDER, "identity", allows, *words), asked=asked)
    assert (plain.allow, plain.deny) == (REFUTED, REFUTED)


def test_a_resource_that_is_not_known_makes_a_maybe_with_its_reason() -> None:
    """A reference of unknown shape may be the resource; its shape, once given, decides."""
    bucket = Ref(Address("us-east-1/data:aws_s3_bucket.orders"), "arn")
    statement = Statement(HOLDER, "identity", True, ("s3:GetObject",), (text(bucket, "/*"),))
    unsure = _judged(statement)
    assert (unsure.allow, unsure.because) == (UNKNOWN, (Unknown(f"{bucket.to}.arn", (bucket,)),))
    assert Policy([statement], {bucket: "arn:aws:s3:::orders"}).judge(_asked()).allow is PROVEN
    assert Policy([statement], {bucket: "arn:aws:s3:::bills"}).judge(_asked()).allow is REFUTED
    assert Policy([statement], {bucket: "arn:aws:s3:::orders"}).judge(_asked()).allowing == (statement,)


def test_a_document_that_cannot_be_read_may_allow_and_may_deny() -> None:
    """An opaque statement leaves both answers open and is named as the reason."""
    why = Unknown("policy.json", why="it is not JSON")
    opaque = Statement(HOLDER, "identity", True, (), (), opaque=why)
    judged = _judged(opaque)
    assert (judged.allow, judged.deny, judged.because) == (UNKNOWN, UNKNOWN, (why,))
    assert _judged(opaque, _statement()).allow is PROVEN
    assert _judged(opaque, _statement()).deny is UNKNOWN


def test_what_is_sure_goes_before_what_may_be() -> None:
    """A statement that allows for sure makes the answer sure, with only such statements named."""
    perhaps = _statement(conditions=(Condition("StringEquals", "aws:x", ("a",)),))
    judged = _judged(perhaps, _statement(), asked=_asked(opened=True))
    assert (judged.allow, judged.allowing, judged.because) == (PROVEN, (_statement(),), ())


def test_an_older_version_takes_variables_literally() -> None:
    """`${aws:username}` in a policy of 2008 is a resource of that name."""
    resource = "arn:aws:s3:::orders/${aws:username}"
    asked = _asked(resource="arn:aws:s3:::orders/ada", aws_username="ada")
    assert _judged(_statement(resources=resource), asked=asked).allow is PROVEN
    assert _judged(_statement(resources=resource, variables=False), asked=asked).allow is REFUTED


def test_a_resource_policy_says_by_which_name_it_allows() -> None:
    """The account and the role are told apart, for IAM treats them differently."""
    account = _statement(kind="resource", principals=(("AWS", "arn:aws:iam::111122223333:root"),))
    role = _statement(kind="resource", principals=(("AWS", ROLE),))
    other = _statement(kind="resource", principals=(("AWS", f"{ROLE}s"),))
    assert _judged(account, role, other).to == {Match.ACCOUNT: PROVEN, Match.ROLE: PROVEN}
    assert _judged(other) is NOTHING
    assert _judged(_statement(kind="resource")).allow is REFUTED


def test_a_trust_policy_needs_no_resource() -> None:
    """A statement of a trust policy is about the role that carries it; one of a role without a resource is nothing."""
    trust = _statement("sts:AssumeRole", "", kind="trust", principals=(("AWS", "*"),))
    assert _judged(trust, asked=_asked("sts:AssumeRole", ROLE)).allow is PROVEN
    assert _judged(_statement("sts:AssumeRole", ""), asked=_asked("sts:AssumeRole", ROLE)).allow is REFUTED


def test_an_explanation_goes_from_what_matches_to_the_nearest_miss() -> None:
    """Statements are ordered by how little stands in the way, and each clause says what it saw."""
    far = _statement("sqs:SendMessage")
    kin = _statement("s3:PutObject")
    elsewhere = _statement(resources="arn:aws:s3:::bills/*")
    insecure = _statement(conditions=(Condition("Bool", "aws:SecureTransport", ("true",)),))
    match = _statement("s3:*")
    found = Policy([far, kin, elsewhere, insecure, match]).explain(_asked(aws_securetransport="false"))
    assert [each.statement for each in found] == [match, insecure, elsewhere, kin, far]
    assert isinstance(found[0], Met)
    assert found[0].answer is PROVEN
    assert all(isinstance(each, Missed) for each in found[1:])
    clause = found[1].clauses[-1]
    assert (clause.part, clause.answer, clause.wants, clause.saw) == ("condition", REFUTED, ("true",), ("false",))
    assert [each.part for each in found[2].clauses] == ["action", "resource"]
    assert found[2].clauses[1].saw == (OBJECT,)
    assert [each.part for each in found[4].clauses] == ["action"]


def test_an_explanation_of_a_missing_key_says_that_it_saw_none() -> None:
    """A condition on a key that the request lacks is told apart from one that saw another value."""
    found = Policy([_statement(conditions=(Condition("StringEquals", "aws:x", ("a",)),))]).explain(_asked())
    assert found[0].clauses[-1].saw is None


def test_the_index_of_actions_does_not_grow_without_end() -> None:
    """A caller that invents actions does not fill the memory."""
    policy = Policy([_statement()])
    for number in range(21_000):
        policy.judge(_asked(f"s3:Invented{number}"))
    assert len(policy._candidates) <= 20_001
    assert policy.judge(_asked()).allow is PROVEN
