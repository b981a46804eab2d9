"""A need whose path is blocked outside the NetworkPolicies."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.demanded import demanded, is_file_system
from seawall.analyze.reachability.over_internet import any_path
from seawall.analyze.reachability.own_groups import lost
from seawall.analyze.reachability.reach import reach
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.verdict import Answer

RULE = Rule(
    id="NET-100",
    severity=Severity.CRITICAL,
    summary="Something the application needs cannot be reached",
    why="a need that is not met is an outage that has already happened and waits for the first request",
    fix="open the hop that says no, or correct the name or port that is asked for",
    layers=("kubernetes", "terraform", "application"),
    source="https://docs.aws.amazon.com/vpc/latest/reachability/how-reachability-analyzer-works.html",
    read=None,
)

ELSEWHERE = ("egress policy", "ingress policy", "return acl", "dns")
"""Hops with rules of their own: NET-007, NET-014, NET-006; file systems have NET-025, pods with own groups NET-009."""


def check(facts: Facts) -> Iterator[Finding]:
    """Every Reach demand; what cannot be decided is said once for a source and target, as medium."""
    of_own_groups = {each.demand for each in lost(facts)}
    for demand in demanded(facts):
        if demand in of_own_groups:
            continue
        path = reach(facts, demand)
        hop = path.blocked
        named = [demand.target] if isinstance(demand.target, Address) and not demand.target.startswith("host:") else []
        asked = (f"asked for by {demand.said}",) if demand.said else ()
        if hop is not None and any_path(facts, demand).verdict.proven:
            continue  # what is public is reached over the internet
        if hop is not None and hop.kind.endswith("group") and is_file_system(facts, demand):
            continue
        if hop is not None and hop.kind not in ELSEWHERE:
            yield RULE.refuted(
                f"{demand.source} needs {demand.target} on {demand.protocol} {demand.port}: {hop}",
                demand.source,
                *named,
                evidence=(*asked, *path.lines()),
            )
        elif hop is None and path.verdict.answer is Answer.UNKNOWN:
            yield RULE.unknown(
                f"whether {demand.source} reaches {demand.target} on {demand.protocol} {demand.port} is not known",
                path.missing,
                demand.source,
                *named,
                evidence=(*asked, *path.lines()),
                severity=Severity.MEDIUM,
            )
