"""A real MariaDB on the loopback that insists on TLS, for tests of what speaks to MySQL; it proves nothing of MySQL."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

USER, PASSWORD = "dbadmin", 'it\'s "quoted" \\ and #1'
"""The user that may read everything, and a password of the letters that break option files."""
_READY = 30.0


def program(name: str) -> str | None:
    """The path of one of its programs; Debian keeps the server where only root looks."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin")


class Server:
    """Where it is, and who signed its certificate."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.socket, self.authority = folder / "socket", folder / "ca.pem"

    def ask(self, statement: str, *more: str) -> str:
        """What it answers to its own root."""
        client = program("mariadb")
        assert client is not None
        command = [client, "--no-defaults", f"--socket={self.socket}", "--user=root", "--batch", "-N", *more]
        return subprocess.run(command, input=statement, capture_output=True, text=True, timeout=60, check=True).stdout


@contextlib.contextmanager
def server() -> Iterator[Server]:
    """One on a free port, with a certificate for 127.0.0.1; it is ended and its folder removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="seawall-mariadb-"))
    try:
        _certificates(folder)
        owner = ["--user=mysql"] if os.geteuid() == 0 else []
        if owner:
            # It refuses to run as root, and pytest's folders are root's alone.
            there = pwd.getpwnam("mysql")
            for path in (folder, *folder.iterdir()):
                os.chown(path, there.pw_uid, there.pw_gid)
        install, daemon = program("mariadb-install-db"), program("mariadbd")
        assert install is not None
        assert daemon is not None
        data = f"--datadir={folder / 'data'}"
        making = [install, "--no-defaults", data, *owner, "--auth-root-authentication-method=normal", "--skip-test-db"]
        # A server that starts removes the temporary tables of every other one that shares its folder for them.
        apart = os.environ | {"TMPDIR": str(folder)}
        subprocess.run(making, env=apart, capture_output=True, timeout=120, check=True)
        found = Server(folder, _free_port())
        command = [
            daemon, "--no-defaults", data, *owner, f"--port={found.port}", "--bind-address=127.0.0.1",
            f"--socket={found.socket}", "--skip-name-resolve", "--require-secure-transport=1",
            f"--ssl-ca={found.authority}", f"--ssl-cert={folder / 'server.pem'}", f"--ssl-key={folder / 'server.key'}",
            "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
        ]  # fmt: skip
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(command, env=apart, stdout=log, stderr=log)
            try:
                _wait(found, process)
                yield found
            finally:
                process.terminate()
                process.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait(found: Server, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY
    while time.monotonic() < until and process.poll() is None:
        with contextlib.suppress(subprocess.CalledProcessError):
            found.ask("SELECT 1")
            return
        time.sleep(0.1)
    raise AssertionError((found.folder / "log").read_text())


def _certificates(folder: Path) -> None:
    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, capture_output=True, timeout=60, check=True)

    for authority in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={authority}",
                "-keyout", f"{authority}.key", "-out", f"{authority}.pem")  # fmt: skip
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=127.0.0.1", "-keyout", "server.key", "-out", "csr")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    openssl("x509", "-req", "-in", "csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.pem")  # fmt: skip


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
