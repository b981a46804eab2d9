"""What is answered under which path."""

from __future__ import annotations

import json
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from seawall.operate.drill.application.clinic import Clinic, TakenError
from seawall.operate.drill.application.http import Request, Response
from seawall.operate.drill.application.sessions import Sessions
from seawall.operate.drill.application.settings import Settings

COOKIE = "SESSION"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_NUMBERED = re.compile(r"/api/(owners|visits)/(\d+)")
_Answer = Callable[[Request], Response]


class Site:
    """The clinic's paths; whatever fails is answered with 503 where something is away, and with 500 otherwise."""

    def __init__(self, settings: Settings, clinic: Clinic, sessions: Sessions) -> None:
        self._settings, self._clinic, self._sessions = settings, clinic, sessions
        self._paths: dict[tuple[str, str], _Answer] = {
            ("GET", "/"): lambda request: _json({"name": settings.name}),
            ("GET", "/actuator/health"): self._health,
            # The same, as services say it that are not Spring's.
            ("GET", "/health"): self._ok,
            ("GET", "/actuator/health/liveness"): lambda request: _json({"status": "UP"}),
            ("GET", "/actuator/health/readiness"): self._readiness,
            ("GET", "/actuator/prometheus"): self._metrics,
            ("GET", "/api/owners"): self._owners,
            ("POST", "/api/visits"): self._write,
            ("POST", "/api/login"): self._login,
            ("GET", "/api/session"): self._session,
            ("POST", "/api/logout"): self._logout,
        }
        self._refuses = False
        self._lock = threading.Lock()
        self._counted: Counter[tuple[str, str, int]] = Counter()
        self._slower: Counter[float] = Counter()
        self._seconds = 0.0

    def refuse(self) -> None:
        """Say that it is not ready any more, as Spring does while it shuts down."""
        self._refuses = True

    def answer(self, request: Request) -> Response:
        """The answer to anything."""
        began = time.monotonic()
        path, response = self._answered(request)
        self._count(request.method, path, response.status, time.monotonic() - began)
        return response

    def _answered(self, request: Request) -> tuple[str, Response]:
        method = "GET" if request.method == "HEAD" else request.method
        numbered = _NUMBERED.fullmatch(request.path)
        path = f"/api/{numbered[1]}/{{id}}" if numbered else request.path
        try:
            if numbered:
                return path, self._one(numbered[1], int(numbered[2])) if method == "GET" else _error(405, "only GET")
            found = self._paths.get((method, path))
            if found is not None:
                return path, found(request)
            known = any(path == other for _, other in self._paths)
            return (path, _error(405, "not that way")) if known else ("other", _error(404, "no such page"))
        except (ValueError, KeyError, TypeError) as error:
            return path, _error(400, f"that makes no sense: {type(error).__name__}")
        except Exception as error:
            # Drivers raise what they like when what they speak to is away; the class says which, and no secret.
            print(f"{request.method} {path}: {type(error).__module__}.{type(error).__name__}", flush=True)
            return path, _error(503, type(error).__name__)

    # -- the clinic ------------------------------------------------------------------------------------------------

    def _owners(self, request: Request) -> Response:
        after = re.fullmatch(r"(?:.*&)?after=(\d+)(?:&.*)?", request.query)
        return _json(self._clinic.owners(int(after[1]) if after else 0))

    def _one(self, what: str, number: int) -> Response:
        found = self._clinic.visit(number) if what == "visits" else self._clinic.owner(number)
        return _error(404, f"there is no {number}") if found is None else _json(found)

    def _write(self, request: Request) -> Response:
        asked = json.loads(request.body)
        number = int(asked["number"])
        try:
            self._clinic.write(number, int(asked["pet"]), str(asked.get("vet", "")), str(asked.get("description", "")))
        except TakenError:
            return _error(409, f"there is a visit {number}")
        return _json({"number": number}, 201)

    # -- who is logged in ------------------------------------------------------------------------------------------

    def _login(self, request: Request) -> Response:
        user = str(json.loads(request.body)["user"])
        session = self._sessions.begin(user)
        cookie = f"{COOKIE}={session}; Max-Age={self._settings.cookie_seconds}; Path=/; Secure; HttpOnly; SameSite=Lax"
        return _json({"user": user}, headers={"Set-Cookie": cookie})

    def _session(self, request: Request) -> Response:
        session = _cookie(request)
        found = self._sessions.use(session) if session else None
        if found is None:
            return _error(401, "nobody is logged in")
        return _json({"user": found[0], "uses": found[1], "pod": self._settings.name})

    def _logout(self, request: Request) -> Response:
        self._sessions.end(_cookie(request))
        return Response(204, headers={"Set-Cookie": f"{COOKIE}=; Max-Age=0; Path=/"})

    # -- how it is -------------------------------------------------------------------------------------------------

    def _health(self, request: Request) -> Response:
        for part in (self._clinic, self._sessions):
            try:
                part.ask()
            except Exception as error:
                print(f"health: {type(part).__name__}: {type(error).__name__}", flush=True)
                return _json({"status": "DOWN"}, 503)
        return _json({"status": "UP"})

    def _ok(self, request: Request) -> Response:
        found = self._health(request)
        return _json({"status": "ok"}) if found.status == 200 else found

    def _readiness(self, request: Request) -> Response:
        return _json({"status": "OUT_OF_SERVICE"}, 503) if self._refuses else _json({"status": "UP"})

    def _metrics(self, request: Request) -> Response:
        return Response(200, self._exposed().encode(), "text/plain; version=0.0.4; charset=utf-8")

    def _count(self, method: str, path: str, status: int, took: float) -> None:
        with self._lock:
            self._counted[method, path, status] += 1
            self._seconds += took
            self._slower.update(bucket for bucket in _BUCKETS if took <= bucket)

    def _exposed(self) -> str:
        with self._lock:
            counted, slower, total = dict(self._counted), dict(self._slower), self._seconds
        lines = ["# TYPE http_server_requests_seconds_count counter"]
        for (method, path, status), number in sorted(counted.items()):
            labels = f'method="{method}",status="{status}",uri="{path}"'
            lines.append(f"http_server_requests_seconds_count{{{labels}}} {number}")
        lines.append("# TYPE request_duration_seconds histogram")
        lines += [f'request_duration_seconds_bucket{{le="{bucket}"}} {slower.get(bucket, 0)}' for bucket in _BUCKETS]
        lines += [
            f'request_duration_seconds_bucket{{le="+Inf"}} {sum(counted.values())}',
            f"request_duration_seconds_sum {total:.6f}",
            f"request_duration_seconds_count {sum(counted.values())}",
            "# TYPE hikaricp_connections_idle gauge",
            f"hikaricp_connections_idle {self._clinic.pool.idle}",
            "# TYPE hikaricp_connections_max gauge",
            f"hikaricp_connections_max {self._clinic.pool.most}",
        ]
        return "\n".join(lines) + "\n"


def _cookie(request: Request) -> str:
    found = re.search(rf"(?:^|;\s*){COOKIE}=([^;]+)", request.headers.get("cookie", ""))
    return found[1] if found else ""


def _json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    # Without a blank, as Spring writes it: health checks look for the very letters.
    written = json.dumps(content, default=str, separators=(",", ":"))
    return Response(status, written.encode(), headers=headers or {})


def _error(status: int, why: str) -> Response:
    return _json({"error": why}, status)
