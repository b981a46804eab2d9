"""Pod Identity for pods that its agent does not reach."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.clusters import fargate_profile
from seawall.check.rule import Rule
from seawall.facts.compute import NodeTerms, Workload
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="IAM-006",
    severity=Severity.HIGH,
    summary="Pod Identity is given to pods that run on Fargate or Windows",
    why="credentials come from an agent on the node, and there is one on Linux nodes of EC2 only: the SDK asks, "
    "nobody answers, "
    "and every call fails",
    fix="use a role for the service account (IRSA) there, or run these pods on Linux nodes",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html",
    read=date(2026, 11, 22),
)

_SYSTEM = "kubernetes.io/os"


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads whose account takes on a role that way and no other, and where their pods run."""
    for assumes in facts.all(Assumes):
        if assumes.means != "pod-identity":
            continue
        if any(other.means == "irsa" for other in facts.where(Assumes, account=assumes.account)):
            continue  # which the SDK falls back to
        for workload in facts.where(Workload, account=assumes.account):
            profile = fargate_profile(facts, workload)
            if profile is not None:
                what = f"{workload.of} runs on Fargate by {profile.of}, and has its role by Pod Identity"
                yield RULE.refuted(what, workload.of, assumes.by, profile.of)
            elif _is_on_windows(facts, workload):
                what = f"{workload.of} runs on Windows nodes, and has its role by Pod Identity"
                yield RULE.refuted(what, workload.of, assumes.by)


def _is_on_windows(facts: Facts, workload: Workload) -> bool:
    if (_SYSTEM, "windows") in workload.nodes:
        return True
    terms = [term for fact in facts.where(NodeTerms, workload=workload.of) for term in fact.terms]
    wanted = [
        any(each.key == _SYSTEM and each.operator == "In" and each.values == ("windows",) for each in term)
        for term in terms
    ]
    return bool(wanted) and all(wanted)
