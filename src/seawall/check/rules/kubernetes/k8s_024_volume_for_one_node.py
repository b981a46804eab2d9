"""A volume that one node can mount, shared by several replicas."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Claims, Mounts, Workload
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="K8S-024",
    severity=Severity.HIGH,
    summary="Several replicas share a volume that only one node can mount",
    why="a ReadWriteOnce volume is attached to one node; replicas on other nodes wait for it and never start",
    fix="use a StatefulSet with volumeClaimTemplates, a shared file system (ReadWriteMany), or one replica with the "
    "strategy Recreate",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/concepts/storage/persistent-volumes/#access-modes",
    read=None,
)

_ONE_NODE = {"ReadWriteOnce", "ReadWriteOncePod"}


def check(facts: Facts) -> Iterator[Finding]:
    """Claims of one node's access mode, mounted by a workload that may have more pods than one at a time."""
    for mounts in facts.all(Mounts):
        claim = facts.one(Claims, of=mounts.volume)
        workload = facts.one(Workload, of=mounts.workload)
        if claim is None or workload is None or not claim.modes or not set(claim.modes) <= _ONE_NODE:
            continue
        # A StatefulSet's own templates make a claim for every pod; their address is implied by the set.
        if claim.of.owner == workload.of:
            continue
        _, most = replicas(facts, workload)
        if isinstance(most, Unknown):
            yield RULE.unknown(f"how many pods of {workload.of} share {claim.of} is not known", [most], workload.of)
        elif most > 1:
            yield RULE.refuted(
                f"{workload.of} may run {most} pods, which share {claim.of} ({', '.join(claim.modes)})",
                workload.of,
                claim.of,
            )
        # A StatefulSet stops the old pod before it starts the new one, whatever its strategy.
        elif most == 1 and workload.strategy in ("RollingUpdate", "Canary") and not _in_turn(workload.of):
            yield RULE.refuted(
                f"{workload.of} starts the new pod before it stops the old one, and both want {claim.of} "
                f"({', '.join(claim.modes)})",
                workload.of,
                claim.of,
                fix="set the strategy Recreate",
                severity=Severity.MEDIUM,
            )


def _in_turn(workload: Address) -> bool:
    kubernetes = workload.as_kubernetes()
    return kubernetes is not None and kubernetes.kind == "StatefulSet"
