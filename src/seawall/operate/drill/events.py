"""What happened in a drill, and when: the record that the timeline is drawn from."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened ``at`` seconds after the stage was opened; ``lane`` is who it happened to."""

    at: float
    lane: str
    what: str


Watcher: TypeAlias = Callable[[Event], None]


class Events:
    """A record of events, in the order they came; safe to use from several threads."""

    def __init__(self, watcher: Watcher = lambda event: None) -> None:
        self._began = time.monotonic()
        self._events: list[Event] = []
        self._lock = threading.Lock()
        self._watcher = watcher

    def add(self, lane: str, what: str) -> float:
        """Record an event now; the moment, in seconds since the record began."""
        with self._lock:
            event = Event(self.now(), lane, what)
            self._events.append(event)
            self._watcher(event)
        return event.at

    def now(self) -> float:
        """Seconds since the record began."""
        return time.monotonic() - self._began

    def all(self) -> tuple[Event, ...]:
        """Every event so far."""
        with self._lock:
            return tuple(self._events)
