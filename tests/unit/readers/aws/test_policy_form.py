"""What is wrong with a policy document's form."""

from __future__ import annotations

import json
from typing import Any

import pytest

from seawall.facts.identity import PolicyDocument, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.aws.policy import Kind, policy_facts
from seawall.readers.aws.policy_form import faults, size

HOLDER = Address("r/s:aws_iam_role.x")
GOOD = {"Sid": "a", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::x/*"}
TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def document(value: Any, kind: Kind = "identity") -> PolicyDocument:
    """The document that a value is."""
    (found,) = [fact for fact in policy_facts(value, HOLDER, kind, "x.policy") if isinstance(fact, PolicyDocument)]
    return found


def without(*names: str, **more: Any) -> dict[str, Any]:
    """The good statement without some elements, with others put in."""
    return {**{key: value for key, value in GOOD.items() if key not in names}, **more}


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("identity", GOOD),
        ("identity", without("Resource", NotResource=["arn:aws:s3:::x", text("arn:aws:s3:::", Unknown("b"))])),
        ("identity", without(Condition={"ForAnyValue:StringLikeIfExists": {"a:b": "x*"}, "Null": {"s3:x": False}})),
        ("identity", without("Action", NotAction="iam:*")),
        ("identity", without(Resource="*", Action="*")),
        ("trust", TRUST),
        ("resource", without(Principal="*")),
        ("rcp", without(Principal="*")),
        ("identity", without(Action=Ref(HOLDER, "a"), Resource=Unknown("r"))),
    ],
)  # fmt: skip
def test_what_aws_takes_has_no_faults(kind: str, statement: dict[str, Any]) -> None:
    """A document that AWS takes is called good, whatever holes it has."""
    assert list(faults({"Version": "2012-10-17", "Id": "x", "Statement": statement}, kind)) == []


@pytest.mark.parametrize(
    ("kind", "statement", "fault"),
    [
        ("identity", without("Effect"), "statement a: it has no Effect"),
        ("identity", without(Effect="allow"), "statement a: its Effect is allow, neither Allow nor Deny"),
        ("identity", without("Action"), "statement a: it has neither Action nor NotAction"),
        ("identity", without(NotAction="s3:*"), "statement a: it has both Action and NotAction"),
        ("identity", without(Action=[]), "statement a: its Action is empty"),
        ("identity", without(Action={"a": 1}), "statement a: its Action is neither a string nor a list of strings"),
        ("identity", without(Action="GetObject"), "statement a: Action GetObject is not of the form service:action"),
        ("identity", without("Resource"), "statement a: it has neither Resource nor NotResource"),
        ("identity", without(Resource="x/*"), "statement a: Resource x/* is neither an ARN nor *"),
        ("identity", without(Resources="*"), "statement a: Resources is no element of a statement"),
        ("identity", without(Sid="a b"), "statement 1: the Sid a b has other characters than letters and digits"),
        (
            "identity",
            without(Principal="*"),
            "statement a: Principal has no place in a policy of this kind: whoever carries it is the principal",
        ),
        ("trust", {**TRUST, "Resource": "*"}, "statement 1: a trust policy has no Resource"),
        ("trust", {**TRUST, "Principal": []}, "statement 1: its Principal is empty"),
        ("trust", {**TRUST, "Principal": {"Servic": "x"}}, "statement 1: Servic is no kind of principal"),
        (
            "trust",
            {**TRUST, "Principal": "arn:aws:iam::1:root"},
            "statement 1: Principal arn:aws:iam::1:root does not say what kind of principal it is",
        ),
        ("resource", GOOD, "statement a: it has neither Principal nor NotPrincipal"),
        ("rcp", GOOD, 'statement a: the Principal of a resource control policy is "*"'),
        ("identity", without(Condition=[]), "statement a: its Condition is not an object"),
        ("identity", without(Condition={"Equal": {"a:b": 1}}), "statement a: Equal is no condition operator"),
        (
            "identity",
            without(Condition={"NullIfExists": {"a:b": 1}}),
            "statement a: NullIfExists is no condition operator",
        ),
        ("identity", without(Condition={"Bool": {}}), "statement a: the condition Bool tests no key"),
        (
            "identity",
            without(Condition={"Bool": {"SecureTransport": True}}),
            "statement a: the condition key SecureTransport does not say whose it is, as aws:SecureTransport would",
        ),
        (
            "identity",
            without(Condition={"Bool": {"aws:SecureTransport": []}}),
            "statement a: the condition key aws:SecureTransport is compared with nothing",
        ),
    ],
)  # fmt: skip
def test_what_aws_refuses_is_said(kind: str, statement: dict[str, Any], fault: str) -> None:
    """Each thing that AWS would refuse is one sentence that names the statement."""
    assert list(faults({"Version": "2012-10-17", "Statement": [statement]}, kind)) == [fault]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"Version": "2012-10-17"}, ("it has no statements",)),
        ({"Version": "2012-10-18", "Statement": GOOD}, ("Version 2012-10-18 is neither 2008-10-17 nor 2012-10-17",)),
        ({"Statement": [GOOD, GOOD]}, ("two statements have the Sid a",)),
        ({"Statement": [1]}, ("statement 1 is not an object",)),
        ({"Statement": GOOD, "statement": 1}, ("statement is no element of a policy",)),
        ([GOOD], ("it is not an object",)),
        ('{"Statement": {}', ("it is not JSON: unexpected end of data: line 1 column 17 (char 16)",)),
        ('{"Version": "2012-10-17", "Version": "2012-10-17"}', ("Version is said twice", "it has no statements")),
        ("[" * 400 + "]" * 400, ("it is nested deeper than 150 levels",)),
        ("[NaN]", ("it is not JSON: unexpected character, expected a JSON value: line 1 column 2 (char 1)",)),
        (Unknown("x"), ()),
        (Ref(HOLDER, "json"), ()),
    ],
)  # fmt: skip
def test_faults_of_whole_documents(value: Any, said: tuple[str, ...]) -> None:
    """A document that cannot be read, or whose outermost parts are wrong, says so; one not known yet has no faults."""
    assert document(value).faults == said
    opaque = [fact for fact in policy_facts(value, HOLDER, "identity", "x.policy") if isinstance(fact, Statement)]
    if isinstance(document(value).size, Unknown):
        assert [statement.opaque is not None for statement in opaque] == [True]


def test_white_space_does_not_count() -> None:
    """A document is as long as what it says, however it is laid out; what is not known yet counts nothing."""
    compact = json.dumps({"Version": "2012-10-17", "Statement": [GOOD]}, separators=(",", ":"))
    pretty = json.dumps(json.loads(compact), indent=8)
    assert document(compact).size == document(pretty).size == size(json.loads(compact)) == len(compact)
    assert document(compact).version == "2012-10-17"
    held = document(text('{"Statement": "', Unknown("account"), 'é"}'))
    assert held.size == len('{"Statement":"é"}')
    assert held.version == ""
