"""The clinic's HTTP is what a load balancer may expect of it, whoever talks to it."""

from __future__ import annotations

import socket
import threading

import pytest

from seawall.operate.drill.application.http import Response, Server


@pytest.fixture
def server():
    """A server that says what it was asked; its port, itself and the requests."""
    asked = []

    def answer(request):
        asked.append(request)
        return Response(200, f"{request.method} {request.path}?{request.query} {len(request.body)}".encode())

    made = Server("127.0.0.1", 0, answer, drain=2)
    left = []
    thread = threading.Thread(target=lambda: left.append(made.serve()))
    thread.start()
    yield made._socket.getsockname()[1], made, asked
    made.end()
    thread.join(5)
    assert left == [0]


def talk(port, *words):
    """Everything that is said in return to words on one connection, until it is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        for word in words:
            connection.sendall(word)
        connection.shutdown(socket.SHUT_WR)
        said = b""
        while more := connection.recv(65536):
            said += more
    return said


def test_one_connection_carries_many_requests_with_bodies(server):
    """Requests that follow each other closely are answered in order, each with its own body."""
    port, _, _ = server
    said = talk(
        port,
        b"POST /a?x=1 HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcGET /b HTTP/1.1\r\n\r\n",
        b"HEAD /c HTTP/1.1\r\nConnection: close\r\n\r\n",
    )
    assert said.count(b"HTTP/1.1 200 OK") == 3
    assert b"POST /a?x=1 3HTTP/1.1 200" in said
    assert b"GET /b? 0HTTP/1.1 200" in said
    # The answer to HEAD says how long it would be, and is not there.
    assert said.endswith(b"\r\n\r\n")
    assert b"Connection: close" in said


@pytest.mark.parametrize(
    "nonsense", [b"\r\n", b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b""]
)
def test_nonsense_ends_its_own_conversation_and_no_other(server, nonsense):
    """Whoever talks nonsense hears nothing, and the next one is served."""
    port, _, asked = server
    assert talk(port, nonsense) == b""
    assert b"200 OK" in talk(port, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert len(asked) == 1


def test_who_was_taken_is_answered_and_nobody_after_the_end(server):
    """The end of a server is no reason to leave a request unanswered that came before it."""
    port, made, _ = server
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\n")
        connection.sendall(b"X: y\r\n")
        made.end()
        connection.sendall(b"\r\n")
        assert b"200 OK" in connection.recv(65536)
