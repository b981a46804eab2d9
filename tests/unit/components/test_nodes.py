"""Nodes, and what lies on them."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError

GROUPS = """  node_groups:
    web: {types: [t3.medium], min: 2, max: 4, tier: web, labels: {tier: web}}
    jobs: {types: [t3.medium], min: 0, max: 4, taints: ["jobs=only:NoSchedule", "slow=:PreferNoSchedule"]}
"""
COMPONENTS = """
components:
  shop: {kind: service, image: shop, nodes: web}
  batch: {kind: service, image: batch, nodes: jobs}
  anywhere: {kind: service, image: anywhere}
"""
TIERS = """\
  subnets:
    public: [10.0.0.0/24, 10.0.1.0/24]
    private: [10.0.2.0/24, 10.0.3.0/24]
    web: [10.0.4.0/24, 10.0.5.0/24]
"""


def _described(groups: str = GROUPS, components: str = COMPONENTS) -> Graph:
    frame = descriptions.FRAME.replace(
        "network: {cidr: 10.0.0.0/16, zones: 2}", f"network:\n  cidr: 10.0.0.0/16\n{TIERS}"
    )
    single = "  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}\n"
    assert single in frame
    return descriptions.expand(descriptions.platform(frame.replace(single, groups) + components))


@pytest.fixture(scope="module")
def found() -> Graph:
    """Two node groups in two tiers, one of them tainted."""
    return _described()


def _pod(found: Graph, name: str) -> Any:
    return descriptions.named(found, "apps/v1/Deployment", name).body["spec"]["template"]["spec"]


def test_a_node_group_lies_in_the_tier_it_names(found: Graph) -> None:
    """Nodes are in the subnets of their own tier, and in the private ones where they name none."""
    for group, tier in (("web", "web"), ("jobs", "private")):
        subnets = descriptions.named(found, "aws_eks_node_group", group).body["subnet_ids"]
        assert [ref.to.as_terraform().name for ref in subnets] == [f"{tier}_a", f"{tier}_b"]


def test_pods_lie_on_the_nodes_they_name(found: Graph) -> None:
    """A pod selects its group's label, which the group's nodes carry beside their own, and tolerates what repels."""
    assert descriptions.named(found, "aws_eks_node_group", "web").body["labels"] == {
        "seawall/node-group": "web",
        "tier": "web",
    }
    assert _pod(found, "shop")["nodeSelector"] == {"seawall/node-group": "web"}
    assert "tolerations" not in _pod(found, "shop")
    assert _pod(found, "batch")["tolerations"] == [
        {"key": "jobs", "operator": "Equal", "value": "only", "effect": "NoSchedule"}
    ]
    assert not {"nodeSelector", "tolerations"} & set(_pod(found, "anywhere"))


REFUSED = {
    "a tier that is not there": (GROUPS.replace("tier: web, ", "tier: was, "), COMPONENTS, "no private tier"),
    "nodes in public": (GROUPS.replace("tier: web, ", "tier: public, "), COMPONENTS, "no private tier"),
    "nodes that are not there": (GROUPS, COMPONENTS.replace("nodes: web", "nodes: gpu"), "no nodes of that name"),
}


@pytest.mark.parametrize(("groups", "components", "complaint"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_is_refused(groups: str, components: str, complaint: str) -> None:
    """A place that does not exist is one message with file and line."""
    with pytest.raises(InputError, match=complaint) as caught:
        _described(groups, components)
    assert "platform.yaml:" in str(caught.value)
