"""A copy brought back: the newest good one, into an empty server, and shown to be what was copied.

Where honesty lies: the server says ``begun`` of itself before anything is carried out (``marker``), ``loaded`` once the
last byte of the copy was found to be what its manifest says and all of it has been carried out, and ``restored`` once
rows and the application's question were compared. A run that was killed finds ``begun`` and begins anew from an empty
database; it never goes on in the middle. A copy whose content is not its manifest's is thrown away, and the one before
it is taken, aloud. Accounts and rights are no part of a copy.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from seawall.kernel.errors import InputError, OutsideError
from seawall.kernel.units import Duration
from seawall.kernel.verdict import Verdict, proven, refuted, unknown
from seawall.operate.copies import marker
from seawall.operate.copies.catalogue import Copy, choose, oldest_allowed, spelled
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database, Job
from seawall.operate.copies.load import SESSIONS, Loaded, ahead, load
from seawall.operate.copies.manifest import Manifest
from seawall.operate.copies.marker import Mark
from seawall.operate.copies.pack import BadCopy, unpack
from seawall.operate.copies.proof import clear, databases, empty, prove
from seawall.operate.copies.secrets import credentials, key
from seawall.operate.copies.store import Missing, Store
from seawall.operate.copies.stores import stores_of
from seawall.operate.runbook import Approver, Doing, Plain, Ran, Reporter, Runbook, Step, nobody, run, silent

_NAMED = 20
"""Refused copies that are named; a store may hold hundreds."""
_FRESH = 300.0
"""Seconds for which credentials are taken to be good: a token of RDS's lives for 900."""


class NotGoodError(OutsideError):
    """A copy is not what its manifest says, or what was restored is not what was copied."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored: the copy, the moment of its snapshot (UTC), the SQL's bytes, and seconds of load and proof."""

    copy: str
    store: str
    began: datetime
    plain_size: int
    size: int
    seconds: float
    ran: Ran


def steps(
    job: Job,
    to: Database,
    *,
    stores: Sequence[Store] | None = None,
    copy: str | Callable[[Doing], str] = "",
    not_older_than: Duration | None = None,
    replace: bool = False,
    sessions: int = SESSIONS,
    thorough: bool = False,
) -> tuple[Step, ...]:
    """The steps that bring a copy of ``job`` to ``to``: choose, clear, load, prove.

    ``copy`` names one, or finds its name once it is known; then no other is taken in its stead. Where silent it is the
    newest good one that is not older than ``not_older_than`` (by default what ``oldest_allowed`` says). ``replace``
    lets databases that hold something be overwritten, once somebody has agreed; ``thorough`` has the server check its
    tables, too. Raises InputError where ``to`` cannot hold these copies.
    """
    _require(job, to)
    found = stores if stores is not None else stores_of(job)
    limit = not_older_than or oldest_allowed(job)
    return _Restoring(job, to, found, copy, limit, replace, sessions, thorough).steps()


def runbook(
    job: Job,
    to: Database,
    *,
    stores: Sequence[Store] | None = None,
    copy: str = "",
    not_older_than: Duration | None = None,
    replace: bool = False,
    sessions: int = SESSIONS,
    thorough: bool = False,
) -> Runbook:
    """The same as a runbook of its own."""
    doing = steps(
        job,
        to,
        stores=stores,
        copy=copy,
        not_older_than=not_older_than,
        replace=replace,
        sessions=sessions,
        thorough=thorough,
    )
    target = f"{to.host}:{to.port}"
    inputs: dict[str, Plain] = {"copy": copy, "to": target, "databases": list(to.databases), "replace": replace}
    return Runbook("restore", f"{job.platform}/{job.component} to {target}", doing, inputs)


def restore(
    job: Job,
    to: Database,
    folder: Path,
    *,
    stores: Sequence[Store] | None = None,
    copy: str = "",
    not_older_than: Duration | None = None,
    replace: bool = False,
    sessions: int = SESSIONS,
    thorough: bool = False,
    report: Reporter = silent,
    approve: Approver = nobody,
    anew: bool = False,
) -> Restored:
    """Run it; ``folder`` keeps the journal. Raises what ``run`` raises."""
    book = runbook(
        job,
        to,
        stores=stores,
        copy=copy,
        not_older_than=not_older_than,
        replace=replace,
        sessions=sessions,
        thorough=thorough,
    )
    return restored(run(book, folder, report=report, approve=approve, anew=anew))


def restored(ran: Ran) -> Restored:
    """What a run that came to its end has restored."""
    kept = ran.kept
    return Restored(
        str(kept["chosen"]),
        str(kept["chosen_store"]),
        datetime.fromisoformat(str(kept["chosen_began"])),
        int(str(kept["chosen_plain_size"])),
        int(str(kept["chosen_size"])),
        sum(ran.seconds.get(name, 0.0) for name in ("load", "prove")),
        ran,
    )


def _require(job: Job, to: Database) -> None:
    if to.engine != job.database.engine:
        raise InputError(f"copies of {job.component} are of {job.database.engine}, and {to.host} is {to.engine}")
    if set(to.databases) != set(job.database.databases):
        raise InputError(
            f"copies of {job.component} hold {', '.join(job.database.databases)}, not {', '.join(to.databases)}",
            fix="name the same databases; a copy is restored as a whole",
        )
    if marker.DATABASE in to.databases:
        raise InputError(f"{marker.DATABASE} is where a server keeps what was restored; it is not restored itself")


class _Restoring:
    """The steps of one restore, and what they learn on the way and can learn again."""

    def __init__(
        self,
        job: Job,
        to: Database,
        stores: Sequence[Store],
        wanted: str | Callable[[Doing], str],
        limit: Duration,
        replace: bool,
        sessions: int,
        thorough: bool,
    ) -> None:
        self._job, self._to, self._stores, self._wanted = job, to, stores, wanted
        self._limit, self._replace, self._sessions, self._thorough = limit, replace, sessions, thorough
        self._copy: Copy | None = None
        self._known: tuple[float, Credentials] | None = None

    def steps(self) -> tuple[Step, ...]:
        what = f"{', '.join(self._to.databases)} on {self._to.host}:{self._to.port}"
        return (
            Step("choose", f"choose a good copy of {self._job.component}", self._choose, self._chosen),
            Step(
                "clear",
                f"have {what} empty, and say there that a restore has begun",
                self._clear,
                self._cleared,
                self._may_clear,
                self._question,
            ),
            Step("load", f"carry the copy out on {what}", self._load, self._loaded),
            Step("prove", "compare rows, and ask what the application asks", self._prove, self._proven),
        )

    # -- choose ----------------------------------------------------------------------------------------------------

    def _choose(self, doing: Doing) -> None:
        wanted = self._name(doing)
        self._take(doing, *self._choice(wanted, self._damaged(doing)))

    def _chosen(self, doing: Doing) -> Verdict:
        chosen = doing.kept.get("chosen")
        return proven(f"{chosen} is chosen") if chosen else refuted("no copy is chosen")

    def _name(self, doing: Doing) -> str:
        return self._wanted if isinstance(self._wanted, str) else self._wanted(doing)

    def _choice(self, wanted: str, damaged: Sequence[str]) -> tuple[Copy, list[str]]:
        return choose(
            self._stores,
            self._job,
            # A person who names a copy knows how old it is.
            not_older_than=None if wanted else self._limit,
            as_of=datetime.now(UTC),
            name=wanted,
            without=damaged,
        )

    def _take(self, doing: Doing, copy: Copy, refused: list[str]) -> None:
        manifest = _manifest(copy)
        for line in refused[:_NAMED]:
            doing.say(f"not taken: {line}")
            doing.audit("choose", line, "refused")
        doing.keep(
            chosen=copy.name,
            chosen_store=copy.store.place,
            chosen_began=manifest.began.isoformat(),
            chosen_plain_size=manifest.plain_size,
            chosen_size=manifest.size,
            refused=refused[:_NAMED],
            restore_run=doing.kept.get("restore_run") or secrets.token_hex(8),
        )
        self._copy = copy
        age = (datetime.now(UTC) - manifest.began).total_seconds()
        late = "; it is OLDER than copies should be" if age > self._job.every.seconds + 7200 else ""
        doing.say(f"{copy.name} from {copy.store.place}, {age:.0f} s old, {manifest.plain_size} bytes of SQL{late}")

    def _held(self, doing: Doing) -> Copy:
        """The chosen copy; looked for again by a run that goes on with another's choice."""
        name = doing.text("chosen")
        if self._copy is None or self._copy.name != name:
            there = [store for store in self._stores if store.place == doing.text("chosen_store")]
            self._copy = choose(
                there or self._stores, self._job, not_older_than=None, as_of=datetime.now(UTC), name=name
            )[0]
        return self._copy

    def _damaged(self, doing: Doing) -> list[str]:
        damaged = doing.kept.get("damaged")
        return list(damaged) if isinstance(damaged, list) else []

    # -- clear -----------------------------------------------------------------------------------------------------

    def _clear(self, doing: Doing) -> None:
        # In this order: what is killed in between is known for half of something.
        self._say_state(doing, "begun")
        clear(self._to, self._login())

    def _cleared(self, doing: Doing) -> Verdict:
        return self._is(doing, "begun", "loaded", "restored")

    def _may_clear(self, doing: Doing) -> Verdict:
        if self._is_source() and not self._replace:
            return refuted("it is the very server that the copies are of; say --replace if that is meant")
        verdict = self._holds_nothing_of_worth()
        return proven("it is to be replaced") if verdict.refuted and self._replace else verdict

    def _question(self, doing: Doing) -> str:
        if self._holds_nothing_of_worth().proven:
            return ""
        of = " (the very server that the copies are of)" if self._is_source() else ""
        what = f"{', '.join(self._to.databases)} on {self._to.host}:{self._to.port}{of}"
        return f"Drop all that {what} holds, and restore {doing.text('chosen')} there?"

    def _holds_nothing_of_worth(self) -> Verdict:
        try:
            mark = self._mark()
            if mark is not None and mark.state == "begun":
                return proven(
                    f"a restore of {mark.copy} was begun there and did not end; what it left is worth nothing"
                )
            holds = empty(self._to, self._login())
        except OutsideError as error:
            return unknown(str(error))
        if holds.refuted:
            return refuted(*holds.because, "say --replace if that may be dropped")
        return holds

    def _is_source(self) -> bool:
        return (self._to.host, self._to.port) == (self._job.database.host, self._job.database.port)

    # -- load ------------------------------------------------------------------------------------------------------

    def _load(self, doing: Doing) -> None:
        wanted = self._name(doing)
        while True:
            copy = self._held(doing)
            self._say_state(doing, "begun")
            if not self._is_blank():
                clear(self._to, self._login())
            began = time.monotonic()
            try:
                done = self._carry_out(copy, doing)
            except (BadCopy, Missing) as error:
                self._give_up(doing, copy, str(error), wanted)
                continue
            except _UnreadableError as error:
                self._elsewhere(doing, copy, error)
                continue
            self._say_state(doing, "loaded")
            seconds = time.monotonic() - began
            self._told(doing, _manifest(copy), done, seconds)
            return

    def _carry_out(self, copy: Copy, doing: Doing) -> Loaded:
        manifest = _manifest(copy)
        opened = key(self._job.encryption, self._job.database.region) if manifest.encryption else None
        dump = unpack(ahead(_read(copy)), manifest, opened)
        return load(dump, self._to, self._login(), sessions=self._sessions, say=doing.say)

    def _give_up(self, doing: Doing, copy: Copy, why: str, wanted: str) -> None:
        """Throw away what came of a damaged copy, and choose the one before it; OutsideError where one was named."""
        doing.say(f"NOT GOOD: {copy.name} in {copy.store.place}: {why}")
        doing.audit("load", spelled(copy), f"refused: {why}")
        damaged = [*self._damaged(doing), spelled(copy)]
        doing.keep(damaged=damaged)
        clear(self._to, self._login())
        try:
            chosen, refused = self._choice(wanted, damaged)
        except OutsideError as error:
            raise NotGoodError(
                f"{copy.name} is not what its manifest says: {why}", str(error), fix="nothing of it was kept"
            ) from None
        self._take(doing, chosen, refused)

    def _elsewhere(self, doing: Doing, copy: Copy, error: OutsideError) -> None:
        """Take the same copy from another store; never an older one, since this one may be read again in a minute."""
        doing.say(f"NOT GOOD: {copy.store.place} stopped giving {copy.name}: {error.what}")
        doing.audit("load", spelled(copy), f"not read: {error.what}")
        others = [store for store in self._stores if store.place != copy.store.place]
        if not others:
            raise error
        self._stores = others
        try:
            chosen, refused = self._choice(copy.name, self._damaged(doing))
        except OutsideError:
            raise error from None
        self._take(doing, chosen, refused)

    def _told(self, doing: Doing, manifest: Manifest, done: Loaded, seconds: float) -> None:
        doing.keep(load_seconds=round(seconds, 3))
        speed = manifest.plain_size / 1e6 / max(seconds, 1e-9)
        doing.say(
            f"{manifest.plain_size / 1e6:.0f} MB in {seconds:.1f} s, {speed:.0f} MB/s over {self._sessions} sessions"
        )
        if done.left_out:
            doing.say(f"left out: {done.left_out} settings or rights that this server has no role or name for")

    def _loaded(self, doing: Doing) -> Verdict:
        return self._is(doing, "loaded", "restored")

    def _is_blank(self) -> bool:
        if self._to.engine == "postgresql" and not set(self._to.databases) <= databases(self._to, self._login()):
            return False
        return empty(self._to, self._login()).proven

    # -- prove -----------------------------------------------------------------------------------------------------

    def _prove(self, doing: Doing) -> None:
        manifest = _manifest(self._held(doing))
        verdict = prove(self._to, self._login(), manifest, self._job.proof, thorough=self._thorough)
        if not verdict.proven:
            raise NotGoodError(
                f"{manifest.name} was restored, and is not what was copied",
                "\n".join(map(str, verdict.because)),
                fix="nothing may be served from it; restore another copy with --copy NAME --replace",
            )
        for reason in verdict.because:
            doing.say(str(reason))
        self._say_state(doing, "restored")

    def _proven(self, doing: Doing) -> Verdict:
        return self._is(doing, "restored")

    # -- the server's own words ------------------------------------------------------------------------------------

    def _is(self, doing: Doing, *states: str) -> Verdict:
        mark = self._mark()
        # What is to be replaced may have been restored from this copy before, and written to since.
        other = mark is None or mark.copy != doing.kept.get("chosen")
        other = other or (self._replace and mark is not None and mark.run != doing.kept.get("restore_run"))
        if mark is None or other or mark.state not in states:
            said = f"{mark.state} {mark.copy}" if mark else "nothing"
            return refuted(f"the server says of itself: {said}")
        return proven(f"the server says of itself: {mark.state} {mark.copy}")

    def _mark(self) -> Mark | None:
        return marker.read(self._to, self._login(), self._job.component)

    def _say_state(self, doing: Doing, state: marker.State) -> None:
        marker.write(
            self._to, self._login(), self._job.component, Mark(doing.text("chosen"), state, doing.text("restore_run"))
        )

    def _login(self) -> Credentials:
        now = time.monotonic()
        if self._known is None or now - self._known[0] > _FRESH:
            self._known = (now, credentials(self._to))
        return self._known[1]


class _UnreadableError(OutsideError):
    """A store gave a part of a copy, and then no more."""


def _read(copy: Copy) -> Iterator[bytes]:
    try:
        yield from copy.store.get(_manifest(copy).dump)
    except OutsideError as error:
        raise _UnreadableError(error.what, error.detail, error.fix) from None


def _manifest(copy: Copy) -> Manifest:
    assert copy.manifest is not None
    return copy.manifest
