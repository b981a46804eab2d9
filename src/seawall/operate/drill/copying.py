"""The agent that copies, on its cycle: the very backup runbook, begun again and again until its region is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from seawall.kernel.errors import SeawallError
from seawall.operate.copies.manifest import Manifest
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


def on_record(moment: datetime, events: Events) -> float:
    """A moment of the calendar in seconds of the record of events."""
    return events.now() - (datetime.now(UTC) - moment).total_seconds()
