"""Which policies of an estate have a say in a request, and what they decide together."""

from __future__ import annotations

from typing import Any

import pytest

from permission_estate import allow, at, estate, policy
from seawall.analyze.permissions.applicable import (
    caller_named,
    caller_of,
    can,
    owner_of,
    policies,
    request_for,
    request_of,
    resource_of,
)
from seawall.analyze.permissions.decision import Decision, Layer
from seawall.analyze.permissions.request import Caller, Request
from seawall.facts.demands import Call
from seawall.facts.identity import Attaches, Identifier, Statement
from seawall.facts.network import Member
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, text
from seawall.kernel.verdict import Answer
from seawall.readers.aws.arn import ACCOUNT

YES, NO, OPEN = Answer.PROVEN, Answer.REFUTED, Answer.UNKNOWN
HOME, ELSEWHERE = "111122223333", "444455556666"
PODS = policy(allow(["sts:AssumeRole", "sts:TagSession"], None, Principal={"Service": "pods.eks.amazonaws.com"}))
APP = at("aws_iam_role.app")
ME = "${data.aws_caller_identity.me.account_id}"

BASE: dict[str, Any] = {
    "aws_iam_role": {"app": {"name": "app", "assume_role_policy": PODS}},
    "aws_iam_role_policy": {
        "app": {
            "role": "${aws_iam_role.app.name}",
            "policy": policy(
                allow("s3:GetObject", "${aws_s3_bucket.b.arn}/*"),
                allow("sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ME}:orders"),
                allow("kms:Decrypt", "${aws_kms_key.k.arn}"),
                allow("secretsmanager:GetSecretValue", "${aws_secretsmanager_secret.s.id}"),
            ),
        }
    },
    "aws_s3_bucket": {"b": {"bucket": "pictures"}},
    "aws_sqs_queue": {"q": {"name": "orders"}},
    "aws_kms_key": {"k": {}},
    "aws_kms_alias": {"k": {"name": "alias/pictures", "target_key_id": "${aws_kms_key.k.key_id}"}},
    "aws_secretsmanager_secret": {"s": {"name": "login"}},
}


def base(**more: Any) -> Any:
    """The facts of the base estate with some types changed; None leaves a type out."""
    found = {**BASE, **more}
    return estate({type: named for type, named in found.items() if named is not None})


def own(*statements: Any) -> Any:
    """The role's inline policy of these statements."""
    return {"app": {"role": "${aws_iam_role.app.name}", "policy": policy(*statements)}}


def arn(type: str, name: str = "x") -> Ref:
    """A reference to an ARN."""
    return Ref(at(f"{type}.{name}"), "arn")


KEY, QUEUE, BUCKET = arn("aws_kms_key", "k"), arn("aws_sqs_queue", "q"), arn("aws_s3_bucket", "b")


def decided(found: Any, action: str, resource: Any, **context: Any) -> tuple[Answer, Layer]:
    """The answer for the role of the estate, and the layer."""
    decision = can(found, APP, action, resource, context or None)
    return decision.answer, decision.layer


# -- in one estate, before an account is known -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "resource", "answer", "layer"),
    [
        ("s3:GetObject", text(BUCKET, "/a.png"), YES, Layer.IDENTITY),
        ("s3:GetObject", "arn:aws:s3:::pictures/a.png", YES, Layer.IDENTITY),
        ("s3:GetObject", text(BUCKET, "/*"), YES, Layer.IDENTITY),
        ("s3:PutObject", text(BUCKET, "/a.png"), NO, Layer.IDENTITY),
        ("s3:GetObject", "arn:aws:s3:::other/a.png", NO, Layer.IDENTITY),
        ("sqs:SendMessage", QUEUE, YES, Layer.IDENTITY),
        ("sqs:SendMessage", text("arn:aws:sqs:eu-west-1:", ACCOUNT, ":orders"), YES, Layer.IDENTITY),
        ("kms:Decrypt", KEY, YES, Layer.IDENTITY),
        ("kms:Encrypt", KEY, NO, Layer.IDENTITY),
        ("secretsmanager:GetSecretValue", arn("aws_secretsmanager_secret", "s"), YES, Layer.IDENTITY),
        ("ec2:DescribeInstances", "*", NO, Layer.IDENTITY),
    ],
)
def test_a_role_on_its_own_things(action: str, resource: Any, answer: Answer, layer: Layer) -> None:
    """References, shapes of ARNs and names meet in one spelling, although nobody knows the account yet."""
    assert decided(base(), action, resource) == (answer, layer)


def test_policies_of_all_sorts_are_carried() -> None:
    """Inline in the role, inline apart, attached by address or by ARN, and AWS's own: all count."""
    found = base(
        aws_iam_role={
            "app": {
                "name": "app",
                "assume_role_policy": PODS,
                "inline_policy": [{"name": "a", "policy": policy(allow("sns:Publish"))}],
                "managed_policy_arns": ["arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy"],
            }
        },
        aws_iam_policy={"p": {"name": "p", "policy": policy(allow("ses:SendEmail"))}},
        aws_iam_role_policy_attachment={
            "p": {"role": "${aws_iam_role.app.name}", "policy_arn": "${aws_iam_policy.p.arn}"},
        },
    )
    for action in ("sns:Publish", "ses:SendEmail", "cloudwatch:PutMetricData"):
        assert decided(found, action, "*") == (YES, Layer.IDENTITY), action
    assert decided(found, "iam:CreateUser", "*") == (NO, Layer.IDENTITY)
    assert decided(found, "sqs:SendMessage", QUEUE) == (YES, Layer.IDENTITY)


def test_a_policy_that_is_not_in_the_input_leaves_it_open() -> None:
    """It may allow and it may deny: both answers are open, and the policy is named."""
    found = base(
        aws_iam_role_policy_attachment={
            "p": {"role": "${aws_iam_role.app.name}", "policy_arn": f"arn:aws:iam::{HOME}:policy/elsewhere"},
        }
    )
    for action, resource in (("sqs:SendMessage", QUEUE), ("iam:CreateUser", "*")):
        decision = can(found, APP, action, resource)
        assert decision.answer is OPEN
        assert decision.because[0].what == f"arn:aws:iam::{HOME}:policy/elsewhere"


def test_an_attachment_whose_role_is_not_known_leaves_it_open() -> None:
    """Whoever carries it: what it allows may be allowed, what it says nothing of stays as it is."""
    somebody = Unknown("aws_iam_role_policy.x.role")
    more = Statement(somebody, "identity", True, ("iam:CreateUser",), ("*",))
    found = base().and_also([more])
    assert decided(found, "iam:CreateUser", "*") == (OPEN, Layer.IDENTITY)
    assert decided(found, "iam:DeleteUser", "*") == (NO, Layer.IDENTITY)
    assert decided(found, "sqs:SendMessage", QUEUE) == (YES, Layer.IDENTITY)
    attached = base().and_also([Attaches(somebody, "arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy")])
    assert can(attached, APP, "cloudwatch:PutMetricData", "*").because == (somebody,)
    unplaced = base().and_also([Statement(somebody, "resource", False, ("sqs:*",), ("*",), (("AWS", "*"),))])
    assert decided(unplaced, "sqs:SendMessage", QUEUE) == (OPEN, Layer.RESOURCE)


def test_a_boundary_is_found_by_address_by_arn_and_not_at_all() -> None:
    """A policy of the estate, one of AWS, and one that nobody knows."""

    def bounded(arn: str) -> Any:
        role = {"name": "app", "assume_role_policy": PODS, "permissions_boundary": arn}
        cap = {"cap": {"name": "cap", "policy": policy(allow("s3:*"))}}
        return base(aws_iam_role={"app": role}, aws_iam_policy=cap)

    here = bounded("${aws_iam_policy.cap.arn}")
    assert decided(here, "s3:GetObject", text(BUCKET, "/a")) == (YES, Layer.IDENTITY)
    assert decided(here, "sqs:SendMessage", QUEUE) == (NO, Layer.BOUNDARY)
    amazon = bounded("arn:aws:iam::aws:policy/CloudWatchAgentServerPolicy")
    assert decided(amazon, "sqs:SendMessage", QUEUE) == (NO, Layer.BOUNDARY)
    nobody = bounded(f"arn:aws:iam::{HOME}:policy/cap")
    assert decided(nobody, "sqs:SendMessage", QUEUE) == (OPEN, Layer.BOUNDARY)


# -- policies of resources ---------------------------------------------------------------------------------------------


def test_a_resource_of_the_estate_has_its_own_policy() -> None:
    """A queue that lets the role in, and one that lets nobody in without TLS."""
    to_app = policy(allow("sqs:ReceiveMessage", "*", Principal={"AWS": "${aws_iam_role.app.arn}"}))
    found = base(aws_sqs_queue_policy={"q": {"queue_url": "${aws_sqs_queue.q.id}", "policy": to_app}})
    assert decided(found, "sqs:ReceiveMessage", QUEUE) == (YES, Layer.RESOURCE)
    never = {"Effect": "Deny", "Action": "s3:*", "Resource": ["${aws_s3_bucket.b.arn}", "${aws_s3_bucket.b.arn}/*"],
             "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}  # fmt: skip
    found = base(aws_s3_bucket_policy={"b": {"bucket": "${aws_s3_bucket.b.id}", "policy": policy(never)}})
    assert decided(found, "s3:GetObject", text(BUCKET, "/a")) == (YES, Layer.IDENTITY)
    plain = can(found, APP, "s3:GetObject", text(BUCKET, "/a"), {"aws:securetransport": ("false",)})
    assert (plain.explicit, plain.layer) == (True, Layer.RESOURCE)


def test_a_key_decides_for_itself() -> None:
    """AWS's own policy leaves it to the account; one that names somebody else does not; its alias is no other key."""
    other = policy(allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ELSEWHERE}:role/other"}))
    found = base(aws_kms_key={"k": {"policy": other}})
    assert decided(found, "kms:Decrypt", KEY) == (NO, Layer.KEY)
    strangers = base(aws_kms_key={"k": {"policy": policy(allow("kms:*", "*", Principal={"AWS": ELSEWHERE}))}})
    assert decided(strangers, "kms:Decrypt", KEY) == (OPEN, Layer.KEY), "that may be the very account"
    assert decided(base(), "kms:Decrypt", KEY) == (YES, Layer.IDENTITY)
    alias = arn("aws_kms_alias", "k")
    wide = base(aws_iam_role_policy=own(allow(["kms:Decrypt", "kms:CreateAlias"])))
    assert decided(wide, "kms:Decrypt", alias) == (YES, Layer.IDENTITY)
    closed = base(
        aws_iam_role_policy=own(allow(["kms:Decrypt", "kms:CreateAlias"])), aws_kms_key={"k": {"policy": other}}
    )
    assert decided(closed, "kms:Decrypt", alias) == (NO, Layer.KEY)
    assert decided(closed, "kms:CreateAlias", alias) == (YES, Layer.IDENTITY)
    assert decided(closed, "kms:ListKeys", "*") == (NO, Layer.IDENTITY)


def test_a_key_that_is_not_in_the_input_leaves_it_open() -> None:
    """Its policy may say anything, whatever the role's own says."""
    found = base(aws_iam_role_policy=own(allow("kms:Decrypt")))
    decision = can(found, APP, "kms:Decrypt", text("arn:aws:kms:eu-west-1:", ACCOUNT, ":key/1234"))
    assert (decision.answer, decision.layer) == (OPEN, Layer.KEY)
    assert "the policy of arn:aws:kms" in decision.because[0].what


def test_grants_of_a_key_are_found() -> None:
    """By reference to the role, and by its ARN."""
    other = {"k": {"policy": policy(allow("kms:*", "*", Principal={"AWS": f"arn:aws:iam::{ELSEWHERE}:role/o"}))}}

    def granted(whom: Any) -> Any:
        grant = {"key_id": "${aws_kms_key.k.key_id}", "grantee_principal": whom, "operations": ["Encrypt"]}
        return base(aws_kms_key=other, aws_kms_grant={"g": grant})

    for whom in ("${aws_iam_role.app.arn}", f"arn:aws:iam::{ME}:role/app"):
        assert decided(granted(whom), "kms:Encrypt", KEY) == (YES, Layer.GRANT), whom
        assert decided(granted(whom), "kms:Decrypt", KEY) == (NO, Layer.KEY), whom
    assert decided(granted(f"arn:aws:iam::{ME}:role/other"), "kms:Encrypt", KEY) == (NO, Layer.KEY)


def test_whom_a_role_trusts_decides_who_takes_it_on() -> None:
    """The service of Pod Identity with the tags, not the account; and whom it trusts is no policy on reading it."""
    found = base(aws_iam_role_policy=own(allow(["sts:AssumeRole", "iam:GetRole"])))
    role = arn("aws_iam_role", "app")
    for action in ("sts:AssumeRole", "sts:TagSession"):
        assert can(found, "pods.eks.amazonaws.com", action, role).answer is YES
        assert can(found, "ec2.amazonaws.com", action, role).answer is NO
    assert decided(found, "sts:AssumeRole", role) == (NO, Layer.TRUST)
    assert decided(found, "iam:GetRole", role) == (YES, Layer.IDENTITY)
    elsewhere = can(found, APP, "sts:AssumeRole", text("arn:aws:iam::", ACCOUNT, ":role/other"))
    assert (elsewhere.answer, elsewhere.layer) == (OPEN, Layer.TRUST)


def test_a_resource_of_another_account_leaves_it_open() -> None:
    """Across accounts the other's policy must let one in, and the input does not hold it; in one it is not asked."""
    role = {"app": {"name": "app", "assume_role_policy": PODS}}
    found = base(aws_iam_role=role, aws_iam_role_policy=own(allow("sqs:SendMessage")))
    caller = Caller("role", f"arn:aws:iam::{HOME}:role/app", HOME, of=APP)
    queue = f"arn:aws:sqs:eu-west-1:{ELSEWHERE}:orders"
    request = request_of(found, caller, Call(APP, "sqs:SendMessage", queue))
    assert request.owner == ELSEWHERE
    layers = policies(found, request)
    assert layers.resource is not None
    assert layers.resource.statements[0].opaque is not None
    near = request_of(found, caller, Call(APP, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{HOME}:orders"))
    assert policies(found, near).resource is None


def test_a_star_over_several_things_asks_them_all() -> None:
    """A Deny on one of them leaves it open whether each may be had."""
    never = {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Principal": "*"}
    found = base(
        aws_iam_role_policy=own(allow("s3:GetObject", "arn:aws:s3:::pic*")),
        aws_s3_bucket={"b": {"bucket": "pictures"}, "c": {"bucket": "picnics"}, "d": {"bucket": "else"}},
        aws_s3_bucket_policy={"c": {"bucket": "${aws_s3_bucket.c.id}", "policy": policy(never)}},
    )
    assert decided(found, "s3:GetObject", "arn:aws:s3:::pic*/a") == (OPEN, Layer.RESOURCE)
    assert decided(found, "s3:GetObject", "arn:aws:s3:::pictures/*") == (YES, Layer.IDENTITY)
    assert decided(found, "s3:GetObject", "arn:aws:s3:::picnics/*") == (NO, Layer.RESOURCE)


# -- who and whose -----------------------------------------------------------------------------------------------------


def test_who_asks_by_name() -> None:
    """ARNs of roles, sessions, users and providers, services, and nobody; a session is its role's of the input."""
    found = base()
    role = f"arn:aws:iam::{HOME}:role/path/app"
    assert caller_named(found, role) == Caller("role", role, HOME)
    session = f"arn:aws:sts::{HOME}:assumed-role/app/one"
    ours = caller_of(found, APP)
    assert isinstance(ours, Caller)
    assert caller_named(found, session) == Caller("role", ours.arn, HOME, session, APP)
    strange = f"arn:aws:sts::{HOME}:assumed-role/strange/one"
    assert caller_named(found, strange) == Caller("role", f"arn:aws:iam::{HOME}:role/strange", HOME, strange)
    user = f"arn:aws-cn:iam::{HOME}:user/jo"
    assert caller_named(found, user) == Caller("user", user, HOME)
    assert caller_named(found, "sns.amazonaws.com") == Caller("service", "sns.amazonaws.com")
    assert caller_named(found, "*") == Caller("anonymous", "")
    for kind in ("oidc-provider/x", "saml-provider/x"):
        provider = f"arn:aws:iam::{HOME}:{kind}"
        assert caller_named(found, provider) == Caller("federated", provider)
    for nobody in ("jo", f"arn:aws:iam::{HOME}:group/g", "sns.example.com"):
        assert isinstance(caller_named(found, nobody), Unknown)
    assert isinstance(caller_of(found, at("aws_sqs_queue.q")), Unknown)
    assert can(found, "jo", "s3:GetObject", "*") == Decision(OPEN, Layer.IDENTITY, because=(caller_named(found, "jo"),))


def test_a_role_that_the_input_does_not_hold_leaves_it_open() -> None:
    """Of a name alone nobody knows the policies; a role of the input is found by its ARN."""
    found = base()
    decision = can(found, f"arn:aws:iam::{HOME}:role/strange", "sqs:SendMessage", "*")
    assert (decision.answer, decision.layer) == (OPEN, Layer.IDENTITY)
    assert can(found, "*", "sqs:SendMessage", QUEUE).answer is NO


def test_users_have_what_their_groups_have() -> None:
    """Inline and attached to the group, by whatever says that the user is in it."""
    found = estate(
        {
            "aws_iam_user": {"jo": {"name": "jo"}},
            "aws_iam_group": {"g": {"name": "g"}},
            "aws_iam_group_policy": {"g": {"group": "${aws_iam_group.g.name}", "policy": policy(allow("sns:Publish"))}},
        },
        [Member(at("aws_iam_group.g"), at("aws_iam_user.jo")), Member(at("aws_x.y"), at("aws_iam_user.jo"))],
    )
    jo = at("aws_iam_user.jo")
    assert can(found, jo, "sns:Publish", "*").answer is YES
    assert can(found, jo, "sqs:SendMessage", "*").answer is NO
    perhaps = found.and_also([Member(Unknown("some group"), jo)])
    assert can(perhaps, jo, "sqs:SendMessage", "*").because == (Unknown("some group"),)


@pytest.mark.parametrize(
    ("resource", "owner"),
    [
        ("*", ""),
        (f"arn:aws:sqs:eu-west-1:{HOME}:orders", HOME),
        ("arn:aws:iam::aws:policy/ReadOnlyAccess", "aws"),
        ("arn:aws:route53:::hostedzone/Z1", ""),
        ("arn:aws:s3:::pictures/a", ACCOUNT),
        ("arn:aws:s3:::pict*", ACCOUNT),
        (text("arn:aws:route53:::healthcheck/", Ref(at("aws_route53_health_check.x"), "id")), ACCOUNT),
        (Ref(at("aws_x.y"), "arn"), ACCOUNT),
    ],
)
def test_whose_a_resource_is(resource: Any, owner: Any) -> None:
    """By its ARN, by being made here; where a service lets nobody else in, a name without an account is anybody's."""
    assert owner_of(base(), resource) == owner


def test_a_bucket_that_is_not_in_the_input_may_be_anybodys() -> None:
    """Nor does a reference to something that is only looked up say whose it is."""
    for resource in ("arn:aws:s3:::other", Ref(at("data.aws_s3_bucket.x"), "arn"), Ref(Address("odd"), "arn")):
        owner = owner_of(base(), resource)
        assert isinstance(owner, Unknown)
        assert owner != ACCOUNT, resource


def test_a_request_is_made_of_a_name_an_action_and_an_arn() -> None:
    """What the caller of the command says goes before what the facts say."""
    found = base()
    made = request_for(found, APP, "sqs:SendMessage", QUEUE, {"aws:securetransport": ("false",)}, open=False)
    assert isinstance(made, Request)
    assert made.context["aws:securetransport"] == ("false",)
    assert made.context["aws:requestedregion"] == ("eu-west-1",)
    assert (made.owner, made.open, made.caller.of) == (ACCOUNT, False, APP)
    assert isinstance(request_for(found, "jo", "sqs:SendMessage", "*"), Unknown)


def test_an_account_that_one_arn_tells_is_the_account_of_all() -> None:
    """A role whose ARN is known, a queue whose ARN is not, and a name that somebody gives: they are of one account."""
    queue = f"arn:aws:sqs:eu-west-1:{HOME}:orders"
    spells = Statement(Address("r/s:aws_iam_policy.x"), "identity", True, ("sqs:*",), (queue,))
    other = Identifier(at("aws_iam_role.other"), "arn", f"arn:aws:iam::{HOME}:role/other")
    told = base().and_also([spells, other])
    assert decided(told, "sqs:SendMessage", queue) == (YES, Layer.IDENTITY)
    assert can(told, f"arn:aws:iam::{HOME}:role/app", "sqs:SendMessage", QUEUE).answer is YES
    assert can(told, f"arn:aws:sts::{HOME}:assumed-role/app/x", "sqs:SendMessage", queue).answer is YES
    assert resource_of(told, queue) == at("aws_sqs_queue.q")
    named = caller_named(told, f"arn:aws:iam::{HOME}:role/other")
    assert isinstance(named, Caller)
    assert (named.account, named.of) == (ACCOUNT, at("aws_iam_role.other"))
    assert decided(told, "sqs:DeleteQueue", f"arn:aws:sqs:eu-west-1:{ELSEWHERE}:orders")[0] is NO


def test_services_of_other_partitions_and_of_aws_itself_are_services() -> None:
    """By the endings of their names."""
    for name in ("sns.amazonaws.com.cn", "s3.aws.internal"):
        assert caller_named(base(), name) == Caller("service", name)


def test_what_a_request_does_not_say_is_open_unless_it_is_told_otherwise() -> None:
    """By default a key that nobody mentions may be there; as in a simulation it is not."""
    found = base(aws_iam_role_policy=own(allow("sqs:*", Condition={"StringEquals": {"sqs:x": "y"}})))
    assert decided(found, "sqs:SendMessage", QUEUE) == (OPEN, Layer.IDENTITY)
    assert can(found, APP, "sqs:SendMessage", QUEUE, open=False).answer is NO
    made = request_for(found, APP, "sqs:SendMessage", QUEUE)
    caller = caller_of(found, APP)
    assert isinstance(made, Request)
    assert isinstance(caller, Caller)
    assert made.open
    assert request_of(found, caller, Call(APP, "sqs:SendMessage", QUEUE)).open


def test_a_user_that_the_input_does_not_hold_leaves_it_open() -> None:
    """As a role does of which the input has only the name."""
    assert can(base(), f"arn:aws:iam::{HOME}:user/strange", "sqs:SendMessage", "*").answer is OPEN


@pytest.mark.parametrize(
    ("block", "conditions", "caller", "answer"),
    [
        (None, {}, "*", YES),
        (True, {}, "*", OPEN),
        (True, {"StringEquals": {"aws:SecureTransport": "true"}}, "*", OPEN),
        (Unknown("x"), {}, "*", OPEN),
        (False, {}, "*", YES),
        (True, {}, "logging.s3.amazonaws.com", YES),
        (True, None, "*", NO),
    ],
    ids=str,
)
def test_a_block_of_public_access_may_keep_the_public_out(
    block: Any, conditions: Any, caller: str, answer: Any
) -> None:
    """Of a bucket with the block nobody outside is surely let in by a policy that is for everybody."""
    whom = "*" if conditions is not None else {"AWS": "arn:aws:iam::444455556666:root"}
    names = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
    shared = policy(allow("s3:GetObject", "arn:aws:s3:::open/*", Principal=whom, Condition=conditions or {}))
    blocked = {
        "aws_s3_bucket_public_access_block": {"b": {"bucket": "${aws_s3_bucket.b.id}", **dict.fromkeys(names, block)}}
    }
    found = estate(
        {
            "aws_s3_bucket": {"b": {"bucket": "open"}},
            "aws_s3_bucket_policy": {"b": {"bucket": "${aws_s3_bucket.b.id}", "policy": shared}},
            **({} if block is None else blocked),
        }
    )
    decision = can(found, caller, "s3:GetObject", "arn:aws:s3:::open/a")
    assert decision.answer is answer
    assert any("public access block" in one.what for one in decision.because) is (answer is OPEN)
