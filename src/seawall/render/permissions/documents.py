"""The policy documents of a role, as data whose texts may have holes: what it allows, and whom it lets in."""

from __future__ import annotations

from typing import Any

from seawall.analyze.permissions.minimal import AUDIENCE, Minimal, Tie, as_document, size
from seawall.analyze.trust import POD_IDENTITY, WEB_IDENTITY, subject
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, text
from seawall.knowledge.policy_sizes import TRUST


def policies(least: Minimal) -> list[dict[str, Any]]:
    """The policies that the role carries: one, or several that have to be managed ones."""
    return [as_document(grants) for grants in least.policies]


def trust(least: Minimal) -> dict[str, Any]:
    """Whom the role lets in: the one account of every cluster, and in a cluster with an agent EKS itself.

    Raises InputError where that is longer than a trust policy may be.
    """
    statements: list[dict[str, Any]] = []
    if any(tie.means == "pod-identity" for tie in least.ties):
        statements.append(
            {"Effect": "Allow", "Principal": {"Service": POD_IDENTITY}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
        )
    statements += [_web_identity(tie) for tie in least.ties if tie.means == "irsa"]
    document = {"Version": "2012-10-17", "Statement": statements}
    if size(document) > TRUST:
        raise InputError(
            f"trust in {len(statements)} issuers is longer than the {TRUST:,} characters of a trust policy",
            fix="install the add-on eks-pod-identity-agent, which needs one statement for all clusters",
        )
    return document


def _web_identity(tie: Tie) -> dict[str, Any]:
    issuer = issuer_of(tie)
    return {
        "Effect": "Allow",
        "Principal": {"Federated": provider_of(tie)},
        "Action": WEB_IDENTITY,
        "Condition": {"StringEquals": {text(issuer, ":sub"): subject(tie.account), text(issuer, ":aud"): AUDIENCE}},
    }


def provider_of(tie: Tie) -> Ref:
    """The ARN of what IAM trusts a cluster's tokens by."""
    return Ref(tie.provider or missing_provider(tie), "arn")


def issuer_of(tie: Tie) -> Ref:
    """A cluster's issuer as IAM spells it in condition keys, without ``https://``."""
    return Ref(tie.provider or missing_provider(tie), "url")


def missing_provider(tie: Tie) -> Address:
    """How the identity provider of a cluster is called that the input has none of."""
    name = "".join(letter if letter.isalnum() else "_" for letter in tie.cluster)
    return Address.terraform(tie.region, "permissions", f"aws_iam_openid_connect_provider.{name}")
