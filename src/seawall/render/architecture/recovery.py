"""What survives what: backups and copies of every store, how names fail over, and what is claimed of it."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.failover import Bound, fastest
from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Record
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address
from seawall.render.architecture.words import said, seconds, table, titled


def section(facts: Facts) -> Iterator[str]:
    """Claims, backups, copies, failover."""
    yield "### Claims"
    yield ""
    claims = ((claim.subject, claim.measure, said(claim.value)) for claim in facts.all(Claim))
    yield from table(("of", "measure", "claimed"), claims)
    yield "`seawall prove` says of each whether it is proven, refuted or unknown, and why."
    yield ""
    yield "### Backups"
    yield ""
    backups = (
        (
            said(backup.of),
            said(backup.region),
            seconds(backup.every),
            seconds(backup.keeps),
            said(backup.point_in_time),
        )
        for backup in facts.all(Backup)
    )
    yield from table(("of", "kept in", "every", "kept for", "any second within"), sorted(backups))
    yield "### Copies"
    yield ""
    copies = (
        (said(copy.source), said(copy.target), copy.mode, copy.scope, copy.promotion, str(copy.takes))
        for copy in facts.all(Replicates)
    )
    yield from table(("of", "copy", "mode", "survives loss of", "promotion", "takes"), sorted(copies))
    alone = [store.of for store in facts.all(Store) if store.kind in _KEPT and not _is_copied(facts, store.of)]
    yield "### Stores of which there is neither backup nor copy"
    yield ""
    yield from (f"- {titled(of)} (`{of}`)" for of in sorted(alone))
    if not alone:
        yield "None."
    yield ""
    yield "### Names that fail over"
    yield ""
    yield from table(
        ("name", "part", "leads to", "at the earliest after"),
        sorted(
            (said(record.name), record.part.lower(), said(record.targets), _after(facts, record))
            for record in facts.all(Record)
            if record.routing == "failover"
        ),
    )


_KEPT = ("database", "bucket", "table", "stream", "file-system")


def _is_copied(facts: Facts, store: Address) -> bool:
    return bool(facts.where(Backup, of=store) or facts.where(Replicates, source=store))


def _after(facts: Facts, record: Record) -> str:
    if record.part.upper() != "PRIMARY":
        return "–"
    bound = fastest(facts, record)
    return seconds(bound.seconds) if isinstance(bound, Bound) else "?"
