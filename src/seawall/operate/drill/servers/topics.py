"""SNS and Lambda's runtime on a stage: who is subscribed by HTTP, and runs a function for each message, one by one.

The emulator delivers a topic's messages to HTTP for real, filtered as the subscription says, and runs no functions.
Like Lambda, this one answers at once and calls the function later, once at a time, again where it failed.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from seawall.operate.functions import Clock, Ended, Function, run_here


@dataclass(frozen=True, slots=True)
class Called:
    """A call of the function: the message it was for, when it began and ended (monotonic seconds), and how."""

    message: str
    began: float
    ended: float
    how: Ended


Watcher: TypeAlias = Callable[[Called], None]


class Subscriber:
    """A server on the loopback that a topic tells, with a worker that calls the function.

    ``deliveries`` is how often each message is handed on: topics promise at least once. ``attempts`` is how often a
    call that fails is made in all.
    """

    def __init__(
        self,
        function: Function,
        endpoint: str,
        clock: Clock,
        *,
        deliveries: int = 1,
        attempts: int = 3,
        watcher: Watcher = lambda called: None,
    ) -> None:
        self._function, self._endpoint, self._clock = function, endpoint, clock
        self._deliveries, self._attempts, self._watcher = deliveries, attempts, watcher
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._calls: list[Called] = []
        self._pending = 0
        self._lock = threading.Lock()
        subscriber = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                subscriber.take(self.rfile.read(int(self.headers.get("Content-Length", "0"))))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._threads = [
            threading.Thread(target=self._server.serve_forever, daemon=True),
            threading.Thread(target=self._work, daemon=True),
        ]

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}/"

    @property
    def calls(self) -> tuple[Called, ...]:
        """What the function was called for."""
        with self._lock:
            return tuple(self._calls)

    @property
    def idle(self) -> bool:
        """Whether everything that came has been handed on."""
        with self._lock:
            return self._pending == 0

    def __enter__(self) -> Subscriber:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        """Take nothing more, and let the call that runs end."""
        self._server.shutdown()
        self._server.server_close()
        self._queue.put(None)
        self._threads[1].join(timeout=self._function.timeout)

    def take(self, body: bytes) -> None:
        """Take a delivery; what is no notification of a topic is nothing to it."""
        with suppress(json.JSONDecodeError):
            document = json.loads(body)
            if document.get("Type") == "Notification":
                with self._lock:
                    self._pending += self._deliveries
                for _ in range(self._deliveries):
                    self._queue.put(str(document["Message"]))

    def _work(self) -> None:
        while (message := self._queue.get()) is not None:
            event = {"Records": [{"EventSource": "aws:sns", "Sns": {"Type": "Notification", "Message": message}}]}
            for _ in range(self._attempts):
                began = time.monotonic()
                how = run_here(self._function, event, self._endpoint, self._clock)
                called = Called(message, began, time.monotonic(), how)
                with self._lock:
                    self._calls.append(called)
                self._watcher(called)
                if not how.failed:
                    break
            with self._lock:
                self._pending -= 1
