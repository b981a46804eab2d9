"""Health checks as Route 53 makes them: several checkers, each at its own moments, and what they agree upon.

Each asks again so many seconds after its last answer, and turns its opinion after so many answers in a row of the other
kind. All is well while more than 18 % of them think so. A checker waits 4 s for a connection and 2 s for an answer,
whose first 5,120 bytes must hold the words looked for, if there are any.
Source: Amazon Route 53 Developer Guide, "How Amazon Route 53 determines whether a health check is healthy".
"""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from seawall.graph.graph import Graph
from seawall.operate.drill.events import Events

PACKAGES: Mapping[str, str] = {}
STANDIN = "checkers in threads of the drill"

CHECKERS = 8
"""How many there are here; Route 53 has some in each of eight regions."""
SHARE = 0.18
CONNECT, ANSWER, READ = 4.0, 2.0, 5120
UP, DOWN = "healthy", "unhealthy"


@dataclass(frozen=True, slots=True)
class Described:
    """A health check of the description: whom it asks for what, and how it makes up its mind."""

    check: str
    name: str
    path: str
    expects: str
    every: float
    failures: int


def described(graph: Graph) -> tuple[Described, ...]:
    """The health checks of a platform that ask an endpoint."""
    return tuple(
        Described(
            str(found.address),
            str(found.body["fqdn"]),
            str(found.body.get("resource_path", "/")),
            str(found.body.get("search_string", "")),
            float(found.body["request_interval"]),
            int(found.body["failure_threshold"]),
        )
        for found in graph.of_type("aws_route53_health_check")
        if isinstance(found.body.get("fqdn"), str)
    )


class Opinion:
    """One checker's: it holds until so many answers in a row say otherwise."""

    def __init__(self, failures: int, well: bool = True) -> None:
        self.well, self._failures, self._against = well, failures, 0

    def heard(self, well: bool) -> bool:
        """What it thinks after one more answer."""
        self._against = 0 if well == self.well else self._against + 1
        if self._against >= self._failures:
            self.well, self._against = well, 0
        return self.well


class Agreement:
    """What checkers come to together."""

    def __init__(self, failures: int, checkers: int = CHECKERS, *, share: float = SHARE, well: bool = True) -> None:
        self._opinions = [Opinion(failures, well) for _ in range(checkers)]
        self._share = share

    @property
    def well(self) -> bool:
        """Whether more than the share of them think that all is well."""
        return sum(opinion.well for opinion in self._opinions) > self._share * len(self._opinions)

    def heard(self, checker: int, well: bool) -> bool:
        """What they come to after one more answer to one of them."""
        self._opinions[checker].heard(well)
        return self.well


class HealthCheck:
    """Asks until it is stopped; each turn is an event of its ``lane``, ``healthy`` or ``unhealthy``.

    ``every`` is the seconds between an answer and the next question; ``well`` what is thought at the beginning;
    ``turned`` is called with each new opinion.
    """

    def __init__(
        self,
        lane: str,
        ask: Callable[[], bool],
        *,
        every: float,
        failures: int,
        events: Events,
        chance: random.Random,
        checkers: int = CHECKERS,
        share: float = SHARE,
        well: bool = True,
        turned: Callable[[bool], None] = lambda well: None,
    ) -> None:
        self.lane, self._ask, self._every, self._events, self._turned = lane, ask, every, events, turned
        self._agreement = Agreement(failures, checkers, share=share, well=well)
        self._phases = [chance.random() * every for _ in range(checkers)]
        self._end = threading.Event()
        self._lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._check, args=(number,), daemon=True) for number in range(checkers)
        ]

    @property
    def well(self) -> bool:
        """What the checkers agree upon now."""
        return self._agreement.well

    def start(self) -> HealthCheck:
        """Begin, each checker at a moment of its own."""
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> None:
        """Ask no more."""
        self._end.set()
        for thread in self._threads:
            thread.join(CONNECT + ANSWER + 1)

    def _check(self, number: int) -> None:
        self._end.wait(self._phases[number])
        while not self._end.is_set():
            well = self._ask()
            with self._lock:
                before = self._agreement.well
                after = self._agreement.heard(number, well)
                if before != after and not self._end.is_set():
                    self._events.add(self.lane, UP if after else DOWN)
                    self._turned(after)
            self._end.wait(self._every)


def ask(
    address: str,
    port: int,
    *,
    host: str,
    path: str,
    expects: str = "",
    connect: float = CONNECT,
    answer: float = ANSWER,
) -> bool:
    """Whether an endpoint answers in time with a status below 400, and with the words that are expected of it."""
    try:
        with socket.create_connection((address, port), timeout=connect) as asked:
            request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: health check\r\nConnection: close\r\n\r\n"
            asked.sendall(request.encode())
            said, until = b"", time.monotonic() + answer
            while len(said) < READ and (left := until - time.monotonic()) > 0:
                asked.settimeout(left)
                more = asked.recv(READ - len(said))
                if not more:
                    break
                said += more
    except OSError:
        return False
    status = said[9:12]
    return status.isdigit() and 200 <= int(status) < 400 and expects.encode() in said
