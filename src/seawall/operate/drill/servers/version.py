"""A version of an application: it answers with its name, fails as often as it is told to, and counts as it exports.

It is run as a file by a Python without any package: ``version.py PORT NAME FAILING COUNTER``, where ``FAILING`` is the
share of requests that end in a 500 and ``COUNTER`` the counter that the platform's analysis asks for.
"""

from __future__ import annotations

import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 5.0)


class Version(ThreadingHTTPServer):
    """A server of one version."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, name: str, failing: float, counter: str) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.name, self.failing, self.counter = name, failing, counter
        self.lock = threading.Lock()
        self.counted: dict[str, int] = {}
        self.times = [0] * (len(_BUCKETS) + 1)

    def count(self, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        with self.lock:
            self.counted[str(status)] = self.counted.get(str(status), 0) + 1
            place = next((place for place, bound in enumerate(_BUCKETS) if seconds <= bound), len(_BUCKETS))
            self.times[place] += 1

    def metrics(self) -> str:
        """What Prometheus is told."""
        # Of a histogram Micrometer names the counter and the buckets by the same word.
        bucket = f"{self.counter.removesuffix('_count')}_bucket"
        with self.lock:
            lines = [
                f'{self.counter}{{status="{status}",uri="/owners",handler="/owners"}} {number}'
                for status, number in sorted(self.counted.items())
            ]
            total = 0
            for bound, number in zip((*map(str, _BUCKETS), "+Inf"), self.times, strict=True):
                total += number
                lines.append(f'{bucket}{{uri="/owners",handler="/owners",le="{bound}"}} {total}')
        return "\n".join(lines) + "\n"


class Handler(BaseHTTPRequestHandler):
    """Answers one connection."""

    protocol_version = "HTTP/1.1"
    server: Version

    def do_GET(self) -> None:
        """Metrics, or a page that tells the version."""
        if self.path == "/metrics":
            self._answer(200, self.server.metrics())
            return
        began = time.monotonic()
        status = 500 if random.random() < self.server.failing else 200
        self._answer(status, f"{self.server.name}\n")
        self.server.count(status, time.monotonic() - began)

    def _answer(self, status: int, said: str) -> None:
        body = said.encode()
        head = (
            f"HTTP/1.1 {status} said\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
            f"X-Version: {self.server.name}\r\n\r\n"
        )
        # In one piece: two small ones would wait for each other's acknowledgement.
        self.wfile.write(head.encode() + body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


if __name__ == "__main__":
    Version(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), sys.argv[4]).serve_forever()
