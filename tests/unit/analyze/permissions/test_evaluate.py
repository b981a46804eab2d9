"""What all layers decide together: AWS's flow chart as a table, one whole decision a row.

Rows follow IAM User Guide, "Policy evaluation logic" (one account, two accounts, the table of implicit denials beside a
resource's policy), Organizations User Guide on SCPs and RCPs, and KMS Developer Guide on key policies and grants.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

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
    allow,
    deny,
    document,
    policies,
    policy,
    request,
)
from seawall.analyze.permissions import evaluate
from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import CRYPTOGRAPHIC, Doubt, Granted, Policies, decide, within
from seawall.facts.identity import KeyGrant
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown, text
from seawall.kernel.verdict import Answer
from seawall.readers.aws.arn import ACCOUNT

YES, NO, OPEN = Answer.PROVEN, Answer.REFUTED, Answer.UNKNOWN
NOTHING_MORE: Mapping[str, Any] = MappingProxyType({})
GET = allow("s3:GetObject", "arn:aws:s3:::bucket/*")
ALL = document(allow())
READ = document(GET)
OTHER = document(allow("sqs:*"))
NOTHING = document()
UNSURE = document(allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}))


def by(principal: Any, action: str = "*", **more: Any) -> Any:
    """A resource's policy that lets a principal in."""
    return document(allow(action, "*", Principal=principal, **more))


def to(arn: str) -> Any:
    """A resource's policy that lets that ARN in."""
    return by({"AWS": arn})


def trust(principal: Any, action: str = "sts:AssumeRole", **more: Any) -> Any:
    """Whom a role trusts; such a policy names no resource."""
    return document(allow(action, None, Principal=principal, **more))


class Row(NamedTuple):
    """One decision: who asks for what, the layers, the answer, and the layer that decides it."""

    name: str
    answer: Answer
    layer: Layer
    layers: dict[str, Any]
    asked: Mapping[str, Any] = NOTHING_MORE
    explicit: bool = False


IDENTITY, RESOURCE, BOUNDARY, SESSION_, SCP, RCP, ENDPOINT, TRUST, KEY_, GRANT = (
    Layer.IDENTITY, Layer.RESOURCE, Layer.BOUNDARY, Layer.SESSION, Layer.SCP, Layer.RCP, Layer.ENDPOINT, Layer.TRUST,
    Layer.KEY, Layer.GRANT,
)  # fmt: skip
ACROSS = {"owner": ELSEWHERE}
USER_ASKS = {"caller": "user"}
DECRYPT = {"action": "kms:Decrypt", "resource": KEY}
ASSUME = {"action": "sts:AssumeRole", "resource": TARGET}
BY_TOKEN = "sts:AssumeRoleWithWebIdentity"
SHOWN = {**ASSUME, "action": BY_TOKEN, "caller": "federated"}
ROOT, STRANGERS = f"arn:aws:iam::{HOME}:root", f"arn:aws:iam::{ELSEWHERE}:root"

ROWS = [
    # -- one account, nothing but the caller's own policies ------------------------------------------------------------
    Row("by default nothing is allowed", NO, IDENTITY, {}),
    Row("an identity policy allows", YES, IDENTITY, {"identity": [READ]}),
    Row("one of several suffices", YES, IDENTITY, {"identity": [OTHER, READ]}),
    Row("another action is not allowed", NO, IDENTITY, {"identity": [OTHER]}),
    Row("a Deny beside an Allow is final", NO, IDENTITY, {"identity": [document(GET, deny())]}, explicit=True),
    Row("a Deny in another policy is final", NO, IDENTITY, {"identity": [READ, document(deny())]}, explicit=True),
    Row("a Deny of something else is none", YES, IDENTITY, {"identity": [READ, document(deny("sqs:*"))]}),
    Row("a user is no different", YES, IDENTITY, {"identity": [READ]}, USER_ASKS),
    Row("an action without a resource is of no account", YES, IDENTITY, {"identity": [ALL]}, {"owner": ""}),
    # -- the boundary and the session ----------------------------------------------------------------------------------
    Row("a boundary allows as well", YES, IDENTITY, {"identity": [READ], "boundary": ALL}),
    Row("a boundary takes away", NO, BOUNDARY, {"identity": [READ], "boundary": OTHER}),
    Row("a boundary gives nothing", NO, IDENTITY, {"boundary": ALL}),
    Row("a boundary without statements takes all", NO, BOUNDARY, {"identity": [READ], "boundary": NOTHING}),
    Row("a boundary may deny", NO, BOUNDARY, {"identity": [READ], "boundary": document(deny())}, explicit=True),
    Row("a session's policy takes away", NO, SESSION_, {"identity": [READ], "session": OTHER}),
    Row("a session's policy allows as well", YES, IDENTITY, {"identity": [READ], "session": READ}),
    Row("a session's policy gives nothing", NO, IDENTITY, {"session": READ}),
    Row("a session's policy may deny", NO, SESSION_, {"identity": [READ], "session": document(deny())}, explicit=True),
    Row("boundary and session must both allow", NO, SESSION_, {"identity": [READ], "boundary": ALL, "session": OTHER}),
    # -- one account, a resource's policy: the table of implicit denials ----------------------------------------------
    Row("a resource gives to the session", YES, RESOURCE, {"resource": to(SESSION)}),
    Row("to the session past boundary and session", YES, RESOURCE,
        {"resource": to(SESSION), "boundary": OTHER, "session": OTHER}),
    Row("a resource gives to the role", YES, RESOURCE, {"resource": to(ROLE)}),
    Row("to the role not past its boundary", NO, BOUNDARY, {"resource": to(ROLE), "boundary": OTHER}),
    Row("to the role not past its session's policy", NO, SESSION_, {"resource": to(ROLE), "session": OTHER}),
    Row("to the role within boundary and session", YES, RESOURCE,
        {"resource": to(ROLE), "boundary": READ, "session": READ}),
    Row("a resource gives to the user", YES, RESOURCE, {"resource": to(USER)}, USER_ASKS),
    Row("to the user past a boundary", YES, RESOURCE, {"resource": to(USER), "boundary": OTHER}, USER_ASKS),
    Row("a resource gives to everybody", YES, RESOURCE, {"resource": by("*")}),
    Row("to everybody past a boundary", YES, RESOURCE, {"resource": by("*"), "boundary": OTHER}),
    Row("to everybody who is that role, past a boundary", YES, RESOURCE,
        {"resource": by("*", Condition={"ArnEquals": {"aws:PrincipalArn": ROLE}}), "boundary": OTHER},
        {"context": {"aws:principalarn": (ROLE,)}}),
    Row("the account only hands on", NO, IDENTITY, {"resource": to(ROOT)}),
    Row("the account's number only hands on", NO, IDENTITY, {"resource": to(HOME)}),
    Row("handed on, the identity policy gives", YES, IDENTITY, {"resource": to(ROOT), "identity": [READ]}),
    Row("a resource that names another gives nothing", NO, IDENTITY, {"resource": to(USER)}),
    Row("a resource that names another takes nothing", YES, IDENTITY, {"resource": to(USER), "identity": [READ]}),
    Row("a resource denies", NO, RESOURCE,
        {"identity": [READ], "resource": document(deny(Principal="*"))}, explicit=True),
    Row("a resource denies the account and so its role", NO, RESOURCE,
        {"identity": [READ], "resource": document(deny(Principal={"AWS": ROOT}))}, explicit=True),
    Row("a resource denies somebody else", YES, IDENTITY,
        {"identity": [READ], "resource": document(deny(Principal={"AWS": USER}))}),
    Row("all but the role are denied: it is named, with session and account", YES, IDENTITY,
        {"identity": [READ], "resource": document(deny(NotPrincipal={"AWS": [ROLE, SESSION, ROOT]}))}),
    Row("all but somebody else are denied", NO, RESOURCE,
        {"identity": [READ], "resource": document(deny(NotPrincipal={"AWS": [USER, STRANGERS]}))},
        explicit=True),
    Row("a Deny of the identity goes before what the resource gives", NO, IDENTITY,
        {"resource": to(SESSION), "identity": [document(deny())]}, explicit=True),
    Row("a Deny of the boundary goes before it too", NO, BOUNDARY,
        {"resource": to(SESSION), "boundary": document(deny())}, explicit=True),
    # -- two accounts --------------------------------------------------------------------------------------------------
    Row("across accounts one's own is not enough", NO, RESOURCE, {"identity": [READ]}, ACROSS),
    Row("nor is the other's", NO, IDENTITY, {"resource": to(ROLE)}, ACROSS),
    Row("nor is the other's for the session", NO, IDENTITY, {"resource": to(SESSION)}, ACROSS),
    Row("nor everybody's", NO, IDENTITY, {"resource": by("*")}, ACROSS),
    Row("both together are, for the role", YES, IDENTITY, {"identity": [READ], "resource": to(ROLE)}, ACROSS),
    Row("both together are, for the account", YES, IDENTITY, {"identity": [READ], "resource": to(ROOT)}, ACROSS),
    Row("both together are, for everybody", YES, IDENTITY, {"identity": [READ], "resource": by("*")}, ACROSS),
    Row("not past a boundary, whatever is named", NO, BOUNDARY,
        {"identity": [READ], "resource": to(SESSION), "boundary": OTHER}, ACROSS),
    Row("nor past a session's policy", NO, SESSION_, {"identity": [READ], "resource": to(SESSION), "session": OTHER},
        ACROSS),
    Row("nor where the other names somebody else", NO, RESOURCE, {"identity": [READ], "resource": to(USER)}, ACROSS),
    Row("the other's Deny is final", NO, RESOURCE,
        {"identity": [READ], "resource": document(allow(Principal="*"), deny(Principal={"AWS": ROOT}))}, ACROSS,
        explicit=True),
    # -- what an organisation says -------------------------------------------------------------------------------------
    Row("every level allows", YES, IDENTITY, {"identity": [READ], "scps": [[ALL], [ALL], [READ]]}),
    Row("one level does not", NO, SCP, {"identity": [READ], "scps": [[ALL], [OTHER], [ALL]]}),
    Row("one policy of a level suffices", YES, IDENTITY, {"identity": [READ], "scps": [[OTHER, READ]]}),
    Row("a level without a policy allows nothing", NO, SCP, {"identity": [READ], "scps": [[ALL], []]}),
    Row("a level denies", NO, SCP, {"identity": [READ], "scps": [[ALL], [ALL, document(deny("s3:*"))]]}, explicit=True),
    Row("an SCP gives nothing", NO, IDENTITY, {"scps": [[ALL]]}),
    Row("an SCP holds for what a resource gives", NO, SCP, {"resource": to(SESSION), "scps": [[OTHER]]}),
    Row("an SCP holds for users", NO, SCP, {"identity": [READ], "scps": [[OTHER]]}, USER_ASKS),
    Row("an SCP does not hold for a service", YES, RESOURCE,
        {"resource": by({"Service": "sns.amazonaws.com"}), "scps": [[document(deny())]]}, {"caller": "service"}),
    Row("an SCP does not hold for a service-linked role", YES, IDENTITY,
        {"identity": [READ], "scps": [[document(deny())]]}, {"caller": "linked"}),
    Row("an RCP denies", NO, RCP, {"identity": [READ], "rcps": [[ALL], [document(deny("s3:*"))]]}, explicit=True),
    Row("an RCP that allows nothing stands beside one that does", YES, IDENTITY,
        {"identity": [READ], "rcps": [[OTHER]]}),
    Row("an RCP holds for a service", NO, RCP,
        {"resource": by({"Service": "sns.amazonaws.com"}), "rcps": [[document(deny())]]}, {"caller": "service"},
        explicit=True),
    Row("an RCP holds for everybody", NO, RCP, {"resource": by("*"), "rcps": [[document(deny())]]},
        {"caller": "anonymous"}, explicit=True),
    Row("an RCP does not hold for a service-linked role", YES, IDENTITY,
        {"identity": [READ], "rcps": [[document(deny())]]}, {"caller": "linked"}),
    Row("an RCP has no say in a service that AWS does not list", YES, IDENTITY,
        {"identity": [ALL], "rcps": [[document(deny())]]}, {"action": "ec2:StopInstances", "owner": ""}),
    Row("an RCP has no say in retiring a grant", YES, KEY_,
        {"resource": to(SESSION), "rcps": [[document(deny())]], "which": KEY_},
        {**DECRYPT, "action": "kms:RetireGrant"}),
    # -- an endpoint on the way ----------------------------------------------------------------------------------------
    Row("an endpoint allows as well", YES, IDENTITY, {"identity": [READ], "endpoint": by("*")}),
    Row("an endpoint takes away", NO, ENDPOINT, {"identity": [READ], "endpoint": by("*", "sqs:*")}),
    Row("an endpoint gives nothing", NO, IDENTITY, {"endpoint": by("*")}),
    Row("an endpoint denies", NO, ENDPOINT,
        {"identity": [READ], "endpoint": document(allow(Principal="*"), deny(Principal="*"))}, explicit=True),
    Row("an endpoint holds for what a resource gives", NO, ENDPOINT, {"resource": to(SESSION), "endpoint": NOTHING}),
    Row("an endpoint is on nobody's way who is a service", YES, RESOURCE,
        {"resource": by({"Service": "sns.amazonaws.com"}), "endpoint": document(deny(Principal="*"))},
        {"caller": "service"}),
    # -- services, everybody -------------------------------------------------------------------------------------------
    Row("a service has what the resource gives it", YES, RESOURCE,
        {"resource": by({"Service": "sns.amazonaws.com"})}, {"caller": "service"}),
    Row("a service has nothing of its own", NO, RESOURCE, {"identity": [ALL]}, {"caller": "service"}),
    Row("nor where no account is asked after", NO, RESOURCE, {"identity": [ALL]}, {"caller": "service", "owner": ""}),
    Row("another service is not meant", NO, RESOURCE, {"resource": by({"Service": "sqs.amazonaws.com"})},
        {"caller": "service"}),
    Row("everybody has what everybody is given", YES, RESOURCE, {"resource": by("*")}, {"caller": "anonymous"}),
    Row("everybody may also be AWS: *", YES, RESOURCE, {"resource": by({"AWS": "*"})}, {"caller": "anonymous"}),
    Row("nobody in particular is not of the account", NO, RESOURCE, {"resource": to(ROOT)}, {"caller": "anonymous"}),
    # -- whom a role trusts --------------------------------------------------------------------------------------------
    Row("a role trusts its own account's role by name", YES, TRUST,
        {"resource": trust({"AWS": ROLE}), "which": TRUST}, ASSUME),
    Row("trusted by name, but not past a boundary", NO, BOUNDARY,
        {"resource": trust({"AWS": ROLE}), "which": TRUST, "boundary": OTHER},
        ASSUME),
    Row("not trusted, whatever one's own says", NO, TRUST,
        {"resource": trust({"AWS": USER}), "identity": [ALL], "which": TRUST},
        ASSUME),
    Row("trusted as one of the account, and allowed", YES, IDENTITY,
        {"resource": trust({"AWS": ROOT}), "identity": [ALL], "which": TRUST},
        ASSUME),
    Row("trusted as one of the account, and not allowed", NO, IDENTITY,
        {"resource": trust({"AWS": ROOT}), "which": TRUST}, ASSUME),
    Row("trusted across accounts, and allowed", YES, IDENTITY,
        {"resource": trust({"AWS": ROLE}), "identity": [ALL], "which": TRUST},
        {**ASSUME, **ACROSS}),
    Row("trusted across accounts, and not allowed", NO, IDENTITY,
        {"resource": trust({"AWS": ROLE}), "which": TRUST},
        {**ASSUME, **ACROSS}),
    Row("a service is trusted", YES, TRUST,
        {"resource": trust({"Service": "sns.amazonaws.com"}), "which": TRUST},
        {**ASSUME, "caller": "service"}),
    Row("Pod Identity also wants to tag the session", NO, TRUST,
        {"resource": trust({"Service": "sns.amazonaws.com"}), "which": TRUST},
        {**ASSUME, "action": "sts:TagSession", "caller": "service"}),
    Row("a token of a trusted provider", YES, TRUST,
        {"resource": trust({"Federated": PROVIDER}, BY_TOKEN), "which": TRUST}, SHOWN),
    Row("a token of another provider", NO, TRUST,
        {"resource": trust({"Federated": f"{PROVIDER}2"}, BY_TOKEN), "which": TRUST}, SHOWN),
    Row("a token with the wrong subject", NO, TRUST,
        {"resource": trust({"Federated": PROVIDER}, BY_TOKEN,
                           Condition={"StringEquals": {"oidc.example.com/id/1:sub": "system:a"}}), "which": TRUST},
        {**SHOWN, "context": {"oidc.example.com/id/1:sub": ("system:b",)}}),
    # -- keys ----------------------------------------------------------------------------------------------------------
    Row("a key that leaves it to the account, and the identity allows", YES, IDENTITY,
        {"resource": to(ROOT), "identity": [ALL], "which": KEY_}, DECRYPT),
    Row("a key that leaves it to the account, and nobody allows", NO, IDENTITY,
        {"resource": to(ROOT), "which": KEY_}, DECRYPT),
    Row("a key that names nobody of the account", NO, KEY_,
        {"resource": to(USER), "identity": [ALL], "which": KEY_}, DECRYPT),
    Row("a key without a policy that is known", NO, KEY_, {"identity": [ALL], "which": KEY_}, DECRYPT),
    Row("a key that names the role", YES, KEY_, {"resource": to(ROLE), "which": KEY_}, DECRYPT),
    Row("a key that names the role, not past its boundary", NO, BOUNDARY,
        {"resource": to(ROLE), "boundary": OTHER, "which": KEY_}, DECRYPT),
    Row("a key of another account wants both", YES, IDENTITY,
        {"resource": to(ROOT), "identity": [ALL], "which": KEY_}, {**DECRYPT, **ACROSS}),
    Row("a key for whoever comes through a service", YES, KEY_,
        {"resource": by({"AWS": "*"}, Condition={"StringEquals": {
            "kms:ViaService": "s3.eu-west-1.amazonaws.com", "kms:CallerAccount": HOME}}), "which": KEY_},
        {**DECRYPT, "context": {"kms:viaservice": ("s3.eu-west-1.amazonaws.com",), "kms:calleraccount": (HOME,)}}),
    Row("a key for whoever comes through a service, asked directly", NO, KEY_,
        {"resource": by({"AWS": "*"}, Condition={"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}),
         "which": KEY_}, DECRYPT),
    Row("a key whose grants only services may make", NO, KEY_,
        {"resource": by({"AWS": ROLE}, "kms:CreateGrant", Condition={"Bool": {"kms:GrantIsForAWSResource": True}}),
         "which": KEY_},
        {**DECRYPT, "action": "kms:CreateGrant", "context": {"kms:grantisforawsresource": ("false",)}}),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_the_flow_chart(row: Row) -> None:
    """Each row of AWS's flow chart: the answer, the layer that decides it, and whether a Deny that matches is why."""
    decision = decide(request(**row.asked), policies(**row.layers))
    assert (decision.answer, decision.layer, decision.explicit) == (row.answer, row.layer, row.explicit)
    assert bool(decision.statements) is (row.answer is YES or row.explicit)
    assert all(statement.allow is not row.explicit for statement in decision.statements)


def test_every_statement_that_allows_is_named() -> None:
    """An answer names each statement that gives it, on both sides where both are asked, and none that only limits."""
    other = document(allow("s3:Get*"), allow("sqs:*"))
    plain = decide(request(), policies(identity=[READ, other]))
    assert [one.actions for one in plain.statements] == [("s3:GetObject",), ("s3:Get*",)]
    both = decide(request(owner=ELSEWHERE), policies(identity=[READ], boundary=ALL, session=ALL, resource=to(ROLE)))
    assert [one.kind for one in both.statements] == ["identity", "resource"]
    handed = decide(request(**DECRYPT), policies(identity=[ALL], resource=to(ROOT), which=Layer.KEY))
    assert [one.kind for one in handed.statements] == ["resource", "identity"]
    twice = decide(request(), policies(identity=[READ], resource=to(SESSION)))
    assert [one.kind for one in twice.statements] == ["identity", "resource"]


# -- three answers -----------------------------------------------------------------------------------------------------

MAYBE: dict[str, Any] = {"context": {}, "open": True}


@pytest.mark.parametrize(
    ("layers", "layer"),
    [
        ({"identity": [UNSURE]}, IDENTITY),
        ({"identity": [READ, document(deny(Condition={"Bool": {"aws:SecureTransport": False}}))]}, IDENTITY),
        ({"identity": [READ], "boundary": UNSURE}, BOUNDARY),
        ({"identity": [READ], "session": UNSURE}, SESSION_),
        ({"identity": [READ], "scps": [[ALL], [UNSURE]]}, SCP),
        (
            {"identity": [READ], "endpoint": by("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})},
            ENDPOINT,
        ),
        ({"identity": [READ], "rcps": [[document(deny(Condition={"Bool": {"aws:SecureTransport": False}}))]]}, RCP),
        ({"resource": by("*", Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}})}, RESOURCE),
    ],
)
def test_what_hangs_on_a_key_that_is_not_known_is_open(layers: dict[str, Any], layer: Layer) -> None:
    """Each layer may leave an answer open; it names itself, its statement and the key."""
    decision = decide(request(**MAYBE), policies(**layers))
    assert (decision.answer, decision.layer) == (OPEN, layer)
    assert decision.because
    assert any(statement.conditions for statement in decision.statements)
    assert all("aws:" in str(reason).lower() for reason in decision.because)


@pytest.mark.parametrize(
    ("layers", "answer"),
    [
        ({"identity": [UNSURE, READ]}, YES),
        ({"identity": [UNSURE, document(deny())]}, NO),
        ({"identity": [UNSURE], "boundary": OTHER}, NO),
        ({"identity": [UNSURE], "scps": [[OTHER]]}, NO),
        ({"identity": [READ], "scps": [[UNSURE, READ]]}, YES),
        ({"resource": to(SESSION), "boundary": UNSURE}, YES),
        ({"resource": to(SESSION), "identity": [UNSURE]}, YES),
    ],
)
def test_what_is_not_known_changes_nothing_where_the_rest_decides(layers: dict[str, Any], answer: Answer) -> None:
    """A definite answer goes before an open one, whichever is asked first."""
    assert decide(request(**MAYBE), policies(**layers)).answer is answer


def test_one_account_or_two_where_it_is_not_known() -> None:
    """Both ways are gone where an account is not known; where they agree, that is the answer."""
    somebody = Unknown("the account of the bucket")
    assert within(request()) is YES
    assert within(request(owner=ELSEWHERE)) is NO
    assert within(request(owner="")) is YES
    assert within(request(owner=somebody)) is OPEN
    found = decide(request(owner=somebody), policies(identity=[READ]))
    assert (found.answer, found.because) == (OPEN, (somebody,))
    assert decide(request(owner=somebody), policies()).answer is NO
    assert decide(request(owner=somebody), policies(identity=[READ], resource=to(ROLE))).answer is YES
    assert decide(request(owner=somebody), policies(resource=to(ROLE))).answer is OPEN
    ours = replace(CALLERS["role"], account=ACCOUNT, arn=text("arn:aws:iam::", ACCOUNT, ":role/app"))
    assert within(request(ours, owner=ACCOUNT)) is YES
    unlike = decide(request(ours, owner=HOME), policies(identity=[READ]))
    assert (unlike.answer, unlike.because) == (OPEN, (ACCOUNT,))
    parts = decide(request(ours, owner=text("1111", ACCOUNT)), policies(identity=[READ]))
    assert parts.because == (ACCOUNT,)
    theirs = replace(CALLERS["role"], account=text("1", ACCOUNT))
    [reason] = decide(request(theirs, owner=text("2", ACCOUNT)), policies(identity=[READ])).because
    assert "are of one account" in reason.what


@pytest.mark.parametrize("layer", [IDENTITY, BOUNDARY, SESSION_, SCP, ENDPOINT, RESOURCE, RCP])
def test_a_policy_that_may_have_no_say_decides_nothing(layer: Layer) -> None:
    """What it would allow or take away is open, because of what is not known of it; what it leaves alone stays."""
    because = Unknown("whether it applies")

    def doubted(found: Any, layers: Policies) -> Any:
        return decide(request(), replace(layers, doubts=(Doubt(layer, found, because),)))

    allowed = policies(identity=[READ])
    denying = policy(document(deny(Principal="*") if layer in (RESOURCE, ENDPOINT) else deny()), "resource")
    if layer not in (RESOURCE, ENDPOINT):
        denying = policy(document(deny()), "identity")
    taken = doubted(denying, allowed)
    assert (taken.answer, because in taken.because) == (OPEN, True)
    if layer in (IDENTITY, RESOURCE):
        giving = policy(ALL, "identity") if layer is IDENTITY else policy(to(SESSION), "resource")
        assert doubted(giving, policies()).answer is OPEN
        assert doubted(giving, allowed).answer is YES
    elif layer is RCP:
        assert doubted(policy(OTHER, "rcp"), allowed).answer is YES
    else:
        assert doubted(policy(OTHER, "scp"), allowed).answer is OPEN
        agreeing = policy(by("*"), "resource") if layer is ENDPOINT else policy(ALL, "scp")
        assert doubted(agreeing, allowed).answer is YES
        assert doubted(agreeing, policies()).answer is NO


def test_a_doubt_has_no_say_where_its_layer_has_none() -> None:
    """What may be said of an account says nothing of services and of roles that are linked to one."""
    doubts = tuple(Doubt(layer, policy(document(deny()), "scp"), Unknown("x")) for layer in (SCP, RCP))
    linked = policies(identity=[READ], doubts=doubts)
    assert decide(request("linked"), linked).answer is YES
    served = policies(resource=by({"Service": "sns.amazonaws.com"}), doubts=doubts[:1])
    assert decide(request("service"), served).answer is YES
    elsewhere = policies(identity=[ALL], doubts=doubts[1:])
    assert decide(request(action="ec2:StopInstances", owner=""), elsewhere).answer is YES


# -- grants of keys ----------------------------------------------------------------------------------------------------


def granted(whom: Any = ROLE, operations: Any = ("Decrypt",), **more: Any) -> Policies:
    """A key that names nobody, with one grant."""
    grant = KeyGrant(Address("r/s:aws_kms_key.k"), whom, operations, **more)
    return policies(resource=document(), which=Layer.KEY, grants=(Granted(whom, grant),))


PAIR = (("app", "pets"),)


@pytest.mark.parametrize(
    ("found", "asked", "answer"),
    [
        (granted(), DECRYPT, YES),
        (granted(), {**DECRYPT, "action": "KMS:decrypt"}, YES),
        (granted(operations=("Encrypt", "decrypt")), DECRYPT, YES),
        (granted(), {**DECRYPT, "action": "kms:Encrypt"}, NO),
        (granted(), {**DECRYPT, "action": "s3:Decrypt"}, NO),
        (granted(SESSION), DECRYPT, YES),
        (granted(USER), DECRYPT, NO),
        (granted(USER), {**DECRYPT, **USER_ASKS}, YES),
        (granted("sns.amazonaws.com"), {**DECRYPT, "caller": "service"}, YES),
        (granted(Unknown("somebody")), DECRYPT, OPEN),
        (granted(operations=Unknown("some")), DECRYPT, OPEN),
        (granted(USER, Unknown("some")), DECRYPT, NO),
        (granted(context=PAIR), {**DECRYPT, "context": {"kms:encryptioncontext:app": ("pets",)}}, YES),
        (granted(context=PAIR), {**DECRYPT, "context": {"kms:encryptioncontext:app": ("vets",)}}, NO),
        (granted(context=PAIR), DECRYPT, NO),
        (granted(context=PAIR), {**DECRYPT, "open": True}, OPEN),
        (granted(context=PAIR), {**DECRYPT, "open": True, "context": {"kms:encryptioncontext:app": ()}}, NO),
        (
            granted(context=(("app", Unknown("x")),)),
            {**DECRYPT, "context": {"kms:encryptioncontext:app": ("y",)}},
            OPEN,
        ),
        (
            granted(context=PAIR),
            {**DECRYPT, "context": {"kms:encryptioncontext:app": ("pets",), "kms:encryptioncontext:b": ("c",)}},
            YES,
        ),
        (
            granted(context=PAIR, whole=True),
            {**DECRYPT, "context": {"kms:encryptioncontext:app": ("pets",), "kms:encryptioncontext:b": ("c",)}},
            NO,
        ),
        (granted(context=PAIR, whole=True), {**DECRYPT, "context": {"kms:encryptioncontext:app": ("pets",)}}, YES),
        (granted(whole=True), {**DECRYPT, "context": {"kms:encryptioncontext:b": ()}}, YES),
        (granted(operations=("DescribeKey",), context=PAIR), {**DECRYPT, "action": "kms:DescribeKey"}, YES),
    ],
)
def test_a_grant_lets_its_grantee_use_a_key(found: Policies, asked: dict[str, Any], answer: Answer) -> None:
    """For those operations, to that grantee, under that encryption context where the operation takes one."""
    decision = decide(request(**asked), found)
    assert decision.answer is answer
    if answer is YES:
        assert (decision.layer, decision.statements) == (Layer.GRANT, ())
    if answer is OPEN:
        assert decision.because


@pytest.mark.parametrize("operation", sorted(CRYPTOGRAPHIC))
def test_a_constraint_holds_for_what_takes_an_encryption_context(operation: str) -> None:
    """Each of those operations of KMS, in whatever case it is spelled; of any other the constraint asks nothing."""
    found = granted(operations=(operation,), context=PAIR)
    asked = {**DECRYPT, "action": f"kms:{operation.upper()}"}
    assert decide(request(**asked), found).answer is NO
    assert decide(request(**asked, context={"kms:encryptioncontext:app": ("pets",)}), found).answer is YES


def test_a_grant_beside_other_layers() -> None:
    """A Deny goes before it, the organisation limits it, and what a boundary does to it AWS does not say."""
    asked = request(**DECRYPT)
    assert decide(asked, replace(granted(), resource=policy(document(deny(Principal="*")), "resource"))).explicit
    assert decide(asked, replace(granted(), scps=((policy(OTHER, "scp"),),))).layer is Layer.SCP
    assert decide(asked, replace(granted(), boundary=policy(ALL, "boundary"))).answer is YES
    capped = decide(asked, replace(granted(), boundary=policy(OTHER, "boundary")))
    assert (capped.answer, capped.layer) == (OPEN, Layer.GRANT)
    assert "permissions boundary" in capped.because[0].what
    abroad = request(**DECRYPT, owner=ELSEWHERE)
    assert decide(abroad, replace(granted(), identity=(policy(ALL, "identity"),))).answer is YES
    assert decide(abroad, granted()).answer is NO


# -- laws of shape -----------------------------------------------------------------------------------------------------


def test_the_short_way_is_taken_only_where_nothing_else_has_a_say() -> None:
    """Any other layer makes the whole chart be gone, and so does a caller of another account."""
    assert policies(identity=[READ]).plain
    for more in (
        {"boundary": ALL},
        {"session": ALL},
        {"resource": ALL},
        {"endpoint": ALL},
        {"scps": [[ALL]]},
        {"rcps": [[ALL]]},
        {"which": Layer.KEY},
        {"grants": granted().grants},
        {"doubts": (Doubt(SCP, policy(ALL, "scp"), Unknown("x")),)},
    ):
        assert not policies(identity=[READ], **more).plain, more


@pytest.mark.parametrize("caller", ["role", "user"])
def test_most_requests_go_the_short_way(caller: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A role's or a user's own policies alone are not taken through the whole chart, which takes ten times as long."""
    monkeypatch.delattr(evaluate, "_Chart")
    assert decide(request(caller), policies(identity=[READ])).answer is YES


def test_an_answer_says_whether_a_deny_is_why() -> None:
    """Explicit is a refusal with a statement, and neither an Allow nor a refusal without one."""
    assert decide(request(), policies(identity=[document(deny())])).explicit
    assert not decide(request(), policies()).explicit
    assert not decide(request(), policies(identity=[READ])).explicit
    assert OBJECT.startswith("arn:")


@pytest.mark.parametrize("action", ["sts:GetCallerIdentity", "STS:getcalleridentity"])
@pytest.mark.parametrize("identity", [(), (policy(document(deny("*")), "identity"),)], ids=["nothing", "deny"])
def test_who_one_is_may_always_be_asked(action: str, identity: Any) -> None:
    """GetCallerIdentity needs no permission and heeds no Deny, for whoever has credentials; other actions do."""
    asked = request(action=action, resource="*")
    assert decide(asked, Policies(identity)).answer is YES
    assert decide(replace(asked, caller=CALLERS["anonymous"]), Policies(identity)).answer is NO
    assert decide(replace(asked, action="sts:GetSessionToken"), Policies(identity)).answer is NO
