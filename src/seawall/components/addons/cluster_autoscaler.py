"""Cluster Autoscaler: adds nodes for pods that find no place, and takes idle ones away.

Actions: cluster-autoscaler/cloudprovider/aws/README.md of kubernetes/autoscaler at 55c37cd5eb55, the policy with
auto-discovery. EKS puts the tag that the condition names on the groups behind its managed node groups by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons.addon import Addon
from seawall.components.offer import Right
from seawall.components.scope import Scope

_DESCRIBED = (
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeLaunchConfigurations",
    "autoscaling:DescribeScalingActivities",
    "ec2:DescribeImages",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeLaunchTemplateVersions",
    "ec2:GetInstanceTypesFromInstanceRequirements",
)


def _rights(scope: Scope) -> Iterator[Right]:
    yield Right(_DESCRIBED, ("*",))
    groups = f"arn:aws:eks:{scope.region}:*:nodegroup/{scope.cluster_name}/*"
    yield Right(("eks:DescribeNodegroup",), (groups,))
    owned = ("StringEquals", f"aws:ResourceTag/k8s.io/cluster-autoscaler/{scope.cluster_name}", ("owned",))
    yield Right(("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"), ("*",), (owned,))


ADDON = Addon(
    name="cluster-autoscaler",
    namespace="kube-system",
    account="cluster-autoscaler",
    purpose="adds nodes for pods that find no place, and takes idle ones away",
    rights=_rights,
)
