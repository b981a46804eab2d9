"""PostgreSQL, which plays the platform's Aurora or RDS PostgreSQL: its parameters, its administrator, TLS required.

A follower by streaming replication stands for what Aurora's storage and RDS's Multi-AZ do below the engine.
Durability (``fsync``, ``synchronous_commit``) is PostgreSQL's own default.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database
from seawall.operate.drill.servers.authority import HOST, Authority
from seawall.operate.drill.servers.mariadb import parameters
from seawall.operate.drill.stage import Process, Stage, program, until

if TYPE_CHECKING:
    import pg8000.native

PACKAGES = {
    "postgres": "postgresql",
    "initdb": "postgresql",
    "pg_basebackup": "postgresql",
    "psql": "postgresql-client",
}
STANDIN = "PostgreSQL"
SUPERUSER = "rdsadmin"
"""Whom RDS and Aurora keep for themselves; the administrator of a platform is none."""

_TYPES = {"aws_rds_cluster": "db_cluster_parameter_group_name", "aws_db_instance": "parameter_group_name"}
# What is RDS's own, or of the place.
_LEFT_OUT = {
    "rds.force_ssl": "every connection is refused that is not TLS, by pg_hba.conf",
    "shared_preload_libraries": "the extensions of RDS are not here",
    "shared_buffers": "this machine is smaller",
}
_OF_RDS = "it is RDS's own"


@dataclass(frozen=True, slots=True)
class Described:
    """What a platform says of its PostgreSQL server; ``left_out`` maps what is not taken over to the reason."""

    name: str
    user: str
    database: str
    version: str
    settings: Mapping[str, str]
    left_out: Mapping[str, str]


def described(graph: Graph) -> Described | None:
    """The first PostgreSQL server that a platform makes (not one that follows another), or None if it has none."""
    for kind, group in _TYPES.items():
        for found in graph.of_type(kind):
            original = "username" in found.body or "master_username" in found.body
            if "postgres" in str(found.body.get("engine", "")) and original:
                return _described(graph, found, group)
    return None


def _described(graph: Graph, found: Resource, group: str) -> Described:
    body = found.body
    said = parameters(graph, found, group)
    left_out = {
        name: _LEFT_OUT.get(name, _OF_RDS)
        for name in said
        if name in _LEFT_OUT or name.startswith(("rds.", "apg_", "aurora"))
    }
    return Described(
        name=str(body.get("cluster_identifier", body.get("identifier", found.address))),
        user=str(body.get("master_username", body.get("username"))),
        database=str(body.get("database_name", body.get("db_name", "postgres"))),
        version=str(body.get("engine_version", "")),
        settings={name: value for name, value in said.items() if name not in left_out},
        left_out=left_out,
    )


@dataclass(frozen=True, slots=True)
class Postgresql:
    """A server that runs: where it is, and how to ask it as its administrator."""

    name: str
    port: int
    process: Process
    credentials: Credentials
    superuser: Credentials
    folder: Path
    authority: Authority
    stage: Stage
    secret: str
    """Where its administrator's name and password lie: ``file:PATH``."""
    host: str = HOST
    settings: Mapping[str, str] = field(default_factory=dict)

    def database(self, *names: str) -> Database:
        """These databases of it, as a backup or a restore is told of them."""
        return Database("postgresql", self.host, self.port, names, self.secret, tls=str(self.authority.file))

    def connect(
        self,
        database: str,
        credentials: Credentials | None = None,
        *,
        port: int | None = None,
        seconds: float = 10.0,
    ) -> pg8000.native.Connection:
        """A connection by TLS, its administrator's unless said otherwise; whoever asks closes it.

        Raises pg8000.exceptions.InterfaceError or DatabaseError, or OSError.
        """
        import ssl

        import pg8000.native

        who = credentials or self.credentials
        trusted = ssl.create_default_context(cafile=str(self.authority.file))
        return pg8000.native.Connection(
            who.user,
            host=self.host,
            port=port or self.port,
            database=database,
            password=who.password,
            ssl_context=trusted,
            timeout=seconds,
        )

    def ask(self, statement: str, database: str = "postgres", **values: Any) -> list[list[Any]]:
        """The rows that a statement gives its superuser, on a connection of its own."""
        with self.administered(database) as connection:
            return connection.run(statement, **values) or []

    @contextmanager
    def administered(self, database: str = "postgres") -> Iterator[pg8000.native.Connection]:
        """A connection of its superuser, for as long as it is needed."""
        connection = self.connect(database, self.superuser, seconds=60.0)
        try:
            yield connection
        finally:
            connection.close()

    def kill(self) -> None:
        """End it at once with every process it has begun, as a power cut would."""
        self.freeze()  # whatever is frozen begins nothing more
        begun = self.begun()
        for pid in begun:
            _signal(pid, signal.SIGKILL)
        self.process.kill()
        for pid in begun:
            self.stage.leave(pid)

    def freeze(self) -> None:
        """Stop it and every process it has begun, without ending them."""
        _signal(self.process.pid, signal.SIGSTOP)
        for pid in self.begun():
            # Each is a group of its own, and what is frozen does not see that its server has gone.
            self.stage.take(pid)
            _signal(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let all of them go on."""
        for pid in self.begun():
            _signal(pid, signal.SIGCONT)
            self.stage.leave(pid)
        _signal(self.process.pid, signal.SIGCONT)

    def begun(self) -> list[int]:
        """The processes that it has begun and that still run."""
        listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        return [
            pid
            for pid, parent in (map(int, line.split()) for line in listed.splitlines())
            if parent == self.process.pid
        ]


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def start(
    stage: Stage,
    name: str,
    authority: Authority,
    *,
    of: Described | None = None,
    settings: Mapping[str, str] | None = None,
) -> Postgresql:
    """Make a server with the platform's administrator and an empty database, and start it; it answers then.

    ``settings`` are more parameters and go first. Raises LackingError, OutsideError.
    """
    folder, port = stage.folder(name, unprivileged=True), stage.free_port()
    superuser = Credentials(SUPERUSER, stage.secret("superuser of databases"))
    word = folder / "word"
    _write(stage, word, superuser.password)
    made = [
        "--auth=scram-sha-256",
        f"--username={SUPERUSER}",
        f"--pwfile={word}",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
    ]
    install = program("initdb", PACKAGES["initdb"])
    stage.run([install, f"--pgdata={folder / 'data'}", *made], folder=folder, unprivileged=True)
    word.unlink()
    credentials = Credentials(of.user if of else "dbadmin", stage.secret("administrator of databases"))
    server = _started(
        stage, name, folder, port, authority, credentials, {**(of.settings if of else {}), **(settings or {})}
    )
    until(lambda: _answers(server), server.process, what=f"{name} answers")
    with server.administered() as asked:
        # No statement that holds a password is written to the log, however long it takes.
        asked.run("SET log_min_duration_statement = -1")
        asked.run("SET log_min_error_statement = panic")
        asked.run(f"CREATE ROLE {credentials.user} LOGIN CREATEROLE CREATEDB PASSWORD '{credentials.password}'")
    if of is not None and of.database != "postgres":
        server.ask(f"CREATE DATABASE {of.database} OWNER {credentials.user}")
    return server


def follow(
    stage: Stage, name: str, primary: Postgresql, *, through: int | None = None, synchronous: bool = False
) -> Postgresql:
    """Copy a server and let the copy follow it; ``through`` is the port of a proxy between them.

    ``synchronous`` is what stands for Aurora's storage and for Multi-AZ: the primary acknowledges no commit that its
    follower has not got, however long that takes. Raises OutsideError.
    """
    folder, port = stage.folder(name, unprivileged=True), stage.free_port()
    words = folder / "pgpass"
    _write(stage, words, f"*:*:*:{SUPERUSER}:{primary.superuser.password}\n")
    where = f"host={HOST} port={through or primary.port} user={SUPERUSER} sslmode=verify-full application_name={name}"
    trusted = f"sslrootcert={primary.authority.file}"
    copy = program("pg_basebackup", PACKAGES["pg_basebackup"])
    copying = [
        copy,
        f"--pgdata={folder / 'data'}",
        "--write-recovery-conf",
        "--no-sync",  # what ends here is processes, never the machine
        "--checkpoint=fast",
        "--wal-method=stream",
        f"--dbname={where} {trusted} passfile={words}",
    ]
    stage.run(copying, folder=folder, unprivileged=True)
    server = _started(stage, name, folder, port, primary.authority, primary.credentials, primary.settings)
    until(lambda: _answers(server), server.process, what=f"{name} answers")
    follows = f"SELECT count(*) FROM pg_stat_replication WHERE application_name = '{name}' AND state = 'streaming'"
    until(lambda: primary.ask(follows) == [[1]], server.process, what=f"{name} follows {primary.name}")
    if synchronous:
        # Set after the copy was made, or the copy would wait for a follower itself once it is promoted.
        primary.ask(f"ALTER SYSTEM SET synchronous_standby_names = '\"{name}\"'")
        primary.ask("SELECT pg_reload_conf()")
        waits = f"SELECT sync_state FROM pg_stat_replication WHERE application_name = '{name}'"
        until(lambda: primary.ask(waits) == [["sync"]], server.process, what=f"{primary.name} waits for {name}")
    return server


def promote(replica: Postgresql) -> None:
    """Make a follower the writer; it takes writes when this returns. Raises OutsideError."""
    replica.ask("SELECT pg_promote()")
    until(
        lambda: replica.ask("SELECT pg_is_in_recovery()") == [[False]], replica.process, what="promotion", every=0.005
    )


def _started(
    stage: Stage,
    name: str,
    folder: Path,
    port: int,
    authority: Authority,
    credentials: Credentials,
    said: Mapping[str, str],
) -> Postgresql:
    certificate, key = authority.issue(stage, folder)
    rules = folder / "data" / "pg_hba.conf"
    _write(
        stage, rules, "hostssl all all 127.0.0.1/32 scram-sha-256\nhostssl replication all 127.0.0.1/32 scram-sha-256\n"
    )
    # The folder of sockets is nobody's: a socket that a killed server leaves behind keeps the next one from starting.
    place = {
        "port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "ssl": "on",
        "ssl_cert_file": str(certificate), "ssl_key_file": str(key), "hba_file": str(rules),
        "wal_receiver_status_interval": "1",
    }  # fmt: skip
    command = [program("postgres", PACKAGES["postgres"]), "-D", str(folder / "data")]
    for parameter, value in (dict(said) | place).items():
        command += ["-c", f"{parameter}={value}"]
    process = stage.start(name, command, folder=folder, unprivileged=True)
    secret = stage.root / f"{name}.json"
    _write(None, secret, json.dumps({"username": credentials.user, "password": credentials.password}))
    superuser = Credentials(SUPERUSER, stage.secret("superuser of databases"))
    return Postgresql(
        name, port, process, credentials, superuser, folder, authority, stage, f"file:{secret}", settings=said
    )


def _answers(server: Postgresql) -> bool:
    import pg8000.exceptions

    try:
        return server.ask("SELECT 1") == [[1]]
    except (pg8000.exceptions.Error, OSError):
        return False


def _write(stage: Stage | None, path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")
    if stage is not None:
        stage.give(path)
