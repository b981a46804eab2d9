"""Node pools: nodes that Karpenter makes as pods need them, and takes away when none is left on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seawall.components.network import Network
from seawall.components.nodes import LABEL, InstanceType, Taint, parted, subnets
from seawall.components.policy import trust
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.model.fields import Cpu, Duration, Frame, Line, Name, Size

DISCOVERY = "karpenter.sh/discovery"
"""The tag by which node classes find the security group that nodes carry; its value is the cluster's name."""
GPU = "nvidia.com/gpu"
"""What NVIDIA's device plugin calls a graphics processor."""
GPU_TAINT = f"{GPU}=present:NoSchedule"
"""What keeps pods that ask for no graphics processor off nodes that are paid for because of theirs."""
ROLE = "karpenter_nodes"
"""The Terraform name of the role that Karpenter's nodes take on, and of its instance profile."""

Architecture = Literal["amd64", "arm64"]
Capacity = Literal["on-demand", "spot"]


class Limits(Frame):
    """What all nodes of a pool have together at the most; nothing else bounds what they cost."""

    cpu: Cpu | None = None
    memory: Size | None = None
    gpus: Annotated[int, Field(ge=0, le=1000)] | None = None

    @model_validator(mode="after")
    def _limits(self) -> Limits:
        if self.cpu is None and self.memory is None and self.gpus is None:
            raise ValueError("limits says nothing; give cpu, memory or gpus")
        return self


RELEASE = "al2023@v20260714"
"""The newest release for Kubernetes up to 1.36, with processors for graphics and without.

Source: awslabs/amazon-eks-ami, CHANGELOG.md, "AMI Release v20260714", read 2026-11-22.
"""


class NodePool(Frame):
    """Nodes of these types, cheapest first, from none up to ``limits``."""

    types: Annotated[tuple[InstanceType, ...], Field(min_length=1)]
    capacity: Annotated[tuple[Capacity, ...], Field(min_length=1)] = ("on-demand",)
    """How nodes are bought; where both are named, on demand only what is not to be had at the spot price."""
    arch: Architecture | None = None
    """The processors' kind; where silent, that of the types."""
    limits: Limits
    tier: Name | None = None
    """The private tier of the network in which they lie; where silent, the network's own ``private``."""
    image: Annotated[str, Field(pattern=r"^al2023@(latest|v\d{8})$")] = RELEASE
    """The release of Amazon Linux; ``latest`` replaces nodes, a tenth at a time, whenever AWS publishes one."""
    disk: Size = units.Size(50 * 2**30)
    labels: Mapping[Line, Line] = {}
    taints: tuple[Taint, ...] | None = None
    """Where silent, a pool with graphics processors is kept for the pods that name it."""
    consolidate: Literal["empty", "underutilized"] = "empty"
    """Which nodes are taken away: those without pods, or also those whose pods would fit elsewhere."""
    consolidate_after: Duration = units.Duration(300)
    """How long a node must have been so."""
    expire_after: Duration = units.Duration(30 * 86400)
    """How old a node becomes."""
    drain: Duration = units.Duration(3600)
    """How long a node waits for pods that may not be disturbed before it goes all the same."""

    @model_validator(mode="after")
    def _of_one_kind(self) -> NodePool:
        kinds = {_architecture(type) for type in self.types}
        if len(kinds) > 1:
            raise ValueError(f"types {', '.join(self.types)} have different processors; make a pool of each kind")
        if self.arch is not None and kinds != {self.arch}:
            raise ValueError(f"arch is {self.arch}, and {', '.join(self.types)} are {kinds.pop()}")
        return self

    @property
    def tainted(self) -> tuple[str, ...]:
        """The taints of its nodes."""
        if self.taints is not None:
            return self.taints
        return (GPU_TAINT,) if self.limits.gpus else ()

    @property
    def repels(self) -> bool:
        """Whether pods lie on its nodes only if they say so."""
        return any(parted(taint)[2] != "PreferNoSchedule" for taint in self.tainted)


def _architecture(type: str) -> Architecture:
    # A "g" right after the generation's number stands for Graviton: m7g, c7gn, x2gd; not g4dn.
    # Source: Amazon EC2 Instance Types, "Naming conventions", read 2026-11-21.
    return "arm64" if re.match(r"[a-z]+\d+g", type) else "amd64"


def node_role(scope: Scope) -> Iterator[Resource]:
    """Role and instance profile of Karpenter's nodes, and the entry by which they join the cluster.

    The role is not the node groups' own: for that one EKS has made an entry already. A profile that Terraform makes
    spares Karpenter the right to make profiles, and goes away with everything else.
    """
    called = _profile(scope)
    yield scope.aws("aws_iam_role", ROLE, {"name": called, "assume_role_policy": trust("ec2.amazonaws.com")})
    role = scope.ref("aws_iam_role", ROLE, "name")
    for policy in ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"):
        body = {"role": role, "policy_arn": f"arn:aws:iam::aws:policy/{policy}"}
        yield scope.aws("aws_iam_role_policy_attachment", f"{ROLE}_{policy.lower()}", body)
    yield scope.aws("aws_iam_instance_profile", ROLE, {"name": called, "role": role})
    entry = {
        "cluster_name": scope.ref("aws_eks_cluster", "main", "name"),
        "principal_arn": scope.ref("aws_iam_role", ROLE, "arn"),
        "type": "EC2_LINUX",
    }
    yield scope.aws("aws_eks_access_entry", ROLE, entry)


def node_pools(scope: Scope, pools: Mapping[str, NodePool]) -> Iterator[Resource]:
    """The objects by which Karpenter knows each pool, and how its nodes are made."""
    for name, pool in pools.items():
        yield scope.object("karpenter.k8s.aws/v1", "EC2NodeClass", name, {"spec": _node_class(scope, name, pool)})
        yield scope.object("karpenter.sh/v1", "NodePool", name, {"spec": _node_pool(name, pool)})


def _profile(scope: Scope) -> str:
    return f"{scope.title}-{ROLE.replace('_', '-')}"


def _node_class(scope: Scope, name: str, pool: NodePool) -> dict[str, Any]:
    subnets(scope, f"node_pools.{name}", pool.tier)
    private = scope.the(Network).private_tiers
    tier = pool.tier or ("private" if "private" in private else private[0])
    return {
        "amiSelectorTerms": [{"alias": pool.image}],
        "instanceProfile": _profile(scope),
        # Tags that the network gives its subnets; Karpenter looks in every network of the account.
        "subnetSelectorTerms": [{"tags": {f"kubernetes.io/cluster/{scope.cluster_name}": "shared", "tier": tier}}],
        "securityGroupSelectorTerms": [{"tags": {DISCOVERY: scope.cluster_name}}],
        "associatePublicIPAddress": False,
        # One hop: a pod that is not on the host's network cannot borrow the node's role.
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "blockDeviceMappings": [
            {
                "deviceName": "/dev/xvda",
                "ebs": {
                    "volumeSize": f"{int(pool.disk.gib)}Gi",
                    "volumeType": "gp3",
                    "encrypted": True,
                    "deleteOnTermination": True,
                },
            }
        ],
        "tags": scope.tags(f"{scope.title}-{name}"),
    }


def _node_pool(name: str, pool: NodePool) -> dict[str, Any]:
    wanted: dict[str, list[str]] = {
        "node.kubernetes.io/instance-type": list(pool.types),
        "karpenter.sh/capacity-type": list(pool.capacity),
        "kubernetes.io/arch": [_architecture(pool.types[0])],
        "kubernetes.io/os": ["linux"],
    }
    limits = {
        "cpu": str(pool.limits.cpu) if pool.limits.cpu is not None else None,
        "memory": pool.limits.memory.quantity if pool.limits.memory is not None else None,
        GPU: str(pool.limits.gpus) if pool.limits.gpus is not None else None,
    }
    spec: dict[str, Any] = {
        "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": name},
        "requirements": [{"key": key, "operator": "In", "values": values} for key, values in wanted.items()],
        "expireAfter": _seconds(pool.expire_after),
        "terminationGracePeriod": _seconds(pool.drain),
    }
    if pool.tainted:
        taints = map(parted, pool.tainted)
        spec["taints"] = [{"key": key, "value": value, "effect": effect} for key, value, effect in taints]
    return {
        "template": {"metadata": {"labels": {LABEL: name, **pool.labels}}, "spec": spec},
        "limits": {key: value for key, value in limits.items() if value is not None},
        "disruption": {
            "consolidationPolicy": {"empty": "WhenEmpty", "underutilized": "WhenEmptyOrUnderutilized"}[
                pool.consolidate
            ],
            "consolidateAfter": _seconds(pool.consolidate_after),
            "budgets": [{"nodes": "10%"}],
        },
    }


def _seconds(duration: units.Duration) -> str:
    return f"{round(duration.seconds)}s"
