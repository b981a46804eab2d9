"""A file system whose groups do not let the nodes in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.demanded import demanded, is_file_system
from seawall.analyze.reachability.reach import reach
from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="NET-025",
    severity=Severity.HIGH,
    summary="Security groups keep pods from the file system that they mount",
    why="the node mounts the file system before any container starts; a packet to a shut port is dropped, and the "
    "pods stay in ContainerCreating with a mount that times out",
    fix="let the nodes' group in on TCP 2049 in the group of the mount targets",
    layers=("terraform", "kubernetes"),
    source="https://www.eksworkshop.com/docs/troubleshooting/pod/container_creating",
    read=date(2026, 7, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Demands for file systems whose first definite no is a security group's."""
    for demand in demanded(facts):
        if not is_file_system(facts, demand) or not isinstance(demand.target, Address):
            continue
        path = reach(facts, demand)
        hop = path.blocked
        if hop is not None and hop.kind.endswith("group"):
            yield RULE.refuted(
                f"{demand.source} mounts {demand.target}, which its nodes do not reach on {demand.port}: {hop.says}",
                demand.source,
                demand.target,
                evidence=((f"asked for by {demand.said}",) if demand.said else ()) + path.lines(),
            )
