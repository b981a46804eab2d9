"""The EFS CSI driver's controller: an access point for each claim of a class that makes them.

Read in kubernetes-sigs/aws-efs-csi-driver at a4fc67600be6: docs/iam-policy-example.json and pkg/driver/controller.go. A
volume that an object names by its file system is mounted by the nodes, and the controller asks nothing for it. Mounts
with IAM are a right of the pods.
"""

from __future__ import annotations

from typing import Final

from seawall.knowledge.controllers.controller import Controller, Need, each

_TAG: Final = "efs.csi.aws.com/cluster"
_POINTS: Final = ("arn:{partition}:elasticfilesystem:{region}:{account}:access-point/*",)
_OWNED: Final = ((f"aws:resourcetag/{_TAG}", ("true",)),)
_S3: Final = ("arn:{partition}:s3files:{region}:{account}:file-system/*",)

CONTROLLER = Controller(
    name="aws-efs-csi-driver",
    version="3.3",
    source="https://github.com/kubernetes-sigs/aws-efs-csi-driver/blob/a4fc67600be6/docs/iam-policy-example.json",
    read="2026-11-22",
    images=("eks/aws-efs-csi-driver", "amazon/aws-efs-csi-driver", "aws-efs-csi-driver"),
    charts=("aws-efs-csi-driver",),
    addons=("aws-efs-csi-driver",),
    account="efs-csi-controller-sa",
    account_at=("controller.serviceAccount.name",),
    needs=(
        Need(("ec2:DescribeAvailabilityZones",), when="file-system"),
        Need(each("elasticfilesystem", "DescribeAccessPoints", "DescribeFileSystems"), ("{file-system}",)),
        Need(("elasticfilesystem:DescribeAccessPoints",), _POINTS, when="file-system"),
        Need(("elasticfilesystem:DescribeMountTargets",), ("{file-system}",)),
        Need(("elasticfilesystem:CreateAccessPoint",), ("{file-system}",), ((f"aws:requesttag/{_TAG}", ("true",)),)),
        Need(("elasticfilesystem:TagResource",), _POINTS, _OWNED, when="file-system"),
        Need(("elasticfilesystem:DeleteAccessPoint",), _POINTS, _OWNED, when="file-system"),
        Need(each("s3files", "ListAccessPoints", "ListFileSystems"), when="s3-file-system"),
        Need(("s3files:CreateAccessPoint",), _S3, ((f"aws:requesttag/{_TAG}", ("true",)),), when="s3-file-system"),
        Need(each("s3files", "DeleteAccessPoint", "TagResource"), _S3, _OWNED, when="s3-file-system"),
    ),
)
