"""The process that sends a drill's requests: ``python -m seawall.operate.drill.visitors``, told what by a variable.

Each request has a connection of its own, as many visitors have; its outcome is a line of ``requests`` in the working
folder. SIGTERM ends the sending; the process ends when every answer that is still out has come or was given up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import resource
import signal
import sys
import time
from pathlib import Path
from typing import Any, TextIO

_OWNERS, _PETS = 1000, 2000
_RECENT = 64


class Visitors:
    """Everybody who asks."""

    def __init__(self, told: dict[str, Any], record: TextIO) -> None:
        self._told, self._record = told, record
        self._chance = random.Random(told["seed"])
        self._next = int(told["first"])
        self._kept: list[int] = []
        self._page = str(told["page"]).encode()
        self._ending = asyncio.Event()
        self._out: set[asyncio.Task[None]] = set()

    def end(self) -> None:
        """Send no more."""
        self._ending.set()

    async def visit(self) -> None:
        """Send at the rate, at moments that chance moves about, until told to end."""
        pause = 1.0 / float(self._told["rate"])
        due = time.monotonic()
        while not self._ending.is_set():
            due += pause * (0.5 + self._chance.random())
            # Whoever is late sends at once: what was due is not left out.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, due - time.monotonic())):
                    await self._ending.wait()
            if self._ending.is_set():
                break
            task = asyncio.create_task(self._one(*self._chosen()))
            self._out.add(task)
            task.add_done_callback(self._out.discard)
        if self._out:
            await asyncio.wait(self._out)

    def _chosen(self) -> tuple[str, str, int, bytes]:
        """What to ask for: a write with the next number, a visit that was written lately, an owner, or a list."""
        draw = self._chance.random()
        if draw < float(self._told["writes"]):
            number, self._next = self._next, self._next + 1
            pet = self._chance.randrange(1, _PETS + 1)
            visit = {"number": number, "pet": pet, "vet": "Helen Leary", "description": f"check-up {number}"}
            return "POST", "/api/visits", number, json.dumps(visit).encode()
        if self._kept and self._chance.random() < 0.4:
            number = self._chance.choice(self._kept)
            return "GET", f"/api/visits/{number}", number, b""
        if self._chance.random() < 0.5:
            return "GET", f"/api/owners/{self._chance.randrange(1, _OWNERS + 1)}", 0, b""
        return "GET", f"/api/owners?after={self._chance.randrange(0, _OWNERS)}", 0, b""

    async def _one(self, method: str, path: str, number: int, body: bytes) -> None:
        sent, status, page = time.monotonic(), 0, False
        # No answer at all, or none in time, is an outcome, and is written down as status 0.
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, ValueError, IndexError):
            async with asyncio.timeout(float(self._told["patience"])):
                status, page = await self._asked(method, path, body)
        answered = time.monotonic()
        if method == "POST" and status in (200, 201):
            self._kept = [*self._kept[-_RECENT:], number]
        # One write, so that whoever reads meanwhile never finds half a line for long.
        self._record.write(f"{method}\t{path}\t{number}\t{sent:.6f}\t{answered:.6f}\t{status}\t{int(page)}\n")
        self._record.flush()

    async def _asked(self, method: str, path: str, body: bytes) -> tuple[int, bool]:
        reader, writer = await asyncio.open_connection(self._told["address"], self._told["port"])
        try:
            head = f"{method} {path} HTTP/1.1\r\nHost: {self._told['host']}\r\nConnection: close\r\n"
            if body:
                head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
            writer.write(f"{head}\r\n".encode() + body)
            await writer.drain()
            answer = await reader.read(-1)
        finally:
            writer.close()
        status, length = int(answer[9:12]), _length(answer)
        if length is not None and len(answer) < length:
            raise ValueError("the answer broke off")
        return status, bool(self._page) and status >= 500 and self._page in answer


def _length(answer: bytes) -> int | None:
    """How long the whole answer has to be, where its head says so."""
    head, _, _ = answer.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return len(head) + 4 + int(line[15:])
    return None


async def main() -> int:
    """Visit until told to end."""
    told = json.loads(os.environ["SEAWALL_LOAD"])
    # While nobody answers every visitor has a connection, for as long as he waits.
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with Path("requests").open("w", encoding="ascii", buffering=1 << 16) as record:
        visitors = Visitors(told, record)
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, visitors.end)
        await visitors.visit()
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
