"""Which cluster a Kubernetes object is in, and where its pods are in the network."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.compute import Cluster, NodeGroup, Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Interface
from seawall.facts.pod_network import PodGroups
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, refuted, unknown
from seawall.readers.aws.eks import GROUP as CLUSTER_GROUP


def cluster_of(facts: Facts, address: Address) -> Cluster | None:
    """The cluster of a Kubernetes object: the one of the name in its address, else the only one there is."""
    return facts.derive(_cluster_named, _cluster_part(address))


def _cluster_part(address: Address) -> str:
    name = address.as_kubernetes()
    return name.cluster if name else ""


def _cluster_named(facts: Facts, name: str) -> Cluster | None:
    clusters = facts.all(Cluster)
    for cluster in clusters:
        if name and (cluster.name == name or cluster.of == name):
            return cluster
    return clusters[0] if len(clusters) == 1 else None


def policies_enforced(facts: Facts, address: Address) -> Verdict:
    """Whether NetworkPolicies do anything in the cluster of this object."""
    cluster = cluster_of(facts, address)
    if cluster is None:
        return unknown(
            Unknown(f"{_cluster_part(address) or 'cluster'}.network-policy-enforced", why="no cluster is in the input")
        )
    return facts.derive(_enforced, cluster)


def _enforced(facts: Facts, cluster: Cluster) -> Verdict:
    said = [setting for setting in facts.where(Setting, of=cluster.of) if setting.key == "network-policy-enforced"]
    for setting in said:
        if setting.value is True:
            return proven(setting)
    for setting in said:
        if isinstance(setting.value, Unknown):
            return unknown(setting.value)
    return refuted(*said, cluster)


def pod_interfaces(facts: Facts, workload: Workload) -> tuple[Interface, ...]:
    """Where the pods of a workload may be in the network: in the subnets and groups of its cluster's node groups.

    Every node group counts, because the facts do not say yet which one a pod may be scheduled on. Groups that a
    policy gives to these pods take the place of their nodes' groups.
    """
    cluster = cluster_of(facts, workload.of)
    if cluster is None:
        return ()
    nodes = facts.derive(_node_interfaces, cluster.of)
    labels = dict(workload.labels)
    for given in facts.where(PodGroups, namespace=workload.namespace):
        if given.pods is not None and given.accounts is None and given.pods.matches(labels):
            return tuple(Interface(node.of, node.subnets, given.groups, by=given.by) for node in nodes)
    return nodes


def _node_interfaces(facts: Facts, cluster: Address) -> tuple[Interface, ...]:
    groups = facts.where(NodeGroup, cluster=cluster)
    found = dict.fromkeys(interface for group in groups for interface in _of_group(facts, cluster, group))
    return tuple(sorted(found, key=lambda interface: interface.of))


def _of_group(facts: Facts, cluster: Address, group: NodeGroup) -> Iterator[Interface]:
    for own in facts.where(Interface, of=group.of):
        groups = own.groups
        # A launch template says which groups its nodes carry; without any EKS gives them the cluster's own.
        if isinstance(group.launch, Unknown):
            groups = group.launch
        elif group.launch is not None:
            template = facts.one(Interface, of=group.launch)
            if template is not None:
                groups = template.groups
            elif group.launch.is_outside:
                groups = Unknown(f"{group.launch}", why="the launch template is not in the input")
        if groups == ():
            groups = (cluster.implied(CLUSTER_GROUP),)
        yield Interface(own.of, own.subnets, groups, own.public, by=own.by)
