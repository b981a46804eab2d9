"""Volumes whose only copies go with their region."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Claims, VolumeClass
from seawall.facts.data import Backup, ClusterBackup
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-039",
    severity=Severity.CRITICAL,
    summary="Volume snapshots by Velero are to survive the loss of the region",
    why="AWS and Azure keep a volume's snapshot in the volume's region; what Velero writes to its bucket is the "
    "objects, not the data",
    fix="set snapshotMoveData (or back up files), into a bucket of another region",
    layers=("kubernetes", "claims"),
    source="https://velero.io/docs/main/locations/",
    read=date(2026, 5, 1),
)


_BOUND = ("ebs.csi.aws.com", "kubernetes.io/aws-ebs", "disk.csi.azure.com", "kubernetes.io/azure-disk")
"""Makers of volumes whose snapshots stay in the region: disks of AWS and of Azure."""


def check(facts: Facts) -> Iterator[Finding]:
    """Volumes that snapshots alone are kept of, where something is claimed of the loss of the region."""
    claims = [claim for claim in facts.where(Claim, subject="region_loss") if claim.measure == "rpo"]
    if not claims:
        return
    backups = sorted(facts.all(ClusterBackup), key=lambda backup: backup.of)
    for volume in facts.all(Claims):
        taken = [backup for backup in backups if _holds(backup, volume.of)]
        if not taken or any(backup.volumes != "snapshot" for backup in taken) or facts.where(Backup, of=volume.of):
            continue
        made_by = [made.provisioner for made in facts.where(VolumeClass, name=volume.storage_class)]
        if made_by and all(maker in _BOUND for maker in made_by):
            yield RULE.refuted(
                f"{volume.of} is backed up by {taken[0].of} as a snapshot, which stays in the region; region_loss rpo "
                f"{claims[0].value} is claimed",
                taken[0].of,
                volume.of,
                evidence=(f"claim: region_loss rpo {claims[0].value}", f"{volume.storage_class}: made by {made_by[0]}"),
            )


def _holds(backup: ClusterBackup, volume: Address) -> bool:
    own, other = volume.as_kubernetes(), backup.of.as_kubernetes()
    if own is None or other is None or own.cluster != other.cluster:
        return False
    named = {place.as_kubernetes() for place in backup.namespaces}
    return not named or any(each is not None and each.name == own.namespace for each in named)
