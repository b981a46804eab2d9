"""A database and its standby, whichever engine the platform has: what a failover does to both, and who may write.

Between the two, and between the primary and its clients in other zones, there can be a proxy. ``promote`` is what AWS
does by itself; clients learn the new writer from ``writer``, as they would from the name of the instance or cluster.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from seawall.facts.data import Replicates
from seawall.kernel.errors import OutsideError
from seawall.operate.drill.scenario import Setting
from seawall.operate.drill.servers import mariadb, postgresql
from seawall.operate.drill.servers import proxy as proxies
from seawall.operate.drill.servers.authority import Authority, authority
from seawall.operate.drill.servers.mariadb import Mariadb
from seawall.operate.drill.servers.postgresql import Postgresql
from seawall.operate.drill.servers.proxy import Proxy
from seawall.operate.drill.stage import Stage
from seawall.operate.drill.writers import Session

if TYPE_CHECKING:
    import pg8000.native
    import pymysql.connections

DEAD = "the primary is taken for dead"
"""What a detector says before it promotes."""
WRITER = "the standby is the writer"
"""What it says after it."""
_LINES = ("clients", "standby")


class Pair(Protocol):
    """A primary and its standby that run."""

    lost: tuple[type[Exception], ...]
    """The errors by which a client notices that its server has gone."""

    def connect(self, *, inside: bool = False) -> Session:
        """A client of the writer; ``inside`` is one on the old primary's own side of a partition."""

    def answers(self) -> bool:
        """Whether the writer answers who asks from another zone."""

    def lose(self, fault: str) -> None:
        """Kill or freeze the primary, or part it from its standby and from other zones' clients."""

    def promote(self) -> None:
        """Make the standby the writer."""

    def numbers(self) -> set[int]:
        """The numbers that the writer has."""

    def version(self) -> str:
        """What plays the database."""

    def stop(self) -> None:
        """End both."""


@dataclass(frozen=True, slots=True)
class Described:
    """What stands for what: the engine's own description, and how the platform's standby follows, by its facts."""

    real: str
    of: mariadb.Described | postgresql.Described
    synchronous: bool
    takes: tuple[float, float]
    """The least and the most seconds that AWS takes for a promotion, by the facts."""


def needs(setting: Setting) -> Mapping[str, str]:
    """The programs of the engine that the platform has, by their packages; none where it has no such standby."""
    of = described(setting)
    if of is None:
        return {}
    return mariadb.PACKAGES if isinstance(of.of, mariadb.Described) else postgresql.PACKAGES


def described(setting: Setting) -> Described | None:
    """The platform's database and the standby in another of its zones; None if it has no such standby."""
    for follows in setting.facts.all(Replicates):
        if follows.scope != "zone" or follows.promotion != "automatic":
            continue
        takes = (float(follows.takes.least), float(follows.takes.most))
        synchronous = follows.mode == "synchronous"
        source = str(follows.source)
        if "aws_rds_cluster" not in source and "aws_db_instance" not in source:
            continue
        mysql, postgres = mariadb.described(setting.graph), postgresql.described(setting.graph)
        if mysql is not None and mysql.multi_az:
            return Described("RDS for MySQL, Multi-AZ", mysql, synchronous, takes)
        if postgres is not None:
            return Described(f"Aurora PostgreSQL {postgres.version}", postgres, synchronous, takes)
    return None


def start(
    stage: Stage,
    of: Described,
    *,
    name: str = "database",
    synchronous: bool | None = None,
    parted: bool = False,
    patience: float = 1.0,
) -> Pair:
    """Start a primary and a standby that follows it, as the platform's does unless ``synchronous`` says otherwise.

    ``parted`` puts proxies between; ``patience`` is the seconds that a client waits for an answer before it looks anew
    for whom to ask. Raises LackingError, OutsideError.
    """
    waits = of.synchronous if synchronous is None else synchronous
    if isinstance(of.of, mariadb.Described):
        return MariadbPair(stage, of.of, name, waits, parted, patience)
    return PostgresqlPair(stage, of.of, name, waits, parted, patience)


class _Parted:
    """The proxies of a pair."""

    def __init__(self, stage: Stage, name: str, port: int, parted: bool) -> None:
        self.proxy: Proxy | None = None
        if parted:
            self.proxy = proxies.start(stage, dict.fromkeys(_LINES, port), f"{name}-proxy")

    def port(self, line: str) -> int | None:
        """Where to connect instead of the primary's own port, if there is a proxy."""
        return self.proxy.ports[line] if self.proxy is not None else None

    def part(self) -> None:
        """Let nothing pass any more."""
        assert self.proxy is not None, "only a pair that was started `parted` can be"
        self.proxy.freeze()


@dataclass(slots=True)
class _InMariadb:
    """A client that writes rows."""

    asked: pymysql.connections.Connection[Any]

    def write(self, number: int) -> bool:
        """Insert a row of that number; it is acknowledged once it is committed."""
        with self.asked.cursor() as cursor:
            cursor.execute("INSERT INTO drill VALUES (%s)", (number,))
        return True

    def close(self) -> None:
        """Hang up."""
        self.asked.close()


class MariadbPair:
    """MariaDB and a standby that has every commit before it is acknowledged, or follows as it can."""

    def __init__(
        self, stage: Stage, of: mariadb.Described, name: str, synchronous: bool, parted: bool, patience: float
    ) -> None:
        import pymysql

        self.lost: tuple[type[Exception], ...] = (pymysql.err.Error, OSError)
        self.primary = mariadb.start(stage, f"{name}-primary", of=of, databases=[of.database], copied=True)
        self.standby = mariadb.start(stage, f"{name}-standby", of=of, copied=True)
        self._parted = _Parted(stage, name, self.primary.port, parted)
        self._database, self._patience = of.database, patience
        self._writer: tuple[Mariadb, int] = (self.primary, self._parted.port("clients") or self.primary.port)
        mariadb.follow(self.standby, self.primary, through=self._parted.port("standby"), synchronous=synchronous)
        self.primary.ask("CREATE TABLE drill (number BIGINT PRIMARY KEY) ENGINE=InnoDB", database=of.database)

    def connect(self, *, inside: bool = False) -> Session:
        """A client of the writer, or of the old primary on its own side of a partition."""
        server, port = (self.primary, self.primary.port) if inside else self._writer
        return _InMariadb(server.connect(self._database, self._patience, port=port))

    def answers(self) -> bool:
        """Whether the writer answers who asks from another zone."""
        server, port = self._writer
        try:
            server.connect(self._database, self._patience, port=port).close()
        except self.lost:
            return False
        return True

    def lose(self, fault: str) -> None:
        """Kill or freeze the primary, or part it from its standby and from other zones' clients."""
        match fault:
            case "kill":
                self.primary.process.kill()
            case "freeze":
                self.primary.process.freeze()
            case _:
                self._parted.part()

    def promote(self) -> None:
        """Make the standby the writer."""
        mariadb.promote(self.standby)
        self._writer = (self.standby, self.standby.port)

    def numbers(self) -> set[int]:
        """The numbers that the writer has."""
        return {int(row[0]) for row in self._writer[0].ask("SELECT number FROM drill", database=self._database)}

    def version(self) -> str:
        """What plays the database."""
        return f"MariaDB {str(self.standby.ask('SELECT VERSION()')[0][0]).partition('-')[0]}"

    def stop(self) -> None:
        """End both."""
        self.primary.process.kill()
        self.standby.process.kill()


@dataclass(slots=True)
class _InPostgresql:
    """A client that writes rows."""

    asked: pg8000.native.Connection

    def write(self, number: int) -> bool:
        """Insert a row of that number; it is acknowledged once it is committed."""
        self.asked.run("INSERT INTO drill VALUES (:number)", number=number)
        return True

    def close(self) -> None:
        """Hang up, without a word to a server that may not listen."""
        self.asked._usock.close()


class PostgresqlPair:
    """PostgreSQL and a standby that has every commit before it is acknowledged, or follows as it can."""

    def __init__(
        self, stage: Stage, of: postgresql.Described, name: str, synchronous: bool, parted: bool, patience: float
    ) -> None:
        import pg8000.exceptions

        self.lost: tuple[type[Exception], ...] = (pg8000.exceptions.Error, OSError)
        trusted: Authority = authority(stage, f"{name}-authority")
        self.primary = postgresql.start(stage, f"{name}-primary", trusted, of=of)
        self._parted = _Parted(stage, name, self.primary.port, parted)
        self._database, self._patience = of.database, patience
        self._writer: tuple[Postgresql, int] = (self.primary, self._parted.port("clients") or self.primary.port)
        asked = self.primary.connect(of.database)
        asked.run("CREATE TABLE drill (number BIGINT PRIMARY KEY)")
        asked.close()
        self.standby = postgresql.follow(
            stage, f"{name}-standby", self.primary, through=self._parted.port("standby"), synchronous=synchronous
        )

    def connect(self, *, inside: bool = False) -> Session:
        """A client of the writer, or of the old primary on its own side of a partition."""
        server, port = (self.primary, self.primary.port) if inside else self._writer
        return _InPostgresql(server.connect(self._database, port=port, seconds=self._patience))

    def answers(self) -> bool:
        """Whether the writer answers who asks from another zone."""
        server, port = self._writer
        try:
            server.connect(self._database, port=port, seconds=self._patience).close()
        except self.lost:
            return False
        return True

    def lose(self, fault: str) -> None:
        """Kill or freeze the primary, or part it from its standby and from other zones' clients."""
        match fault:
            case "kill":
                self.primary.kill()
            case "freeze":
                self.primary.freeze()
            case _:
                self._parted.part()

    def promote(self) -> None:
        """Make the standby the writer."""
        postgresql.promote(self.standby)
        self._writer = (self.standby, self.standby.port)

    def numbers(self) -> set[int]:
        """The numbers that the writer has."""
        asked = self._writer[0].connect(self._database, seconds=30.0)
        try:
            return {int(row[0]) for row in asked.run("SELECT number FROM drill") or []}
        finally:
            asked.close()

    def version(self) -> str:
        """What plays the database."""
        return f"PostgreSQL {self.standby.ask('SHOW server_version')[0][0].split()[0]}"

    def stop(self) -> None:
        """End both."""
        self.primary.kill()
        self.standby.kill()


class Detector:
    """Asks the writer every ``every`` seconds, and promotes the standby after ``failures`` in a row without an answer.

    It stands for what AWS does by itself, in its own time. ``report`` is told of what it does.
    """

    def __init__(self, pair: Pair, *, every: float, failures: int, report: Callable[[str], object]) -> None:
        self._pair, self._every, self._failures, self._report = pair, every, failures, report
        self._ended = threading.Event()
        self._error: BaseException | None = None
        self.promoted = False
        self._thread = threading.Thread(target=self._watch, name="detector", daemon=True)

    def start(self, phase: float) -> Detector:
        """Begin after so many seconds."""
        self._ended.wait(phase)
        self._thread.start()
        return self

    def waits(self) -> None:
        """Make sure that it has not promoted anybody yet. Raises OutsideError where it has: nothing was lost so far."""
        if self.promoted:
            raise OutsideError(
                "a healthy primary was taken for dead: it did not answer in time",
                fix="play it again when this machine is less busy",
            )

    def stop(self) -> None:
        """Ask no more. Raises what a promotion failed with."""
        self._ended.set()
        self._thread.join(30.0)
        if self._error is not None:
            raise self._error

    def _watch(self) -> None:
        missed = 0
        while not self._ended.wait(self._every):
            missed = 0 if self._pair.answers() else missed + 1
            if missed == self._failures:
                self.promoted = True
                self._report(DEAD)
                try:
                    self._pair.promote()
                except BaseException as error:
                    self._error = error
                    return
                self._report(WRITER)
                return
