"""The EBS CSI driver: volumes for claims.

Read in kubernetes-sigs/aws-ebs-csi-driver at 429e202e5897: docs/example-iam-policy.json and pkg/cloud/cloud.go for what
is called when. Each volume that it makes carries `ebs.csi.aws.com/cluster: true` and its claim's name. Volumes grow
where a class allows it; snapshots, copies, locks, fast restores and tags that change are asked for by objects of their
own kinds.
"""

from __future__ import annotations

from typing import Final

from seawall.knowledge.controllers.controller import ANY, Controller, Need, Sent, Told, each

_VOLUMES: Final = ("arn:{partition}:ec2:{region}:{account}:volume/*",)
_SNAPSHOTS: Final = ("arn:{partition}:ec2:{region}:{account}:snapshot/*",)
_INSTANCES: Final = ("arn:{partition}:ec2:{region}:{account}:instance/*",)
_TAG: Final = "ebs.csi.aws.com/cluster"
_NAME: Final = "CSIVolumeName"
_ASKED: Final[Sent] = ((f"aws:requesttag/{_TAG}", ("true",)),)
_NAMED: Final[Sent] = (*_ASKED, (f"aws:requesttag/{_NAME}", (ANY,)))
_OWNED: Final[Sent] = ((f"aws:resourcetag/{_TAG}", ("true",)),)
_THROUGH: Final[Sent] = (("kms:viaservice", ("ec2.{region}.amazonaws.com",)),)


def _made(action: str) -> Sent:
    return (*_ASKED, ("ec2:createaction", (action,)))


CONTROLLER = Controller(
    name="aws-ebs-csi-driver",
    version="1.62",
    source="https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/429e202e5897/docs/example-iam-policy.json",
    read="2026-11-22",
    images=("ebs-csi-driver/aws-ebs-csi-driver", "aws-ebs-csi-driver"),
    charts=("aws-ebs-csi-driver",),
    addons=("aws-ebs-csi-driver",),
    account="ebs-csi-controller-sa",
    account_at=("controller.serviceAccount.name",),
    told=(Told("region", ("controller.region",)),),
    needs=(
        Need(
            each(
                "ec2", "DescribeAvailabilityZones", "DescribeInstanceTypes", "DescribeInstances",
                "DescribeVolumeStatus",
                "DescribeVolumes",
            )
        ),
        Need(("ec2:CreateVolume",), _VOLUMES, _NAMED),
        Need(("ec2:CreateTags",), _VOLUMES, _made("CreateVolume")),
        Need(("ec2:DeleteVolume",), _VOLUMES, _OWNED),
        Need(each("ec2", "AttachVolume", "DetachVolume"), (*_VOLUMES, *_INSTANCES)),
        Need(("ec2:ModifyVolume",), _VOLUMES, when="grows"),
        Need(("ec2:DescribeVolumesModifications",), when="grows"),
        Need(each("ec2", "CreateTags", "DeleteTags"), _VOLUMES, (*_OWNED, ("aws:tagkeys", ("{changes-tags}",)))),
        Need(("ec2:DescribeSnapshots",), when="snapshots"),
        Need(("ec2:CreateSnapshot",), _VOLUMES, when="snapshots"),
        Need(("ec2:CreateSnapshot",), _SNAPSHOTS, _ASKED, when="snapshots"),
        Need(("ec2:CreateTags",), _SNAPSHOTS, _made("CreateSnapshot"), when="snapshots"),
        Need(("ec2:CreateVolume",), _SNAPSHOTS, when="snapshots"),
        Need(("ec2:DeleteSnapshot",), _SNAPSHOTS, _OWNED, when="snapshots"),
        Need(("ec2:EnableFastSnapshotRestores",), _SNAPSHOTS, when="fast-restores"),
        Need(("ec2:LockSnapshot",), _SNAPSHOTS, _OWNED, when="locks"),
        Need(("ec2:CopyVolumes",), _VOLUMES, _NAMED, when="clones"),
        Need(("ec2:CreateTags",), _VOLUMES, _made("CopyVolumes"), when="clones"),
        Need(("kms:CreateGrant",), ("{key}",), (*_THROUGH, ("kms:grantisforawsresource", ("true",)))),
        Need(each("kms", "Decrypt", "DescribeKey", "GenerateDataKeyWithoutPlaintext"), ("{key}",), _THROUGH),
    ),
    unused=("ec2:DescribeTags",),  # tags come with volumes
)  # fmt: skip
