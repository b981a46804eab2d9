"""Node groups: nodes of one make whose number EKS keeps, and how pods come to lie on chosen nodes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seawall.components.network import Network
from seawall.components.policy import trust
from seawall.components.scope import Scope
from seawall.components.takeover.action import Action, Move, Question
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, text
from seawall.model.fields import Frame, Line, Name, Size

LABEL = "seawall/node-group"
"""The label by which nodes say which group or pool they are of."""
CRITICAL = "CriticalAddonsOnly=true:NoSchedule"
"""The taint that keeps nodes to what the cluster itself runs: EKS's own add-ons tolerate it."""

InstanceType = Annotated[str, Field(pattern=r"^[a-z0-9-]+\.[a-z0-9]+$")]
Taint = Annotated[str, Field(pattern=r"^[^=:\s]+=[^=:\s]*:(NoSchedule|PreferNoSchedule|NoExecute)$")]


class NodeGroup(Frame):
    """Nodes of one make; their number moves between ``min`` and ``max``."""

    types: Annotated[tuple[InstanceType, ...], Field(min_length=1)]
    min: Annotated[int, Field(ge=0, le=450)]
    max: Annotated[int, Field(ge=1, le=450)]
    capacity: Literal["on-demand", "spot"] = "on-demand"
    disk: Size = units.Size(20 * 2**30)
    image: Literal["al2023", "al2023-arm", "bottlerocket", "al2023-nvidia"] = "al2023"
    tier: Name | None = None
    """The private tier of the network in which they lie; where silent, the network's own ``private``."""
    labels: Mapping[Line, Line] = {}
    taints: tuple[Taint, ...] = ()

    @model_validator(mode="after")
    def _ordered(self) -> NodeGroup:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is above max ({self.max})")
        return self


def placement(name: str, taints: Iterable[str]) -> dict[str, Any]:
    """What a pod says to lie on the nodes of a group or pool, and on no others: selector and tolerations."""
    tolerations = [
        {"key": key, "operator": "Equal", "value": value, "effect": effect}
        for key, value, effect in map(parted, taints)
        if effect != "PreferNoSchedule"
    ]
    return {"nodeSelector": {LABEL: name}, **({"tolerations": tolerations} if tolerations else {})}


def parted(taint: str) -> tuple[str, str, str]:
    """Key, value and effect of a taint as Kubernetes spells it: ``gpu=true:NoSchedule``."""
    key, _, rest = taint.partition("=")
    value, _, effect = rest.rpartition(":")
    return key, value, effect


def subnets(scope: Scope, said: str, tier: str | None) -> list[Ref]:
    """The subnets of a tier for nodes; ``said`` is where the description names it.

    Raises InputError if the network has no such tier, or if it is none for nodes.
    """
    network = scope.the(Network)
    private = network.private_tiers
    if tier is not None and tier not in private:
        raise InputError(
            f"{scope.name}.{said}.tier is {tier}, and the network has no private tier of that name",
            fix=f"choose one of {', '.join(private)}, or add it to network.subnets",
            origin=scope.origin,
        )
    return network.subnet_ids(scope, tier or "private")


def role(scope: Scope) -> Iterator[Resource]:
    """The role that every node takes on; what it may do, every pod on the host's network may do."""
    role_name = f"{scope.title}-nodes"
    stack = scope.stack("roles")
    body = {"name": role_name, "assume_role_policy": trust("ec2.amazonaws.com")}
    yield scope.aws("aws_iam_role", "nodes", body, stack=stack)
    for policy in _POLICIES:
        attached = {
            "role": scope.ref("aws_iam_role", "nodes", "name", stack=stack),
            "policy_arn": f"arn:aws:iam::aws:policy/{policy}",
        }
        yield scope.aws("aws_iam_role_policy_attachment", f"nodes_{policy.lower()}", attached, stack=stack)


def node_groups(
    scope: Scope, groups: Mapping[str, NodeGroup], carried: Ref, before: Iterable[Address]
) -> Iterator[Resource]:
    """Launch template and node group of each; they carry the security group ``carried`` and wait for ``before``."""
    stack = scope.stack("roles")
    waits = [
        scope.address("aws_iam_role_policy_attachment", f"nodes_{policy.lower()}", stack=stack) for policy in _POLICIES
    ]
    waits += before
    for name, group in groups.items():
        yield from _node_group(scope, name, group, carried, waits)


def _node_group(
    scope: Scope, name: str, group: NodeGroup, carried: Ref, waits: Iterable[Address]
) -> Iterator[Resource]:
    called = f"{scope.title}-{name}"
    identifier = name.replace("-", "_")
    template = {
        "name": called,
        "update_default_version": True,
        "vpc_security_group_ids": [carried],
        # One hop: a pod that is not on the host's network cannot borrow the node's role.
        "metadata_options": [
            {"http_endpoint": "enabled", "http_tokens": "required", "http_put_response_hop_limit": 1},
        ],
        "block_device_mappings": [
            {
                "device_name": "/dev/xvda",
                "ebs": [
                    {
                        "volume_size": int(group.disk.gib),
                        "volume_type": "gp3",
                        "encrypted": "true",
                        "delete_on_termination": "true",
                    }
                ],
            }
        ],
        "tag_specifications": [{"resource_type": kind, "tags": scope.tags(called)} for kind in ("instance", "volume")],
    }
    yield scope.aws("aws_launch_template", identifier, template, called=called)
    body = {
        "cluster_name": scope.ref("aws_eks_cluster", "main", "name"),
        "node_group_name": called,
        "node_role_arn": scope.ref("aws_iam_role", "nodes", "arn", stack=scope.stack("roles")),
        "subnet_ids": subnets(scope, f"node_groups.{name}", group.tier),
        "instance_types": list(group.types),
        "capacity_type": group.capacity.upper().replace("-", "_"),
        "ami_type": _IMAGES[group.image],
        "labels": {LABEL: name, **group.labels},
        "launch_template": [
            {
                "id": scope.ref("aws_launch_template", identifier, "id"),
                "version": text(scope.ref("aws_launch_template", identifier, "latest_version")),
            }
        ],
        "scaling_config": [{"min_size": group.min, "desired_size": group.min, "max_size": group.max}],
        "update_config": [{"max_unavailable": 1}],
        "taint": [_tainted(taint) for taint in group.taints] or None,
    }
    # The autoscaler moves the desired size; Terraform must not move it back.
    lifecycle = {"ignore_changes": ["scaling_config[0].desired_size"]}
    yield scope.aws("aws_eks_node_group", identifier, body, depends_on=waits, lifecycle=lifecycle, called=called)


def taking_over(
    scope: Scope, groups: Mapping[str, NodeGroup], at_home: Mapping[str, NodeGroup], move: Move
) -> Iterator[Action]:
    """Groups that have fewer nodes at the site than at home get as many, and give them back at the end.

    All that a group may have are asked for at once, so that none which the autoscaler has added goes; it takes away
    those that stay empty.
    """
    for name, group in groups.items():
        theirs = at_home.get(name)
        if theirs is None or theirs.min <= group.min:
            continue
        back = move == "failback"
        least, most = (group.min, group.max) if back else (theirs.min, max(theirs.min, group.max))
        identifier = name.replace("-", "_")
        node_group = ("aws_eks_node_group", identifier)
        asked = {
            "clusterName": scope.ref("aws_eks_cluster", "main", "name"),
            "nodegroupName": scope.ref(*node_group, "node_group_name"),
        }
        on = (scope.ref(*node_group, "arn"),)
        sizes = {"minSize": least, "maxSize": most}
        if not back or most < theirs.min:
            # Back, the number is the autoscaler's, unless there are more by now than there may be.
            sizes["desiredSize"] = most
        has = Question(
            f"the node group {name} has at the least {least} nodes", "eks", "describe_nodegroup", asked, scope.region,
            "nodegroup.scalingConfig.minSize", (least,), on,
        )  # fmt: skip
        ready = Question(
            f"the node group {name} is as it should be", "eks", "describe_nodegroup", asked, scope.region,
            "nodegroup.status", ("ACTIVE",), on, every=15, within=1200,
        )  # fmt: skip
        yield Action(
            f"nodes-{name}",
            f"Let the node group {name} have {least} to {most} nodes" + ("." if back else f", and {most} for now."),
            "rest" if back else "take",
            scope.region,
            "eks",
            "update_nodegroup_config",
            {**asked, "scalingConfig": sizes},
            on,
            already=has,
            after=ready,
        )


def _tainted(taint: str) -> dict[str, str]:
    key, value, effect = parted(taint)
    return {"key": key, "value": value, "effect": _EFFECTS[effect]}


_POLICIES = ("AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly")
_IMAGES = {
    "al2023": "AL2023_x86_64_STANDARD",
    "al2023-arm": "AL2023_ARM_64_STANDARD",
    "al2023-nvidia": "AL2023_x86_64_NVIDIA",
    "bottlerocket": "BOTTLEROCKET_x86_64",
}
_EFFECTS = {
    "NoSchedule": "NO_SCHEDULE",
    "PreferNoSchedule": "PREFER_NO_SCHEDULE",
    "NoExecute": "NO_EXECUTE",
}
