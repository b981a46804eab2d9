"""Whatever is needed: the least allows it, holds nothing else, and cannot do without any of its statements."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analyze.permissions.excess import excess
from seawall.analyze.permissions.gaps import gaps
from seawall.analyze.permissions.minimal import Grant, as_document, documents, grants, size
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.facts.identity import Identifier, Principal
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown, text
from seawall.knowledge.policy_sizes import MANAGED
from seawall.readers.aws.policy import statements

ACCOUNT = Unknown("account", why="no input says which account this is")
ROLE = Address("eu-west-1/x:aws_iam_role.x")
WHO = (Principal(ROLE, "role", "x"), Identifier(ROLE, "arn", text("arn:aws:iam::", ACCOUNT, ":role/x")))
REGIONS = st.sampled_from(["eu-west-1", "eu-west-2"])
NAMES = st.sampled_from(["a", "b", "ab", "a/b", "*", "a*", "a/*", "*b"])

KINDS = {
    "sqs": (["SendMessage", "ReceiveMessage", "DeleteMessage"], ":"),
    "sns": (["Publish"], ":"),
    "ssm": (["GetParameter", "GetParametersByPath"], ":parameter/"),
    "dynamodb": (["Query", "PutItem"], ":table/"),
}


@st.composite
def calls(draw: st.DrawFn) -> Call:
    """A call of the role on a thing with an ARN, or of an action that is about none."""
    region = draw(REGIONS)
    if draw(st.booleans()):
        service = draw(st.sampled_from(sorted(KINDS)))
        actions, before = KINDS[service]
        made_up = draw(st.sampled_from(["", "", Unknown("thing.id")]))
        resource: Textual = text("arn:aws:", service, ":", region, ":", ACCOUNT, before, draw(NAMES), made_up)
        return Call(ROLE, f"{service}:{draw(st.sampled_from(actions))}", resource, region)
    name = draw(st.sampled_from(["cloudwatch:PutMetricData", "xray:PutTraceSegments", "ec2:DescribeInstances"]))
    sent: tuple[tuple[str, tuple[Textual, ...]], ...] = ()
    if name.startswith("cloudwatch") and draw(st.booleans()):
        sent = (("cloudwatch:namespace", (draw(st.sampled_from(["A", "B"])),)),)
    return Call(ROLE, name, "*", region, sent)


def granted(needs: list[Call], found: tuple[Grant, ...]) -> Facts:
    """A role that is granted this and has these needs."""
    return Facts([*WHO, *needs, *statements(as_document(found), ROLE, "identity", "policy")])


@settings(max_examples=40, deadline=None)
@given(st.lists(calls(), min_size=1, max_size=8))
def test_the_least_is_enough_and_nothing_of_it_can_go(needs: list[Call]) -> None:
    """No gap, no excess; and without any one of the statements there is a gap."""
    found = grants(needs)
    facts = granted(needs, found)
    assert gaps(facts) == ()
    assert excess(facts) == ()
    for grant in found:
        assert gaps(granted(needs, tuple(each for each in found if each != grant)))


@settings(max_examples=40, deadline=None)
@given(st.lists(calls(), min_size=1, max_size=8), st.randoms())
def test_the_least_does_not_hang_on_the_order_of_needs(needs: list[Call], shuffled: object) -> None:
    """The same needs give the same policy, however often and in whatever order they are said."""
    again = [*needs, *needs]
    shuffled.shuffle(again)  # type: ignore[attr-defined]
    assert grants(again) == grants(needs)


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 90), st.integers(1, 100))
def test_no_document_is_longer_than_iam_takes(many: int, long: int) -> None:
    """Pages stay below the limit, and together hold every pair once."""
    needs = [Call(ROLE, "s3:GetObject", f"arn:aws:s3:::{number:03}{'x' * long}/*") for number in range(many)]
    pages = documents(grants(needs))
    assert len(pages) == 1 or all(size(as_document(page)) <= MANAGED for page in pages)
    assert sorted(each for page in pages for grant in page for each in grant.resources) == [
        each.resource for each in needs
    ]
