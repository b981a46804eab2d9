"""Backups beside what they are of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.claimed import written
from seawall.analyze.clusters import cluster_of
from seawall.analyze.named import stores_named
from seawall.check.rule import Rule
from seawall.facts.data import BackupPlace, ClusterBackup, Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-040",
    severity=Severity.HIGH,
    summary="A cluster's backups lie in the region whose loss they are for",
    why="one backup goes to one place; if that is in the cluster's own region, both are lost together",
    fix="put the bucket into another region, or replicate it there",
    layers=("kubernetes", "terraform", "claims"),
    source="https://velero.io/docs/main/locations/",
    read=date(2026, 5, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Places of a cluster's backups against the cluster's region, where something is claimed of its loss."""
    claims = [claim for claim in facts.where(Claim, subject="region_loss") if claim.measure == "rpo"]
    for place in facts.all(BackupPlace) if claims else ():
        cluster = cluster_of(facts, place.of)
        bucket = _bucket(facts, place)
        region = bucket.region if bucket is not None else place.region
        if cluster is None or isinstance(region, Unknown) or isinstance(cluster.region, Unknown):
            continue
        if region != cluster.region or (bucket is not None and any(facts.ask(Replicates, source=bucket.of))):
            continue
        if facts.where(ClusterBackup, place=place.of):
            yield RULE.refuted(
                f"{place.of} keeps the backups of {cluster.of} in {region}, its own region; region_loss rpo "
                f"{claims[0].value} is claimed",
                place.of,
                *((bucket.of,) if bucket is not None else ()),
                *written(claims[0]),
            )


def _bucket(facts: Facts, place: BackupPlace) -> Store | None:
    if isinstance(place.bucket, Address):
        return facts.one(Store, of=place.bucket)
    found = stores_named(facts, place.bucket) if isinstance(place.bucket, str) else ()
    return next((store for store in found if store.kind == "bucket"), None)
