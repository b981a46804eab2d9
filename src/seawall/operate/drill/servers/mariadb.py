"""MariaDB, which plays the platform's MySQL: with the parameters of its parameter group, on the loopback, without TLS.

Durability is left as MySQL's default has it (``innodb_flush_log_at_trx_commit`` 1, as on RDS and on Azure Database for
MySQL flexible server), so that a restore here is not quicker than one there for the wrong reason. The buffer pool is
256 MiB: about what the smallest classes give it (db.t4g.small and Standard_B1ms have 2 GiB, half of it or less).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref
from seawall.knowledge import database_classes
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database
from seawall.operate.drill.stage import Process, Stage, program, until

if TYPE_CHECKING:
    import pymysql.connections

PACKAGES = {"mariadbd": "mariadb-server", "mariadb-install-db": "mariadb-server", "mariadb": "mariadb-client"}
STANDIN = "MariaDB"
BUFFER_POOL = "256M"

_TYPES = {"aws_db_instance": "parameter_group_name", "aws_rds_cluster": "db_cluster_parameter_group_name"}
_GROUPS = ("aws_db_parameter_group", "aws_rds_cluster_parameter_group")
# What the two servers do not have in common, or what a server of an hour on the loopback has no use for.
_LEFT_OUT = {
    "require_secure_transport": "nothing leaves the loopback",
    "tls_version": "nothing leaves the loopback",
    "log_output": "a drill reads no slow log",
}
# MySQL's default for collations; MariaDB knows it by no name.
_COLLATIONS = {"utf8mb4_0900_ai_ci": "utf8mb4_unicode_ci"}


@dataclass(frozen=True, slots=True)
class Described:
    """What a platform says of its MySQL server, in words of the server's own options.

    ``left_out`` maps each parameter that is not taken over to the reason.
    """

    name: str
    user: str
    database: str
    multi_az: bool
    settings: Mapping[str, str]
    left_out: Mapping[str, str]


def described(graph: Graph) -> Described | None:
    """The first MySQL server that a platform makes (not one that follows another), or None if it has none."""
    for kind, group in _TYPES.items():
        for found in graph.of_type(kind):
            if "mysql" in str(found.body.get("engine", "")) and _is_original(found):
                return _described(graph, found, group)
    return None


def _is_original(found: Resource) -> bool:
    return "replicate_source_db" not in found.body and ("username" in found.body or "master_username" in found.body)


def _described(graph: Graph, found: Resource, group: str) -> Described:
    body = found.body
    said = parameters(graph, found, group)
    settings = {name: _COLLATIONS.get(value, value) for name, value in said.items() if name not in _LEFT_OUT}
    # MySQL 8's own, where nobody says; MariaDB's differ.
    settings.setdefault("character_set_server", "utf8mb4")
    if "max_connections" not in settings:
        most = database_classes.connections("mysql", str(body.get("instance_class", "")))
        settings |= {"max_connections": str(most)} if most is not None else {}
    return Described(
        name=str(body.get("identifier", body.get("cluster_identifier", found.address))),
        user=str(body.get("username", body.get("master_username"))),
        database=str(body.get("db_name", body.get("database_name", "application"))),
        multi_az=body.get("multi_az") is True,
        settings=settings,
        left_out={name: why for name, why in _LEFT_OUT.items() if name in said},
    )


def parameters(graph: Graph, of: Resource, key: str) -> dict[str, str]:
    """The parameters of a server's own group, by name; none where it has the default one."""
    to = of.body.get(key)
    group = graph.get(to.to) if isinstance(to, Ref) else None
    if group is None or group.type not in _GROUPS:
        return {}
    return {str(each["name"]): str(each["value"]) for each in group.body.get("parameter", ())}


@dataclass(frozen=True, slots=True)
class Mariadb:
    """A server that runs: where it is, and how to ask it as its administrator."""

    name: str
    port: int
    process: Process
    credentials: Credentials
    folder: Path
    options: Path
    """An option file with a ``[client]`` for its administrator, for clients: ``--defaults-extra-file``."""
    secret: str
    """Where its administrator's name and password lie: ``file:PATH``."""
    host: str = "127.0.0.1"
    settings: Mapping[str, str] = field(default_factory=dict)

    def database(self, *names: str) -> Database:
        """These databases of it, as a backup or a restore is told of them."""
        return Database("mysql", self.host, self.port, names, self.secret, tls="off")

    def connect(
        self, database: str | None = None, seconds: float = 10.0, *, port: int | None = None
    ) -> pymysql.connections.Connection[Any]:
        """A connection that commits each statement, by another port if there is a proxy; whoever asks closes it.

        Raises pymysql.err.Error.
        """
        import pymysql

        return pymysql.connect(
            host=self.host,
            port=port or self.port,
            user=self.credentials.user,
            password=self.credentials.password,
            database=database,
            autocommit=True,
            ssl_disabled=True,
            charset="utf8mb4",
            connect_timeout=seconds,
            read_timeout=seconds,
            write_timeout=seconds,
        )

    def ask(self, statement: str, *values: object, database: str | None = None) -> list[tuple[Any, ...]]:
        """The rows that a statement gives, on a connection of its own. Raises pymysql.err.Error."""
        with self._connected(database) as connection, connection.cursor() as cursor:
            cursor.execute(statement, values or None)
            return list(cursor.fetchall())

    def status_of_replica(self) -> dict[str, Any]:
        """What a follower says of itself, by the names of SHOW REPLICA STATUS; nothing of one that follows nobody."""
        with self._connected(None) as connection, connection.cursor() as cursor:
            cursor.execute("SHOW SLAVE STATUS")
            names = [column[0] for column in cursor.description]
            return dict(zip(names, next(iter(cursor.fetchall()), ()), strict=False))

    @contextmanager
    def _connected(self, database: str | None) -> Iterator[pymysql.connections.Connection[Any]]:
        connection = self.connect(database, 60.0)
        try:
            yield connection
        finally:
            connection.close()


def start(
    stage: Stage,
    name: str,
    *,
    of: Described | None = None,
    databases: Sequence[str] = (),
    settings: Mapping[str, str] | None = None,
    copied: bool = False,
) -> Mariadb:
    """Make an empty server and start it; it answers when this returns.

    ``of`` is what the platform says of it, ``settings`` are more options by name and go first. ``copied`` is for one
    that others follow or that follows another: it writes down its changes. Raises LackingError, OutsideError.
    """
    install, server = program("mariadb-install-db", "mariadb-server"), program("mariadbd", "mariadb-server")
    folder, port = stage.folder(name, unprivileged=True), stage.free_port()
    data = f"--datadir={folder / 'data'}"
    making = ["--no-defaults", data, "--auth-root-authentication-method=normal", "--skip-test-db"]
    # A server that starts removes the temporary tables of every other one that shares its folder for them.
    apart = {"TMPDIR": str(folder)}
    stage.run([install, *making], folder=folder, environment=apart, unprivileged=True)
    credentials = Credentials(of.user if of else "dbadmin", stage.secret("administrator of databases"))
    chosen = {
        "character_set_server": "utf8mb4",
        "innodb_buffer_pool_size": BUFFER_POOL,
        **(of.settings if of else {}),
        **(_copied(port) if copied else {}),
        **(settings or {}),
    }
    first = folder / "first.sql"
    _write(first, "".join(f"{statement};\n" for statement in _first(credentials, databases)))
    stage.give(first)
    command = [
        server, "--no-defaults", data, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}", "--skip-name-resolve", f"--init-file={first}",
        *(f"--loose-{key.replace('_', '-')}={value}" for key, value in chosen.items()),
    ]  # fmt: skip
    process = stage.start(name, command, folder=folder, environment=apart, unprivileged=True)
    options, secret = stage.root / f"{name}.cnf", stage.root / f"{name}.json"
    _write(options, _options(port, credentials))
    _write(secret, json.dumps({"username": credentials.user, "password": credentials.password}))
    made = Mariadb(
        name, port, process, credentials, folder, options, f"file:{secret}", settings=chosen
    )  # fmt: skip
    until(lambda: _answers(made), process, what=f"{name} answers")
    first.unlink()
    return made


UNLOGGED = "SET STATEMENT slow_query_log = 0 FOR"
"""What a statement begins with that holds a password: it is written to no log, however long it takes."""


def follow(replica: Mariadb, primary: Mariadb, *, through: int | None = None, synchronous: bool = False) -> None:
    """Let a server made with ``copied`` follow another; ``through`` is the port of a proxy between them.

    ``synchronous`` is what stands for Multi-AZ: the primary acknowledges no commit that its follower has not got, and
    waits for as long as it takes. Raises OutsideError.
    """
    if synchronous:
        for name, value in _SYNCHRONOUS.items():
            primary.ask(f"SET GLOBAL {name} = {value}")
        replica.ask("SET GLOBAL rpl_semi_sync_slave_enabled = 1")
    replica.ask(
        f"{UNLOGGED} CHANGE MASTER TO"
        " MASTER_HOST = '127.0.0.1', MASTER_PORT = %s, MASTER_USER = %s, MASTER_PASSWORD = %s,"
        " MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_HEARTBEAT_PERIOD = 1",
        through or primary.port,
        primary.credentials.user,
        primary.credentials.password,
    )
    replica.ask("SET GLOBAL read_only = 1")
    replica.ask("START SLAVE")
    wanted = "Rpl_semi_sync_master_clients" if synchronous else "Slaves_connected"
    until(lambda: _status(primary, wanted) != "0", replica.process, what=f"{replica.name} follows {primary.name}")


def promote(replica: Mariadb) -> None:
    """Make a follower the writer, once it has applied all that it has got. Raises OutsideError."""
    # It tries to say goodbye to its primary, even to one that cannot be reached: a second is the least.
    replica.ask("SET GLOBAL rpl_semi_sync_slave_kill_conn_timeout = 1")
    replica.ask("STOP SLAVE IO_THREAD")
    until(lambda: _applied(replica), replica.process, what=f"{replica.name} has applied what it has got", every=0.005)
    replica.ask("STOP SLAVE")
    replica.ask("RESET SLAVE ALL")
    replica.ask("SET GLOBAL read_only = 0")


# A commit waits for the follower before anybody sees it, for 49 days if need be.
_SYNCHRONOUS = {
    "rpl_semi_sync_master_enabled": "1",
    "rpl_semi_sync_master_wait_point": "'AFTER_SYNC'",
    "rpl_semi_sync_master_timeout": str(2**32 - 1),
}


def _copied(port: int) -> dict[str, str]:
    # As RDS and flexible server have it: binary logs by row, written through at each commit.
    return {"log_bin": "binlog", "binlog_format": "ROW", "sync_binlog": "1", "server_id": str(port),
            "log_slave_updates": "1", "slave_net_timeout": "3"}  # fmt: skip


def _first(credentials: Credentials, databases: Sequence[str]) -> Iterator[str]:
    # Followers have users of their own, and the databases from whom they follow.
    yield "SET sql_log_bin = 0"
    # No statement that holds a password is written to the log, however long it takes.
    yield "SET slow_query_log = 0"
    user = f"'{credentials.user}'@'%'"
    yield f"CREATE USER {user} IDENTIFIED BY '{credentials.password}'"
    yield f"GRANT ALL PRIVILEGES ON *.* TO {user} WITH GRANT OPTION"
    yield f"ALTER USER 'root'@'localhost' IDENTIFIED BY '{credentials.password}'"
    yield "SET sql_log_bin = 1"
    yield from (f"CREATE DATABASE `{name}`" for name in databases)


def _options(port: int, credentials: Credentials) -> str:
    return (
        f"[client]\nhost=127.0.0.1\nport={port}\nprotocol=tcp\nuser={credentials.user}\n"
        f'password="{credentials.password}"\ndefault-character-set=utf8mb4\n'
    )


def _write(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content, encoding="utf-8")


def _answers(server: Mariadb) -> bool:
    import pymysql

    try:
        return server.ask("SELECT 1") == [(1,)]
    except pymysql.err.Error:
        return False


def _status(server: Mariadb, name: str) -> str:
    found = server.ask("SHOW GLOBAL STATUS LIKE %s", name)
    return str(found[0][1]) if found else "0"


def _applied(replica: Mariadb) -> bool:
    """Whether the last transaction that it got has been carried out."""
    state = replica.status_of_replica()
    if state["Last_SQL_Errno"] != 0:
        raise OutsideError(f"{replica.name} cannot apply what it has got", str(state["Last_SQL_Error"]))
    return "has read all relay log" in str(state["Slave_SQL_Running_State"])
