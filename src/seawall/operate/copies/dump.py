"""Dumps as their own clients make them, as a stream that never ends well unless the dump did.

MySQL: ``mysqldump``, MySQL's or MariaDB's, of one moment of all tables of InnoDB without locking them. PostgreSQL:
``pg_dump`` as plain SQL with COPY, one database after the other, each behind a ``\\connect`` line and of one moment.

Passwords reach a client by a file in memory that this process and it alone have open (``/proc/self/fd/N``): MySQL's as
an option file, PostgreSQL's as a password file. PGPASSWORD would do too, but stands in the process's environment, where
whoever is the same user reads it. Where the system has no such files, one of mode 0600 in a folder of mode 0700 does,
and goes with the dump. A client sees nothing of this process's environment but PATH, HOME and the like.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO

from seawall.kernel.errors import InputError, OutsideError
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database

AUTHORITIES = ("/etc/ssl/rds/global-bundle.pem", "/etc/ssl/certs/rds-global-bundle.pem")
"""Where the certificates of Amazon's authorities are looked for, which no system trusts by itself."""
PIECE = 2**20
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "TZ")
_SAID = 4000
_MYSQL = ("mysqldump", "mariadb-dump")
_TIMEOUT = "15"


def versions(database: Database) -> dict[str, str]:
    """The client that will dump, by its program's name. Raises OutsideError where it is not here."""
    program = client_program(database)
    return {Path(program).name: _version(program)}


def client_program(database: Database) -> str:
    """The path of the client that dumps this engine. Raises OutsideError where none is here."""
    names = _MYSQL if database.engine == "mysql" else ("pg_dump",)
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    package = "mysql-client or mariadb-client" if database.engine == "mysql" else "postgresql-client"
    raise OutsideError(f"{' or '.join(names)} is not on this machine", fix=f"install {package}")


@contextmanager
def dumping(database: Database, credentials: Credentials) -> Iterator[Iterator[bytes]]:
    """The SQL of the databases, in pieces, as it is dumped.

    The stream raises OutsideError where the program fails before its end or stops without its last line; whoever
    leaves early ends the program.
    """
    program = client_program(database)
    if database.engine == "mysql":
        with _mysql(program, database, credentials) as started:
            yield _pieces(started, b"-- Dump completed")
    else:
        with closing(_postgresql(program, database, credentials)) as pieces:
            yield pieces


def tls_authorities(database: Database) -> str:
    """The file of authorities that the server's certificate must come from; empty where there is no TLS.

    Raises InputError where it is not there.
    """
    if database.tls == "off":
        return ""
    places = AUTHORITIES if database.tls == "rds" else (database.tls,)
    for place in places:
        if Path(place).is_file():
            return place
    raise InputError(
        f"the authorities of {database.host} are not here: {' or '.join(places)}",
        fix="https://truststore.pki.rds.amazonaws.com/global/global-bundle.pem has Amazon's; `tls` may name a file",
    )


def mysql_options(program: str, database: Database, credentials: Credentials) -> bytes:
    """The option file with which this client logs in: [client] alone, so that every client of the kind reads it."""
    mariadb = "MariaDB" in _version(program)
    lines = [
        "[client]",
        *(
            f"{name}={_quoted(value)}"
            for name, value in (("user", credentials.user), ("password", credentials.password))
        ),
        f"host={_quoted(database.host)}",
        f"port={database.port}",
        "protocol=tcp",
    ]
    authorities = tls_authorities(database)
    if authorities:
        lines.append(f"ssl-ca={_quoted(authorities)}")
        lines.append("ssl-verify-server-cert" if mariadb else "ssl-mode=VERIFY_IDENTITY")
    else:
        lines.append("skip-ssl" if mariadb else "ssl-mode=DISABLED")
    if database.secret.startswith("iam:") and not mariadb:
        # A token is longer than what the other ways of logging in take; MariaDB's client does it unasked.
        lines.append("enable-cleartext-plugin")
    return "\n".join(lines).encode() + b"\n"


def password_line(database: Database, credentials: Credentials) -> bytes:
    """PostgreSQL's password file for this server."""

    def escaped(text: str) -> str:
        return text.replace("\\", "\\\\").replace(":", "\\:")

    line = f"{escaped(database.host)}:{database.port}:*:{escaped(credentials.user)}:{escaped(credentials.password)}\n"
    return line.encode()


@contextmanager
def in_memory(content: bytes) -> Iterator[tuple[str, tuple[int, ...]]]:
    """A file for one child alone: its path as the child sees it, and the descriptors that the child must inherit.

    It is in memory and has no name; where the system has no such files, it is in a folder of our own until the end.
    """
    if hasattr(os, "memfd_create") and Path("/proc/self/fd").is_dir():
        file = os.memfd_create("seawall")
        try:
            # Clients pass over files that others may write, or refuse them.
            os.fchmod(file, 0o600)
            os.write(file, content)
            yield f"/proc/self/fd/{file}", (file,)
        finally:
            os.close(file)
        return
    folder = Path(tempfile.mkdtemp(prefix="seawall-"))
    path = folder / "login"
    try:
        made = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(made, "wb") as opened:
            opened.write(content)
        yield str(path), ()
    finally:
        path.unlink(missing_ok=True)
        folder.rmdir()


def child_environment() -> dict[str, str]:
    """What a client may see of this process's environment."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


class _Started:
    """A client that dumps, and what it says on its standard error."""

    def __init__(self, arguments: Sequence[str], environment: dict[str, str], files: tuple[int, ...]) -> None:
        self.name = Path(arguments[0]).name
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        self.process: subprocess.Popen[bytes] = subprocess.Popen(
            list(arguments),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._said,
            pass_fds=files,
        )

    @property
    def output(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout

    def failure(self, what: str) -> OutsideError:
        self._said.seek(0)
        said = self._said.read(_SAID).decode(errors="replace").strip()
        return OutsideError(f"{self.name} {what}", said)

    def end(self) -> None:
        """End it if it still runs; harmless twice."""
        self.output.close()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        with suppress(OSError):
            self._said.close()


@contextmanager
def _mysql(program: str, database: Database, credentials: Credentials) -> Iterator[_Started]:
    mariadb = "MariaDB" in _version(program)
    with in_memory(mysql_options(program, database, credentials)) as (path, files):
        arguments = [
            program,
            f"--defaults-file={path}",
            "--single-transaction",
            "--quick",
            "--routines",
            "--triggers",
            "--events",
            "--hex-blob",
            "--no-tablespaces",
            # Locks and keys of MyISAM's: they only keep sessions that restore at once from each other.
            "--skip-add-locks",
            "--skip-disable-keys",
            "--default-character-set=utf8mb4",
            "--max-allowed-packet=1G",
            # Of MySQL's client alone: tables that older servers and MariaDB do not have, and a position that a copy
            # which another server takes over must not carry.
            *([] if mariadb else ["--column-statistics=0", "--set-gtid-purged=OFF"]),
            "--databases",
            *database.databases,
        ]
        # MySQL's clients read a login file of the user's whatever they are told.
        environment = child_environment() | {"HOME": "/nonexistent"}
        started = _Started(arguments, environment, files)
        try:
            yield started
        finally:
            started.end()


def _postgresql(program: str, database: Database, credentials: Credentials) -> Generator[bytes, None, None]:
    authorities = tls_authorities(database)
    for name in database.databases:
        with in_memory(password_line(database, credentials)) as (path, files):
            environment = child_environment() | {
                "PGPASSFILE": path,
                "PGSSLMODE": "verify-full" if authorities else "disable",
                "PGCONNECT_TIMEOUT": _TIMEOUT,
                "PGSERVICEFILE": "/nonexistent",
            }
            if authorities:
                environment["PGSSLROOTCERT"] = authorities
            arguments = [
                program,
                f"--host={database.host}",
                f"--port={database.port}",
                f"--username={credentials.user}",
                "--no-password",
                "--format=plain",
                "--encoding=UTF8",
                # Roles belong to a server and not to a copy: whoever restores owns what comes.
                "--no-owner",
                "--no-privileges",
                "--no-tablespaces",
                f"--dbname={_connection(name)}",
            ]
            started = _Started(arguments, environment, files)
            quoted = name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'
            try:
                yield f"\\connect {quoted}\n".encode()
                yield from _pieces(started, b"-- PostgreSQL database dump complete")
            finally:
                started.end()


def _connection(name: str) -> str:
    """A database's name that is never taken for a connection string."""
    escaped = name.replace("\\", "\\\\").replace("'", "\\'")
    return f"dbname='{escaped}'"


def _pieces(started: _Started, trailer: bytes) -> Iterator[bytes]:
    output = started.output
    descriptor = output.fileno()
    with suppress(OSError, AttributeError):
        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, PIECE)
    tail = b""
    while piece := os.read(descriptor, PIECE):
        tail = piece[-_TRAILER:] if len(piece) >= _TRAILER else (tail + piece)[-_TRAILER:]
        yield piece
    # A pipe ends when its writer dies, too: only the program's status tells a dump from half of one.
    status = started.process.wait()
    if status:
        how = f"was ended by signal {-status}" if status < 0 else f"failed with status {status}"
        raise started.failure(how)
    if trailer not in tail:
        raise started.failure("ended without the last line of a whole dump")


_TRAILER = 1024


def _version(program: str) -> str:
    try:
        said = subprocess.run(
            [program, "--version"], env=child_environment(), capture_output=True, text=True, timeout=30, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise OutsideError(f"{program} does not say its version", str(error)) from None
    return said.stdout.strip().removeprefix(program).strip()


def _quoted(value: str) -> str:
    """A value of an option file: in quotes, which leave # alone, with backslashes doubled."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
