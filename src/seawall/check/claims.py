"""Claims: what the owner promises, and how far an analysis can prove or refute it.

Each measure that an analysis exists for is one function below; every other one is unknown, and says that nobody has
looked yet.  A claim is refuted by a lower bound that exceeds it, and proven only where every part of it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from seawall.analyze.failover import Bound, fastest
from seawall.analyze.stores import standing_alone
from seawall.check.isolation import judged
from seawall.check.refuting import held_against
from seawall.facts.compute import Claims
from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.isolation import Isolation
from seawall.facts.network import Member, Record
from seawall.facts.resilience import Claim, Setting
from seawall.kernel.address import Address
from seawall.kernel.units import Duration
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, all_of, proven, refuted, unknown


@dataclass(frozen=True, slots=True)
class Judgement:
    """A claim with its verdict and the lines that lead to it."""

    claim: Claim
    verdict: Verdict
    lines: tuple[str, ...] = ()


Judge: TypeAlias = Callable[[Facts, Claim], Judgement]


def judge(facts: Facts) -> Iterator[Judgement]:
    """Every claim of the description with its verdict, in the order of the description."""
    for claim in facts.all(Claim):
        if isinstance(claim.value, Isolation):
            yield Judgement(claim, *judged(facts, claim.value))
        else:
            yield _JUDGES.get((claim.subject, claim.measure), _not_analysed)(facts, claim)


def _not_analysed(facts: Facts, claim: Claim) -> Judgement:
    found = held_against(facts, claim)
    if found is not None:
        return Judgement(claim, *found)
    why = Unknown(f"{claim.subject}.{claim.measure}", why="not analysed yet")
    return Judgement(claim, unknown(why), ("not analysed yet",))


def _recovery_time(facts: Facts, claim: Claim) -> Judgement:
    """A time is refuted by the least that failover of names or promotion of stores needs, and never proven by it."""
    assert isinstance(claim.value, Duration)
    scope = "zone" if claim.subject == "zone_loss" else "region"
    verdicts: list[Verdict] = []
    lines: list[str] = []
    if scope == "region":
        for record in facts.all(Record):
            if record.routing == "failover" and record.part.upper() == "PRIMARY":
                bound = fastest(facts, record)
                verdicts.append(_against(claim.value, bound, record))
                lines += bound.lines if isinstance(bound, Bound) else [f"unknown: {bound.what}: {bound.why}"]
    for copy in facts.all(Replicates):
        if copy.scope == scope:
            least = copy.takes.least
            verdicts.append(refuted(copy) if least >= claim.value.seconds else proven(copy))
            lines.append(f"{copy.target} takes over from {copy.source} in {least:g} to {copy.takes.most:g} s")
    lower_bounds_only = Unknown(
        f"{claim.subject}.rto", why="only lower bounds are analysed yet: detection, names and promotion"
    )
    return Judgement(claim, all_of([*verdicts, unknown(lower_bounds_only)]), tuple(lines))


def _against(claimed: Duration, bound: Bound | Unknown, record: Record) -> Verdict:
    if isinstance(bound, Unknown):
        return unknown(bound)
    return refuted(record) if bound.seconds > claimed.seconds else proven(record)


def _loss(facts: Facts, claim: Claim) -> Judgement:
    """How much may be lost: each store of ours needs a copy that survives, no older than that."""
    assert isinstance(claim.value, Duration)
    scope = "zone" if claim.subject == "zone_loss" else "region"
    verdicts: list[Verdict] = []
    lines: list[str] = []
    for store in standing_alone(facts, "database", "file-system"):
        if facts.where(Replicates, target=store.of):
            continue
        if store.kind == "file-system" and store.zone is None and scope == "zone":
            verdicts.append(proven(store))
            lines.append(f"{store.of}: every file is kept in several zones at once")
            continue
        verdict, line = _store_loss(facts, store, scope, claim.value)
        verdicts.append(verdict)
        lines.append(line)
    for keeper in _other_keepers(facts):
        why = Unknown(f"{keeper}.copies", why="how anything but a database is copied is not analysed yet")
        verdicts.append(unknown(why))
        lines.append(f"{keeper}: {why.why}")
    if not verdicts:
        return Judgement(claim, proven(), ("nothing is kept that could be lost",))
    return Judgement(claim, all_of(verdicts), tuple(lines))


_KEEPERS: Final = ("cache", "stream", "table", "volume")


def _other_keepers(facts: Facts) -> Iterator[Address]:
    """What keeps data and is looked at by nobody yet: other stores, and the volumes that pods ask for."""
    for store in facts.all(Store):
        if store.kind in _KEEPERS:
            yield store.of
    for volume in facts.all(Claims):
        # One of a file system stands for a part of it, which is looked at by itself.
        if not any(facts.where(Store, of=whole.of) for whole in facts.where(Member, member=volume.of)):
            yield volume.of


def _store_loss(facts: Facts, store: Store, scope: str, claimed: Duration) -> tuple[Verdict, str]:
    scopes = ("zone", "region", "cloud") if scope == "zone" else ("region", "cloud")
    # What follows a whole that the store writes to, such as a global database, follows the store.
    sources = (store.of, *(member.of for member in facts.where(Member, member=store.of)))
    followers = (copy for source in sources for copy in facts.where(Replicates, source=source))
    copies = [copy for copy in followers if copy.scope in scopes and copy.target != store.of]
    for copy in copies:
        if copy.mode == "synchronous":
            return proven(copy), f"{store.of}: {copy.target} commits with it"
    sure, doubtful = _backups(facts, store)
    judged = [_backup_loss(store, backup, claimed) for backup in sure if _survives(backup, store, scope)]
    for verdict, line in judged:
        if verdict.proven:
            return verdict, line
    if copies:
        lag = Unknown(f"{copies[0].target}.lag", why="an asynchronous copy lags by what it lags; measure it")
        return unknown(lag), f"{store.of}: {copies[0].target} is an asynchronous copy"
    for verdict, line in judged:
        if verdict.unknown:
            return verdict, line
    for backup in doubtful:
        if _survives(backup, store, scope):
            of = Unknown(f"{backup.by}", why="what it keeps copies of is not known")
            return unknown(of), f"{store.of}: {backup.by} may keep copies of it"
    if judged:
        verdict, line = judged[0]
        return all_of(verdict for verdict, _ in judged), line
    where = "another zone" if scope == "zone" else "another region"
    return refuted(store), f"{store.of}: nothing of it is kept in {where}"


def _backups(facts: Facts, store: Store) -> tuple[list[Backup], list[Backup]]:
    """The store's backups, its own and those of plans that take it in; and backups of nobody knows what."""
    wholes = [member.of for member in facts.where(Member, member=store.of)]
    sure = [backup for of in (store.of, *wholes) for backup in facts.where(Backup, of=of)]
    doubtful = [backup for backup in facts.all(Backup) if _of_what_is_unknown(facts, backup)]
    return sure, doubtful


def _of_what_is_unknown(facts: Facts, backup: Backup) -> bool:
    if facts.where(Store, of=backup.of):
        return False
    taken_in = (member.member for member in facts.where(Member, of=backup.of))
    return any(isinstance(of, Unknown) or (isinstance(of, Address) and of.is_outside) for of in (backup.of, *taken_in))


def _survives(backup: Backup, store: Store, scope: str) -> bool:
    """Whether it is not in what is lost; one in a place that is not known might not be."""
    return backup.every is not None and (scope == "zone" or backup.region not in ("", store.region))


def _backup_loss(store: Store, backup: Backup, claimed: Duration) -> tuple[Verdict, str]:
    """What one backup that survives says of the claim."""
    if isinstance(backup.every, Unknown):
        return unknown(backup.every), f"{store.of}: how often it is backed up is not known"
    if isinstance(backup.region, Unknown):
        return unknown(backup.region), f"{store.of}: where its backups are kept is not known"
    elsewhere = backup.region not in ("", store.region)
    soon, late = POINT_IN_TIME_ELSEWHERE if elsewhere else (POINT_IN_TIME, POINT_IN_TIME)
    if backup.point_in_time is True and claimed.seconds >= late:
        place = f" in {backup.region}" if elsewhere else ""
        return proven(backup), f"{store.of}: can be restored{place} as it was {late // 60} min before"
    if backup.every is not None and backup.every <= claimed.seconds:
        return proven(backup), f"{store.of}: backed up within {claimed}"
    if isinstance(backup.point_in_time, Unknown):
        return unknown(backup.point_in_time), f"{store.of}: whether any second can be restored is not known"
    if backup.point_in_time and claimed.seconds >= soon:
        lag = Unknown(f"{store.of}.backups", why="their copy is late by what it is late; measure it")
        return unknown(lag), f"{store.of}: its backups are in {backup.region} {soon // 60} to {late // 60} min later"
    return refuted(backup), f"{store.of}: its backups are further apart than {claimed}"


POINT_IN_TIME: Final = 300
"""Seconds that RDS needs at the most to upload its logs, so the latest time that can be restored.

Source: RDS User Guide, "Restoring a DB instance to a specified time"; read 2023-06.
"""

POINT_IN_TIME_ELSEWHERE: Final = (300, 1800)
"""Seconds at the least and at the most until the copies of backups in another region can restore a time.

Source: AWS Prescriptive Guidance, "Amazon RDS PITR snapshot replication": 5 to 30 minutes; read 2026-11.
"""


def _session_timeout(facts: Facts, claim: Claim) -> Judgement:
    assert isinstance(claim.value, Duration)
    said = [setting for setting in facts.all(Setting) if setting.key == "session-timeout"]
    if not said:
        missing = Unknown("session-timeout", why="no application of the input states it")
        return Judgement(claim, unknown(missing), ())
    verdicts: list[Verdict] = []
    lines: list[str] = []
    for setting in said:
        if isinstance(setting.value, Unknown):
            verdicts.append(unknown(setting.value))
        else:
            verdicts.append(proven(setting) if setting.value == claim.value.seconds else refuted(setting))
        lines.append(f"{setting.of}: session ends after {setting.value} s")
    return Judgement(claim, all_of(verdicts), tuple(lines))


_JUDGES: Final[dict[tuple[str, str], Judge]] = {
    ("zone_loss", "rto"): _recovery_time,
    ("region_loss", "rto"): _recovery_time,
    ("zone_loss", "rpo"): _loss,
    ("region_loss", "rpo"): _loss,
    ("platform", "session_timeout"): _session_timeout,
}
