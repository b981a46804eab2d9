"""Why on one screen: what decides, what came nearest, and what the other layers say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from permission_documents import ELSEWHERE, KEY, ROLE, SESSION, USER, allow, deny, document, policies, request
from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.evaluate import decide
from seawall.analyze.permissions.explain import SCREEN, explain
from seawall.analyze.permissions.request import Caller
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

READ = document(allow("s3:GetObject", "arn:aws:s3:::bucket/*", Sid="Read"))
ALL = document(allow())


def why(layers: dict[str, Any], **asked: Any) -> list[str]:
    """The lines of an explanation."""
    return list(explain(request(**asked), policies(**layers)).lines)


def test_an_allowed_request_names_the_statement_that_allows_it() -> None:
    """Headline, layer, where the statement stands and what it says; then the other layers, a line each."""
    assert why({"identity": [READ], "boundary": ALL}) == [
        f"allowed: {SESSION} may s3:GetObject on arn:aws:s3:::bucket/key",
        "  the identity policy allows it",
        "  identity policy Read of r/s:identity.it",
        "    allows s3:GetObject on arn:aws:s3:::bucket/*",
        "  beside: the permissions boundary allows it",
    ]


def test_a_denied_request_names_the_deny() -> None:
    """An explicit denial names its statement, and what would have allowed it stands beside."""
    lines = why({"identity": [READ], "resource": document(deny("s3:*", Principal="*", Sid="Never"))})
    assert lines[1] == "  the resource policy denies it, and no other can allow it then"
    assert lines[2:4] == ["  resource policy Never of r/s:resource.it", "    denies s3:* on *"]
    assert lines[4:] == ["  beside: the identity policy allows it"]


def test_the_nearest_miss_comes_first() -> None:
    """Statements that are about the action, the one with the least in its way first, each with what it saw."""
    wide = allow("s3:*", "arn:aws:s3:::other/*", Sid="Far", Condition={"StringEquals": {"aws:RequestedRegion": "eu"}})
    close = allow("s3:GetObject", "*", Sid="Close", Condition={"StringEquals": {"aws:RequestedRegion": ["eu", "us"]}})
    lines = why(
        {"identity": [document(allow("sqs:*"), wide), document(close)]},
        context={"aws:requestedregion": ("ap",)},
    )
    assert lines[1] == "  no identity policy allows it"
    assert lines[2:] == [
        "  near: identity policy Close of r/s:identity.it",
        "    condition StringEquals aws:RequestedRegion: wants eu, us; is ap",
        "  near: identity policy Far of r/s:identity.it",
        "    resource: wants arn:aws:s3:::other/*; is arn:aws:s3:::bucket/key",
        "    condition StringEquals aws:RequestedRegion: wants eu; is ap",
    ]


def test_a_key_that_is_not_there_is_said_to_be_so() -> None:
    """What the request lacks is told from what it holds."""
    found = document(allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}))
    assert "    condition StringEquals aws:PrincipalTag/team: wants a; is not there" in why({"identity": [found]})


def test_what_nobody_speaks_of_is_said_in_a_line() -> None:
    """No statement about the action: how many there are about others, if any."""
    assert why({})[2:] == ["  no statement there is about s3:GetObject"]
    assert why({"identity": [document(allow("sqs:*"), allow("sns:*"), deny("sqs:*"))]})[2:] == [
        "  no statement there is about s3:GetObject; 2 about others"
    ]


@pytest.mark.parametrize(
    ("layers", "asked", "line"),
    [
        ({"identity": [READ], "boundary": document()}, {}, "the permissions boundary does not allow it, and all that"),
        ({"identity": [READ], "scps": [[document(allow("sqs:*"))]]}, {}, "the service control policy does not allow"),
        ({"identity": [READ]}, {"owner": ELSEWHERE}, "the resource policy does not let the caller in"),
        ({"identity": [ALL], "which": Layer.KEY}, {"resource": KEY}, "the key policy does not let the caller in"),
        ({"resource": document()}, {}, "neither an identity policy nor the resource's own allows it"),
        ({"resource": document(), "boundary": ALL}, {}, "neither an identity policy nor the resource's own allows it"),
        ({"resource": document()}, {"owner": ELSEWHERE}, "no identity policy allows it"),
    ],
)
def test_why_is_said_in_a_sentence(layers: dict[str, Any], asked: dict[str, Any], line: str) -> None:
    """Each layer that takes away says what it means that it does."""
    said = why(layers, **asked)[1].strip()
    assert said.startswith(line)
    assert said.endswith((" it", " in", " there too"))


def test_whom_a_resource_lets_in_is_said_beside_what_the_caller_may() -> None:
    """In one account either may give: the principals that it names are near misses too; in two they are not."""
    layers = {"resource": document(allow("s3:*", Principal={"AWS": USER}, Sid="Jo"))}
    assert "  near: resource policy Jo of r/s:resource.it" in why(layers)
    assert any(line.startswith(f"    principal: wants {USER}; is ") for line in why(layers))
    assert not any("near" in line for line in why(layers, owner=ELSEWHERE))
    handed = {"resource": document(allow(Principal={"AWS": "111122223333"}), allow(Principal={"AWS": USER}))}
    lines = why(handed)
    assert not any("near" in line for line in lines)
    assert "  beside: the resource policy leaves it to the account's own policies" in lines


def test_what_is_not_known_is_named() -> None:
    """An open answer names the keys that it hangs on, and the statement with the condition that asks for them."""
    found = document(allow(Condition={"StringEquals": {"aws:PrincipalTag/team": "a"}}))
    lines = why({"identity": [found]}, open=True)
    assert lines[0].startswith("unknown: whether ")
    assert lines[1] == "  it hangs on the identity policy"
    assert any(line.startswith("  not known: aws:principaltag/team") for line in lines)
    assert any(
        line.startswith("    condition StringEquals aws:PrincipalTag/team: wants a; is not known") for line in lines
    )


def test_a_policy_that_nobody_has_shown_is_said_to_be_missing() -> None:
    """What stands in for it has no holder: that is said, instead of an empty name."""
    from seawall.analyze.permissions.policy import Policy

    unseen = Statement(Address(""), "resource", True, (), (), opaque=Unknown("the policy of k", why="no such resource"))
    lines = explain(request(), replace(policies(), identity=(), resource=Policy([unseen]))).lines
    assert "  resource policy, which is not in the input" in lines
    assert not any(line.rstrip().endswith(" of") for line in lines)


def test_a_document_that_cannot_be_read_is_named() -> None:
    """It may say anything, so the answer is open and says where the document stands."""
    opaque = Statement(
        Address("r/s:aws_iam_role.x"), "identity", True, (), (), opaque=Unknown("x.policy"), by=Address("r/s:a.b")
    )
    from seawall.analyze.permissions.policy import Policy

    lines = explain(request(), replace(policies(), identity=(Policy([opaque]),))).lines
    assert "  identity policy of r/s:aws_iam_role.x, from r/s:a.b" in lines
    assert "    cannot be read: x.policy (it is known only after apply)" in lines
    assert "    the document cannot be read" in lines


def test_it_fits_on_a_screen() -> None:
    """Whatever the number of statements: the rest is counted, and the other layers are still there."""
    many = [allow("s3:*", [f"arn:aws:s3:::b{n}{m}/*" for m in range(9)], Sid=f"S{n}") for n in range(60)]
    lines = why({"identity": [document(*many)], "boundary": ALL, "session": ALL})
    assert len(lines) <= SCREEN
    assert "  and 57 more about the action" in lines
    assert "    resource: wants arn:aws:s3:::b00/*, arn:aws:s3:::b01/*, arn:aws:s3:::b02/* and 6 more; is" in str(lines)
    assert lines[-2:] == ["  beside: the permissions boundary allows it", "  beside: the session policy allows it"]
    unsure = [allow(Condition={"StringEquals": {f"aws:PrincipalTag/t{n}": "a"}}) for n in range(9)]
    lines = why({"identity": [document(*unsure)]}, open=True)
    assert len(lines) <= SCREEN
    assert "  and 6 more that is not known" in lines
    assert "  and 6 more that decide it as well" in lines


@pytest.mark.parametrize(
    ("judged", "word"),
    [
        (deny(), "denies it as well"),
        (allow(), "allows it"),
        (allow(Condition={"StringEquals": {"aws:PrincipalTag/x": "a"}}), "may say something of it"),
        (deny("sqs:*"), "says nothing of it"),
    ],
)
def test_each_other_layer_has_a_line(judged: Any, word: str) -> None:
    """A Deny before an Allow, and that before what may be; several policies of a layer have one line."""
    # The organisation's denial would decide; the resource control policies are looked at before it.
    first = {"rcps": [[document(deny())]], "identity": [READ], "scps": [[document(judged)], [document()]]}
    lines = why(first, open=True)
    assert [line for line in lines if "service control" in line] == [f"  beside: the service control policy {word}"]


def test_who_asks_is_named_by_the_best_of_its_names() -> None:
    """The session where one is known, else the role; nobody in particular is anybody."""
    assert why({})[0] == f"denied: {SESSION} may not s3:GetObject on arn:aws:s3:::bucket/key"
    asked = request(Caller("role", ROLE, "111122223333"), "s3:ListAllMyBuckets", "*", owner="")
    assert explain(asked, policies()).lines[0] == f"denied: {ROLE} may not s3:ListAllMyBuckets"
    assert explain(asked, policies()).decision == decide(asked, policies())
    assert why({}, caller="anonymous")[0].startswith("denied: anybody may not")


def test_what_a_statement_says_is_said_in_a_line() -> None:
    """Its actions and resources, three of each before the rest is counted, what it leaves out, and its conditions."""
    three, four = ["s3:Get*", "s3:List*", "s3:Put*"], ["s3:Get*", "s3:List*", "s3:Put*", "sqs:*"]
    assert "    allows s3:Get*, s3:List*, s3:Put* on *" in why({"identity": [document(allow(three))]})
    assert "    allows s3:Get*, s3:List*, s3:Put* and 1 more on *" in why({"identity": [document(allow(four))]})
    left_out = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::else/*"}
    assert "    allows all but iam:* on all but arn:aws:s3:::else/*" in why({"identity": [document(left_out)]})
    tagged = allow(Condition={"Null": {"aws:PrincipalTag/x": "true"}})
    assert "    allows * on * under conditions" in why({"identity": [document(tagged)]})
    near = {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::bucket/*"}
    assert "    resource: wants anything but arn:aws:s3:::bucket/*; is arn:aws:s3:::bucket/key" in why(
        {"identity": [document(near)]}
    )


@pytest.mark.parametrize("number", [2, 3, 4])
def test_three_are_shown_and_the_rest_is_counted(number: int) -> None:
    """Of those that decide, of those that came near, and of what is not known."""
    unsure = [allow(Condition={"StringEquals": {f"aws:PrincipalTag/t{n}": "a"}}, Sid=f"S{n}") for n in range(number)]
    lines = why({"identity": [document(*unsure)]}, open=True)
    assert sum(" of r/s:identity.it" in line for line in lines) == min(number, 3)
    assert ("  and 1 more that decide it as well" in lines) is (number == 4)
    assert ("  and 1 more that is not known" in lines) is (number == 4)
    assert SCREEN == 24
    missed = [allow(resource=f"arn:aws:s3:::b{n}/*", Sid=f"S{n}") for n in range(number)]
    lines = why({"identity": [document(*missed)]})
    assert sum(line.startswith("  near: ") for line in lines) == min(number, 3)
    assert ("  and 1 more about the action" in lines) is (number == 4)


def test_a_clause_that_is_open_gives_its_reasons() -> None:
    """Each reason once it is known to be one; they stand behind what the statement wants."""
    holes = [Unknown("one", why="nobody says"), Unknown("two", why="it comes later")]
    from seawall.analyze.permissions.policy import Policy
    from seawall.kernel.value import Text

    resource = Text(("arn:aws:s3:::", holes[0], "/", holes[1]))
    found = Policy([Statement(Address("r/s:a.b"), "identity", True, ("*",), (resource,))])
    lines = explain(request(), replace(policies(), identity=(found,))).lines
    assert any(line.endswith("is not known: nobody says; it comes later") for line in lines), lines
