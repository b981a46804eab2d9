"""Users who are logged in and click: each keeps a cookie, and tells when a service no longer knows it."""

from __future__ import annotations

import http.client
import json
import random
import threading
from urllib.parse import urlsplit

from seawall.operate.drill.events import Events
from seawall.operate.drill.load import Request

BY = "X-User"
"""The header by which a load balancer may keep a user to one pod."""


class Users:
    """``number`` users, each of whom logs in, and then clicks about every ``pause`` seconds until ``stop``."""

    def __init__(
        self, url: str, number: int, *, chance: random.Random, events: Events, host: str, pause: float = 0.3
    ) -> None:
        there = urlsplit(url)
        self._address, self._port, self._host = there.hostname or "127.0.0.1", there.port or 80, host
        self._pause, self._events = pause, events
        self._cookies: dict[int, str] = {}
        self._clicks: list[Request] = []
        self._end = threading.Event()
        self._threads = [
            threading.Thread(target=self._click, args=(user, random.Random(chance.getrandbits(64))), daemon=True)
            for user in range(number)
        ]

    def start(self) -> Users:
        """Log everybody in, and begin to click. Raises OSError where one cannot log in."""
        for user in range(len(self._threads)):
            self._log_in(user)
        for thread in self._threads:
            thread.start()
        return self

    def stop(self) -> tuple[Request, ...]:
        """Click no more; every click in the order it was made, each with the user's number."""
        self._end.set()
        for thread in self._threads:
            thread.join(30)
        return self.clicks

    @property
    def clicks(self) -> tuple[Request, ...]:
        """Every click so far that was answered or given up."""
        return tuple(sorted(self._clicks, key=lambda click: click.sent))

    def logged_out(self, begin: float = 0.0) -> frozenset[int]:
        """The users who clicked after ``begin`` and were told that nobody is logged in."""
        return frozenset(click.number for click in self._clicks if click.status == 401 and click.sent >= begin)

    def _log_in(self, user: int) -> None:
        status, headers = self._ask("POST", "/api/login", user, json.dumps({"user": f"user-{user}"}))
        if status != 200:
            raise OSError(f"a user could not log in: {status}")
        self._cookies[user] = headers.get("Set-Cookie", "").partition(";")[0]

    def _click(self, user: int, chance: random.Random) -> None:
        while not self._end.wait(self._pause * (0.5 + chance.random())):
            sent = self._events.now()
            try:
                status, _ = self._ask("GET", "/api/session", user)
            except (OSError, http.client.HTTPException):
                status = 0
            answered = self._events.now()
            self._clicks.append(Request("GET", "/api/session", user, sent, answered, status))

    def _ask(self, method: str, path: str, user: int, body: str | None = None) -> tuple[int, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection(self._address, self._port, timeout=10)
        try:
            headers = {"Host": self._host, BY: f"user-{user}", "Connection": "close"}
            if user in self._cookies:
                headers["Cookie"] = self._cookies[user]
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers
        finally:
            connection.close()
