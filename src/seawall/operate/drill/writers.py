"""Clients that write numbered things straight to a data server, one after the other, and note what came of each.

They stand for the application where a drill is about its data alone. What they note are requests as a client of the
service would see them, so the same measures are taken of both.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Callable
from typing import Protocol

from seawall.operate.drill.events import Events
from seawall.operate.drill.load import Request

_PAUSE = 0.02


class Session(Protocol):
    """A connection that writes."""

    def write(self, number: int) -> bool:
        """Write a number; whether it was acknowledged. Raises where nobody knows."""

    def close(self) -> None:
        """Hang up."""


class Writers:
    """So many clients that write ``rate`` numbers a second together, each by a session that ``connect`` gives.

    ``connect`` is called again after every failure, as an application would look anew for whom to write to; ``lost``
    are the errors that mean one. Numbers count up from ``first``, and are never used twice.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], Session],
        *,
        lost: tuple[type[Exception], ...],
        clients: int,
        rate: float,
        chance: random.Random,
        events: Events,
        first: int = 1,
    ) -> None:
        self.name = name
        self._connect, self._lost, self._events = connect, lost, events
        self._every = clients / rate
        self._numbers = itertools.count(first)  # drawn from in one step, which needs no lock
        self._ended = threading.Event()
        self._requests: list[list[Request]] = [[] for _ in range(clients)]
        self._crashed: list[BaseException] = []
        phases = [chance.random() * self._every for _ in range(clients)]
        self._threads = [
            threading.Thread(target=self._run, args=(noted, phase), name=f"{name} {number}", daemon=True)
            for number, (noted, phase) in enumerate(zip(self._requests, phases, strict=True))
        ]

    def start(self) -> Writers:
        """Begin."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self, patience: float = 30.0) -> tuple[Request, ...]:
        """Write nothing more, wait for the answers that are out, and say what there was in the order it was sent."""
        self._ended.set()
        for thread in self._threads:
            thread.join(patience)
        if self._crashed:
            raise self._crashed[0]
        return self.requests

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every write so far that was answered or given up, in the order they were sent."""
        return tuple(sorted(itertools.chain.from_iterable(map(list, self._requests)), key=lambda each: each.sent))

    def acknowledged_since(self, moment: float) -> bool:
        """Whether a write was acknowledged that was sent after this moment of the record."""
        return any(noted and noted[-1].acknowledged and noted[-1].sent >= moment for noted in self._requests)

    def _run(self, noted: list[Request], phase: float) -> None:
        try:
            self._write(noted, phase)
        except BaseException as error:
            # A client that ends early would otherwise look like one that was served.
            self._crashed.append(error)

    def _write(self, noted: list[Request], phase: float) -> None:
        session: Session | None = None
        self._ended.wait(phase)
        while not self._ended.is_set():
            number, sent, kept = next(self._numbers), self._events.now(), False
            try:
                session = session or self._connect()
                kept = session.write(number)
            except self._lost:
                _hang_up(session, self._lost)
                session = None
            answered = self._events.now()
            noted.append(Request("POST", self.name, number, sent, answered, 201 if kept else 0))
            if session is None:
                self._ended.wait(_PAUSE)
            else:
                self._ended.wait(max(0.0, self._every - (answered - sent)))
        _hang_up(session, self._lost)


def _hang_up(session: Session | None, lost: tuple[type[Exception], ...]) -> None:
    if session is not None:
        try:
            session.close()
        except lost:
            # The other side has gone already, and this one is rid of it.
            return
