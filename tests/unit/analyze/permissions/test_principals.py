"""Whom a statement names: by which of its names a caller is meant."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from seawall.analyze.permissions.globs import MAYBE, YES, Sure
from seawall.analyze.permissions.principals import Match, compiled
from seawall.analyze.permissions.request import Caller
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Textual, Unknown, text

HERE = Address("us-east-1/data:aws_iam_role.orders")
ROLE = "arn:aws:iam::111122223333:role/team/orders"
SESSION = "arn:aws:sts::111122223333:assumed-role/orders/pod"
ROOT = "arn:aws:iam::111122223333:root"
USER = "arn:aws:iam::111122223333:user/ada"
ACCOUNT = Unknown("account")


def _iam(name: str) -> Textual:
    return text("arn:aws:iam::", ACCOUNT, f":{name}")


role = Caller("role", ROLE, "111122223333", SESSION, HERE)
unnamed = Caller("role", ROLE, "111122223333", "", HERE)
user = Caller("user", USER, "111122223333")
service = Caller("service", "sns.amazonaws.com")
token = Caller("federated", "arn:aws:iam::111122223333:oidc-provider/oidc.example")
nobody = Caller("anonymous", "")
planned = Caller("role", _iam("role/orders"), ACCOUNT, "", HERE)


class Row(NamedTuple):
    """Who is named, who asks, and by which names that is meant."""

    says: str
    named: tuple[tuple[str, Textual], ...]
    caller: Caller
    meant: dict[Match, Sure]
    others: bool = False


TABLE = [
    Row("everybody is everybody", (("AWS", "*"),), role, {Match.EVERYBODY: YES}),
    Row("everybody is also who does not say who it is", (("AWS", "*"),), nobody, {Match.EVERYBODY: YES}),
    Row("everybody is also a service", (("*", "*"),), service, {Match.EVERYBODY: YES}),
    Row("the account by its root", (("AWS", ROOT),), role, {Match.ACCOUNT: YES}),
    Row("the account by its number", (("AWS", "111122223333"),), user, {Match.ACCOUNT: YES}),
    Row("another account", (("AWS", "444455556666"),), role, {}),
    Row("another account's root", (("AWS", "arn:aws:iam::444455556666:root"),), role, {}),
    Row("an account is no service", (("AWS", ROOT),), service, {}),
    Row("the role by its ARN", (("AWS", ROLE),), role, {Match.ROLE: YES}),
    Row("another role", (("AWS", ROLE + "s"),), role, {}),
    Row("a star within a name is a star", (("AWS", "arn:aws:iam::111122223333:role/*"),), role, {}),
    Row("the session by its ARN", (("AWS", SESSION),), role, {Match.SESSION: YES}),
    Row("another session", (("AWS", SESSION + "2"),), role, {}),
    Row("a session of a role of which none is known", (("AWS", SESSION),), unnamed, {Match.SESSION: MAYBE}),
    Row("another role's session", (("AWS", SESSION.replace("orders", "bills")),), unnamed, {}),
    Row("the user by its ARN", (("AWS", USER),), user, {Match.USER: YES}),
    Row("the service by its name", (("Service", "sns.amazonaws.com"),), service, {Match.SERVICE: YES}),
    Row("another service", (("Service", "sqs.amazonaws.com"),), service, {}),
    Row("a role is no service", (("Service", "sns.amazonaws.com"),), role, {}),
    Row("the provider of a token", (("Federated", token.arn),), token, {Match.FEDERATED: YES}),
    Row("another provider", (("Federated", f"{token.arn}2"),), token, {}),
    Row("an account's number at S3", (("CanonicalUser", "79a59df900b949e5"),), role, {Match.ACCOUNT: MAYBE}),
    Row("several names of one caller", (("AWS", ROOT), ("AWS", ROLE)), role, {Match.ACCOUNT: YES, Match.ROLE: YES}),
    Row("nobody", (), role, {}),
    Row("a removed principal", (("AWS", "AROAEXAMPLE"),), role, {}),
    Row("the same account that is not known", (("AWS", _iam("root")),), planned, {Match.ACCOUNT: YES}),
    Row("a number and an account not known", (("AWS", ROOT),), planned, {Match.ACCOUNT: MAYBE}),
    Row("the account's hole alone", (("AWS", ACCOUNT),), planned, {Match.ROLE: MAYBE, Match.ACCOUNT: YES}),
    Row("a role by reference", (("AWS", Ref(HERE, "arn")),), planned, {Match.ROLE: YES}),
    Row("another role by reference", (("AWS", Ref(Address("a/b:c.d"), "arn")),), planned, {Match.ROLE: MAYBE}),
    Row("a role of the same account by name", (("AWS", _iam("role/orders")),), planned, {Match.ROLE: YES}),
    Row("another of the same account", (("AWS", _iam("role/bills")),), planned, {}),
    Row("all but another role", (("AWS", ROLE + "s"),), role, {Match.EVERYBODY: YES}, True),
    Row("all but the account alone leaves nobody out", (("AWS", ROOT),), role, {Match.EVERYBODY: YES}, True),
    Row("all but role, session and account", (("AWS", ROOT), ("AWS", ROLE), ("AWS", SESSION)), role, {}, True),
    Row("all but the role, not its session", (("AWS", ROOT), ("AWS", ROLE)), role, {Match.EVERYBODY: MAYBE}, True),
    Row("all but the role, not its account", (("AWS", ROLE), ("AWS", SESSION)), role, {Match.EVERYBODY: MAYBE}, True),
    Row("all but user and account", (("AWS", ROOT), ("AWS", USER)), user, {}, True),
    Row("all but the user, not its account", (("AWS", USER),), user, {Match.EVERYBODY: MAYBE}, True),
    Row("all but a service", (("Service", "sns.amazonaws.com"),), service, {}, True),
    Row("all but another service", (("Service", "sqs.amazonaws.com"),), service, {Match.EVERYBODY: YES}, True),
    Row("all but everybody", (("AWS", "*"),), role, {}, True),
    Row("all but somebody, asked by nobody", (("AWS", ROOT),), nobody, {Match.EVERYBODY: YES}, True),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.says)
def test_a_caller_is_meant_by_its_names(row: Row) -> None:
    """Each row names the caller as its sentence says."""
    statement = Statement(Address("b"), "resource", True, ("*",), (), row.named, not_principals=row.others)
    meant = compiled(statement)
    assert meant is not None
    assert dict(meant(row.caller)) == row.meant


def test_a_policy_of_a_principal_names_nobody() -> None:
    """What a role carries is about whoever carries it."""
    assert compiled(Statement(Address("r"), "identity", True, ("*",), ("*",))) is None
