"""The copies that stores have, newest first: each with what is known of it, or with why it is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from seawall.kernel.errors import OutsideError
from seawall.kernel.units import Duration
from seawall.operate.copies.job import Job
from seawall.operate.copies.manifest import DUMP, LONGEST, MANIFEST, BadManifest, Manifest, is_copy_name
from seawall.operate.copies.store import Entry, Missing, Store

AHEAD = 300.0
"""Seconds by which a copy may seem to have been begun in the future: clocks differ."""
GRACE = 7200.0
"""Seconds after which a copy that should have been made is missed: a failed one may be made anew meanwhile."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in a store by its name; ``why_none`` is empty where it has all that a copy has, a sentence otherwise.

    That its content is what the manifest says is known only once it has been read.
    """

    name: str
    began: datetime
    store: Store
    size: int = 0
    manifest: Manifest | None = None
    why_none: str = ""


def oldest_allowed(job: Job) -> Duration:
    """How old a copy may be that is restored unasked: the one before the newest, should that be damaged."""
    return Duration(2 * job.every.seconds + GRACE)


def copies(store: Store, component: str) -> Iterator[Copy]:
    """The copies of a component in a store, newest first, the ones that are none with why; read one by one.

    Raises OutsideError.
    """
    objects: dict[str, dict[str, Entry]] = {}
    for entry in store.entries(f"{component}/"):
        name, _, part = entry.name.rpartition("/")
        if is_copy_name(name) and name.startswith(f"{component}/"):
            objects.setdefault(name, {})[part] = entry
    for name in sorted(objects, reverse=True):
        yield _copy(store, name, objects[name])


def found(store: Store, component: str) -> list[Copy]:
    """All of them."""
    return list(copies(store, component))


def _copy(store: Store, name: str, parts: dict[str, Entry]) -> Copy:
    began = _moment(name)
    if began is None:
        return Copy(name, datetime.min.replace(tzinfo=UTC), store, why_none="its name holds no moment that there is")

    def none(why: str) -> Copy:
        return Copy(name, began, store, why_none=why)

    entry = parts.get(MANIFEST)
    if entry is None:
        return none("it has no manifest: it is still being written, or was never finished")
    if entry.size > LONGEST:
        return none(f"its manifest is {entry.size} bytes long; no manifest is")
    try:
        manifest = Manifest.read(b"".join(_at_most(store.get(entry.name), LONGEST + 1)), name)
    except BadManifest as error:
        return none(f"its manifest is none: {error}")
    except Missing:
        return none("its manifest went while it was looked at")
    dump = parts.get(manifest.dump.rpartition("/")[2])
    if dump is None:
        other = next((part for part in parts if part.startswith(DUMP)), "")
        return none(f"its manifest is of {manifest.dump}, and there is {other or 'no dump'}")
    if dump.size != manifest.size:
        return none(f"its dump has {dump.size} bytes and not {manifest.size}")
    return Copy(name, manifest.began, store, dump.size, manifest)


def refusal(copy: Copy, job: Job, *, not_older_than: Duration | None, as_of: datetime) -> str:
    """Why a copy is not to be restored for this job at this moment; empty where nothing is against it."""
    manifest = copy.manifest
    if manifest is None:
        return copy.why_none
    if manifest.platform != job.platform:
        return f"it is of the platform {manifest.platform}, not of {job.platform}"
    if manifest.component != job.component:
        return f"it is of {manifest.component}, not of {job.component}"
    if manifest.engine != job.database.engine:
        return f"it is of {manifest.engine}, not of {job.database.engine}"
    if set(manifest.databases) != set(job.database.databases):
        return f"it is of {', '.join(manifest.databases)}, not of {', '.join(job.database.databases)}"
    if job.encryption and not manifest.encryption:
        return "it is not encrypted, and this job's copies are"
    if manifest.encryption and not job.encryption:
        return "it is encrypted, and this job names no key"
    age = (as_of - manifest.began).total_seconds()
    if age < -AHEAD or (as_of - manifest.ended).total_seconds() < -AHEAD:
        return f"it is of {manifest.began:%Y-%m-%d %H:%M:%S} UTC, which is still to come"
    if not_older_than is not None and age > not_older_than.seconds:
        return f"it is {_span(age)} old, and no older one than {not_older_than} is taken"
    return ""


def newest(store: Store, job: Job, *, not_older_than: Duration | None, as_of: datetime) -> Manifest:
    """The newest copy in a store that may be restored. Raises OutsideError that lists what was refused, and why."""
    copy = choose([store], job, not_older_than=not_older_than, as_of=as_of)[0]
    assert copy.manifest is not None
    return copy.manifest


def choose(
    stores: Sequence[Store],
    job: Job,
    *,
    not_older_than: Duration | None,
    as_of: datetime,
    name: str = "",
    without: Sequence[str] = (),
) -> tuple[Copy, list[str]]:
    """The newest copy that may be restored, and a sentence for each newer one that is not.

    Of one copy in two stores the first store's is taken; a store that does not answer is refused as a whole.
    ``name`` chooses a copy, ``not_older_than`` None takes one of any age, and ``without`` are copies (as ``spelled``)
    that were found out to be damaged. Raises OutsideError where none is left.
    """
    refused: list[str] = []
    taken: list[Copy] = []
    for store in stores:
        try:
            for copy in copies(store, job.component):
                if name and copy.name != name:
                    continue
                why = refusal(copy, job, not_older_than=not_older_than, as_of=as_of)
                if not why and spelled(copy) in without:
                    why = "its content is not what its manifest says"
                if not why:
                    taken.append(copy)
                    break
                refused.append(f"{copy.name} in {store.place}: {why}")
        except OutsideError as error:
            refused.append(f"{store.place}: {error.what}")
    if not taken:
        places = ", ".join(store.place for store in stores)
        raise OutsideError(
            f"there is no copy {name or f'of {job.component}'} to restore in {places}",
            "\n".join(_first(refused)) or "nothing is there",
            fix="look with `seawall restore --list`; an older copy is taken with --copy NAME",
        )
    best = max(taken, key=lambda copy: copy.began)
    return best, [line for line in refused if not is_copy_name(line.split(" ")[0]) or line.split(" ")[0] >= best.name]


def spelled(copy: Copy) -> str:
    """A copy in its store, as it is kept in a journal."""
    return f"{copy.store.place} {copy.name}"


def _first(lines: list[str]) -> Iterator[str]:
    yield from lines[:20]
    if len(lines) > 20:
        yield f"and {len(lines) - 20} more"


def _moment(name: str) -> datetime | None:
    try:
        return datetime.strptime(name.rpartition("/")[2], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _at_most(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    length = 0
    for piece in pieces:
        length += len(piece)
        yield piece
        if length > most:
            return


def _span(seconds: float) -> str:
    if seconds < 7200:
        return f"{seconds:.0f} s"
    return f"{seconds / 3600:.0f} h" if seconds < 172800 else f"{seconds / 86400:.0f} d"
