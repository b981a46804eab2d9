"""Keys as every component makes them: turned every year, and used by whom the account's own policies let use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.policy import document
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual, text


def key(
    scope: Scope,
    name: str,
    *,
    account: Textual,
    called: str,
    purpose: str,
    region: str | None = None,
    statements: tuple[Mapping[str, Any], ...] = (),
    policy_apart: bool = False,
) -> Iterator[Resource]:
    """A key and its alias; ``statements`` stand in its policy beside the one that leaves it to the account.

    The policy is stated although AWS would give a key this very one: what is not stated cannot be reviewed.
    ``policy_apart`` is for a key whose policy names what comes after it, in a stack above: see ``key_policy``.
    """
    body = {
        "description": purpose,
        "enable_key_rotation": True,
        "deletion_window_in_days": 30,
        "policy": None if policy_apart else key_policy(account, *statements),
    }
    yield scope.aws("aws_kms_key", name, body, region=region, called=called)
    alias = {"name": f"alias/{called}", "target_key_id": scope.ref("aws_kms_key", name, "key_id")}
    yield scope.aws("aws_kms_alias", name, alias, region=region)


def key_policy(account: Textual, *statements: Mapping[str, Any]) -> dict[str, Any]:
    """The policy of a key: the account's own policies decide, and ``statements`` stand beside that."""
    # Without this one not even the account's administrators could use the key, or change who may.
    account_decides = {
        "Sid": "AccountDecides",
        "Effect": "Allow",
        "Principal": {"AWS": text("arn:aws:iam::", account, ":root")},
        "Action": "kms:*",
        "Resource": "*",
    }
    return document(account_decides, *statements)


def by_logs(scope: Scope, account: Textual, groups: str) -> dict[str, Any]:
    """The statement that lets CloudWatch encrypt log groups of these names, which may end in ``*``.

    Source: Amazon CloudWatch Logs User Guide, "Encrypt log data in CloudWatch Logs using AWS KMS", read 2026-11-21.
    """
    arn = text(f"arn:aws:logs:{scope.region}:", account, f":log-group:{groups}")
    return {
        "Sid": "LogsEncrypt",
        "Effect": "Allow",
        "Principal": {"Service": f"logs.{scope.region}.amazonaws.com"},
        "Action": ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
        "Resource": "*",
        "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": arn}},
    }
