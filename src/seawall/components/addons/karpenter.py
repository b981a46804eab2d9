"""Karpenter: makes nodes for pods that find no place, of the types that pools allow, and takes idle ones away.

Actions: getting-started-with-karpenter/cloudformation.yaml of aws/karpenter-provider-aws at 1d927085dd81, less those
that make and change instance profiles (ours is Terraform's, and node classes name it) and those for reservations,
placement groups and zonal shifts, which nothing of ours uses. Where a pool may buy spot nodes there stands beside them
the right to make the role of EC2's own by which they are asked for, which the same project's guide has made by hand;
without it the first spot node of an account is refused.

Charts: charts/karpenter and charts/karpenter-crd of the same (2026-08-21).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import DEFINED, Chart
from seawall.components.node_pools import ROLE, NodePool
from seawall.components.offer import Right
from seawall.components.policy import allow, document
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.value import Textual, text

QUEUE = "karpenter"
"""The Terraform name of the queue by which Karpenter hears which nodes are about to go."""
_POOL = "karpenter.sh/nodepool"
_EVENTS = {
    "spot_interruption": ("aws.ec2", "EC2 Spot Instance Interruption Warning"),
    "rebalance": ("aws.ec2", "EC2 Instance Rebalance Recommendation"),
    "state_change": ("aws.ec2", "EC2 Instance State-change Notification"),
    "capacity_reservation": ("aws.ec2", "EC2 Capacity Reservation Instance Interruption Warning"),
    "health": ("aws.health", "AWS Health Event"),
}
_LAUNCHED = ("fleet", "instance", "network-interface", "volume")
_READ = tuple(
    f"ec2:Describe{thing}"
    for thing in (
        "CapacityReservations", "Images", "Instances", "InstanceStatus", "InstanceTypeOfferings", "InstanceTypes",
        "LaunchTemplates", "PlacementGroups", "SecurityGroups", "SpotPriceHistory", "Subnets",
    )
)  # fmt: skip


def _rights(scope: Scope) -> Iterator[Right]:
    name = scope.cluster_name
    account = scope.ref("data.aws_caller_identity", "current", "account_id")
    cluster = scope.ref("aws_eks_cluster", "main", "arn")
    spot = any("spot" in pool.capacity for pool in _pools(scope).values())

    def those(*kinds: str) -> tuple[Textual, ...]:
        return tuple(text(f"arn:aws:ec2:{scope.region}:", account, f":{kind}/*") for kind in kinds)

    requested = (
        ("StringEquals", f"aws:RequestTag/kubernetes.io/cluster/{name}", ("owned",)),
        ("StringEquals", "aws:RequestTag/eks:eks-cluster-name", (name,)),
        ("StringLike", f"aws:RequestTag/{_POOL}", ("*",)),
    )
    owned = (
        ("StringEquals", f"aws:ResourceTag/kubernetes.io/cluster/{name}", ("owned",)),
        ("StringLike", f"aws:ResourceTag/{_POOL}", ("*",)),
    )
    launching = ("ec2:RunInstances", "ec2:CreateFleet")
    launched = those(*_LAUNCHED, *(["spot-instances-request"] if spot else []))
    public = (f"arn:aws:ec2:{scope.region}::image/*", f"arn:aws:ec2:{scope.region}::snapshot/*")
    yield Right(launching, (*public, *those("security-group", "subnet")))
    yield Right(launching, those("launch-template"), owned)
    yield Right(launching, launched, requested)
    yield Right(("ec2:CreateLaunchTemplate",), those("launch-template"), requested)
    creating = ("StringEquals", "ec2:CreateAction", ("RunInstances", "CreateFleet", "CreateLaunchTemplate"))
    yield Right(("ec2:CreateTags",), (*launched, *those("launch-template")), (*requested, creating))
    later = (
        ("StringEqualsIfExists", "aws:RequestTag/eks:eks-cluster-name", (name,)),
        ("ForAllValues:StringEquals", "aws:TagKeys", ("eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name")),
    )
    # For all values of none would be true as well; the published policy leaves that open.
    named = ("Null", "aws:TagKeys", ("false",))
    yield Right(("ec2:CreateTags",), those("instance"), (*owned, *later, named))
    yield Right(("ec2:TerminateInstances",), those("instance"), owned)
    yield Right(("ec2:DeleteLaunchTemplate",), those("launch-template"), owned)
    yield Right(_READ, ("*",), (("StringEquals", "aws:RequestedRegion", (scope.region,)),))
    yield Right(("ssm:GetParameter",), (f"arn:aws:ssm:{scope.region}::parameter/aws/service/*",))
    yield Right(("pricing:GetProducts", "iam:ListInstanceProfiles"), ("*",))
    yield Right(("iam:GetInstanceProfile",), (scope.ref("aws_iam_instance_profile", ROLE, "arn"),))
    passed = ("StringEquals", "iam:PassedToService", ("ec2.amazonaws.com",))
    yield Right(("iam:PassRole",), (scope.ref("aws_iam_role", ROLE, "arn"),), (passed,))
    if spot:
        role = "role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot"
        theirs = ("StringEquals", "iam:AWSServiceName", ("spot.amazonaws.com",))
        yield Right(("iam:CreateServiceLinkedRole",), (text("arn:aws:iam::", account, f":{role}"),), (theirs,))
    yield Right(("eks:DescribeCluster",), (cluster,))
    queue = scope.ref("aws_sqs_queue", QUEUE, "arn")
    yield Right(("sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"), (queue,))


def _pools(scope: Scope) -> Mapping[str, NodePool]:
    from seawall.components.cluster import Cluster  # the cluster finds the add-ons while it is imported itself

    return scope.the(Cluster).node_pools


def _interruptions(scope: Scope) -> Iterator[Resource]:
    """The queue, and the rules that put there whatever AWS says of nodes that are about to go."""
    called = _queue(scope)
    # Five minutes: AWS takes a spot node two minutes after it has said so.
    body = {"name": called, "message_retention_seconds": 300, "sqs_managed_sse_enabled": True}
    yield scope.aws("aws_sqs_queue", QUEUE, body, called=called)
    queue = scope.ref("aws_sqs_queue", QUEUE, "arn")
    rules = {name: scope.ref("aws_cloudwatch_event_rule", f"{QUEUE}_{name}", "arn") for name in _EVENTS}
    sending = allow(["sqs:SendMessage"], [queue], {"ArnEquals": {"aws:SourceArn": list(rules.values())}})
    in_the_clear = {
        "Sid": "RefusesPlainHttp",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": queue,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = document({**sending, "Principal": {"Service": "events.amazonaws.com"}}, in_the_clear)
    yield scope.aws(
        "aws_sqs_queue_policy", QUEUE, {"queue_url": scope.ref("aws_sqs_queue", QUEUE, "url"), "policy": policy}
    )
    for name, (source, kind) in _EVENTS.items():
        identifier = f"{QUEUE}_{name}"
        rule = {
            "name": f"{called}-{name.replace('_', '-')}",
            "description": f"{kind}, for Karpenter",
            "event_pattern": json.dumps({"source": [source], "detail-type": [kind]}),
        }
        yield scope.aws("aws_cloudwatch_event_rule", identifier, rule, called=rule["name"])
        target = {
            "rule": scope.ref("aws_cloudwatch_event_rule", identifier, "name"),
            "target_id": QUEUE,
            "arn": queue,
        }
        yield scope.aws("aws_cloudwatch_event_target", identifier, target)


def _values(scope: Scope) -> Mapping[str, Any]:
    away = {
        "requiredDuringSchedulingIgnoredDuringExecution": [
            {
                "topologyKey": "kubernetes.io/hostname",
                "labelSelector": {"matchLabels": {"app.kubernetes.io/name": "karpenter"}},
            }
        ]
    }
    return {
        "replicas": 2,
        "serviceAccount": {"create": True, "name": "karpenter"},
        # Never on a node that it makes itself: who would make the next one.
        "affinity": {**values.affinity(scope, only=True), "podAntiAffinity": away},
        "settings": {"clusterName": scope.cluster_name, "interruptionQueue": _queue(scope)},
        "podSecurityContext": {"fsGroup": 65532, "seccompProfile": {"type": "RuntimeDefault"}},
        "controller": {
            "env": [{"name": "AWS_REGION", "value": scope.region}],
            "resources": values.resources("200m", "512Mi", "1Gi"),
        },
        "serviceMonitor": {"enabled": values.monitored(scope)},
    }


def _queue(scope: Scope) -> str:
    return f"{scope.title}-karpenter"


_CHARTS = "oci://public.ecr.aws/karpenter"
_VERSION = "1.14.1"
_SOURCE = "aws/karpenter-provider-aws@1d927085dd81"
ADDON = Addon(
    name="karpenter",
    namespace="kube-system",
    account="karpenter",
    purpose="makes nodes of the pools for pods that find no place, and takes idle ones away",
    rights=_rights,
    objects=_interruptions,
    # The chart's own copy of its kinds is only ever installed, never upgraded.
    definitions=Chart(
        repository=_CHARTS,
        name="karpenter-crd",
        version=_VERSION,
        app_version=_VERSION,
        source=_SOURCE,
        wave=DEFINED,
        defines=("karpenter.sh", "karpenter.k8s.aws"),
    ),
    chart=Chart(
        repository=_CHARTS,
        name="karpenter",
        version=_VERSION,
        app_version=_VERSION,
        source=_SOURCE,
        values=_values,
        skips_kinds=True,
    ),
)
