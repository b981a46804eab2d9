"""Requests divided between two versions by nginx, and visitors who write down which version they met."""

from __future__ import annotations

import http.client
import subprocess
import threading
import time
from dataclasses import dataclass

from seawall.operate.drill.servers import nginx
from seawall.operate.drill.stage import Stage, until

_CONFIGURATION = """\
daemon off;
worker_processes 1;
pid @folder@/nginx.pid;
error_log @folder@/error.log warn;
worker_shutdown_timeout 5s;
events { worker_connections 1024; }
http {
  access_log off;
  client_body_temp_path @folder@/client;
  proxy_temp_path @folder@/proxy;
  fastcgi_temp_path @folder@/fastcgi;
  uwsgi_temp_path @folder@/uwsgi;
  scgi_temp_path @folder@/scgi;
  split_clients $request_id $version { @parts@ }
  upstream old { server 127.0.0.1:@old@; keepalive 16; }
  upstream new { server 127.0.0.1:@new@; keepalive 16; }
  server {
    listen 127.0.0.1:@port@;
    location / {
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      # Whoever met a version that fails has met it: the other is not asked in its place.
      proxy_next_upstream off;
      proxy_pass http://$version;
      add_header X-Weight @weight@ always;
    }
  }
}
"""


class Split:
    """nginx before the two versions: what a release moves. It is the ``Route`` of a drill."""

    def __init__(self, stage: Stage, name: str, old: int, new: int) -> None:
        self._old, self._new, self._weight = old, new, 0
        self.port = stage.free_port()
        self._nginx = nginx.start(stage, name, self._configuration(0), ("127.0.0.1", self.port))

    def weight(self) -> int:
        """Percent of the requests that the new version gets."""
        return self._weight

    def move(self, weight: int) -> None:
        """Divide anew, and wait until nobody divides as before."""
        process = self._nginx.process
        self._nginx.configure(self._configuration(weight))
        until(lambda: _weight_at(self.port) == weight, process, what=f"{weight} %")
        # The worker of before ends once it has answered what it was asked.
        until(lambda: _children(process.pid) == 1, process, what="the end of the worker of before")
        self._weight = weight

    def abort(self) -> None:
        """Everything to the old version again."""
        self.move(0)

    def _configuration(self, weight: int) -> str:
        parts = {0: "* old;", 100: "* new;"}.get(weight, f"{weight}% new; * old;")
        said = {"parts": parts, "old": self._old, "new": self._new, "port": self.port, "weight": weight}
        text = _CONFIGURATION
        for key, value in said.items():
            text = text.replace(f"@{key}@", str(value))
        return text


@dataclass(frozen=True, slots=True)
class Visit:
    """A request: when it was sent (monotonic seconds), by which division, whom it met, and how it ended (0: not)."""

    at: float
    weight: int
    version: str
    status: int


class Visitors:
    """Threads that ask at a rate, each over a connection of its own, until the block ends."""

    def __init__(self, port: int, rate: float, threads: int = 4) -> None:
        self._port, self._wait = port, threads / rate
        self._visits: list[Visit] = []
        self._ends = threading.Event()
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(threads)]

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Those so far."""
        with self._lock:
            return tuple(self._visits)

    def __enter__(self) -> Visitors:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        """Ask no more."""
        self._ends.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _run(self, number: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=5)
        due = time.monotonic() + number * self._wait / len(self._threads)
        while not self._ends.wait(max(0.0, due - time.monotonic())):
            due += self._wait
            visit = _ask(connection)
            with self._lock:
                self._visits.append(visit)


def _ask(connection: http.client.HTTPConnection) -> Visit:
    at = time.monotonic()
    for _ in range(2):
        try:
            connection.request("GET", "/owners")
            answer = connection.getresponse()
            answer.read()
        except (http.client.HTTPException, OSError):
            # A worker that has ended closes what was idle; asked anew, another answers.
            connection.close()
            continue
        return Visit(at, int(answer.headers.get("X-Weight", "0")), answer.headers.get("X-Version", ""), answer.status)
    return Visit(at, 0, "", 0)


def _children(pid: int) -> int:
    listed = subprocess.run(["ps", "-A", "-o", "ppid=,stat="], capture_output=True, text=True, check=True).stdout
    children = (line.split() for line in listed.splitlines())
    return sum(parent == str(pid) and not state.startswith("Z") for parent, state in children)


def _weight_at(port: int) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        visit = _ask(connection)
        return visit.weight if visit.status else None
    finally:
        connection.close()
