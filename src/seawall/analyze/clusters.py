"""Which cluster a Kubernetes object is in, and where its pods are in the network."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from seawall.facts.compute import (
    Cluster,
    Container,
    FargateProfile,
    Fleet,
    Joins,
    NodeClass,
    NodeGroup,
    NodePool,
    Workload,
)
from seawall.facts.delivery import Installed
from seawall.facts.fact import Fact, Known, Link
from seawall.facts.facts import Facts
from seawall.facts.identity import Principal
from seawall.facts.network import Interface, Subnet
from seawall.facts.pod_network import ForeignPolicy, Labels, PodGroups, Selector
from seawall.facts.resilience import Setting, Tagged
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Unknown
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
    other = other_plugin(facts, cluster)
    if other is not None:
        return proven(other)
    said = [setting for setting in facts.where(Setting, of=cluster.of) if setting.key == "network-policy-enforced"]
    for setting in said:
        if setting.value is True:
            return proven(setting)
    for setting in said:
        if isinstance(setting.value, Unknown):
            return unknown(setting.value)
    for policy in facts.all(ForeignPolicy):
        owner = cluster_of(facts, policy.policy) if policy.plugin else None
        if owner is not None and owner.of == cluster.of:
            why = f"it is a {policy.kind}, and the plug-in that enforces these is not in the input"
            return unknown(Unknown(f"{policy.policy}", why=why))
    return refuted(*said, cluster)


# What installs a network plug-in that enforces policies whatever Amazon's is told, by chart and by image of its agents.
# Sources: docs.cilium.io, "Cilium Quick Installation"; docs.tigera.io, "Install Calico", "Amazon EKS".
_PLUGIN_CHARTS: Final = frozenset({"aws-calico", "cilium", "tigera-operator"})
_PLUGIN_IMAGES: Final = ("calico/node", "cilium/cilium")


def other_plugin(facts: Facts, cluster: Cluster) -> Fact | None:
    """What puts a network plug-in into a cluster that enforces policies and is not Amazon's; None if nothing does."""
    return facts.derive(_other_plugins).get(cluster.of)


def _other_plugins(facts: Facts) -> dict[Address, Fact]:
    found: dict[Address, Fact] = {}
    stated: list[tuple[Address, Fact]] = [
        (each.namespace, each) for each in facts.all(Installed) if each.chart in _PLUGIN_CHARTS
    ]
    for container in facts.all(Container):
        if isinstance(container.image, str) and _repository(container.image).endswith(_PLUGIN_IMAGES):
            stated.append((container.workload, container))
    for of, each in sorted(stated, key=lambda pair: pair[0]):
        cluster = cluster_of(facts, of)
        if cluster is not None:
            found.setdefault(cluster.of, each)
    return found


def _repository(image: str) -> str:
    """An image's name without its tag and digest."""
    path, slash, name = image.partition("@")[0].rpartition("/")
    return f"{path}{slash}{name.partition(':')[0]}"


def fargate_profile(facts: Facts, workload: Workload) -> FargateProfile | None:
    """The profile by which Fargate runs the pods of a workload: by their namespace, and labels that all match.

    A star of a profile's namespace or label stands for any number of characters, a question mark for one. Pods of a
    DaemonSet never run there.
    Source: https://docs.aws.amazon.com/eks/latest/userguide/fargate-profile.html
    """
    cluster, name = cluster_of(facts, workload.of), workload.of.as_kubernetes()
    if cluster is None or name is None or workload.controller == "DaemonSet":
        return None
    own = dict(workload.labels)
    for profile in facts.where(FargateProfile, cluster=cluster.of):
        for namespace, labels in profile.selectors:
            if _fits(name.namespace, namespace) and all(key in own and _fits(own[key], it) for key, it in labels):
                return profile
    return None


def _fits(value: str, pattern: str) -> bool:
    from fnmatch import fnmatchcase

    return fnmatchcase(value, pattern.replace("[", "[[]"))


def pod_interfaces(facts: Facts, workload: Workload) -> tuple[Interface, ...]:
    """Where the pods of a workload may be in the network: in the subnets and groups of nodes that they may lie on.

    Where no node fits, which is another question, every node counts. Pods on Fargate lie in the subnets of their
    profile, with the cluster's group. Groups that a policy gives to these pods take the place of their nodes' groups.
    """
    cluster = cluster_of(facts, workload.of)
    if cluster is None:
        return ()
    everything = facts.derive(_nodes, cluster.of)
    fitting = tuple(nodes for nodes in everything if nodes.may_take(workload)) or everything
    found = dict.fromkeys(interface for nodes in fitting for interface in nodes.interfaces)
    interfaces = tuple(sorted(found, key=lambda interface: interface.of))
    profile = fargate_profile(facts, workload)
    if profile is not None:
        own: tuple[Link, ...] = (cluster.of.implied(CLUSTER_GROUP),)
        interfaces = (Interface(profile.of, profile.subnets, own, by=profile.by),)
    if workload.host_network:
        return interfaces
    given, perhaps = own_groups(facts, workload), _perhaps_grouped(facts, workload)
    if given is not None or perhaps:
        by = given.by if given is not None else perhaps[0].policy
        groups = given.groups if given is not None and not perhaps else perhaps[0].why
        return tuple(Interface(node.of, node.subnets, groups, by=by) for node in interfaces)
    return interfaces


def own_groups(facts: Facts, workload: Workload) -> PodGroups | None:
    """The groups that policies give to the pods of a workload in place of their nodes', if any certainly does.

    Pods must match both selectors of a policy that has both; they get the groups of every policy that they match.
    Source: aws/amazon-vpc-resource-controller-k8s, `GetMatchingSecurityGroupForPods`.
    """
    return facts.derive(_own_groups, workload)


def _own_groups(facts: Facts, workload: Workload) -> PodGroups | None:
    found = [
        given
        for given in facts.where(PodGroups, namespace=workload.namespace)
        if _means(facts, given, workload) is True
    ]
    if len(found) < 2:
        return found[0] if found else None
    first, groups = found[0], [link for each in found if isinstance(each.groups, tuple) for link in each.groups]
    missing = next((each.groups for each in found if isinstance(each.groups, Unknown)), None)
    return replace(first, groups=missing or tuple(dict.fromkeys(groups)))


@dataclass(frozen=True, slots=True)
class _Perhaps:
    """A policy that may give groups to pods, and why nobody knows."""

    policy: Address
    why: Unknown


def _perhaps_grouped(facts: Facts, workload: Workload) -> tuple[_Perhaps, ...]:
    return tuple(
        _Perhaps(given.of, why)
        for given in facts.where(PodGroups, namespace=workload.namespace)
        if isinstance(why := _means(facts, given, workload), Unknown)
    )


def _means(facts: Facts, given: PodGroups, workload: Workload) -> Known[bool]:
    """Whether a policy gives its groups to the pods of a workload: by their labels, and those of their account."""
    if given.pods is None and given.accounts is None:
        return False
    if given.pods is not None and not given.pods.matches(dict(workload.labels)):
        return False
    if given.accounts is None or given.accounts == Selector():
        return True
    account = workload.account
    if facts.one(Principal, of=account) is None:
        return Unknown(f"{account}.metadata.labels", why=f"{given.of} asks for them, and they are not in the input")
    labels = {tag.key: str(tag.value) for tag in facts.where(Tagged, of=account)}
    return given.accounts.matches(labels)


def node_interfaces(facts: Facts, cluster: Cluster) -> tuple[Interface, ...]:
    """Where any node of a cluster may be in the network."""
    return tuple(dict.fromkeys(each for nodes in facts.derive(_nodes, cluster.of) for each in nodes.interfaces))


def group_interfaces(facts: Facts, group: NodeGroup) -> tuple[Interface, ...]:
    """Where the nodes of a group are in the network, with the groups that its template or its cluster gives them."""
    return tuple(_of_group(facts, group.cluster, group)) if isinstance(group.cluster, Address) else ()


def pool_interfaces(facts: Facts, pool: NodePool) -> tuple[Interface, ...]:
    """Where the nodes of a pool are in the network, as its node class says."""
    return tuple(_of_pool(facts, pool))


def fleet_interfaces(facts: Facts, fleet: Fleet) -> tuple[Interface, ...]:
    """Where the instances of a fleet are in the network, with the groups that their template gives them."""
    return tuple(_of_fleet(facts, fleet))


def places(facts: Facts, workload: Workload) -> tuple[Address, ...]:
    """The node groups and pools on whose nodes the pods of a workload may lie, sorted; or their Fargate profile."""
    profile = fargate_profile(facts, workload)
    if profile is not None:
        return (profile.of,)
    cluster = cluster_of(facts, workload.of)
    nodes = () if cluster is None else facts.derive(_nodes, cluster.of)
    return tuple(sorted(each.of for each in nodes if each.may_take(workload)))


@dataclass(frozen=True, slots=True)
class _Nodes:
    """Nodes of one make, and where they are; of some their own script says which labels they have, and no fact."""

    of: Address
    labels: Labels
    taints: tuple[tuple[str, str, str], ...]
    interfaces: tuple[Interface, ...]
    stated: bool = True

    def may_take(self, workload: Workload) -> bool:
        """Whether pods may lie on them, as far as their stated labels and taints tell."""
        own = dict(self.labels)
        # Labels under a domain of Kubernetes' or a cloud's are put on nodes by others, so they may be there unstated.
        wanted = all(own.get(key, value if self._unsaid(key) else None) == value for key, value in workload.nodes)
        repelling = (taint for taint in self.taints if taint[2] != "PreferNoSchedule")
        return wanted and all(any(tolerates(each, taint) for each in workload.tolerates) for taint in repelling)

    def _unsaid(self, key: str) -> bool:
        return not self.stated or is_unstated(key)


def is_unstated(key: str) -> bool:
    """Whether others than whoever makes a node put that label on it."""
    return key.partition("/")[0].endswith(("kubernetes.io", "k8s.io", "amazonaws.com", "k8s.aws", "karpenter.sh"))


def tolerates(toleration: tuple[str, str, str, str], taint: tuple[str, str, str]) -> bool:
    """Whether a toleration is of a taint (Kubernetes documentation, "Taints and Tolerations")."""
    key, operator, value, effect = toleration
    named = key == taint[0] or (not key and operator == "Exists")
    return named and (operator == "Exists" or value == taint[1]) and effect in ("", taint[2])


def _nodes(facts: Facts, cluster: Address) -> tuple[_Nodes, ...]:
    found = [
        _Nodes(group.of, group.labels, group.taints, tuple(_of_group(facts, cluster, group)))
        for group in facts.where(NodeGroup, cluster=cluster)
    ]
    for joins in facts.all(Joins):
        fleet = facts.one(Fleet, of=joins.of)
        if fleet is not None and joined(facts, joins) == cluster:
            found.append(_Nodes(fleet.of, (), (), tuple(_of_fleet(facts, fleet)), stated=False))
    for pool in facts.all(NodePool):
        owner = cluster_of(facts, pool.of)
        if owner is not None and owner.of == cluster:
            found.append(_Nodes(pool.of, pool.labels, pool.taints, tuple(_of_pool(facts, pool))))
    return tuple(found)


def joined(facts: Facts, joins: Joins) -> Address | None:
    """The cluster that the instances of a fleet join, by its name; None if it is not in the input."""
    named = joins.cluster
    if isinstance(named, Ref):
        return named.to if facts.one(Cluster, of=named.to) is not None else None
    found = (each.of for each in facts.all(Cluster) if each.name == named)
    return next(found, None) if isinstance(named, str) else None


def _of_fleet(facts: Facts, fleet: Fleet) -> Iterator[Interface]:
    why = (
        fleet.launch
        if isinstance(fleet.launch, Unknown)
        else Unknown(f"{fleet.launch or fleet.of}", why="the launch template is not in the input")
    )
    template = facts.one(Interface, of=fleet.launch) if isinstance(fleet.launch, Address) else None
    for own in facts.where(Interface, of=fleet.of):
        if template is None:
            yield Interface(own.of, own.subnets, why, why, by=own.by)
        else:
            yield Interface(own.of, own.subnets, template.groups, template.public, by=own.by)


def _of_pool(facts: Facts, pool: NodePool) -> Iterator[Interface]:
    made = facts.one(NodeClass, of=pool.node_class)
    if made is None:
        why = Unknown(f"{pool.node_class}", why="the node class is not in the input")
        yield Interface(pool.of, why, why, why, by=pool.by)
        return
    yield Interface(pool.of, selected_subnets(facts, made), selected_groups(facts, made), made.public, by=made.by)


def selected_subnets(facts: Facts, made: NodeClass) -> Known[tuple[Link, ...]]:
    """The subnets that a node class means; Unknown if none of the input carries what it asks for."""
    return _selected(facts, made.subnets, facts.derive(_subnets), f"{made.of}.subnets")


def _subnets(facts: Facts) -> frozenset[Address]:
    return frozenset(fact.of for fact in facts.all(Subnet))


def selected_groups(facts: Facts, made: NodeClass) -> Known[tuple[Link, ...]]:
    """The security groups that a node class means; Unknown if none of the input carries what it asks for."""
    return _selected(facts, made.groups, facts.derive(_security_groups), f"{made.of}.groups")


def _security_groups(facts: Facts) -> frozenset[Address]:
    tagged = {fact.of for fact in facts.all(Tagged)}
    return frozenset(of for of in tagged if (name := of.as_terraform()) and name.type == _GROUP)


_GROUP = "aws_security_group"
_ANY = "*"


def _tagged(facts: Facts) -> dict[tuple[str, Any], set[Address]]:
    """What carries a tag with a value, and under ``*`` with any."""
    found: dict[tuple[str, Any], set[Address]] = {}
    for tag in facts.all(Tagged):
        for value in (tag.value, _ANY):
            found.setdefault((tag.key, value), set()).add(tag.of)
    return found


def _selected(
    facts: Facts, terms: tuple[Labels | Link, ...], among: frozenset[Address], what: str
) -> Known[tuple[Link, ...]]:
    """What terms of tags and ids mean; Unknown where they mean nothing of the input."""
    found: set[Link] = set()
    for term in terms:
        if not isinstance(term, tuple):
            found.add(term)
            continue
        tagged = facts.derive(_tagged)
        if term:
            found |= among.intersection(*(tagged.get(wanted, ()) for wanted in term))
    return tuple(sorted(found, key=str)) if found else Unknown(what, why="nothing in the input carries these tags")


def _of_group(facts: Facts, cluster: Address, group: NodeGroup) -> Iterator[Interface]:
    for own in facts.where(Interface, of=group.of):
        groups, public = own.groups, own.public
        # A launch template says which groups its nodes carry; without any EKS gives them the cluster's own.
        if isinstance(group.launch, Unknown):
            groups = public = group.launch
        elif group.launch is not None:
            template = facts.one(Interface, of=group.launch)
            if template is not None:
                groups, public = template.groups, template.public
            elif group.launch.is_outside:
                groups = Unknown(f"{group.launch}", why="the launch template is not in the input")
                public = groups
        if groups == ():
            groups = (cluster.implied(CLUSTER_GROUP),)
        yield Interface(own.of, own.subnets, groups, public, by=own.by)
