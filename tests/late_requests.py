"""A way to the emulator on which chosen requests are late, and arrive all the same when their sender is gone."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path


class Late:
    """Carries bytes both ways; those in which ``marked`` is found wait until ``let_go``, and ``held`` counts them."""

    def __init__(self, port: int, marked: re.Pattern[bytes]) -> None:
        self._to = ("127.0.0.1", port)
        self._marked = marked
        self._may_go = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.held = 0
        self._counting = threading.Lock()
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def let_go(self) -> None:
        """Let what waits, and whatever comes, arrive."""
        self._may_go.set()

    def close(self) -> None:
        """Let everything arrive and accept nothing more."""
        self.let_go()
        self._listener.close()

    def _accept(self) -> None:
        # Ends with the error of a listener that has been closed.
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._to)
                threading.Thread(target=self._carry, args=(client, server, self._marked), daemon=True).start()
                threading.Thread(target=self._carry, args=(server, client, None), daemon=True).start()

    def _carry(self, source: socket.socket, sink: socket.socket, marked: re.Pattern[bytes] | None) -> None:
        # A sender that is gone has reset its connection; what it sent before is carried on.
        with contextlib.suppress(OSError):
            while piece := source.recv(1 << 16):
                if marked is not None and marked.search(piece):
                    with self._counting:
                        self.held += 1
                    self._may_go.wait()
                sink.sendall(piece)
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextlib.contextmanager
def late(state_file: Path, marked: bytes) -> Iterator[Late]:
    """Put the way between the emulator of that state file and whoever asks for its port from now on.

    ``marked`` is a regular expression; what it is found in must not be longer than one packet.
    """
    state = json.loads(state_file.read_text())
    way = Late(state["port"], re.compile(marked))
    state_file.write_text(json.dumps(state | {"port": way.port}))
    try:
        yield way
    finally:
        way.close()
