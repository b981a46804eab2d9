"""Backups that are further apart than what a restore may lose."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.environments import environment_called, environment_of
from seawall.analyze.stores import standing_alone
from seawall.check.rule import Rule
from seawall.facts.data import Backup, Store
from seawall.facts.facts import Facts
from seawall.facts.network import Member
from seawall.facts.resilience import Claim, Recovery
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Duration
from seawall.kernel.value import Unknown

RULE = Rule(
    id="DOC-102",
    severity=Severity.HIGH,
    summary="A store's backups are further apart than the loss that a restore is allowed",
    why="replicas copy a deletion as faithfully as a write: what was deleted or spoilt comes back from a backup alone, "
    "as old as that is",
    fix="back it up as often as the claim says, have it keep every second (point-in-time recovery), or claim what its "
    "backups can give",
    layers=("terraform", "claims"),
    source="https://docs.aws.amazon.com/whitepapers/latest/disaster-recovery-workloads-on-aws/"
    "disaster-recovery-options-in-the-cloud.html",
    read=None,
)

KINDS = ("database", "cache", "file-system")


def check(facts: Facts) -> Iterator[Finding]:
    """A claim of what a restore may lose, against the closest recovery points of every store; buckets keep versions.

    An environment of which something is promised for itself is held against that alone.
    """
    claims: dict[str | None, tuple[Claim, Duration]] = {}
    for claim in facts.where(Claim, subject="recovery"):
        if claim.measure == "rpo" and isinstance(claim.value, Duration):
            claims[None] = (claim, claim.value)
    for claim in facts.where(Claim, subject="recoveries"):
        if isinstance(claim.value, Recovery):
            claims[environment_called(claim.measure)] = (claim, claim.value.rpo)
    if not claims:
        return
    for store in standing_alone(facts, *KINDS):
        meant = claims.get(environment_of(facts, store.of), claims.get(None))
        if meant is not None:
            yield from _judged(facts, store, *meant)


def _judged(facts: Facts, store: Store, claim: Claim, most: Duration) -> Iterator[Finding]:
    backups = _backups(facts, store)
    if any(backup.point_in_time is True for backup in backups):
        return
    apart: list[int] = []
    missing: list[Unknown] = [each.point_in_time for each in backups if isinstance(each.point_in_time, Unknown)]
    for backup in backups:
        if isinstance(backup.every, Unknown):
            missing.append(backup.every)
        elif backup.every is not None:
            apart.append(backup.every)
    said = f"what a restore loses is claimed to be {most} at the most"
    if any(every <= most.seconds for every in apart):
        return
    if missing or _taken_by_whom(facts):
        why = missing or _taken_by_whom(facts)
        yield RULE.unknown(f"{said}, and how often {store.of} is backed up is not known", why, store.of)
    elif apart:
        yield RULE.refuted(
            f"{said}, and {store.of} is backed up every {_spelled(min(apart))}", store.of, *_by(claim), evidence=(said,)
        )
    else:
        yield RULE.refuted(f"{said}, and nothing backs {store.of} up", store.of, *_by(claim), evidence=(said,))


def _by(claim: Claim) -> tuple[Address, ...]:
    return (claim.by,) if claim.by else ()


def _backups(facts: Facts, store: Store) -> list[Backup]:
    wholes = [member.of for member in facts.where(Member, member=store.of)]
    return [backup for of in (store.of, *wholes) for backup in facts.where(Backup, of=of)]


def _taken_by_whom(facts: Facts) -> list[Unknown]:
    """Backups of nobody knows what, which may be of this store."""
    ends = [backup.of for backup in facts.all(Backup)]
    taken = [member.member for backup in facts.all(Backup) for member in facts.where(Member, of=backup.of)]
    return [end for end in (*ends, *taken) if isinstance(end, Unknown)]


def _spelled(seconds: int) -> str:
    for unit, name in ((7 * 86400, "week"), (86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds % unit == 0:
            return name if seconds == unit else f"{seconds // unit} {name}s"
    return f"{seconds} seconds"
