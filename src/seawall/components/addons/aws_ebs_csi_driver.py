"""The EBS CSI driver, which every cluster has: what its controller may do with volumes of its own making.

Actions: docs/example-iam-policy.json of kubernetes-sigs/aws-ebs-csi-driver at 429e202e5897, less those for snapshots,
copies and tags that change: no object of a platform asks for any. AWS's own policy for it allows these as well, and
volumes under each tag that the driver ever had.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.offer import Right
from seawall.components.scope import Scope
from seawall.kernel.value import text

_TAG = "ebs.csi.aws.com/cluster"
_DESCRIBED = ("AvailabilityZones", "InstanceTypes", "Instances", "Volumes", "VolumesModifications", "VolumeStatus")


def rights(scope: Scope) -> Iterator[Right]:
    """What its controller may do; ``scope`` is the cluster's."""
    account = scope.ref("data.aws_caller_identity", "current", "account_id")
    volumes, instances = (
        text(f"arn:aws:ec2:{scope.region}:", account, f":{kind}/*") for kind in ("volume", "instance")
    )
    requested = ("StringEquals", f"aws:RequestTag/{_TAG}", ("true",))
    owned = ("StringEquals", f"aws:ResourceTag/{_TAG}", ("true",))
    made = ("StringEquals", "ec2:CreateAction", ("CreateVolume",))
    yield Right(tuple(f"ec2:Describe{thing}" for thing in _DESCRIBED), ("*",))
    yield Right(("ec2:CreateVolume",), (volumes,), (requested,))
    yield Right(("ec2:CreateTags",), (volumes,), (requested, made))
    yield Right(("ec2:DeleteVolume",), (volumes,), (owned,))
    # Volumes that were there before may be attached and made larger, too: they carry no tag of its.
    yield Right(("ec2:ModifyVolume",), (volumes,))
    yield Right(("ec2:AttachVolume", "ec2:DetachVolume"), (volumes, instances))
