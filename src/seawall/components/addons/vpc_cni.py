"""The VPC CNI, which every cluster has: what it may do with network interfaces and addresses.

Actions: docs/iam-policy.md of aws/amazon-vpc-cni-k8s at b52188387f2e, for IPv4, on the kinds of resource that they are
about in the cluster's region and account; AWS's own policy for it names none.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.offer import Right
from seawall.components.scope import Scope
from seawall.kernel.value import text

_DESCRIBED = ("InstanceTypes", "Instances", "NetworkInterfaces", "SecurityGroups", "Subnets", "Tags")


def rights(scope: Scope) -> Iterator[Right]:
    """What its pods may do; ``scope`` is the cluster's."""
    account = scope.ref("data.aws_caller_identity", "current", "account_id")
    interfaces, instances, groups, subnets = (
        text(f"arn:aws:ec2:{scope.region}:", account, f":{kind}/*")
        for kind in ("network-interface", "instance", "security-group", "subnet")
    )
    yield Right(tuple(f"ec2:Describe{thing}" for thing in _DESCRIBED), ("*",))
    addresses = ("ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses")
    yield Right((*addresses, "ec2:CreateTags", "ec2:DeleteNetworkInterface"), (interfaces,))
    yield Right(("ec2:CreateNetworkInterface",), (interfaces, groups, subnets))
    yield Right(("ec2:AttachNetworkInterface", "ec2:DetachNetworkInterface"), (interfaces, instances))
    yield Right(("ec2:ModifyNetworkInterfaceAttribute",), (interfaces, instances, groups))
