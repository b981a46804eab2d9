"""Karpenter: nodes for pods that find no place.

Read in aws/karpenter-provider-aws at 1d927085dd81: the getting-started CloudFormation for what is published,
charts/karpenter/values.yaml for what the chart is told. Reservations and placement groups are used where a node class
names them, profiles are made where it names a role, and spot requests where a pool may buy spot nodes.
"""

from __future__ import annotations

from typing import Final

from seawall.knowledge.controllers.controller import ANY, Controller, Need, Sent, Told, each

_EC2: Final = "arn:{partition}:ec2:{region}:{account}:"
_PROFILES: Final = ("arn:{partition}:iam::{account}:instance-profile/*",)
_POOL: Final = "karpenter.sh/nodepool"
_CLASS: Final = "karpenter.k8s.aws/ec2nodeclass"


def _tags(kind: str, **more: str) -> Sent:
    return (
        (f"aws:{kind}/kubernetes.io/cluster/{{cluster}}", ("owned",)),
        *((f"aws:{kind}/{key}", (value,)) for key, value in more.items()),
    )


_REQUESTED: Final = _tags("requesttag", **{"eks:eks-cluster-name": "{cluster}", _POOL: ANY})
_OWNED: Final = _tags("resourcetag", **{_POOL: ANY})
_HERE: Final = {"topology.kubernetes.io/region": "{region}"}
_OWN_PROFILE: Final = _tags("resourcetag", **_HERE, **{_CLASS: ANY})
_NEW_PROFILE: Final = _tags("requesttag", **{"eks:eks-cluster-name": "{cluster}"}, **_HERE, **{_CLASS: ANY})
_LAUNCHED: Final = each("ec2", "CreateFleet", "RunInstances")


def _ec2(*kinds: str) -> tuple[str, ...]:
    return tuple(f"{_EC2}{kind}/*" for kind in kinds)


def _creating(action: str) -> Sent:
    return (*_REQUESTED, ("ec2:createaction", (action,)))


CONTROLLER = Controller(
    name="karpenter",
    version="1.14.1",
    source="https://github.com/aws/karpenter-provider-aws/blob/1d927085dd81/website/content/en/docs/getting-started/"
    "getting-started-with-karpenter/cloudformation.yaml",
    read="2026-11-22",
    images=("karpenter/controller",),
    charts=("karpenter",),
    account="karpenter",
    told=(
        Told("cluster", ("settings.clusterName",), ("--cluster-name",), ("CLUSTER_NAME",)),
        Told("queue", ("settings.interruptionQueue",), ("--interruption-queue",), ("INTERRUPTION_QUEUE",)),
        Told("endpoint", ("settings.clusterEndpoint",), ("--cluster-endpoint",), ("CLUSTER_ENDPOINT",)),
        Told("isolated", ("settings.isolatedVPC",), ("--isolated-vpc",), ("ISOLATED_VPC",)),
        Told(
            "spot-to-spot",
            ("settings.featureGates.spotToSpotConsolidation",),
            ("--feature-gates",),
            ("FEATURE_GATES",),
        ),
        Told("names", ("dnsPolicy",)),
        Told("zonal-shift", ("settings.enableZonalShift",), ("--enable-zonal-shift",), ("ENABLE_ZONAL_SHIFT",)),
    ),
    needs=(
        Need(
            _LAUNCHED,
            (
                "arn:{partition}:ec2:{region}::image/*",
                "arn:{partition}:ec2:{region}::snapshot/*",
                *_ec2("security-group", "subnet"),
            ),
        ),
        Need(_LAUNCHED, _ec2("capacity-reservation"), when="reservations"),
        Need(_LAUNCHED, _ec2("placement-group"), when="placement-groups"),
        Need(_LAUNCHED, _ec2("launch-template"), _OWNED),
        Need(_LAUNCHED, _ec2("fleet", "instance", "network-interface", "volume"), _REQUESTED),
        Need(_LAUNCHED, _ec2("spot-instances-request"), _REQUESTED, when="spot"),
        Need(("ec2:CreateLaunchTemplate",), _ec2("launch-template"), _REQUESTED),
        Need(("ec2:CreateTags",), _ec2("launch-template"), _creating("CreateLaunchTemplate")),
        Need(("ec2:CreateTags",), _ec2("fleet"), _creating("CreateFleet")),
        *(
            Need(("ec2:CreateTags",), _ec2("instance", "network-interface", "volume"), _creating(action))
            for action in ("CreateFleet", "RunInstances")
        ),
        *(
            Need(("ec2:CreateTags",), _ec2("spot-instances-request"), _creating(action), when="spot")
            for action in ("CreateFleet", "RunInstances")
        ),
        # Once the node is known: its name and its claim.
        Need(
            ("ec2:CreateTags",),
            _ec2("instance"),
            (
                *_OWNED,
                ("aws:requesttag/eks:eks-cluster-name", ("{cluster}",)),
                ("aws:tagkeys", ("Name", "eks:eks-cluster-name", "karpenter.sh/nodeclaim")),
            ),
        ),
        Need(("ec2:TerminateInstances",), _ec2("instance"), _OWNED),
        Need(("ec2:DeleteLaunchTemplate",), _ec2("launch-template"), _OWNED),
        Need(
            each(
                "ec2", "DescribeCapacityReservations", "DescribeImages", "DescribeInstanceStatus",
                "DescribeInstanceTypeOfferings", "DescribeInstanceTypes", "DescribeInstances",
                "DescribeLaunchTemplates",
                "DescribePlacementGroups", "DescribeSecurityGroups", "DescribeSpotPriceHistory", "DescribeSubnets",
            )
        ),
        Need(("ssm:GetParameter",), ("arn:{partition}:ssm:{region}::parameter/aws/service/*",)),
        # In a network without a way out it goes by the prices that it was built with.
        Need(("pricing:GetProducts",), region="us-east-1", unless="isolated"),
        Need(("eks:DescribeCluster",), ("arn:{partition}:eks:{region}:{account}:cluster/{cluster}",)),
        Need(("iam:PassRole",), ("{node-role}",), (("iam:passedtoservice", ("ec2.amazonaws.com",)),)),
        Need(("iam:ListInstanceProfiles",)),
        Need(("iam:GetInstanceProfile",), ("{profile}",)),
        Need(("iam:GetInstanceProfile",), _PROFILES, when="makes-profiles"),
        Need(("iam:CreateInstanceProfile",), _PROFILES, _NEW_PROFILE, when="makes-profiles"),
        Need(("iam:TagInstanceProfile",), _PROFILES, (*_OWN_PROFILE, *_NEW_PROFILE), when="makes-profiles"),
        Need(
            each("iam", "AddRoleToInstanceProfile", "DeleteInstanceProfile", "RemoveRoleFromInstanceProfile"),
            _PROFILES,
            _OWN_PROFILE,
            when="makes-profiles",
        ),
        Need(
            ("iam:CreateServiceLinkedRole",),
            ("arn:{partition}:iam::{account}:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",),
            (("iam:awsservicename", ("spot.amazonaws.com",)),),
            when="makes-spot-role",
        ),
        Need(
            ("arc-zonal-shift:GetManagedResource",),
            ("arn:{partition}:eks:{region}:{account}:cluster/{cluster}",),
            (("arc-zonal-shift:resourceidentifier", ("arn:{partition}:eks:{region}:{account}:cluster/{cluster}",)),),
            when="zonal-shift",
        ),
        Need(
            each("sqs", "DeleteMessage", "GetQueueUrl", "ReceiveMessage"),
            ("arn:{partition}:sqs:{region}:{account}:{queue}",),
        ),
    ),
)  # fmt: skip
