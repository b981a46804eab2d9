"""A pod whose role does not let it in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.permissions.letting_in import let_in
from seawall.analyze.trust import role_of, trusting
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="IAM-001",
    severity=Severity.CRITICAL,
    summary="A role does not trust the service account that is told to take it on",
    why="AWS compares the token's subject and audience with the trust policy; one renamed namespace or "
    "account, and every "
    "call of the pod is denied",
    fix="let the trust policy name system:serviceaccount:NAMESPACE:ACCOUNT, or the service pods.eks.amazonaws.com for "
    "Pod Identity with sts:AssumeRole and sts:TagSession",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",
    read=date(2026, 11, 21),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each account that takes on a role of the input, by either means, against the role's trust policy."""
    for assumes in facts.all(Assumes):
        if assumes.means not in ("irsa", "pod-identity"):
            continue
        role = role_of(facts, assumes)
        if role is None or not isinstance(assumes.account, Address) or not trusting(facts, role):
            continue
        link = let_in(facts, assumes, role)
        if link.verdict.refuted and link.fault not in _OF_ANOTHER_RULE:
            yield RULE.refuted(
                f"{assumes.account} takes on {role} by {assumes.means}: {link.says}",
                role,
                assumes.account,
                assumes.by,
                evidence=(f"{assumes.by}: {assumes.account} takes on {role}", link.says),
            )
        elif link.verdict.unknown:
            missing = [reason for reason in link.verdict.because if isinstance(reason, Unknown)]
            what = f"whether {role} trusts {assumes.account} is not known"
            yield RULE.unknown(what, missing, role, assumes.account)


_OF_ANOTHER_RULE = ("other cluster's OIDC provider", "wrong issuer")
"""What IAM-004 says, with what to do about it."""
