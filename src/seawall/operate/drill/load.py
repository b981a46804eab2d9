"""Load on a service: reads and writes at a rate, each write with a number of its own, every request written down.

It runs as a process of its own, so that what the drill does meanwhile does not slow it, and sends when it is time
whether or not earlier requests were answered: a service that is away does not get fewer visitors for it.
"""

from __future__ import annotations

import json
import random
import sys
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from seawall.operate.drill.events import Events
from seawall.operate.drill.stage import Process, Stage, until


@dataclass(frozen=True, slots=True)
class Request:
    """A request as its client saw it; ``sent`` and ``answered`` are seconds since the record of events began.

    ``answered`` is when the answer was complete or the client gave up, ``status`` 0 where there was none. ``number``
    is that of the visit that was written or asked for, 0 for other reads. ``page`` is whether the maintenance page was
    the answer.
    """

    method: str
    path: str
    number: int
    sent: float
    answered: float
    status: int
    page: bool = False

    @property
    def latency(self) -> float:
        """Seconds from sending to the answer."""
        return self.answered - self.sent

    @property
    def failed(self) -> bool:
        """Whether it was not served: no answer, or one of 5xx."""
        return self.status == 0 or self.status >= 500

    @property
    def acknowledged(self) -> bool:
        """Whether it was a write that the service said it had kept."""
        return self.method == "POST" and self.status in (200, 201)


class Load:
    """Visitors of ``url``: ``rate`` requests a second, ``writes`` of them writes; ``chance`` chooses which and when.

    ``host`` is the name that is asked for, ``page`` words that only the maintenance page has, ``patience`` the seconds
    after which a visitor gives up. Numbers of writes count up from ``first``.
    """

    def __init__(
        self,
        stage: Stage,
        url: str,
        *,
        rate: float = 150,
        chance: random.Random,
        events: Events,
        host: str = "",
        writes: float = 0.5,
        page: str = "is away for a moment",
        patience: float = 10.0,
        first: int = 1,
        name: str = "load",
    ) -> None:
        self._stage, self._name, self._patience = stage, name, patience
        there = urlsplit(url)
        self._told = {
            "address": there.hostname or "127.0.0.1",
            "port": there.port or 80,
            "host": host or there.netloc,
            "rate": rate,
            "writes": writes,
            "seed": chance.getrandbits(64),
            "page": page,
            "patience": patience,
            "first": first,
        }
        # Both clocks are the machine's own, so what another process measured can be laid over the drill's events.
        self._zero = time.monotonic() - events.now()
        self._read = 0
        self._requests: list[Request] = []
        self._process: Process | None = None
        self._folder = stage.folder(name)

    def start(self) -> Load:
        """Begin; the first requests have been answered or lost when this returns."""
        command = [sys.executable, "-P", "-m", "seawall.operate.drill.visitors"]
        told = {"SEAWALL_LOAD": json.dumps(self._told)}
        self._process = self._stage.start(self._name, command, folder=self._folder, environment=told)
        until(lambda: len(self.requests) > 0, self._process, what="the first request is answered")
        return self

    def stop(self) -> tuple[Request, ...]:
        """Send no more, wait for the answers that are still out, and say what there was in the order it was sent."""
        if self._process is not None:
            self._process.stop(self._patience + 5.0)
        return self.requests

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far that was answered or given up, in the order they were sent."""
        path = self._folder / "requests"
        if path.exists():
            with path.open("rb") as file:
                file.seek(self._read)
                lines = file.read()
            # The last line may still be being written.
            whole = lines[: lines.rfind(b"\n") + 1]
            self._read += len(whole)
            self._requests += [self._request(line) for line in whole.decode().splitlines()]
            self._requests.sort(key=lambda request: request.sent)
        return tuple(self._requests)

    @property
    def acknowledged(self) -> dict[int, Request]:
        """The writes that the service said it had kept, by number."""
        return {request.number: request for request in self.requests if request.acknowledged}

    def _request(self, line: str) -> Request:
        method, path, number, sent, answered, status, page = line.split("\t")
        zero = self._zero
        return Request(method, path, int(number), float(sent) - zero, float(answered) - zero, int(status), page == "1")
