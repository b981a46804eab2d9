"""The agent that copies, on its cycle: the very backup runbook, begun again and again until its region is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from seawall.kernel.errors import OutsideError, SeawallError
from seawall.operate.copies.manifest import Manifest
from seawall.operate.copies.store import Entry, Target, Upload
from seawall.operate.drill.events import Events

LANE = "copies"


@dataclass(frozen=True, slots=True)
class Copied:
    """A copy that was made: its manifest, and when its snapshot was taken and when it was whole, on the record."""

    manifest: Manifest
    began: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.ended - self.began


class Copying:
    """Makes a copy every so many seconds, from begin to begin, on a thread of its own.

    ``make`` runs the backup runbook once and gives the manifest. What fails is written down, and the next one is tried
    when it is due, as by a CronJob.
    """

    def __init__(self, make: Callable[[], Manifest], every: float, events: Events) -> None:
        self._make, self._every, self._events = make, every, events
        self._lost = threading.Event()
        self._changed = threading.Condition()
        self._made: list[Copied] = []
        self._failed: list[str] = []
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._work, daemon=True, name="copying")

    @property
    def made(self) -> tuple[Copied, ...]:
        """The copies so far, oldest first."""
        return tuple(self._made)

    @property
    def failed(self) -> tuple[str, ...]:
        """Why copies were not made, in order."""
        return tuple(self._failed)

    def start(self) -> None:
        """Begin with the first copy at once."""
        self._thread.start()

    def wait(self, copies: int, *, failed: int = 0, seconds: float = 120.0) -> bool:
        """Wait until so many copies were made and so many have failed; whether they were, in time."""
        with self._changed:
            came = self._changed.wait_for(
                lambda: self._broken is not None or (len(self._made) >= copies and len(self._failed) >= failed),
                timeout=seconds,
            )
        if self._broken is not None:
            raise self._broken
        return came

    def lose(self) -> None:
        """Its region is lost: no further copy begins. One that is under way ends as it can; see ``settle``."""
        self._lost.set()

    def settle(self, seconds: float = 60.0) -> None:
        """Wait until what was under way has ended, well or not."""
        self._thread.join(seconds)

    def _work(self) -> None:
        try:
            while not self._lost.is_set():
                due = self._events.now() + self._every
                self._once()
                self._lost.wait(max(0.0, due - self._events.now()))
        except BaseException as error:
            # A mistake of ours would otherwise look like copies that are late.
            with self._changed:
                self._broken = error
                self._changed.notify_all()

    def _once(self) -> None:
        try:
            manifest = self._make()
        except SeawallError as error:
            why = str(error).partition("\n")[0]
            self._events.add(LANE, f"no copy: {why}")
            with self._changed:
                self._failed.append(why)
                self._changed.notify_all()
            return
        ended = self._events.add(LANE, f"copy {manifest.name.rpartition('/')[2]} is whole")
        with self._changed:
            self._made.append(Copied(manifest, on_record(manifest.began, self._events), ended))
            self._changed.notify_all()


class Severable:
    """The way from an agent to its store: once it is severed nothing is committed any more.

    An agent that is a thread of the drill cannot be killed with its region; what it has under way must not become a
    copy that no real one could have finished.
    """

    def __init__(self, store: Target) -> None:
        self._store = store
        self._severed = threading.Event()

    def sever(self) -> None:
        """Let nothing through from now on."""
        self._severed.set()

    @property
    def place(self) -> str:
        """Where the store is."""
        return self._store.place

    def put(self, name: str, content: Iterable[bytes]) -> int:
        """Write an object."""
        self._require()
        return self._store.put(name, content)

    def get(self, name: str) -> Iterator[bytes]:
        """Read an object."""
        self._require()
        return self._store.get(name)

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """List objects."""
        self._require()
        return self._store.entries(prefix)

    def remove(self, name: str) -> None:
        """Remove an object."""
        self._require()
        self._store.remove(name)

    def sweep(self, prefix: str, older_than: datetime) -> int:
        """Clear away what never ended."""
        self._require()
        return self._store.sweep(prefix, older_than)

    def begin(self, name: str, *, over: bool = False) -> Upload:
        """Begin to write an object, which is not committed once this is severed."""
        self._require()
        return _Severable(self._store.begin(name, over=over), self._require)

    def _require(self) -> None:
        if self._severed.is_set():
            raise OutsideError(f"{self.place} is not reached: the region is lost")


class _Severable:
    def __init__(self, upload: Upload, require: Callable[[], None]) -> None:
        self._upload, self._require = upload, require
        self.write, self.end, self.abort = upload.write, upload.end, upload.abort

    def commit(self) -> None:
        self._require()
        self._upload.commit()


def on_record(moment: datetime, events: Events) -> float:
    """A moment of the calendar in seconds of the record of events."""
    return events.now() - (datetime.now(UTC) - moment).total_seconds()
