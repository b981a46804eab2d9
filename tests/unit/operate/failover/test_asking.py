"""A place is lost when it fails several times in a row, and our own way out is well."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from seawall.operate.failover.asking import asked


class _Server(HTTPServer):
    """Answers as it is told, one answer after the other, the last one for ever."""

    answers: list[tuple[int, str]]
    seen = 0


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        status, body = self.server.answers[min(self.server.seen, len(self.server.answers) - 1)]
        self.server.seen += 1
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[_Server]:
    """A server of the loopback."""
    with _Server(("127.0.0.1", 0), _Handler) as found:
        thread = threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield found
        found.shutdown()
        thread.join()


def url(server: _Server) -> str:
    """Where it is."""
    return f"http://127.0.0.1:{server.server_port}/health"


@pytest.mark.parametrize(
    ("answers", "well"),
    [
        ([(200, "UP")], True),
        ([(503, ""), (503, ""), (200, "UP")], True),
        ([(503, ""), (503, ""), (503, ""), (200, "UP")], False),
        ([(200, "DOWN")], False),
        ([(302, "UP")], True),
    ],
)
def test_one_good_answer_of_three_is_well(server: _Server, answers: list[tuple[int, str]], well: bool) -> None:
    """As Route 53 counts: three failures in a row, and the text that is looked for."""
    server.answers = answers
    said = asked(url(server), "UP", every=0.0, way_out=lambda: False)
    assert said.proven if well else said.refuted


@pytest.mark.parametrize(("well", "answer"), [(True, "refuted"), (False, "unknown")])
def test_a_place_that_nobody_reaches_is_lost_only_if_we_reach_others(server: _Server, well: bool, answer: str) -> None:
    """A cable that was pulled here is no loss of a region."""
    server.answers = [(200, "UP")]
    nobody = "http://127.0.0.1:9/health"
    assert str(asked(nobody, every=0.0, timeout=0.5, way_out=lambda: well)) == answer
