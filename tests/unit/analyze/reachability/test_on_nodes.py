"""Pods on the network of public nodes, on a port of theirs, and behind one: the internet reaches them by the nodes."""

from __future__ import annotations

import pytest

from networks import public_subnet
from seawall.analyze.reachability.entrances import exposures_of
from seawall.analyze.reachability.from_internet import INTERNET, from_internet
from seawall.analyze.reachability.traffic import Traffic
from seawall.cli.input import load_graph
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.readers.read import facts_of

NODES = (
    public_subnet(by_default=True)
    + """
resource "aws_security_group" "w" {
  vpc_id = aws_vpc.v.id
  ingress {
    from_port = 30080
    to_port = 30080
    protocol = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
resource "aws_launch_template" "l" { vpc_security_group_ids = [aws_security_group.w.id] }
resource "aws_eks_cluster" "c" {
  name = "c"
  role_arn = "arn:aws:iam::123456789012:role/x"
  vpc_config {
    subnet_ids = [aws_subnet.s.id]
    endpoint_public_access = false
  }
}
resource "aws_eks_node_group" "n" {
  cluster_name = aws_eks_cluster.c.name
  node_role_arn = "arn:aws:iam::123456789012:role/x"
  subnet_ids = [aws_subnet.s.id]
  scaling_config {
    min_size = 1
    max_size = 1
    desired_size = 1
  }
  launch_template {
    id = aws_launch_template.l.id
    version = "1"
  }
}
"""
)
PODS = """
apiVersion: apps/v1
kind: Deployment
metadata: {{name: web, namespace: a}}
spec:
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      hostNetwork: {host}
      containers: [{{name: c, image: "x:1", ports: [{port}]}}]
---
apiVersion: v1
kind: Service
metadata: {{name: webs, namespace: a}}
spec: {{type: {type}, selector: {{app: web}}, ports: [{{port: 80, targetPort: 8080{node}}}]}}
---
"""
DENIED = """
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: none, namespace: a}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
ENFORCED = """
resource "aws_eks_addon" "cni" {
  cluster_name = aws_eks_cluster.c.name
  addon_name = "vpc-cni"
  configuration_values = jsonencode({ enableNetworkPolicy = "true" })
}
"""
WEB = Address("c/Deployment/a/web")


def asked(
    folder, port, *, type="ClusterIP", node="", host="false", own="{containerPort: 8080}", terraform=NODES, more=""
):
    """The path from the internet to pods that public nodes carry, and the input's facts."""
    (folder / "main.tf").write_text(terraform)
    (folder / "m.yaml").write_text(PODS.format(type=type, node=node, host=host, port=own) + more)
    facts: Facts = facts_of(load_graph([str(folder)], None)[1])
    return from_internet(facts, Reach(INTERNET, WEB, port)).verdict, facts


def test_a_port_of_all_nodes_leads_to_the_pods_behind(tmp_path) -> None:
    """Whom the nodes' group lets in on a Service's node port gets to its pods, on the pods' own port alone."""
    verdict, facts = asked(tmp_path, 8080, type="NodePort", node=", nodePort: 30080")
    assert verdict.proven
    (way,) = exposures_of(facts, WEB)
    assert way.open.sure == way.open.may == Traffic.of("tcp", Ports.one(8080))
    assert way.anybody


@pytest.mark.parametrize(("node", "answer"), [(", nodePort: 30081", "refuted"), ("", "unknown")])
def test_the_group_of_the_nodes_has_to_open_that_port(tmp_path, node, answer) -> None:
    """Another node port is shut; one that the cluster chooses may be the open one."""
    assert str(asked(tmp_path, 8080, type="NodePort", node=node)[0].answer) == answer


def test_policies_of_the_pods_are_asked_about_the_nodes(tmp_path) -> None:
    """Pods that a policy isolates from everybody are not reached by a node's port, though the node is."""
    shut = asked(tmp_path, 8080, type="NodePort", node=", nodePort: 30080", terraform=NODES + ENFORCED, more=DENIED)
    assert not shut[0].proven


def test_a_service_within_the_cluster_has_no_port_of_nodes(tmp_path) -> None:
    """Without a node port public nodes lead nowhere."""
    assert asked(tmp_path, 8080)[0].refuted


def test_pods_on_the_network_of_nodes_are_where_these_are(tmp_path) -> None:
    """Pods with hostNetwork are reached where the nodes are, on ports that their containers state, under no policy."""
    verdict, facts = asked(tmp_path, 30080, host="true", own="{containerPort: 30080}", more=DENIED)
    assert verdict.proven
    assert len(exposures_of(facts, WEB)) == 1


def test_a_container_may_take_a_port_of_its_node(tmp_path) -> None:
    """A hostPort leads to the container's own port."""
    assert asked(tmp_path, 8080, own="{containerPort: 8080, hostPort: 30080}")[0].proven


OF_EKS = NODES[: NODES.index('resource "aws_launch_template"')] + NODES[
    NODES.index('resource "aws_eks_cluster"') : NODES.index('resource "aws_eks_node_group"')
].replace("aws_launch_template.l", "")
FLEET = """
resource "aws_launch_template" "l" {{
  network_interfaces {{
    security_groups = [aws_security_group.w.id]
    {public}
  }}
}}
resource "aws_autoscaling_group" "n" {{
  min_size = 1
  max_size = 1
  vpc_zone_identifier = [aws_subnet.s.id]
  launch_template {{ id = aws_launch_template.l.id }}
  tag {{
    key = "kubernetes.io/cluster/{cluster}"
    value = "owned"
    propagate_at_launch = true
  }}
}}
"""


@pytest.mark.parametrize(
    ("public", "cluster", "answer"),
    [
        ("", "${aws_eks_cluster.c.name}", "proven"),
        ("", "c", "proven"),
        ("associate_public_ip_address = true", "c", "proven"),
        ("associate_public_ip_address = false", "c", "refuted"),
        ("", "another", "refuted"),
    ],
)
def test_instances_that_join_a_cluster_are_nodes_of_it(tmp_path, public, cluster, answer) -> None:
    """A group of instances that carries the cluster's tag has its node ports, in public subnets unless it says no."""
    terraform = OF_EKS + FLEET.format(public=public, cluster=cluster)
    verdict, _ = asked(tmp_path, 8080, type="NodePort", node=", nodePort: 30080", terraform=terraform)
    assert str(verdict.answer) == answer


POOL = """
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {{name: p}}
spec: {{template: {{spec: {{nodeClassRef: {{name: k}}}}}}}}
---
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata: {{name: k}}
spec:
  role: r
  {public}
  subnetSelectorTerms: [{{tags: {{pool: "p"}}}}]
  securityGroupSelectorTerms: [{{tags: {{pool: "p"}}}}]
"""
TAGGED = OF_EKS.replace(
    "map_public_ip_on_launch = true", 'map_public_ip_on_launch = true\n  tags = { pool = "p" }'
).replace('resource "aws_security_group" "w" {', 'resource "aws_security_group" "w" {\n  tags = { pool = "p" }')


@pytest.mark.parametrize(
    ("public", "terraform", "answer"),
    [
        ("", TAGGED, "proven"),
        ("associatePublicIPAddress: false", TAGGED, "refuted"),
        ("", TAGGED.replace("map_public_ip_on_launch = true", ""), "refuted"),
        ("associatePublicIPAddress: true", TAGGED.replace("map_public_ip_on_launch = true", ""), "proven"),
    ],
)
def test_nodes_of_karpenter_are_where_their_class_says(tmp_path, public, terraform, answer) -> None:
    """A pool's nodes have public addresses as their class says, or else as the subnets that it selects."""
    more = POOL.format(public=public)
    verdict, facts = asked(tmp_path, 8080, type="NodePort", node=", nodePort: 30080", terraform=terraform, more=more)
    assert str(verdict.answer) == answer
    if answer == "proven":
        assert exposures_of(facts, Address("c/NodePool/p"))[0].anybody


def test_what_a_template_says_of_addresses_holds_for_managed_nodes(tmp_path) -> None:
    """Nodes of a managed group whose template gives them none have no public address, whatever their subnet does."""
    own = "security_groups = [aws_security_group.w.id]\n    associate_public_ip_address = false"
    card = f"network_interfaces {{\n    {own}\n  }}"
    terraform = NODES.replace('" "l" { vpc_security_group_ids = [aws_security_group.w.id] }', f'" "l" {{\n  {card}\n}}')
    assert terraform != NODES
    verdict, _ = asked(tmp_path, 8080, type="NodePort", node=", nodePort: 30080", terraform=terraform)
    assert verdict.refuted
