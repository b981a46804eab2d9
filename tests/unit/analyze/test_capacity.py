"""On which nodes pods may lie: on none where Fargate runs them, which is asked at one place for every analysis."""

from __future__ import annotations

import pytest

from seawall.analyze.capacity import nodes_for
from seawall.analyze.clusters import fargate_profile
from seawall.facts.compute import Cluster, FargateProfile, NodeGroup, Workload
from seawall.facts.facts import Facts
from seawall.kernel.address import Address

CLUSTER, NODES = Address("r/c:aws_eks_cluster.main"), Address("r/c:aws_eks_node_group.main")
PROFILE = Address("r/c:aws_eks_fargate_profile.f")


@pytest.mark.parametrize(
    ("controller", "labels", "fargate"),
    [
        ("Deployment", (("app", "web"),), True),
        ("Deployment", (("app", "api"),), False),
        ("Deployment", (), False),
        ("DaemonSet", (("app", "web"),), False),
    ],
)
def test_pods_lie_on_nodes_unless_a_profile_means_them(controller, labels, fargate):
    """A star of a label stands for anything, and Fargate runs no DaemonSet; the two analyses agree."""
    pods = Workload(
        Address("main/Deployment/shop/web"),
        Address("main/Namespace/shop"),
        labels,
        Address("main/ServiceAccount/shop/default"),
        controller,
        2,
    )
    facts = Facts(
        [
            Cluster(CLUSTER, "main", "1.36", "r", "issuer", True, None),
            NodeGroup(NODES, CLUSTER, ("m7i.large",), 1, 1, 1, "on-demand", "AL2023"),
            FargateProfile(PROFILE, CLUSTER, "f", (("shop", (("app", "w*"),)),), ()),
            pods,
        ]
    )
    assert (fargate_profile(facts, pods) is not None) is fargate
    assert [nodes.of for nodes in nodes_for(facts, pods)] == ([] if fargate else [NODES])
