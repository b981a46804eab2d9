"""A proxy between servers does what a network does: it holds back, resets and delays, one line and not the others."""

from __future__ import annotations

import socket
import socketserver
import threading
import time

import pytest

from seawall.operate.drill.servers import proxy
from seawall.operate.drill.stage import stage


class Echo(socketserver.StreamRequestHandler):
    """Says back what it hears."""

    def handle(self):
        """Serve a connection."""
        for line in self.rfile:
            self.wfile.write(line)


def refused(connection):
    """Ask twice: what is sent just before a reset arrives is no error yet."""
    for _ in range(2):
        if said(connection) == b"":
            raise ConnectionResetError


@pytest.fixture(scope="module")
def echo():
    """The port of a server that says back what it hears."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def proxied(echo):
    """A proxy with two lines to it."""
    with stage() as made:
        yield proxy.start(made, {"one": echo, "two": echo})


def connected(found, line):
    """A connection by a line, that gives up after half a second."""
    return socket.create_connection(("127.0.0.1", found.ports[line]), timeout=0.5)


def said(connection, word=b"word\n"):
    """What comes back of a word."""
    connection.sendall(word)
    return connection.recv(100)


def test_a_frozen_line_holds_back_what_arrives_once_it_is_thawed(proxied):
    """Nothing passes and nothing is lost; connections stay open, new ones wait, and the other line goes on."""
    with connected(proxied, "one") as one, connected(proxied, "two") as two:
        assert (said(one), said(two)) == (b"word\n", b"word\n")
        proxied.freeze("one")
        with pytest.raises(TimeoutError):
            said(one, b"held\n")
        with connected(proxied, "one") as new, pytest.raises(TimeoutError):
            said(new)
        assert said(two) == b"word\n"
        proxied.thaw()
        assert one.recv(100) == b"held\n"
        with connected(proxied, "one") as new:
            assert said(new) == b"word\n"


def test_a_line_that_is_cut_resets_its_connections(proxied):
    """Who was connected gets an error, as does who tries anew, until it is thawed."""
    with connected(proxied, "one") as one:
        assert said(one) == b"word\n"
        proxied.cut("one")
        with pytest.raises(ConnectionError):
            refused(one)
        with pytest.raises(ConnectionError), connected(proxied, "one") as new:
            refused(new)
        proxied.thaw("one")
        with connected(proxied, "one") as new:
            assert said(new) == b"word\n"


def test_a_delayed_line_delays_each_way(proxied):
    """Both ways together take twice as long."""
    proxied.delay(0.1, "one")
    with connected(proxied, "one") as one:
        began = time.monotonic()
        assert said(one) == b"word\n"
        # On a busy machine it comes late, never early.
        assert 0.2 <= time.monotonic() - began < 5.0


def test_a_server_that_is_away_resets_who_asks_for_it():
    """A proxy before nobody is no answer."""
    with stage() as made:
        found = proxy.start(made, {"nobody": made.free_port()})
        with pytest.raises(ConnectionError), connected(found, "nobody") as one:
            refused(one)
