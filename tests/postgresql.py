"""Real PostgreSQL and PgBouncer on the loopback, and sessions that stay open, for tests of what runs against them."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

ADMINISTRATOR = "dbadmin"
"""Who makes roles and may no more than that: like the first user of RDS, it is no superuser."""
PASSWORD = "an-administrator-s-password"
_READY = 30.0


def server_program(name: str) -> str | None:
    """The path of a program of the server's, which Debian keeps off PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or (str(found[0]) if found else None)


def pgbouncer() -> str | None:
    """The path of PgBouncer, which lies where only root looks."""
    return shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")


def pgbouncer_version() -> tuple[int, int]:
    """Its major and minor version."""
    program = pgbouncer()
    assert program is not None
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = said.split()[1].split(".")[:2]
    return int(major), int(minor)


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """A folder that the servers' user owns: both refuse to run as root, and pytest's folders are root's alone."""
    made = Path(tempfile.mkdtemp(prefix="seawall-postgresql-"))
    try:
        _give(made)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextlib.contextmanager
def server(home: Path, certificate: Path, key: Path) -> Iterator[int]:
    """A server that takes nobody without TLS and a password, and logs every statement to ``home/log``; its port.

    It has one administrator, ADMINISTRATOR, and the empty database ``pingvas``.
    """
    data, port = home / "data", free_port()
    initdb, postgres = server_program("initdb"), server_program("postgres")
    assert initdb is not None
    assert postgres is not None
    (home / "superuser").write_text("superuser")
    _run([initdb, "-D", str(data), "-U", "superuser", "-A", "scram-sha-256", f"--pwfile={home / 'superuser'}"])
    (data / "pg_hba.conf").write_text("hostssl all all 127.0.0.1/32 scram-sha-256\n")
    settings = {
        "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off",
        "log_statement": "all", "ssl": "on", "ssl_cert_file": str(certificate), "ssl_key_file": str(key),
    }  # fmt: skip
    command = [postgres, "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    with (home / "log").open("w") as log, _running(command, log, port):
        as_superuser = _environment(port, "superuser", "superuser")
        made = (
            f"CREATE ROLE {ADMINISTRATOR} LOGIN CREATEROLE CREATEDB PASSWORD '{PASSWORD}'",
            f"CREATE DATABASE pingvas OWNER {ADMINISTRATOR}",
        )
        for statement in made:
            _ready(as_superuser)
            subprocess.run(["psql", "-Xqd", "postgres", "-c", statement], env=as_superuser, check=True)
        yield port


@contextlib.contextmanager
def pooler(home: Path, configuration: str, port: int) -> Iterator[None]:
    """PgBouncer with this configuration, which says that it listens on ``port``."""
    program = pgbouncer()
    assert program is not None
    file = home / "pgbouncer.ini"
    file.write_text(configuration)
    _give(file)
    with (home / "pgbouncer.log").open("w") as log, _running([program, str(file)], log, port):
        yield


class Session:
    """A psql that stays connected; two of them can take turns."""

    def __init__(self, port: int, user: str, password: str, database: str = "pingvas", **more: str) -> None:
        self._process = subprocess.Popen(
            ["psql", "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--dbname", database],
            env=_environment(port, user, password) | more,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def ask(self, statement: str) -> list[str]:
        """The lines of the answer, errors included."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{statement}\n\\echo --answered--\n")
        self._process.stdin.flush()
        lines: list[str] = []
        for line in self._process.stdout:
            if line == "--answered--\n":
                return [each for each in lines if each]
            lines.append(line.rstrip("\n"))
        raise AssertionError(f"psql has gone: {lines}")

    def close(self) -> None:
        """Hang up."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)
        if self._process.stdout is not None:
            self._process.stdout.close()


@contextlib.contextmanager
def session(port: int, user: str, password: str, **more: str) -> Iterator[Session]:
    """A session that is hung up in the end."""
    opened = Session(port, user, password, **more)
    try:
        yield opened
    finally:
        opened.close()


def certificates(home: Path, authority: str = "authority") -> tuple[Path, Path, Path]:
    """The certificate of an authority of our own, and one of ``localhost`` with its key, which it has signed."""
    ours, ours_key = home / f"{authority}.pem", home / f"{authority}.key"
    request, certificate, key = (home / f"{authority}-server.{end}" for end in ("csr", "pem", "key"))
    new = ["openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    run = ["-x509", "-days", "2", "-subj", f"/CN={authority}", "-keyout", str(ours_key), "-out", str(ours)]
    subprocess.run([*new, *run], capture_output=True, check=True)
    run = ["-subj", "/CN=localhost", "-keyout", str(key), "-out", str(request)]
    subprocess.run([*new, *run], capture_output=True, check=True)
    extension = home / "extension"
    extension.write_text("subjectAltName=DNS:localhost\n")
    sign = [
        "openssl",
        "x509",
        "-req",
        "-in",
        str(request),
        "-CA",
        str(ours),
        "-CAkey",
        str(ours_key),
        "-CAcreateserial",
    ]
    run = ["-days", "2", "-extfile", str(extension), "-out", str(certificate)]
    subprocess.run([*sign, *run], capture_output=True, check=True)
    for file in (ours, certificate, key):
        file.chmod(0o600)
        _give(file)
    return ours, certificate, key


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _environment(port: int, user: str, password: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"PGHOST": "localhost", "PGPORT": str(port), "PGUSER": user, "PGPASSWORD": password}


def runs_as() -> str | None:
    """Whom the servers run as; None for whoever we are."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


def _give(path: Path) -> None:
    user = runs_as()
    if user is not None:
        shutil.chown(path, user)


def _run(command: list[str]) -> None:
    subprocess.run(command, capture_output=True, check=True, user=runs_as(), cwd="/")


@contextlib.contextmanager
def _running(command: list[str], log: object, port: int) -> Iterator[None]:
    process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, user=runs_as(), cwd="/")  # type: ignore[call-overload]
    try:
        until = time.monotonic() + _READY
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            assert process.poll() is None, f"{command[0]} ended with {process.returncode}"
            assert time.monotonic() < until, f"{command[0]} does not listen"
            time.sleep(0.02)
        yield
    finally:
        process.terminate()  # SIGTERM: both refuse new clients, and a test has hung up all of its own
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _ready(environment: Mapping[str, str]) -> None:
    until = time.monotonic() + _READY
    while subprocess.run(
        ["psql", "-Xqd", "postgres", "-c", "SELECT 1"], env=environment, capture_output=True
    ).returncode:
        assert time.monotonic() < until, "the server takes nobody in"
        time.sleep(0.05)
