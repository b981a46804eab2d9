"""Whether anything makes the NetworkPolicies of a workload's pods come true."""

from __future__ import annotations

from seawall.analyze.clusters import cluster_of, other_plugin, places, policies_enforced
from seawall.analyze.runs_on import on_fargate, on_windows
from seawall.facts.compute import Cluster, NodeGroup, Workload
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, refuted, unknown


def enforcement(facts: Facts, workload: Workload) -> Verdict:
    """Whether the policies that select these pods are enforced; unknown where some of their nodes do and some do not.

    The plug-in of Amazon enforces them on Linux nodes of EC2 alone, so neither on Fargate nor on Windows, and only for
    pods that a controller owns. With manifests alone the question is what the policies say: they are taken to be
    enforced.
    Source: https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy.html, "Considerations".
    """
    return facts.derive(_enforcement, workload)


def _enforcement(facts: Facts, workload: Workload) -> Verdict:
    if not facts.all(Cluster):
        return proven()
    enforced = policies_enforced(facts, workload.of)
    if not enforced.refuted and on_fargate(facts, workload):
        return refuted(workload, where="nothing enforces policies on Fargate")
    if not enforced.proven or not amazons(facts, workload.of):
        return enforced
    if workload.controller == "Pod":
        return refuted(workload, where="the plug-in of Amazon enforces no policy for pods that nothing owns")
    if on_windows(facts, workload):
        return refuted(workload, where="the plug-in of Amazon enforces no policy on Windows")
    nodes = facts.derive(places, workload)
    out = [each for each in nodes if _unenforced(facts, each)]
    if not out:
        return enforced
    if len(out) == len(nodes):
        return refuted(*out, where=f"nothing enforces policies on {out[0]}")
    why = f"nothing enforces policies on {out[0]}, and the pods may lie there"
    return unknown(Unknown(f"{workload.of}.spec.nodeName", why=why))


def amazons(facts: Facts, of: Address) -> bool:
    """Whether it is Amazon's plug-in that enforces the policies of a cluster, as far as the input says."""
    cluster = cluster_of(facts, of)
    return cluster is not None and policies_enforced(facts, of).proven and other_plugin(facts, cluster) is None


def _unenforced(facts: Facts, nodes: Address) -> bool:
    group = facts.one(NodeGroup, of=nodes)
    return group is not None and isinstance(group.image, str) and "windows" in group.image.lower()
