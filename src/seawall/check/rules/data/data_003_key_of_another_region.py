"""A key that is not where it is needed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.analyze.keys import region_of_key
from seawall.check.rule import Rule
from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.fact import Known, Link
from seawall.facts.facts import Facts
from seawall.facts.identity import Secret
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DATA-003",
    severity=Severity.HIGH,
    summary="A store or copy is to be encrypted with a key of another region",
    why="a key encrypts in its own region alone, so the copy is refused; the first time that somebody notices may be "
    "when it is to be restored",
    fix="make a key (or a replica of a multi-Region key) where the copy is, and name it",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
    read=date(2023, 6, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Keys of stores, copied backups and replicated secrets against where those are, and copies that name none."""
    wanted: list[tuple[Address, Link | None, Known[str]]] = [
        (each.of, each.key, each.region) for each in facts.all(Store)
    ]
    wanted += [(each.by, each.key, each.region) for each in facts.all(Backup)]
    wanted += [(each.of, key, region) for each in facts.all(Secret) for region, key in each.replica_keys]
    seen: set[tuple[Address, Link | None]] = set()
    for of, key, region in wanted:
        at = region_of_key(facts, key)
        if not at or isinstance(region, Unknown) or region in ("", at) or (of, key) in seen:
            continue
        seen.add((of, key))
        yield RULE.refuted(f"{of} is in {region}, and its key {key} in {at}", of, *_known(key))
    for copy in facts.all(Replicates):
        source, target = facts.one(Store, of=copy.source), facts.one(Store, of=copy.target)
        if source is None or target is None or copy.scope != "region" or target.kind != "database":
            continue
        if source.encrypted is True and target.key is None:
            yield RULE.refuted(
                f"{target.of} copies {source.of}, which is encrypted in another region, and names no key of its own",
                target.of,
                source.of,
            )


def _known(key: Link | None) -> tuple[Address, ...]:
    return (key,) if isinstance(key, Address) and not key.is_outside else ()
