"""Nodes that Karpenter makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import descriptions
import kubernetes_schemas
from descriptions import spec
from seawall.analyze.clusters import places, pod_interfaces
from seawall.facts.compute import Workload
from seawall.facts.data import Limit
from seawall.facts.identity import ClusterAccess
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.readers.read import facts_of

POOLS = """  node_groups:
    system: {types: [t3.medium], min: 2, max: 2, taints: ["CriticalAddonsOnly=true:NoSchedule"]}
  node_pools:
    gpu:
      types: [g4dn.xlarge, g5.xlarge]
      capacity: [spot, on-demand]
      limits: {gpus: 18, cpu: "80"}
      labels: {workload: inference}
      consolidate_after: 300 s
      expire_after: 7 d
    general: {types: [m7g.large], limits: {cpu: "32", memory: 128 GiB}, consolidate: underutilized}
"""
COMPONENTS = """
components:
  painter: {kind: service, image: painter, nodes: gpu}
  shop: {kind: service, image: shop}
"""
NODE_POOL, NODE_CLASS = "karpenter.sh/v1/NodePool", "karpenter.k8s.aws/v1/EC2NodeClass"


def _described(cluster: str = POOLS, components: str = COMPONENTS) -> Graph:
    return descriptions.on_cluster(cluster, components)


@pytest.fixture(scope="module")
def found() -> Graph:
    """A fixed system group, a pool with graphics processors and one without."""
    return _described()


def test_a_pool_says_what_its_nodes_may_be(found: Graph) -> None:
    """Types, how they are bought, how many at the most, how old, and when they go again."""
    gpu = spec(found, NODE_POOL, "gpu")
    wanted = {each["key"]: each["values"] for each in gpu["template"]["spec"]["requirements"]}
    assert wanted == {
        "node.kubernetes.io/instance-type": ["g4dn.xlarge", "g5.xlarge"],
        "karpenter.sh/capacity-type": ["spot", "on-demand"],
        "kubernetes.io/arch": ["amd64"],
        "kubernetes.io/os": ["linux"],
    }
    assert gpu["limits"] == {"cpu": "80", "nvidia.com/gpu": "18"}
    assert gpu["template"]["spec"]["expireAfter"] == "604800s"
    assert gpu["disruption"]["consolidateAfter"] == "300s"
    assert spec(found, NODE_POOL, "general")["limits"] == {"cpu": "32", "memory": "128Gi"}


def test_processors_are_those_of_the_types(found: Graph) -> None:
    """A Graviton type makes an arm64 pool without being told."""
    requirements = spec(found, NODE_POOL, "general")["template"]["spec"]["requirements"]
    assert {"key": "kubernetes.io/arch", "operator": "In", "values": ["arm64"]} in requirements


def test_dear_nodes_are_kept_for_who_names_them(found: Graph) -> None:
    """Nodes with graphics processors repel pods that do not name their pool, and those that do tolerate it."""
    taint = {"key": "nvidia.com/gpu", "value": "present", "effect": "NoSchedule"}
    assert spec(found, NODE_POOL, "gpu")["template"]["spec"]["taints"] == [taint]
    assert "taints" not in spec(found, NODE_POOL, "general")["template"]["spec"]
    painter = spec(found, "apps/v1/Deployment", "painter")["template"]["spec"]
    assert painter["nodeSelector"] == {"seawall/node-group": "gpu"}
    assert painter["tolerations"] == [{**taint, "operator": "Equal"}]
    labels = spec(found, NODE_POOL, "gpu")["template"]["metadata"]["labels"]
    assert labels == {"seawall/node-group": "gpu", "workload": "inference"}
    assert "tolerations" not in spec(found, "apps/v1/Deployment", "shop")["template"]["spec"]


def test_a_node_class_selects_what_is_tagged(found: Graph) -> None:
    """The tags by which nodes look for subnets and security group are on subnets of this cluster, and on one group."""
    made = spec(found, NODE_CLASS, "gpu")
    [subnets], [groups] = made["subnetSelectorTerms"], made["securityGroupSelectorTerms"]
    meant = [each for each in found.of_type("aws_subnet") if subnets["tags"].items() <= each.body["tags"].items()]
    assert [each.address.as_terraform().name for each in meant] == ["private_a", "private_b"]  # type: ignore[union-attr]
    carried = [
        each for each in found.of_type("aws_security_group") if groups["tags"].items() <= each.body["tags"].items()
    ]
    assert [each.address.as_terraform().name for each in carried] == ["nodes"]  # type: ignore[union-attr]


def test_nodes_join_the_cluster_as_nodes(found: Graph) -> None:
    """The role of the profile that node classes name has an entry of the type for nodes; no entry, no node."""
    profile = descriptions.named(found, "aws_iam_instance_profile", "karpenter_nodes").body
    assert spec(found, NODE_CLASS, "gpu")["instanceProfile"] == profile["name"]
    entry = descriptions.named(found, "aws_eks_access_entry", "karpenter_nodes").body
    assert entry["type"] == "EC2_LINUX"
    assert isinstance(profile["role"], Ref)
    assert entry["principal_arn"].to == profile["role"].to
    [access] = [fact for fact in facts_of(found).all(ClusterAccess) if fact.principal == profile["role"].to]
    assert access.policy == "type/EC2_LINUX"


def test_pods_on_new_nodes_find_names(found: Graph) -> None:
    """CoreDNS lies on nodes that EKS keeps, whose taint it tolerates by itself, in a group that lets new nodes in."""
    configuration = json.loads(descriptions.named(found, "aws_eks_addon", "coredns").body["configuration_values"])
    [term] = configuration["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"][
        "nodeSelectorTerms"
    ]
    assert term["matchExpressions"] == [{"key": "eks.amazonaws.com/nodegroup", "operator": "Exists"}]
    inward = descriptions.named(found, "aws_vpc_security_group_ingress_rule", "nodes_from_nodes").body
    assert inward["ip_protocol"] == "-1"
    assert inward["referenced_security_group_id"] == inward["security_group_id"]
    metrics = json.loads(descriptions.named(found, "aws_eks_addon", "metrics_server").body["configuration_values"])
    assert metrics == {"tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}]}


def test_interruptions_are_heard_of(found: Graph) -> None:
    """Each event that announces the end of a node goes to the queue, whose policy lets those rules in alone."""
    targets = found.of_type("aws_cloudwatch_event_target")
    queue = descriptions.named(found, "aws_sqs_queue", "karpenter")
    assert {target.body["arn"].to for target in targets} == {queue.address}
    kinds = {
        kind
        for rule in found.of_type("aws_cloudwatch_event_rule")
        for kind in json.loads(rule.body["event_pattern"])["detail-type"]
    }
    assert kinds == {
        "EC2 Spot Instance Interruption Warning",
        "EC2 Instance Rebalance Recommendation",
        "EC2 Instance State-change Notification",
        "EC2 Capacity Reservation Instance Interruption Warning",
        "AWS Health Event",
    }
    sending, plain = descriptions.named(found, "aws_sqs_queue_policy", "karpenter").body["policy"]["Statement"]
    rules = {ref.to for ref in sending["Condition"]["ArnEquals"]["aws:SourceArn"]}
    assert rules == {rule.address for rule in found.of_type("aws_cloudwatch_event_rule")}
    assert plain["Effect"] == "Deny"


def _statements(found: Graph) -> list[Mapping[str, Any]]:
    body = descriptions.named(found, "aws_iam_role_policy", "karpenter").body
    statements: list[Mapping[str, Any]] = body["policy"]["Statement"]
    return statements


def _actions(statements: list[Mapping[str, Any]]) -> set[str]:
    listed = [each["Action"] for each in statements]
    return {action for each in listed for action in ([each] if isinstance(each, str) else each)}


def test_karpenter_may_do_what_its_project_publishes(found: Graph, reference: Path) -> None:
    """All of it, but for zonal shifts, which are off, and profiles, which Terraform makes; and a role for spot."""
    file = reference / "data" / "controller_policies" / "karpenter-controller-merged.json"
    published = _actions(json.loads(file.read_text(encoding="utf-8"))["Statement"])
    profiles = {f"iam:{verb}InstanceProfile" for verb in ("Create", "Delete", "Tag")}
    profiles |= {"iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile"}
    without = profiles | {"arc-zonal-shift:GetManagedResource"}
    assert without < published
    assert _actions(_statements(found)) == published - without | {"iam:CreateServiceLinkedRole"}


def test_karpenter_touches_what_is_its_own(found: Graph) -> None:
    """It takes away and tags only what carries this cluster's name, and passes on no role but the nodes' own."""
    for statement in _statements(found):
        actions = set(statement["Action"])
        if actions & {
            "ec2:TerminateInstances",
            "ec2:DeleteLaunchTemplate",
            "ec2:CreateTags",
            "ec2:CreateLaunchTemplate",
        }:
            keys = {key for conditions in statement["Condition"].values() for key in conditions}
            assert any(key.endswith("Tag/kubernetes.io/cluster/shop-production") for key in keys), statement
        if "iam:PassRole" in actions:
            role = descriptions.named(found, "aws_iam_role", "karpenter_nodes")
            assert [resource.to for resource in statement["Resource"]] == [role.address]


def test_two_that_add_nodes_do_not_answer_the_same_pod(found: Graph) -> None:
    """Where no node group may grow there is no Cluster Autoscaler; where one may, every pool keeps to its own pods."""
    names = {each.address.as_terraform().name for each in found.of_type("aws_eks_pod_identity_association")}  # type: ignore[union-attr]
    assert "karpenter" in names
    assert "cluster_autoscaler" not in names
    grows = POOLS.replace("max: 2", "max: 6").replace(
        'limits: {cpu: "32"', 'taints: ["a=b:NoSchedule"], limits: {cpu: "32"'
    )
    both = _described(grows)
    names = {each.address.as_terraform().name for each in both.of_type("aws_eks_pod_identity_association")}  # type: ignore[union-attr]
    assert {"karpenter", "cluster_autoscaler"} <= names


@pytest.mark.needs("reference", "jsonschema", "kubernetes-validate")
def test_karpenter_takes_the_objects(found: Graph, reference: Path) -> None:
    """NodePools and EC2NodeClasses fit the schemas of their own project."""
    bodies = [body for _, body in descriptions.manifests(found)]
    refused, _ = kubernetes_schemas.problems(bodies, reference / "schemas" / "crds")
    assert refused == []
    assert {body["kind"] for body in bodies} >= {"NodePool", "EC2NodeClass"}


REFUSED = {
    "two autoscalers": (POOLS.replace("max: 2", "max: 6"), "have Karpenter add nodes to general"),
    "nowhere to run": (POOLS.replace("min: 2, max: 2", "min: 0, max: 2"), "needs one to run on"),
    "one name twice": (POOLS.replace("system:", "gpu:"), "is a node group and a pool"),
    "no bounds": (POOLS.replace('limits: {gpus: 18, cpu: "80"}', "limits: {}"), "limits says nothing"),
    "processors of two kinds": (POOLS.replace("m7g.large", "m7g.large, m7i.large"), "different processors"),
    "processors that differ": (POOLS.replace("[m7g.large]", "[m7g.large], arch: amd64"), "arch is amd64"),
    "no tier": (POOLS.replace("consolidate: under", "tier: nowhere, consolidate: under"), "no private tier"),
    "quotas beyond the pool": (
        POOLS + "  namespaces: {dev: {quota: {gpus: 3}}, prod: {quota: {gpus: 16}}}\n",
        "promise 19 GPUs, and node pools stop at 18",
    ),
    "karpenter without pools": (
        "  node_groups: {system: {types: [t3.medium], min: 2, max: 2}}\n  addons: [karpenter]\n",
        "no pools",
    ),
}


@pytest.mark.parametrize(("cluster", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused(cluster: str, complaint: str) -> None:
    """Pools that could not work, or would cost without end, are one message with file and line."""
    with pytest.raises(InputError, match=complaint) as caught:
        _described(cluster, "" if complaint == "no pools" else COMPONENTS)
    assert "platform.yaml:" in str(caught.value)


def test_pods_lie_where_they_say(found: Graph) -> None:
    """Facts tell the nodes of a pod by labels and taints, and where pools put theirs by what is tagged."""
    facts = facts_of(found)
    workloads = {workload.of.rpartition("/")[2]: workload for workload in facts.all(Workload)}
    assert [str(place).rpartition("/")[2] for place in places(facts, workloads["painter"])] == ["gpu"]
    assert [str(place).rpartition("/")[2] for place in places(facts, workloads["shop"])] == ["general"]
    [interface] = pod_interfaces(facts, workloads["painter"])
    subnets, groups = interface.subnets, interface.groups
    assert isinstance(subnets, tuple)
    assert isinstance(groups, tuple)
    assert [str(each).rpartition(".")[2] for each in subnets] == ["private_a", "private_b"]
    assert [str(each).rpartition(".")[2] for each in groups] == ["nodes"]


def test_a_pools_bounds_are_facts(found: Graph) -> None:
    """What a pool may come to is a limit like any other, in base units."""
    limits = {
        limit.what: limit.value
        for limit in facts_of(found).all(Limit)
        if str(limit.of).endswith("NodePool//gpu") or str(limit.of).endswith("NodePool/gpu")
    }
    assert limits == {"cpu": 80_000, "nvidia.com/gpu": 18}
