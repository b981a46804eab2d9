"""Velero: copies of objects in a bucket, and snapshots of volumes.

Read in vmware-tanzu/velero-plugin-for-aws at 800bcfb14d8e: README.md.
"""

from __future__ import annotations

from seawall.knowledge.controllers.controller import Controller, Need, Told, each

CONTROLLER = Controller(
    name="velero",
    version="1.14",
    source="https://github.com/vmware-tanzu/velero-plugin-for-aws/blob/800bcfb14d8e/README.md",
    read="2026-11-22",
    images=("velero/velero",),
    charts=("velero",),
    account="velero-server",
    namespace="velero",
    account_at=("serviceAccount.server.name",),
    told=(
        Told("bucket", ("configuration.backupStorageLocation.*.bucket",)),
        Told("key", ("configuration.backupStorageLocation.*.config.kmsKeyId",)),
        Told("snapshots", ("snapshotsEnabled",), default="true"),
    ),
    needs=(
        Need(
            each(
                "s3", "AbortMultipartUpload", "DeleteObject", "GetObject", "ListMultipartUploadParts", "PutObject",
                "PutObjectTagging",
            ),
            ("arn:{partition}:s3:::{bucket}/*",),
        ),
        Need(("s3:ListBucket",), ("arn:{partition}:s3:::{bucket}",)),
        Need(
            each("kms", "Decrypt", "GenerateDataKey"), ("{key}",), (("kms:viaservice",
            ("s3.{region}.amazonaws.com",)),),
        ),
        Need(each("ec2", "DescribeSnapshots", "DescribeVolumes"), when="snapshots"),
        Need(
            each("ec2", "CreateSnapshot", "CreateTags", "CreateVolume", "DeleteSnapshot"),
            ("arn:{partition}:ec2:{region}::snapshot/*",),
            when="snapshots",
        ),
        Need(
            each("ec2", "CreateSnapshot", "CreateTags", "CreateVolume"),
            ("arn:{partition}:ec2:{region}:{account}:volume/*",),
            when="snapshots",
        ),
    ),
)  # fmt: skip
