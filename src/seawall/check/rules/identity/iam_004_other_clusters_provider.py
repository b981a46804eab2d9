"""A role that trusts the tokens of another cluster than the pod's."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.permissions.letting_in import let_in
from seawall.analyze.permissions.needed import roles_of
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-004",
    severity=Severity.CRITICAL,
    summary="A role trusts the tokens of another cluster than that of its pod",
    why="each cluster has an issuer of its own; in the cluster that the trust policy does not name every call of the "
    "pod is denied, which in a standby region is found out on the day that it takes over",
    fix="trust the OIDC provider of each cluster in a statement of its own, or use Pod Identity, which knows no issuer",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/iam-roles-for-service-accounts.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each account that takes on a role by its cluster's tokens, against the issuers that the role trusts."""
    for assumes in facts.all(Assumes):
        if assumes.means != "irsa" or not isinstance(assumes.account, Address):
            continue
        for role in roles_of(facts, assumes):
            link = let_in(facts, assumes, role)
            if link.fault in ("other cluster's OIDC provider", "wrong issuer"):
                what = f"{assumes.account} takes on {role}: {link.says}"
                yield RULE.refuted(what, role, assumes.account, evidence=(f"{assumes.by}: takes on {role}", link.says))
