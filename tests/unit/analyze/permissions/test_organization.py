"""Levels of an organisation: what holds for an account for sure, and what may."""

from __future__ import annotations

from typing import Any

import pytest

from permission_estate import allow, at, estate, policy
from seawall.analyze.permissions.applicable import can, policies, request_for
from seawall.analyze.permissions.decision import Layer
from seawall.analyze.permissions.organization import control_policies
from seawall.analyze.permissions.request import Request
from seawall.facts.identity import Attaches, Governs
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer
from seawall.readers.aws.arn import ACCOUNT

YES, NO, OPEN = Answer.PROVEN, Answer.REFUTED, Answer.UNKNOWN
HOME, ELSEWHERE = "111122223333", "444455556666"
APP = at("aws_iam_role.app")
NEVER = policy({"Effect": "Deny", "Action": "sqs:*", "Resource": "*"})
LISTED = policy(allow("s3:*"))
ROOT = "${aws_organizations_organization.o.roots.0.id}"
UNIT = "${aws_organizations_organizational_unit.u.id}"


def organised(targets: dict[str, Any], found: Any = NEVER, kind: str = "SERVICE_CONTROL_POLICY", **account: Any) -> Any:
    """An organisation with a unit and two accounts, and one policy that is attached to these targets."""
    attached = {
        name: {"policy_id": "${aws_organizations_policy.p.id}", "target_id": target} for name, target in targets.items()
    }
    own = {"role": "${aws_iam_role.app.name}", "policy": policy(allow(["sqs:SendMessage", "s3:GetObject"]))}
    return estate(
        {
            "aws_organizations_organization": {"o": {"master_account_id": "999988887777"}},
            "aws_organizations_organizational_unit": {"u": {"parent_id": ROOT}, "v": {"parent_id": ROOT}},
            "aws_organizations_account": {
                "a": {"parent_id": UNIT, **account},
                "b": {"parent_id": ROOT, "id": ELSEWHERE},
            },
            "aws_organizations_policy": {"p": {"type": kind, "content": found}},
            "aws_organizations_policy_attachment": attached,
            "aws_iam_role": {"app": {"name": "app", "assume_role_policy": policy()}},
            "aws_iam_role_policy": {"app": own},
        }
    )


def asked(found: Any, action: str = "sqs:SendMessage") -> tuple[Answer, Layer]:
    """The answer for the role of the estate, whose account nobody knows."""
    decision = can(found, APP, action, "*")
    return decision.answer, decision.layer


def test_what_holds_for_the_root_holds_for_all() -> None:
    """By reference or by its id, of an account that nobody knows; what it does not deny stays allowed."""
    for root in (ROOT, "r-abcd"):
        found = organised({"x": root})
        assert asked(found) == (NO, Layer.SCP)
        assert asked(found, "s3:GetObject") == (YES, Layer.IDENTITY)


def test_what_holds_for_a_unit_may_hold_for_an_account_that_is_not_known() -> None:
    """The answer is open where it matters, with the unit named; and stays where it does not."""
    found = organised({"x": UNIT})
    assert asked(found) == (OPEN, Layer.SCP)
    assert asked(found, "s3:GetObject") == (YES, Layer.IDENTITY)
    [reason] = can(found, APP, "sqs:SendMessage", "*").because
    assert "aws_organizations_organizational_unit.u" in reason.what


@pytest.mark.parametrize(
    ("target", "account", "levels", "doubts"),
    [
        (ROOT, HOME, 1, 0),
        (UNIT, HOME, 1, 0),
        ("${aws_organizations_organizational_unit.v.id}", HOME, 0, 0),
        ("${aws_organizations_account.a.id}", HOME, 1, 0),
        ("${aws_organizations_account.b.id}", HOME, 0, 0),
        (HOME, "123123123123", 0, 0),
        ("123123123123", "123123123123", 1, 0),
        (UNIT, "123123123123", 0, 1),
        (UNIT, ACCOUNT, 0, 1),
        ("${aws_organizations_account.a.id}", ACCOUNT, 0, 1),
        (HOME, ACCOUNT, 0, 1),
        ("ou-abcd-12345678", "123123123123", 0, 1),
        ("ou-abcd-12345678", HOME, 0, 0),
        (ROOT, ACCOUNT, 1, 0),
        (ROOT, "999988887777", 0, 0),
        (UNIT, "999988887777", 0, 0),
        (ROOT, "", 0, 0),
    ],
)
def test_levels_above_an_account(target: str, account: Any, levels: int, doubts: int) -> None:
    """Those on the way from the root to it, none beside it, and those of which nobody knows whether they are."""
    found = control_policies(organised({"x": target}, id=HOME), account, Layer.SCP)
    assert (len(found[0]), len(found[1])) == (levels, doubts)


def test_a_target_whose_number_is_not_known_may_be_the_account() -> None:
    """An account of the input without a number is perhaps the one that is asked about."""
    found = organised({"x": "${aws_organizations_account.a.id}"})
    assert [len(each) for each in control_policies(found, HOME, Layer.SCP)] == [0, 1]


def test_policies_of_one_target_are_one_level() -> None:
    """A list and a denial at the same level; that of another target is another level."""
    found = organised({"x": ROOT, "y": UNIT}, id=HOME)
    levels, doubts = control_policies(found, HOME, Layer.SCP)
    assert (len(levels), len(doubts)) == (2, 0)
    assert all(len(level) == 1 for level in levels)


def test_a_list_takes_the_rest_away_only_where_aws_own_policy_is_detached() -> None:
    """AWS attaches a policy that allows all; whether it still holds beside a list the input rarely says."""
    listed = organised({"x": ROOT}, LISTED)
    assert asked(listed) == (OPEN, Layer.SCP)
    assert "p-FullAWSAccess" in can(listed, APP, "sqs:SendMessage", "*").because[0].what
    assert asked(listed, "s3:GetObject") == (YES, Layer.IDENTITY)
    whole = estate(
        {
            "aws_organizations_policy": {"p": {"content": LISTED}},
            "aws_organizations_policy_attachment": {
                "x": {"policy_id": "${aws_organizations_policy.p.id}", "target_id": "r-abcd"},
                "y": {"policy_id": "p-FullAWSAccess", "target_id": "r-abcd"},
            },
            "aws_iam_role": {"app": {"name": "app", "assume_role_policy": policy()}},
            "aws_iam_role_policy": {"app": {"role": "${aws_iam_role.app.name}", "policy": policy(allow("sqs:*"))}},
        }
    )
    assert asked(whole) == (YES, Layer.IDENTITY)
    perhaps = organised({"x": UNIT}, LISTED)
    assert asked(perhaps) == (OPEN, Layer.SCP)
    assert asked(perhaps, "s3:GetObject") == (YES, Layer.IDENTITY)


def test_resource_control_policies_are_the_owners() -> None:
    """They hold for what is done to things of an account, in services that know them."""
    found = organised({"x": ROOT}, kind="RESOURCE_CONTROL_POLICY")
    queue = f"arn:aws:sqs:eu-west-1:{HOME}:orders"
    request = request_for(found, APP, "sqs:SendMessage", queue)
    assert isinstance(request, Request)
    assert policies(found, request).rcps
    assert not policies(found, request).scps
    assert can(found, APP, "sqs:SendMessage", queue).layer is Layer.RCP
    assert asked(found) == (YES, Layer.IDENTITY), "an action without a resource is of no account"
    listed = organised({"x": ROOT}, LISTED, kind="RESOURCE_CONTROL_POLICY")
    assert control_policies(listed, HOME, Layer.RCP)[1] == ()


def test_units_in_a_circle_end() -> None:
    """Input may say that two units are above each other: every level is looked at once."""
    found = estate(
        {
            "aws_organizations_organizational_unit": {
                "u": {"parent_id": "${aws_organizations_organizational_unit.v.id}"},
                "v": {"parent_id": "${aws_organizations_organizational_unit.u.id}"},
            },
            "aws_organizations_account": {"a": {"parent_id": UNIT, "id": HOME}},
            "aws_organizations_policy": {"p": {"content": NEVER}},
            "aws_organizations_policy_attachment": {
                "x": {"policy_id": "${aws_organizations_policy.p.id}", "target_id": UNIT},
            },
        }
    )
    assert len(control_policies(found, HOME, Layer.SCP)[0]) == 1


def test_an_account_that_an_arn_tells_is_found_in_the_organisation() -> None:
    """The number of the estate's own account says where in the organisation it hangs."""
    told = Attaches(at("aws_iam_role.x"), f"arn:aws:iam::{HOME}:role/app")  # the role's ARN, written out somewhere
    found = organised({"x": UNIT}, id=HOME).and_also([told])
    assert asked(found) == (NO, Layer.SCP)
    assert asked(organised({"x": "${aws_organizations_organizational_unit.v.id}"}, id=HOME).and_also([told]))[0] is YES


def test_an_attachment_that_is_not_known_leaves_it_open() -> None:
    """To whom a policy is attached, or which policy is: what it may take away is open, with the reason."""
    somewhere, something = Unknown("the target"), Unknown("the policy")
    found = organised({"x": somewhere})
    assert asked(found) == (OPEN, Layer.SCP)
    assert can(found, APP, "sqs:SendMessage", "*").because == (somewhere,)
    assert asked(found, "s3:GetObject") == (YES, Layer.IDENTITY)
    assert asked(organised({"x": somewhere}, LISTED)) == (OPEN, Layer.SCP)
    attached = {"x": {"policy_id": something, "target_id": "r-abcd"}}
    own = {"role": "${aws_iam_role.app.name}", "policy": policy(allow("sqs:*"))}
    unread = estate(
        {
            "aws_organizations_policy_attachment": attached,
            "aws_iam_role": {"app": {"name": "app", "assume_role_policy": policy()}},
            "aws_iam_role_policy": {"app": own},
        }
    )
    assert asked(unread) == (OPEN, Layer.SCP)
    assert something in can(unread, APP, "sqs:SendMessage", "*").because
    beside = organised({"x": "${aws_organizations_organizational_unit.v.id}"}, id=HOME)
    assert control_policies(beside, HOME, Layer.SCP) == ((), ())


def test_an_attachment_of_a_policy_that_is_not_known_counts_where_it_may_stand() -> None:
    """Above the account, at the root, or anywhere if nobody knows where the account hangs; not beside it."""
    something = Unknown("the policy")

    def doubts(target: Address, account: Any) -> int:
        more = Governs(target, something)
        levels, doubted = control_policies(organised({"x": "r-abcd"}, id=HOME).and_also([more]), account, Layer.SCP)
        assert len(levels) == 1
        return len(doubted)

    above, beside = at("aws_organizations_organizational_unit.u"), at("aws_organizations_organizational_unit.v")
    root = at("aws_organizations_organization.o").implied("root")
    assert [doubts(above, HOME), doubts(beside, HOME), doubts(root, HOME)] == [1, 0, 1]
    assert [doubts(above, ACCOUNT), doubts(beside, ACCOUNT), doubts(root, ACCOUNT)] == [1, 1, 1]
