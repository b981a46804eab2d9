"""The backup: a copy of one moment in every store, the manifest last, old ones retired, and everybody told.

One dump feeds all stores. Each gets the whole stream before it is shown there, and none is shown before every one that
still takes part has it and the manifest is on our disk; a dump that fails is shown nowhere. A store that fails drops
out: the others get their copy, which is carried over to it afterwards from one of them, and a run that leaves one out
has failed in the end.

A run that was killed goes on where it was: with its manifest where the dumps are there, from the beginning where not;
what it left behind under its name is cleared away first.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from operator import methodcaller
from pathlib import Path

from seawall.kernel.errors import InputError, OutsideError, SeawallError
from seawall.kernel.verdict import Verdict, all_of, proven, refuted, unknown
from seawall.operate.copies import metrics, retention, secrets
from seawall.operate.copies.dump import dumping, tls_authorities, versions
from seawall.operate.copies.job import Job, as_text
from seawall.operate.copies.manifest import MANIFEST, BadManifest, Manifest, copy_name
from seawall.operate.copies.pack import Pack
from seawall.operate.copies.sealing import ALGORITHM
from seawall.operate.copies.store import Missing, Target, Upload
from seawall.operate.copies.stores import stores_of
from seawall.operate.runbook import Doing, Ran, Reporter, Runbook, Step, run, silent, unfinished

_CONNECT = 10.0
_PROBE = "probe"
_JOURNALS = 400


def runbook(job: Job, *, stores: Sequence[Target] | None = None) -> Runbook:
    """The backup of a job as steps: check, copy, manifest, retain, everywhere, tell.

    ``stores`` stand in for those that the job names.
    """
    found = _Backup(job, tuple(stores) if stores is not None else stores_of(job))
    component = job.component
    where = ", ".join(store.place for store in found.stores)
    steps = (
        Step("check", f"sees that {component} is reached and its stores take copies", found.check, found.checked),
        Step("copy", f"dumps {component} once, straight into {where}", found.copy, found.copied),
        Step("manifest", "puts the manifest beside the dump, which makes it a copy", found.manifest, found.manifested),
        Step("retain", f"removes copies older than {job.keep} and what never became one", found.retain, found.retained),
        Step("everywhere", "carries the copy over to stores that missed it", found.carry, found.everywhere),
        Step("tell", "tells the metrics of the copy", found.tell, found.told),
    )
    return Runbook("backup", f"{job.platform}/{component}", steps, {"job": as_text(job)})


def backup(
    job: Job,
    folder: Path,
    *,
    stores: Sequence[Target] | None = None,
    report: Reporter = silent,
    dry_run: bool = False,
    anew: bool = False,
) -> Manifest | None:
    """Make one copy; its manifest, or None of a dry run.

    A run that was cut short is gone on with while its data is no older than half of what lies between two copies:
    after that, or when the job has changed, a new copy is what is wanted. Whatever fails is told to the metrics too.
    """
    book = runbook(job, stores=stores)
    try:
        ran = run(book, folder, report=report, dry_run=dry_run, anew=anew or _is_stale(book, job, folder))
    except SeawallError:
        if not dry_run:
            # What failed matters more than that it could not be told.
            with suppress(SeawallError):
                metrics.tell(job.metrics, metrics.outcome(job, None, success=False))
        raise
    if dry_run:
        return None
    _forget(folder / "journal")
    return _manifest_of(ran)


def _manifest_of(ran: Ran) -> Manifest:
    found = _read_kept(ran.kept)
    assert found is not None, "a run that ended well has a manifest"
    return found


def _forget(journals: Path) -> None:
    """Remove the journals of long ago: a backup of every hour would leave thousands."""
    for path in sorted(journals.glob("*-backup-*.jsonl"))[:-_JOURNALS]:
        path.unlink(missing_ok=True)


def _is_stale(book: Runbook, job: Job, folder: Path) -> bool:
    try:
        kept = unfinished(folder, book)
    except InputError:
        # With another job; a copy hangs on none that was made before.
        return True
    began = str(kept.get("began", "")) if kept is not None else ""
    if not began:
        return kept is not None
    return datetime.now(UTC) - datetime.fromisoformat(began) > timedelta(seconds=job.every.seconds / 2)


class _Backup:
    """The steps of one job's backup; what they hand on is kept in the journal."""

    def __init__(self, job: Job, stores: tuple[Target, ...]) -> None:
        self.job, self.stores = job, stores

    def check(self, doing: Doing) -> None:
        """Ask for everything that a copy needs, before the database has any work with it."""
        found = versions(self.job.database)
        tls_authorities(self.job.database)
        secrets.credentials(self.job.database)
        if self.job.encryption:
            secrets.key(self.job.encryption, self.job.database.region)
        self._reach_server()
        refused = {store.place: why for store in self.stores if (why := _why_not(store, self.job.component))}
        for place, why in refused.items():
            doing.say(f"{place} takes no copy, the others get it: {why}")
        _require_one([store for store in self.stores if store.place not in refused], refused)
        doing.keep(tools=json.dumps(found), refused=sorted(refused))

    def checked(self, doing: Doing) -> Verdict:
        return proven("everything is there") if "tools" in doing.kept else refuted("nobody has looked yet")

    def _reach_server(self) -> None:
        database = self.job.database
        try:
            socket.create_connection((database.host, database.port), _CONNECT).close()
        except OSError as error:
            where = f"{database.host}:{database.port}"
            raise OutsideError(
                f"{where} is not reached", str(error), fix="see that it runs, and routes and rules to it"
            ) from None

    def copy(self, doing: Doing) -> None:
        """Dump once, into every store that takes it; show it nowhere unless it is whole."""
        self._clear_up(doing)
        began = datetime.now(UTC)
        if copy_name(self.job.component, began) == self._earlier_name(doing):
            # Names are of seconds, and what a killed run had under this one may still be on its way.
            began = began.replace(microsecond=0) + timedelta(seconds=1)
            _sleep_until(began)
        doing.keep(began=began.isoformat(), manifest="", lost=[], shown=[])
        key = secrets.key(self.job.encryption, self.job.database.region) if self.job.encryption else None
        name = copy_name(self.job.component, began)
        dump = f"{name}/dump.sql.gz{'.enc' if key else ''}"
        # Asked again at the end, when the copy is carried over to those that missed it.
        lost = dict.fromkeys(_texts(doing, "refused"), "it took no copy when it was asked")
        with _uploads(self.stores, dump, lost) as uploads:
            with dumping(self.job.database, secrets.credentials(self.job.database)) as sql:
                pack = Pack(sql, self.job.database.engine, key=key)
                for piece in pack:
                    _each(uploads, lost, methodcaller("write", piece))
            _each(uploads, lost, lambda upload: _ended(upload, pack.size))
            manifest = self._made(began, pack, doing, encrypted=key is not None)
            assert manifest.dump == dump
            # On the disk before anything is shown: whoever goes on after a kill finds the dump and finishes it.
            doing.keep(manifest=manifest.as_bytes().decode())
            _each(uploads, lost, methodcaller("commit"))
            doing.keep(shown=list(uploads), lost=sorted(lost))
        for place, why in sorted(lost.items()):
            doing.say(f"{place} dropped out: {why}")
            doing.audit("copy", place, "failed")

    def _made(self, began: datetime, pack: Pack, doing: Doing, *, encrypted: bool) -> Manifest:
        from importlib.metadata import version

        from seawall import __version__

        database = self.job.database
        tools = json.loads(doing.text("tools")) if "tools" in doing.kept else versions(database)
        return Manifest(
            platform=self.job.platform,
            component=self.job.component,
            engine=database.engine,
            server=f"{database.host}:{database.port}",
            databases=database.databases,
            began=began,
            ended=datetime.now(UTC),
            rows=dict(pack.rows),
            schema=pack.schema,
            plain_size=pack.plain_size,
            plain_sha256=pack.plain_sha256,
            size=pack.size,
            sha256=pack.sha256,
            tools={**tools, "server": pack.server, "seawall": __version__, "isal": version("isal")},
            encryption={"algorithm": ALGORITHM, "key": self.job.encryption} if encrypted else {},
        )

    def copied(self, doing: Doing) -> Verdict:
        manifest = _read_kept(doing.kept)
        if manifest is None:
            return refuted("no dump was made yet")
        if self.job.add_only:
            # Nobody may look; what the store answered to the write is all that there is.
            shown = doing.kept.get("shown")
            return proven("the stores took it") if shown else refuted("no store has answered that it took it")
        places = self._taking_part(doing)
        return all_of(_has(store, manifest.dump, manifest.size) for store in places) if places else refuted("nowhere")

    def _taking_part(self, doing: Doing) -> tuple[Target, ...]:
        lost = doing.kept.get("lost")
        return tuple(store for store in self.stores if store.place not in (lost if isinstance(lost, list) else ()))

    def _earlier_name(self, doing: Doing) -> str:
        began = doing.kept.get("began")
        return copy_name(self.job.component, datetime.fromisoformat(str(began))) if began else ""

    def _clear_up(self, doing: Doing) -> None:
        """Remove what an earlier attempt of this run left under its name, and uploads that nobody ended in days."""
        if self.job.add_only:
            return
        name = self._earlier_name(doing)
        for store in self.stores:
            # A store that is away drops out of the copy too, and is cleared by the retention of a later run.
            with suppress(OutsideError):
                store.sweep(f"{self.job.component}/", datetime.now(UTC) - retention.UPLOAD)
                if not name:
                    continue
                found = [entry.name for entry in store.entries(f"{name}/")]
                if f"{name}/{MANIFEST}" not in found:
                    for left in found:
                        store.remove(left)
                        doing.audit("remove", f"{store.place}/{left}")
                store.sweep(f"{name}/", datetime.now(UTC) + timedelta(minutes=5))

    def manifest(self, doing: Doing) -> None:
        """Put it where the dump is; a store that refuses drops out."""
        manifest = _read_kept(doing.kept)
        assert manifest is not None
        lost = list(_texts(doing, "lost"))
        for store in self._taking_part(doing):
            try:
                store.put(f"{manifest.name}/{MANIFEST}", [manifest.as_bytes()])
                doing.audit("copy", f"{store.place}/{manifest.name}")
            except OutsideError as error:
                lost.append(store.place)
                doing.audit("copy", f"{store.place}/{manifest.name}", "failed")
                if len(lost) == len(self.stores):
                    raise
                doing.say(f"{store.place} dropped out: {error}")
        doing.keep(lost=sorted(set(lost)), manifested=manifest.name)

    def manifested(self, doing: Doing) -> Verdict:
        manifest = _read_kept(doing.kept)
        if manifest is None:
            return refuted("there is no copy that a manifest could be of")
        if self.job.add_only:
            told = doing.kept.get("manifested") == manifest.name
            return proven("the stores took it") if told else refuted("no store has answered that it took it")
        return all_of(_has_manifest(store, manifest) for store in self._taking_part(doing))

    def retain(self, doing: Doing) -> None:
        """Remove what is superfluous in every store that can be reached."""
        failures: list[str] = []
        for store in self._retaining(doing):
            try:
                for name in self._superfluous(store, self._began(doing)):
                    store.remove(name)
                    doing.audit("remove", f"{store.place}/{name}")
            except OutsideError as error:
                failures.append(str(error))
        if failures:
            raise OutsideError("old copies could not be removed everywhere", "\n".join(failures))

    def _retaining(self, doing: Doing) -> tuple[Target, ...]:
        return () if self.job.add_only else self._taking_part(doing)

    def retained(self, doing: Doing) -> Verdict:
        if "began" not in doing.kept:
            return refuted("there is no copy yet")
        return all_of(self._nothing_left(store, self._began(doing)) for store in self._retaining(doing))

    @staticmethod
    def _began(doing: Doing) -> datetime:
        """The moment as of which copies are old: one for the whole run, however long it takes or is interrupted."""
        return datetime.fromisoformat(doing.text("began"))

    def _superfluous(self, store: Target, now: datetime) -> tuple[str, ...]:
        return retention.superfluous(store, self.job.platform, self.job.component, self.job.keep, now)

    def _nothing_left(self, store: Target, now: datetime) -> Verdict:
        try:
            left = self._superfluous(store, now)
        except OutsideError as error:
            return unknown(str(error))
        return (
            refuted(f"{store.place} holds {len(left)} objects too many") if left else proven(f"{store.place} is tidy")
        )

    def carry(self, doing: Doing) -> None:
        """Bring the copy to each store that missed it, from one that has it."""
        manifest = _read_kept(doing.kept)
        assert manifest is not None
        if self.job.add_only:
            places = ", ".join(_texts(doing, "lost"))
            raise OutsideError(
                f"the copy {manifest.name} did not come to {places}, and nothing may be read from the others",
                fix="mend the store, and run the backup again with --anew",
            )
        source = next(iter(self._taking_part(doing)))
        for store in self.stores:
            if store.place in _texts(doing, "lost"):
                _carry(source, store, manifest)
                doing.audit("copy", f"{store.place}/{manifest.name}")

    def everywhere(self, doing: Doing) -> Verdict:
        manifest = _read_kept(doing.kept)
        if manifest is None:
            return refuted("there is no copy yet")
        if self.job.add_only:
            lost = _texts(doing, "lost")
            return refuted(f"{', '.join(lost)} missed it") if lost else proven("every store took it")
        lost_stores = [store for store in self.stores if store.place in _texts(doing, "lost")]
        return all_of(
            all_of((_has(store, manifest.dump, manifest.size), _has_manifest(store, manifest))) for store in lost_stores
        )

    def tell(self, doing: Doing) -> None:
        manifest = _read_kept(doing.kept)
        metrics.tell(self.job.metrics, metrics.outcome(self.job, manifest, success=True))
        doing.keep(told=doing.text("began"))

    def told(self, doing: Doing) -> Verdict:
        told = doing.kept.get("told") is not None and doing.kept.get("told") == doing.kept.get("began")
        return proven("everybody knows") if told else refuted("nobody was told yet")


def _texts(doing: Doing, name: str) -> tuple[str, ...]:
    found = doing.kept.get(name)
    return tuple(found) if isinstance(found, list) else ()


def _read_kept(kept: Mapping[str, object]) -> Manifest | None:
    text = str(kept.get("manifest") or "")
    if not text:
        return None
    component = str(json.loads(text)["component"])
    try:
        return Manifest.read(text.encode(), copy_name(component, datetime.fromisoformat(str(kept["began"]))))
    except BadManifest as error:
        raise OutsideError("the journal holds a manifest that is none", str(error), fix="run it with --anew") from None


def _why_not(store: Target, component: str) -> str:
    """Why a store takes no copy, or nothing: asked by an upload that is given up."""
    try:
        upload = store.begin(f"{component}/{_PROBE}")
    except OutsideError as error:
        return str(error)
    try:
        upload.write(b"\n")
        upload.end()
    except OutsideError as error:
        return str(error)
    finally:
        upload.abort()
    return ""


@contextmanager
def _uploads(stores: Sequence[Target], name: str, lost: dict[str, str]) -> Iterator[dict[str, Upload]]:
    """An upload a store; those that are not committed are given up, whatever ends this."""
    begun: dict[str, Upload] = {}
    uploads: dict[str, Upload] = {}
    try:
        for store in stores:
            if store.place in lost:
                continue
            try:
                begun[store.place] = uploads[store.place] = store.begin(name)
            except OutsideError as error:
                lost[store.place] = str(error)
        _require_one(uploads, lost)
        yield uploads
    finally:
        for upload in begun.values():
            upload.abort()


def _each(uploads: dict[str, Upload], lost: dict[str, str], do: Callable[[Upload], object]) -> None:
    """Do something with each upload; one that fails drops out. Raises OutsideError when none is left."""
    for place, upload in list(uploads.items()):
        try:
            do(upload)
        except OutsideError as error:
            lost[place] = str(error)
            del uploads[place]
            upload.abort()
    _require_one(uploads, lost)


def _require_one(left: Collection[object], lost: Mapping[str, str]) -> None:
    if not left:
        raise OutsideError("no store takes the copy", "\n".join(lost.values()))


def _ended(upload: Upload, size: int) -> None:
    taken = upload.end()
    if taken != size:
        raise OutsideError(f"the store took {taken} bytes of {size}")


def _has(store: Target, name: str, size: int) -> Verdict:
    try:
        found = next((entry for entry in store.entries(name) if entry.name == name), None)
    except OutsideError as error:
        return unknown(str(error))
    if found is None:
        return refuted(f"{store.place} has no {name}")
    if found.size != size:
        return refuted(f"{name} in {store.place} has {found.size} bytes and not {size}")
    return proven(f"{store.place} has {name}")


def _has_manifest(store: Target, manifest: Manifest) -> Verdict:
    try:
        found = retention.manifest_of(store, manifest.name)
    except OutsideError as error:
        return unknown(str(error))
    if found != manifest:
        return refuted(f"{store.place} has no such manifest of {manifest.name}")
    return proven(f"{store.place} has the manifest of {manifest.name}")


def _carry(source: Target, store: Target, manifest: Manifest) -> None:
    """Carry a whole copy over, checked on its way."""
    import hashlib

    digest = hashlib.sha256()
    upload = store.begin(manifest.dump, over=True)
    try:
        for piece in source.get(manifest.dump):
            digest.update(piece)
            upload.write(piece)
        if upload.end() != manifest.size or digest.hexdigest() != manifest.sha256:
            raise OutsideError(f"{manifest.dump} in {source.place} is not what was written there")
        upload.commit()
    except Missing as error:
        raise OutsideError(f"the copy is gone: {error}") from None
    finally:
        upload.abort()
    store.put(f"{manifest.name}/{MANIFEST}", [manifest.as_bytes()])


def _sleep_until(moment: datetime) -> None:
    import time

    time.sleep(max(0.0, (moment - datetime.now(UTC)).total_seconds()))
