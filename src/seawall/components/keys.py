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


def copy_keys(scope: Scope, *, account: Textual, suffix: str, purpose: str) -> Iterator[Resource]:
    """A key for each further site that keeps a copy of a secret; its name is the site's component's with ``suffix``.

    A key is good in its own region only. They are home's, so that neither stack waits for the other.
    """
    for site in scope.sites.values():
        called = f"{site.full_name}{suffix}"
        yield from key(scope, copy_key(site), account=account, called=called, purpose=purpose, region=site.region)


def copies(scope: Scope) -> list[dict[str, Textual]]:
    """What Secrets Manager is told of the copies of a secret whose keys ``copy_keys`` makes."""
    return [
        {"region": site.region, "kms_key_id": scope.ref("aws_kms_key", copy_key(site), "arn")}
        for site in scope.sites.values()
    ]


def copy_key(site: Scope) -> str:
    """What home calls the key of a site's copies."""
    return f"{site.identifier}_{site.platform.site.replace('-', '_')}"


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
