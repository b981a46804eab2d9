"""Gaps of installed controllers, by the controller: what each rule of its own tells, and no other."""

from __future__ import annotations

from typing import Final

from seawall.analyze.permissions.controllers import running
from seawall.analyze.permissions.gaps import Gap, alike, gaps
from seawall.facts.facts import Facts
from seawall.facts.identity import Performs, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

ELSEWHERE: Final = frozenset(
    {
        "wrong subject",
        "wrong audience",
        "wrong issuer",
        "other cluster's OIDC provider",
        "no credentials",
        "region-pinned ARN",
        "boundary",
        "control policy",
    }
)
"""Faults that are told of whoever calls, by rules of their own."""
_WHOLE: Final = (
    "aws-load-balancer-controller", "argo-rollouts", "cert-manager", "external-dns", "keda",
)  # fmt: skip
_PARTS: Final = ("iam:PassRole", "iam:CreateServiceLinkedRole", "sqs:")


def shortfalls(facts: Facts, controller: str, *beginnings: str) -> tuple[tuple[Gap, ...], ...]:
    """The gaps of a controller that are one defect each, of actions that begin so; every action if none is given."""
    accounts = facts.derive(_accounts)
    found = [
        gap
        for gap in gaps(facts)
        if (accounts.get(gap.call.source) or accounts.get(gap.call.by)) == controller
        and (not beginnings or gap.call.action.startswith(beginnings))
        and (gap.chain.breaks is None or gap.chain.breaks.fault not in ELSEWHERE)
    ]
    return alike(found)


def nobody_can_tell(facts: Facts, gap: Gap) -> Unknown | None:
    """Why it is open whether a controller has a role at all: its cluster, which says so, is not in the input."""
    link = gap.chain.breaks
    if link is None or link.fault not in ("no service account", "no role"):
        return None
    if any(one.cluster is not None for one in running(facts) if one.account == gap.call.source):
        return None
    return Unknown(
        f"the role of {gap.call.source}", why="its cluster is not in the input, nor who may act as what there"
    )


TAKES_OVER: Final = frozenset(
    {
        "arc-zonal-shift:startzonalshift",
        "elasticache:disassociateglobalreplicationgroup",
        "elasticache:failoverglobalreplicationgroup",
        "rds:failoverdbcluster",
        "rds:failoverglobalcluster",
        "rds:promotereadreplica",
        "rds:promotereadreplicadbcluster",
        "rds:removefromglobalcluster",
        "rds:switchoverglobalcluster",
        "rds:switchoverreadreplica",
        "route53-recovery-cluster:updateroutingcontrolstate",
        "route53-recovery-cluster:updateroutingcontrolstates",
    }
)
"""What is called to have another place take over, in lower case."""


def takes_over(facts: Facts, gap: Gap) -> bool:
    """Whether what a state machine may not do is to have another place take over."""
    return gap.call.action.lower() in TAKES_OVER and bool(facts.where(Performs, of=gap.call.source))


_WAYS: Final = ("aws:sourcevpce", "aws:sourcevpc")


def denied_by_way(gap: Gap) -> bool:
    """Whether a call is denied since it does not come through an endpoint, or not from a network."""
    link = gap.chain.breaks
    if link is None or not link.verdict.refuted or link.kind not in ("resource policy", "key policy"):
        return False
    denying = [each for each in link.verdict.because if isinstance(each, Statement) and not each.allow]
    return any(str(condition.key).lower() in _WAYS for each in denying for condition in each.conditions)


def is_told_elsewhere(facts: Facts, gap: Gap) -> bool:
    """Whether a rule of the controller that calls tells of a gap."""
    link = gap.chain.breaks
    if link is not None and link.fault in ELSEWHERE:
        return False
    if takes_over(facts, gap) and gap.chain.verdict.refuted and gap.chain.role is not None:
        return True
    accounts = facts.derive(_accounts)
    name = accounts.get(gap.call.source) or accounts.get(gap.call.by)
    return name in _WHOLE or (name == "karpenter" and gap.call.action.startswith(_PARTS))


def _accounts(facts: Facts) -> dict[Address, str]:
    """The controllers by their accounts, and by what installs them: the default account may be several pods'."""
    named = {one.account: one.known.name for one in running(facts)}
    return named | {one.fact.by: one.known.name for one in running(facts) if one.fact.by != one.account}
