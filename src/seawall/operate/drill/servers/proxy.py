"""A proxy on the way between servers: what passes it can be frozen, cut or delayed, as a network would.

Frozen means that nothing passes, the end of a connection included, and that connections stay open; what was on its way
arrives once it is thawed. A new connection to a frozen line is taken and then waits, where a real partition would not
even take it: whoever connects runs into its timeout for reading, not the one for connecting.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from seawall.kernel.errors import OutsideError
from seawall.operate.drill.servers import forwarder
from seawall.operate.drill.stage import Process, Stage, until


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy with lines by name; ``ports`` are where to connect instead of the servers' own."""

    ports: Mapping[str, int]
    process: Process
    _control: Path

    def freeze(self, *lines: str) -> None:
        """Let nothing pass, on these lines or on all; their connections stay open."""
        self._tell("freeze", lines)

    def thaw(self, *lines: str) -> None:
        """Let everything pass again, what was held back first."""
        self._tell("thaw", lines)

    def cut(self, *lines: str) -> None:
        """Reset their connections, and every new one until they are thawed."""
        self._tell("cut", lines)

    def delay(self, seconds: float, *lines: str) -> None:
        """Hold each piece back for so many seconds, each way."""
        self._tell("delay", lines, str(seconds))

    def aim(self, line: str, port: int) -> None:
        """Lead new connections on a line to another port, as a name would that has got another address."""
        self._tell("aim", (line,), str(port))

    def _tell(self, what: str, lines: tuple[str, ...], value: str = "") -> None:
        with socket.socket(socket.AF_UNIX) as told, told.makefile("rw") as words:
            told.settimeout(5.0)
            told.connect(str(self._control))
            for line in lines or self.ports:
                words.write(f"{what} {line} {value}\n")
                words.flush()
                if words.readline() != "ok\n":
                    raise OutsideError(f"{self.process.name} does not {what} {line}", self.process.log())


def start(stage: Stage, to: Mapping[str, int], name: str = "proxy") -> Proxy:
    """Forward a port of its own to each of these ports of the loopback, by name. Raises OutsideError."""
    folder = stage.folder(name)
    ports = {line: stage.free_port() for line in to}
    lines, control = folder / "lines.json", folder / "control"
    lines.write_text(json.dumps({line: (ports[line], port) for line, port in to.items()}))
    process = stage.start(
        name, [sys.executable, "-I", "-S", forwarder.__file__, str(lines), str(control)], folder=folder
    )
    until(control.exists, process, what=f"{name} takes orders")
    return Proxy(ports, process, control)
