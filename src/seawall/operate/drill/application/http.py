"""HTTP/1.1, as much of it as a service behind a load balancer needs; a thread for each connection."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import BinaryIO

_REASONS = {
    200: "OK", 201: "Created", 204: "No Content", 400: "Bad Request", 401: "Unauthorized", 404: "Not Found",
    405: "Method Not Allowed", 409: "Conflict", 500: "Internal Server Error", 503: "Service Unavailable",
}  # fmt: skip
# Longer than the load balancer keeps a silent connection.
_KEEP_ALIVE = 75.0
_LONGEST_BODY = 1 << 20
# As many as Tomcat has by default; whoever comes beyond waits to be taken, as before Tomcat, too.
_THREADS = 200
_BACKLOG = 100


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked; names of headers are in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Response:
    """What is answered."""

    status: int
    body: bytes = b""
    type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)


class Server:
    """Listens, and hands each request to ``answer``; ``drain`` is how many seconds it has to finish when it ends."""

    def __init__(self, host: str, port: int, answer: Callable[[Request], Response], *, drain: float) -> None:
        self._answer, self._drain = answer, drain
        self._socket = socket.create_server((host, port), backlog=_BACKLOG)
        self._ending = False
        self._busy = 0
        self._free = threading.BoundedSemaphore(_THREADS)
        self._changed = threading.Condition()

    def serve(self) -> int:
        """Serve until ``end``; how many requests were still unanswered when time was up."""
        while not self._ending:
            if not self._free.acquire(timeout=0.5):
                continue
            try:
                connection, _ = self._socket.accept()
            except OSError:
                break
            threading.Thread(target=self._converse, args=(connection,), daemon=True).start()
        self._finish_backlog()
        until = time.monotonic() + self._drain
        with self._changed:
            while self._busy and time.monotonic() < until:
                self._changed.wait(until - time.monotonic())
            return self._busy

    def end(self) -> None:
        """Take no more connections; safe to call from a signal's handler."""
        self._ending = True
        with suppress(OSError):
            # Wakes whoever waits in accept; what the kernel has accepted by then is still served.
            self._wake()

    def _wake(self) -> None:
        with socket.create_connection(self._socket.getsockname()[:2], timeout=1):
            pass

    def _finish_backlog(self) -> None:
        self._socket.setblocking(False)
        with suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                if not self._free.acquire(blocking=False):
                    # It was never taken: its client hears so at once.
                    connection.close()
                    continue
                connection.setblocking(True)
                threading.Thread(target=self._converse, args=(connection,), daemon=True).start()
        self._socket.close()
        # The threads just started count as busy only once they have read a line.
        time.sleep(0.05)

    def _converse(self, connection: socket.socket) -> None:
        # A client that went away, or talks nonsense, ends its own conversation and nothing else.
        try:
            with suppress(OSError, ValueError), connection:
                connection.settimeout(_KEEP_ALIVE)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with connection.makefile("rb") as stream:
                    while self._one(connection, stream):
                        pass
        finally:
            self._free.release()

    def _one(self, connection: socket.socket, stream: BinaryIO) -> bool:
        line = stream.readline(8192)
        if not line.strip():
            return False
        with self._changed:
            self._busy += 1
        try:
            method, target, version = line.decode("latin-1").split()
            headers: dict[str, str] = {}
            while (raw := stream.readline(8192)) not in (b"\r\n", b"\n", b""):
                name, _, value = raw.decode("latin-1").partition(":")
                headers[name.strip().lower()] = value.strip()
            length = min(int(headers.get("content-length", "0")), _LONGEST_BODY)
            path, _, query = target.partition("?")
            response = self._answer(Request(method, path, query, headers, stream.read(length)))
            goes_on = not self._ending and version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
            connection.sendall(_bytes(response, goes_on, body=method != "HEAD"))
            return goes_on
        finally:
            with self._changed:
                self._busy -= 1
                self._changed.notify_all()


def _bytes(response: Response, goes_on: bool, *, body: bool) -> bytes:
    lines = [
        f"HTTP/1.1 {response.status} {_REASONS.get(response.status, 'Other')}",
        f"Content-Type: {response.type}",
        f"Content-Length: {len(response.body)}",
        f"Connection: {'keep-alive' if goes_on else 'close'}",
        *(f"{name}: {value}" for name, value in response.headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + (response.body if body else b"")
