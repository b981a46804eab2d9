"""No two pods in one zone, and more pods than zones."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.clusters import pod_interfaces
from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Spread, Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Subnet
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-009",
    severity=Severity.MEDIUM,
    summary="More pods are asked for than there are zones, and no two may share one",
    why="a required anti-affinity over zones leaves place for one pod in each; the others wait for ever, just when "
    "the "
    "autoscaler wants them",
    fix="spread with topologySpreadConstraints and maxSkew 1, or prefer the anti-affinity instead of requiring it",
    layers=("kubernetes", "terraform"),
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/",
    read=None,
)

ZONE = "topology.kubernetes.io/zone"


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads of one pod a zone at the most, against the zones of the subnets that their nodes are in."""
    for spread in facts.all(Spread):
        workload = facts.one(Workload, of=spread.workload)
        if workload is None or not (spread.hard and spread.alone and spread.topology == ZONE):
            continue
        _, most = replicas(facts, workload)
        zones = _zones(facts, workload)
        # Where a subnet's zone is not known it is one at the most.
        if isinstance(most, int) and zones and most > len(zones):
            yield RULE.refuted(
                f"{workload.of} comes to {most} pods, and its nodes are in {len(zones)} zone{'s' * (len(zones) > 1)}",
                workload.of,
                evidence=(f"at the most {most} pods", *(f"zone {zone}" for zone in zones)),
            )


def _zones(facts: Facts, workload: Workload) -> list[str]:
    """The zones that its pods may be in, sorted; none where that is not known."""
    found: set[str] = set()
    for interface in pod_interfaces(facts, workload):
        if isinstance(interface.subnets, Unknown):
            return []
        for subnet in interface.subnets:
            stated = facts.one(Subnet, of=subnet) if isinstance(subnet, Address) else None
            if stated is None:
                return []
            found.add(f"of {stated.of}" if isinstance(stated.zone, Unknown) else stated.zone)
    return sorted(found)
