"""A store that lets the nodes' group in, and pods that carry groups of their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.own_groups import lost
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-009",
    severity=Severity.HIGH,
    summary="A security group admits the nodes, and the pods that need it carry groups of their own",
    why="traffic of a pod with a SecurityGroupPolicy comes from its own network interface and carries the policy's "
    "groups; the nodes' group, which is let in, is not among them",
    fix="let the group of the SecurityGroupPolicy in beside the nodes'",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/userguide/security-groups-for-pods.html",
    read=date(2024, 12, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Needs of pods with groups of their own that a group refuses and that every node's groups would meet."""
    for each in lost(facts):
        demand = each.demand
        target = [demand.target] if isinstance(demand.target, Address) else []
        yield RULE.refuted(
            f"{demand.source} needs {demand.target} on {demand.port}, which lets in the nodes and not {each.given.of}",
            demand.source,
            *(one for one in target if not one.startswith("host:")),
            each.given.of,
            evidence=each.path.lines(),
        )
