"""Cluster Autoscaler: more and fewer nodes in Auto Scaling groups.

Read in kubernetes/autoscaler at 55c37cd5eb55: cluster-autoscaler/cloudprovider/aws/README.md, the policy with
auto-discovery; the groups that it finds carry both tags. Where groups are named to it nothing is said of their tags.
"""

from __future__ import annotations

from typing import Final

from seawall.knowledge.controllers.controller import Controller, Need, Told, each

_CHANGED: Final = each("autoscaling", "SetDesiredCapacity", "TerminateInstanceInAutoScalingGroup")
_GROUPS: Final = "arn:{partition}:autoscaling:{region}:{account}:autoScalingGroup:*:autoScalingGroupName/"

CONTROLLER = Controller(
    name="cluster-autoscaler",
    version="1.36.1",
    source="https://github.com/kubernetes/autoscaler/blob/55c37cd5eb55/cluster-autoscaler/cloudprovider/aws/README.md",
    read="2026-11-22",
    images=("autoscaling/cluster-autoscaler", "cluster-autoscaler"),
    charts=("cluster-autoscaler",),
    account="cluster-autoscaler",
    account_at=("rbac.serviceAccount.name", "fullnameOverride"),
    told=(
        Told("discovered", ("autoDiscovery.clusterName",), ("--node-group-auto-discovery",)),
        Told("named-group", ("autoscalingGroups.*.name",), ("--nodes",)),
        Told("region", ("awsRegion",), variables=("AWS_REGION",)),
    ),
    needs=(
        Need(
            each(
                "autoscaling", "DescribeAutoScalingGroups", "DescribeAutoScalingInstances",
                "DescribeLaunchConfigurations",
                "DescribeScalingActivities",
            )
        ),
        Need(
            each(
                "ec2", "DescribeImages", "DescribeInstanceTypes", "DescribeLaunchTemplateVersions",
                "GetInstanceTypesFromInstanceRequirements",
            )
        ),
        Need(
            ("eks:DescribeNodegroup",),
            ("arn:{partition}:eks:{region}:{account}:nodegroup/{cluster}/*/*",),
        ),
        Need(
            _CHANGED,
            (f"{_GROUPS}*",),
            (
                ("aws:resourcetag/k8s.io/cluster-autoscaler/enabled", ("true",)),
                ("aws:resourcetag/k8s.io/cluster-autoscaler/{cluster}", ("owned",)),
            ),
            when="discovered",
        ),
        Need(_CHANGED, (f"{_GROUPS}{{named-group}}",)),
    ),
)  # fmt: skip
