"""What survives what: backups and copies of every store, how names fail over, and what is claimed of it."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.failover import Bound, fastest
from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Record
from seawall.facts.resilience import Claim
from seawall.kernel.address import Address
from seawall.kernel.units import Estimate
from seawall.render.words import region, said, seconds, table, titled


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
            _where(backup.of),
            said(backup.of),
            said(backup.region),
            seconds(backup.every),
            seconds(backup.keeps),
            said(backup.point_in_time),
        )
        for backup in facts.all(Backup)
    )
    yield from table(("region", "of", "kept in", "every", "kept for", "any second within"), sorted(backups))
    yield "### Copies"
    yield ""
    copies = (
        (
            _where(copy.source),
            said(copy.source),
            said(copy.target),
            copy.mode,
            copy.scope,
            copy.promotion,
            _between(copy.takes),
        )
        for copy in facts.all(Replicates)
    )
    yield from table(("region", "of", "copy", "mode", "survives loss of", "promotion", "takes"), sorted(copies))
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
            (said(record.name), record.part.lower(), ", ".join(map(_led_to, record.targets)), _after(facts, record))
            for record in facts.all(Record)
            if record.routing == "failover"
        ),
    )


def _where(thing: object) -> str:
    return region(thing) if isinstance(thing, Address) else "?"


def _between(takes: Estimate) -> str:
    return f"{seconds(takes.least)} to {seconds(takes.most)}"


def _led_to(target: object) -> str:
    """A thing by its sort and name and region; a name as it is."""
    address = Address(target) if isinstance(target, str) else None
    if address is None or address.as_terraform() is None:
        return said(target)
    return f"{titled(address)} in {region(address)}"


_KEPT = ("database", "bucket", "table", "stream", "file-system")


def _is_copied(facts: Facts, store: Address) -> bool:
    return bool(facts.where(Backup, of=store) or facts.where(Replicates, source=store))


def _after(facts: Facts, record: Record) -> str:
    if record.part.upper() != "PRIMARY":
        return "–"
    bound = fastest(facts, record)
    return seconds(bound.seconds) if isinstance(bound, Bound) else "?"
