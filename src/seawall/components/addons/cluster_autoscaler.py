"""Cluster Autoscaler: adds nodes for pods that find no place, and takes idle ones away.

Actions: cluster-autoscaler/cloudprovider/aws/README.md of kubernetes/autoscaler at 55c37cd5eb55, the policy with
auto-discovery. EKS puts the tag that the condition names on the groups behind its managed node groups by itself.

Chart: cluster-autoscaler/charts/cluster-autoscaler of the same. It comes with the image of 1.35; ours is of the release
for Kubernetes 1.36, since each is made for one version of Kubernetes: cluster-autoscaler-1.36.1 of the same project.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import Chart
from seawall.components.offer import Right
from seawall.components.scope import Scope
from seawall.kernel.value import text

_VERSION = "v1.36.1"
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

_CHANGED = ("autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup")


def _rights(scope: Scope) -> Iterator[Right]:
    yield Right(_DESCRIBED, ("*",))
    account = scope.ref("data.aws_caller_identity", "current", "account_id")
    nodes = text(f"arn:aws:eks:{scope.region}:", account, f":nodegroup/{scope.cluster_name}/*/*")
    yield Right(("eks:DescribeNodegroup",), (nodes,))
    groups = text(f"arn:aws:autoscaling:{scope.region}:", account, ":autoScalingGroup:*:autoScalingGroupName/*")
    owned = ("StringEquals", f"aws:ResourceTag/k8s.io/cluster-autoscaler/{scope.cluster_name}", ("owned",))
    yield Right(_CHANGED, (groups,), (owned,))


def _values(scope: Scope) -> Mapping[str, Any]:
    return {
        "fullnameOverride": "cluster-autoscaler",
        "autoDiscovery": {"clusterName": scope.cluster_name},
        "awsRegion": scope.region,
        "image": {"tag": _VERSION},
        "rbac": {"serviceAccount": {"create": True, "name": "cluster-autoscaler"}},
        # One leads, and the other is there when its node is the one that goes.
        "replicaCount": 2,
        "extraArgs": {
            "balance-similar-node-groups": True,
            "expander": "least-waste",
            # Every node has pods of kube-system, which are all either on each node or elsewhere, too.
            "skip-nodes-with-system-pods": False,
        },
        "securityContext": {**values.CONFINED_POD, "runAsUser": 65534, "runAsGroup": 65534, "fsGroup": 65534},
        "containerSecurityContext": dict(values.CONFINED),
        "resources": values.resources("50m", "256Mi", "512Mi"),
        # Its monitor would lie in the chart's idea of a namespace, and with a label that nobody here asks for.
        "serviceMonitor": {"enabled": values.monitored(scope), "namespace": "kube-system", "interval": "30s"},
        **values.placed(scope, {"app.kubernetes.io/instance": "cluster-autoscaler"}),
    }


ADDON = Addon(
    name="cluster-autoscaler",
    namespace="kube-system",
    account="cluster-autoscaler",
    purpose="adds nodes for pods that find no place, and takes idle ones away",
    rights=_rights,
    chart=Chart(
        repository="https://kubernetes.github.io/autoscaler",
        name="cluster-autoscaler",
        version="9.59.0",
        app_version=_VERSION,
        source="kubernetes/autoscaler@55c37cd5eb55",
        values=_values,
    ),
)
