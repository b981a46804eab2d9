"""The number of the account, told by ARNs that are written out beside shapes with a hole for it."""

from __future__ import annotations

import pytest

from seawall.analyze.permissions.account import account_number, own_number, unnumbered
from seawall.analyze.permissions.gaps import gaps
from seawall.facts.demands import Call
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, Identifier, Principal, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown, text
from seawall.readers.aws.arn import ACCOUNT

ROLE = Address("eu-west-1/x:aws_iam_role.x")
QUEUE = Address("eu-west-1/x:aws_sqs_queue.x")
SHAPE = text("arn:aws:sqs:eu-west-1:", ACCOUNT, ":orders")
WHO = (
    Principal(ROLE, "role", "x"),
    Identifier(ROLE, "arn", text("arn:aws:iam::", ACCOUNT, ":role/x")),
    Identifier(QUEUE, "arn", SHAPE),
)
MINE, OTHERS = "123456789012", "999999999999"


def allowing(resource: str) -> Statement:
    """The role may send to that queue."""
    return Statement(ROLE, "identity", True, ("sqs:SendMessage",), (resource,))


def test_a_literal_arn_of_a_resource_of_the_input_tells_the_number() -> None:
    """A policy or an annotation names what the input makes; nothing else about the account is believed."""
    assert account_number(Facts([*WHO, allowing(f"arn:aws:sqs:eu-west-1:{MINE}:orders")])) == MINE
    account = Assumes(Address("c/ServiceAccount/n/a"), f"arn:aws:iam::{MINE}:role/x", "irsa")
    assert account_number(Facts([*WHO, account])) == MINE


@pytest.mark.parametrize(
    "resources",
    [
        (),
        (f"arn:aws:sqs:eu-west-1:{OTHERS}:somebody-elses",),
        (f"arn:aws:sqs:eu-west-2:{MINE}:orders",),
        (f"arn:aws:sqs:eu-west-1:{MINE}:orders", f"arn:aws:sqs:eu-west-1:{OTHERS}:orders"),
    ],
)
def test_what_names_nothing_of_the_input_tells_nothing(resources: tuple[str, ...]) -> None:
    """Another account's queue, one of another region, or two numbers for one queue."""
    assert account_number(Facts([*WHO, *map(allowing, resources)])) is None


def test_both_spellings_of_an_arn_are_one() -> None:
    """What is granted with the number is needed with the hole, and the other way round."""
    granted = allowing(f"arn:aws:sqs:eu-west-1:{MINE}:orders")
    other = f"arn:aws:sqs:eu-west-1:{MINE}:returns"
    needs = [
        Call(ROLE, "sqs:SendMessage", SHAPE),
        Call(ROLE, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{MINE}:orders"),
    ]
    assert gaps(Facts([*WHO, granted, *needs])) == ()
    assert len(gaps(Facts([*WHO, granted, Call(ROLE, "sqs:SendMessage", other)]))) == 1
    elsewhere = Call(ROLE, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{OTHERS}:orders")
    assert len(gaps(Facts([*WHO, granted, elsewhere]))) == 1


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (MINE, ACCOUNT),
        (f"arn:aws:iam::{MINE}:root", text("arn:aws:iam::", ACCOUNT, ":root")),
        (f"arn:aws:iam::{OTHERS}:root", f"arn:aws:iam::{OTHERS}:root"),
        (f"bucket-{MINE}", f"bucket-{MINE}"),
        ("*", "*"),
        (Unknown("x"), Unknown("x")),
        (
            text(f"arn:aws:sqs:eu-west-1:{MINE}:", Unknown("x")),
            text("arn:aws:sqs:eu-west-1:", ACCOUNT, ":", Unknown("x")),
        ),
    ],
)
def test_only_the_account_becomes_a_hole(value: Textual, expected: Textual) -> None:
    """The number within a name is a part of the name."""
    assert unnumbered(value, MINE) == expected
    assert unnumbered(value, None) == value


def trusting(provider: str) -> Statement:
    """The role trusts that provider."""
    return Statement(ROLE, "trust", True, (), (), principals=(("Federated", provider),))


@pytest.mark.parametrize(
    ("facts", "number"),
    [
        ((Attaches(ROLE, f"arn:aws:iam::{MINE}:policy/x"),), MINE),
        ((trusting(f"arn:aws:iam::{MINE}:oidc-provider/x"),), MINE),
        ((allowing(f"arn:aws:sqs:eu-west-1:{OTHERS}:somebody-elses"),), None),
        ((Attaches(ROLE, "arn:aws:iam::aws:policy/AdministratorAccess"),), None),
        (tuple(Attaches(ROLE, f"arn:aws:iam::{number}:policy/x") for number in (MINE, OTHERS)), None),
        ((allowing(f"arn:aws:sqs:eu-west-1:{MINE}:orders"), Attaches(ROLE, f"arn:aws:iam::{OTHERS}:policy/x")), MINE),
    ],
)  # fmt: skip
def test_the_inputs_own_policies_and_providers_are_of_its_account(facts: tuple[Fact, ...], number: str | None) -> None:
    """What a role carries and whom it trusts is of its own account; what it may do elsewhere tells nothing."""
    assert own_number(Facts([*WHO, *facts])) == number
