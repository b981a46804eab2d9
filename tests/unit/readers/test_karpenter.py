"""Karpenter's objects, priorities, and what pods say of nodes."""

from __future__ import annotations

from typing import Any

from kubernetes_cluster import CLUSTER, thing
from seawall.facts.compute import NodeClass, NodePool, Workload
from seawall.facts.data import Limit
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes
from seawall.facts.resilience import Setting
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.read import read


def facts(*resources: Resource) -> Facts:
    """The facts of these objects."""
    return read(Graph(resources))


def wide(kind: str, name: str) -> Address:
    """The address of a cluster-wide object."""
    return Address.kubernetes(CLUSTER, kind, "", name)


def pool(**spec: Any) -> Resource:
    """A pool whose nodes a class of its name makes."""
    reference = {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "gpu"}
    template = {"metadata": {"labels": {"tier": "gpu"}}, "spec": {"nodeClassRef": reference} | spec.pop("nodes", {})}
    return thing("karpenter.sh/v1", "NodePool", "gpu", namespace="", spec={"template": template} | spec)


def test_a_pool_is_bought_on_demand_by_default() -> None:
    """A pool that names no types takes any, and one that does not say how nodes are bought has them on demand."""
    [found] = facts(pool()).all(NodePool)
    assert (found.of, found.node_class) == (wide("NodePool", "gpu"), wide("EC2NodeClass", "gpu"))
    assert (found.types, found.capacity, found.labels) == ((), ("on-demand",), (("tier", "gpu"),))


def test_a_pool_says_what_its_nodes_may_be() -> None:
    """Only what a pool asks for is read: types by name, how they are bought, and who is kept away."""
    requirements = [
        {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["g5.xlarge", "g4dn.xlarge"]},
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]},
        {"key": "kubernetes.io/arch", "operator": "NotIn", "values": ["arm64"]},
    ]
    taints = [{"key": "gpu", "effect": "NoSchedule"}]
    [found] = facts(pool(nodes={"requirements": requirements, "taints": taints})).all(NodePool)
    assert (found.types, found.capacity) == (("g4dn.xlarge", "g5.xlarge"), ("spot",))
    assert found.taints == (("gpu", "", "NoSchedule"),)


def test_limits_of_a_pool_are_in_base_units() -> None:
    """As quotas have them: thousandths of a core, bytes, a count; what is no quantity is unknown."""
    limits = {"cpu": "1500m", "memory": "1Gi", "nvidia.com/gpu": "10", "nodes": "many"}
    found = {limit.what: limit.value for limit in facts(pool(limits=limits)).all(Limit)}
    assert isinstance(found.pop("nodes"), Unknown)
    assert found == {"cpu": 1500, "memory": 2**30, "nvidia.com/gpu": 10}


def test_a_class_says_where_its_nodes_are_and_as_whom() -> None:
    """Terms by tags or by id; without a word a token is required, and travels one hop."""
    spec = {
        "role": "nodes",
        "subnetSelectorTerms": [{"tags": {"tier": "private", "env": "*"}}, {"id": "subnet-1"}],
        "securityGroupSelectorTerms": [{"name": "nodes"}],
        "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": True}}],
    }
    found = facts(thing("karpenter.k8s.aws/v1", "EC2NodeClass", "gpu", namespace="", spec=spec))
    [made] = found.all(NodeClass)
    assert made.subnets == ((("env", "*"), ("tier", "private")), Address.outside("subnet-1"))
    assert made.groups == ((("Name", "nodes"),),)
    assert [assumed.role for assumed in found.all(Assumes)] == ["nodes"]
    settings = {setting.key: setting.value for setting in found.all(Setting)}
    assert settings == {"metadata-tokens-required": True, "metadata-hops": 1, "disk-encrypted": True}


def test_a_class_without_a_role_is_unknown() -> None:
    """As whom its nodes act is then not known, rather than nobody."""
    [made] = facts(thing("karpenter.k8s.aws/v1", "EC2NodeClass", "gpu", namespace="", spec={})).all(NodeClass)
    assert isinstance(made.profile, Unknown)


def test_a_class_of_priority_has_a_number() -> None:
    """Which pods go first."""
    found = facts(thing("scheduling.k8s.io/v1", "PriorityClass", "prod", namespace="", value=1000))
    assert found.all(Setting) == (Setting(wide("PriorityClass", "prod"), "priority", 1000),)


def test_a_pod_says_on_which_nodes_it_lies() -> None:
    """Labels it asks for, taints it tolerates, whose absent operator means equal, and its class."""
    tolerations = [{"key": "gpu", "effect": "NoSchedule"}, {"operator": "Exists"}]
    spec = {
        "nodeSelector": {"tier": "gpu"},
        "tolerations": tolerations,
        "priorityClassName": "prod",
        "containers": [{"name": "was", "image": "was:1"}],
    }
    [found] = facts(thing("apps/v1", "Deployment", "was", spec={"template": {"spec": spec}})).all(Workload)
    assert found.nodes == (("tier", "gpu"),)
    assert found.tolerates == (("", "Exists", "", ""), ("gpu", "Equal", "", "NoSchedule"))
    assert found.priority == "prod"


def test_a_provisioner_is_a_pool_of_old() -> None:
    """What nodes there may be is read of a Provisioner as of a pool, and of its template where they lie."""
    requirements = [
        {"key": "node.kubernetes.io/instance-type", "operator": "In", "values": ["g4dn.xlarge"]},
        {"key": "karpenter.sh/capacity-type", "operator": "In", "values": ["spot"]},
    ]
    spec = {
        "requirements": requirements,
        "limits": {"resources": {"nvidia.com/gpu": 10, "cpu": "8"}},
        "ttlSecondsAfterEmpty": 300,
        "ttlSecondsUntilExpired": 604800,
        "providerRef": {"name": "gpu"},
    }
    tags = {"subnetSelector": {"tier": "private"}, "securityGroupSelector": {"aws-ids": "sg-1,sg-2"}}
    found = facts(
        thing("karpenter.sh/v1alpha5", "Provisioner", "gpu", namespace="", spec=spec),
        thing("karpenter.k8s.aws/v1alpha1", "AWSNodeTemplate", "gpu", namespace="", spec=tags),
    )
    [one] = found.all(NodePool)
    assert (one.node_class, one.types, one.capacity) == (wide("AWSNodeTemplate", "gpu"), ("g4dn.xlarge",), ("spot",))
    assert (one.expires, one.drains, one.consolidates) == (604800, None, "WhenEmpty")
    assert {(limit.what, limit.value) for limit in found.where(Limit, of=one.of)} == {
        ("nvidia.com/gpu", 10),
        ("cpu", 8000),
    }
    [made] = found.all(NodeClass)
    assert made.subnets == ((("tier", "private"),),)
    assert isinstance(made.groups[0], Unknown)
