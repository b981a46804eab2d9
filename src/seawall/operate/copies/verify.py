"""Whether the newest copy can be restored: read to its end, restored into a server of nobody's, and compared.

Proven: it was restored, and is what was copied; or, where only the content was asked for, it is what its manifest says.
Refuted: it is not, or there is none. Unknown: that could not be found out, and why. Another store's newest copy is read
to its end, too: on a bad day that store may be the one that is left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.verdict import Verdict, all_of, proven, refuted, unknown
from seawall.operate.copies import marker, metrics
from seawall.operate.copies.catalogue import Copy, copies, oldest_allowed, refusal
from seawall.operate.copies.job import Database, Job
from seawall.operate.copies.load import ahead
from seawall.operate.copies.pack import BadCopy, unpack
from seawall.operate.copies.proof import clear
from seawall.operate.copies.restore import NotGoodError, restore
from seawall.operate.copies.secrets import credentials, key
from seawall.operate.copies.store import Missing, Store
from seawall.operate.copies.stores import stores_of
from seawall.operate.runbook import Reporter, silent


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found out about the newest copies: one verdict, and of the copy that was restored or read its figures.

    ``age`` is in seconds at ``at``; ``size`` and ``plain_size`` are bytes as stored and as SQL; ``seconds`` is how long
    restoring and comparing took, None where nothing was restored.
    """

    platform: str
    component: str
    at: datetime
    verdict: Verdict
    copy: str = ""
    store: str = ""
    age: float | None = None
    size: int = 0
    plain_size: int = 0
    seconds: float | None = None

    @property
    def measures(self) -> dict[str, float]:
        """What CloudWatch is told: an age, where Prometheus has a moment."""
        values = {"Verified": float(self.verdict.proven)}
        if self.age is not None:
            values |= {"Age": self.age, "Size": float(self.size)}
        return values | ({"Restore": self.seconds} if self.seconds is not None else {})

    @property
    def labels(self) -> dict[str, str]:
        """What tells one component's series from another's."""
        return {"platform": self.platform, "component": self.component}

    @property
    def series(self) -> dict[str, float]:
        """Values by the name of the series, without its prefix."""
        values = {
            "verified": float(self.verdict.proven),
            "verify_unknown": float(self.verdict.unknown),
            "last_verify_timestamp_seconds": self.at.timestamp(),
        }
        if self.age is not None:
            values["snapshot_timestamp_seconds"] = self.at.timestamp() - self.age
            values["size_bytes"] = float(self.size)
            values["sql_bytes"] = float(self.plain_size)
        if self.verdict.proven:
            values["last_verified_timestamp_seconds"] = self.at.timestamp()
            if self.seconds is not None:
                values["restore_seconds"] = self.seconds
        return values


def verify(
    job: Job,
    folder: Path,
    *,
    stores: Sequence[Store] | None = None,
    scratch: Database | None = None,
    content_only: bool = False,
    report: Reporter = silent,
) -> Verified:
    """Find it out; ``folder`` keeps the journal of the restore.

    ``scratch`` is a server whose databases of these names are empty: they are gone again afterwards. Where silent, a
    server is started for it on the loopback, and ended. Raises InputError where ``scratch`` cannot hold these copies.
    """
    found = stores if stores is not None else stores_of(job)
    at = datetime.now(UTC)
    newest = [(store, *_newest(store, job, at)) for store in found]
    verdicts = [verdict for _, verdict, _ in newest]
    restored: Copy | None = None
    seconds: float | None = None
    # The youngest is what a bad day would begin with; the others are read.
    for copy in sorted((copy for _, _, copy in newest if copy is not None), key=lambda one: one.began, reverse=True):
        if restored is None and not content_only:
            verdict, seconds = _restored(job, copy, folder, scratch, report)
        else:
            verdict = content(copy, job)
        restored = restored or copy
        verdicts.append(verdict)
    verdict = all_of(verdicts)
    if restored is None:
        return Verified(job.platform, job.component, at, verdict)
    manifest = restored.manifest
    assert manifest is not None
    return Verified(
        job.platform,
        job.component,
        at,
        verdict,
        restored.name,
        restored.store.place,
        (at - manifest.began).total_seconds(),
        manifest.size,
        manifest.plain_size,
        seconds,
    )


def content(copy: Copy, job: Job) -> Verdict:
    """Whether a copy's content is what its manifest says, found out without a server."""
    manifest = copy.manifest
    if manifest is None:
        return refuted(f"{copy.name} in {copy.store.place}: {copy.why_none}")
    try:
        opened = key(job.encryption, job.database.region) if manifest.encryption else None
        for _ in unpack(ahead(copy.store.get(manifest.dump)), manifest, opened):
            pass
    except BadCopy as error:
        return refuted(f"{copy.name} in {copy.store.place}: {error}")
    except Missing:
        return unknown(f"{copy.name} in {copy.store.place} went while it was read")
    except (InputError, OutsideError) as error:
        return unknown(f"{copy.name} in {copy.store.place}: {error}")
    return proven(f"{copy.name} in {copy.store.place} is what its manifest says")


def tell(places: Sequence[str], verified: Verified) -> None:
    """Tell it everywhere, as a backup is told. Raises OutsideError that names where it could not be told."""
    metrics.tell(places, verified)


def _newest(store: Store, job: Job, at: datetime) -> tuple[Verdict, Copy | None]:
    """The newest copy of a store, and whether it is a good one as far as can be seen from outside."""
    try:
        for copy in copies(store, job.component):
            if copy.manifest is None and _young(copy, job, at) and "no manifest" in copy.why_none:
                # It may be being written.
                continue
            why = refusal(copy, job, not_older_than=oldest_allowed(job), as_of=at)
            if why:
                return refuted(f"{copy.name} in {store.place}: {why}"), None
            return proven(f"{copy.name} in {store.place} is young enough"), copy
    except OutsideError as error:
        return unknown(f"{store.place}: {error.what}"), None
    return refuted(f"{store.place} has no copy of {job.component}"), None


def _young(copy: Copy, job: Job, at: datetime) -> bool:
    return (at - copy.began).total_seconds() < job.every.seconds


def _restored(
    job: Job, copy: Copy, folder: Path, scratch: Database | None, report: Reporter
) -> tuple[Verdict, float | None]:
    try:
        with _scratch(job, scratch) as to:
            # Only this copy: that an older one is good would prove nothing of it.
            done = restore(
                job, to, folder, stores=[copy.store], copy=copy.name, thorough=True, report=report, anew=True
            )
            return proven(f"{copy.name} was restored and is what was copied"), done.seconds
    except NotGoodError as error:
        return refuted(str(error)), None
    except OutsideError as error:
        return unknown(f"{copy.name} was not restored: {error}"), None


@contextmanager
def _scratch(job: Job, given: Database | None) -> Iterator[Database]:
    """A server to restore into; nothing of the copy is left on it."""
    if given is not None:
        try:
            yield given
        finally:
            login = credentials(given)
            mark = marker.read(given, login, job.component)
            # What was there before is not ours to drop; a restore refuses it, and leaves no mark.
            if mark is not None:
                clear(given, login)
                marker.remove(given, login)
        return
    from seawall.operate.drill.stage import stage

    with stage() as played:
        if job.database.engine == "mysql":
            from seawall.operate.drill.servers import mariadb

            yield mariadb.start(played, "scratch").database(*job.database.databases)
        else:
            from seawall.operate.drill.servers import postgresql
            from seawall.operate.drill.servers.authority import authority

            yield postgresql.start(played, "scratch", authority(played)).database(*job.database.databases)
