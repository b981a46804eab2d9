"""A web server's nginx, started for real: it tells its state to its own pod, and to nobody who comes from outside."""

from __future__ import annotations

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import prerequisites
from seawall.components import nginx
from seawall.kernel.value import render_text

pytestmark = pytest.mark.needs("nginx")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@pytest.fixture
def ports(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """A running nginx with the file as it is rendered: where it serves, and where it tells its state."""
    port, status = _free_ports()
    text = render_text(nginx.configuration(port, "/health", {}, status), str)
    # Its folders are the test's, its log is nobody's, and it serves here alone.
    text = text.replace("/tmp/", f"{tmp_path}/").replace(f"listen {port};", f"listen 127.0.0.1:{port};")
    text = text.replace("/dev/stdout", "off").replace("error_log /dev/stderr", f"error_log {tmp_path}/error.log")
    (tmp_path / "nginx.conf").write_text(text)
    program = prerequisites.program("nginx")
    assert program
    process = subprocess.Popen([program, "-p", str(tmp_path), "-c", f"{tmp_path}/nginx.conf", "-g", "daemon off;"])
    try:
        for _ in range(50):
            if _answer(port, "/health")[0] == 200:
                break
            time.sleep(0.1)
        yield port, status
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answer(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=2) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def test_the_state_is_told_on_its_own_port_alone(ports: tuple[int, int]) -> None:
    """What the exporter reads is there; under the public port the same path is a file like any other."""
    port, status = ports
    assert _answer(port, "/health") == (200, "ok\n")
    code, told = _answer(status, "/stub_status")
    assert code == 200
    assert "Active connections:" in told
    assert _answer(status, "/anything")[0] == 404
    assert "Active connections:" not in _answer(port, "/stub_status")[1]
