"""A dump into an empty server: tables first, rows over several sessions, keys and the rest once it is proven.

Keys, foreign keys, views, routines, triggers and events wait until the last byte of the dump has come in and ``unpack``
has found it to be what its manifest says. What came before then is worth nothing until then: whoever calls throws it
away when BadCopy is raised.
"""

from __future__ import annotations

import queue
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TypeVar

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database, Engine
from seawall.operate.copies.order import UnexpectedError, When, of_roles, when, without_definer, without_keys
from seawall.operate.copies.pack import BadCopy
from seawall.operate.copies.sessions import MySql, Session, StatementError, connect, name
from seawall.operate.copies.split import Piece, statements

SESSIONS = 2
"""Sessions that rows and keys go over; 171 MB on two processors: 7.2 s with one and keys first, 3.1 s with two and keys
last."""
_WAITING = 4
"""Pieces of rows that wait for a session, each of about 1 MiB."""
_AHEAD = 4
"""Pieces of the copy that are fetched before they are unpacked."""
_NOT_THERE = ("42704", "42501", "3F000")
_UNKNOWN_SETTING = ("1193", "42704")
T = TypeVar("T")


@dataclass(slots=True)
class Loaded:
    """What was carried out: statements, pieces of rows, and what was left out because no role is there for it."""

    statements: int = 0
    pieces: int = 0
    left_out: int = 0
    seconds: dict[str, float] = field(default_factory=dict)


@dataclass(slots=True)
class _Held:
    """What waits for the proof, of one database of PostgreSQL's or of the whole server of MySQL's."""

    database: str
    settings: list[bytes] = field(default_factory=list)
    keys: list[tuple[str, bytes]] = field(default_factory=list)
    references: list[tuple[str, bytes]] = field(default_factory=list)
    later: list[bytes] = field(default_factory=list)


def load(
    dump: Iterable[bytes],
    to: Database,
    credentials: Credentials,
    *,
    sessions: int = SESSIONS,
    say: Callable[[str], None] = lambda words: None,
) -> Loaded:
    """Carry a dump out on a server whose databases are there and empty.

    Raises BadCopy where the dump is not what its manifest says or holds what no dump of ours does, OutsideError where
    the server refuses. Either way what is on the server by then must be thrown away.
    """
    with ExitStack() as closing:
        loading = _Loading(to, credentials, sessions, closing, say)
        coming = ahead(dump)
        try:
            for piece in statements(coming, to.engine):
                loading.take(piece)
        except StatementError:
            # Rows that were damaged may be words that the server refuses before the checksum is reached. So the rest
            # is read for nothing but its end, which raises BadCopy where the copy is what is wrong.
            deque(coming, maxlen=0)
            raise
        except UnexpectedError as error:
            raise BadCopy(f"it holds what no dump does: {error}") from None
        except ValueError as error:
            raise BadCopy(str(error)) from None
        return loading.finish()


class _Loading:
    def __init__(
        self, to: Database, credentials: Credentials, sessions: int, closing: ExitStack, say: Callable[[str], None]
    ) -> None:
        self._to, self._credentials, self._count = to, credentials, sessions
        self._closing, self._say = closing, say
        self._done = Loaded()
        self._held: list[_Held] = []
        self._database = ""
        self._first: Session | None = None
        self._team: _Team | None = None
        self._defined = self._filled = False
        if to.engine == "mysql":
            self._open("")

    def take(self, piece: Piece) -> None:
        decided = when(piece, self._to.engine, defined=self._defined, filled=self._filled)
        if decided is When.NEVER:
            return
        if self._to.engine == "postgresql" and piece.sql.startswith(b"\\"):
            self._open(_unquoted(piece.sql.split(None, 1)[1].decode()))
            return
        if self._first is None or self._team is None:
            raise BadCopy("it does not say which database it is of")
        self._done.statements += 1
        held = self._held[-1]
        match decided:
            case When.EVERYWHERE:
                held.settings.append(piece.sql)
                self._setting(self._first, piece.sql)
                self._team.everywhere(piece.sql)
            case When.NOW:
                self._defined = True
                self._first.run(self._now(piece.sql, held))
            case When.BOTH:
                self._use(piece.sql)
                self._setting(self._first, piece.sql)
                held.later.append(piece.sql)
            case When.ROWS:
                self._defined = self._filled = True
                self._done.pieces += 1
                self._team.put(_Rows(piece, self._database))
            case When.KEYS:
                held.keys.append((self._database, piece.sql))
            case When.REFERENCES:
                held.references.append((self._database, piece.sql))
            case When.LATER:
                self._defined = True
                held.later.append(without_definer(piece.sql) if self._to.engine == "mysql" else piece.sql)

    def finish(self) -> Loaded:
        """Wait for the rows, and then carry out what waited for the proof, which has come by now."""
        if self._team is not None:
            self._team.wait()
        for held in self._held:
            if held.database != self._database and self._to.engine == "postgresql":
                self._open(held.database, of=held)
            self._behind(held)
        return self._done

    # -- steps -----------------------------------------------------------------------------------------------------

    def _now(self, sql: bytes, held: _Held) -> bytes:
        if self._to.engine != "mysql":
            return sql
        table = without_keys(sql)
        for statement, kept in ((table.keys, held.keys), (table.references, held.references)):
            if statement:
                kept.append((self._database, statement))
        return table.create

    def _behind(self, held: _Held) -> None:
        assert self._first is not None
        assert self._team is not None
        # The dump's end has put its session back to how it was.
        for setting in held.settings:
            self._setting(self._first, setting)
        self._say(f"{len(held.keys)} keys, {len(held.references)} references, {len(held.later)} other definitions")
        self._team.everywhere(*_for_keys(self._to.engine), tolerant=True)
        for database, sql in held.keys:
            self._team.put(_Statement(sql, database))
        self._team.wait()
        for database, sql in held.references:
            _Statement(sql, database)(self._first)
        for sql in held.later:
            try:
                self._first.run(sql)
            except StatementError as error:
                unknown = sql[:4].upper() == b"SET " and error.code in _UNKNOWN_SETTING
                if not (unknown or (of_roles(sql) and error.code in _NOT_THERE)):
                    raise
                self._done.left_out += 1

    def _setting(self, session: Session, sql: bytes) -> None:
        try:
            session.run(sql)
        except StatementError as error:
            # A newer client sets what an older server does not know; as psql and mysql do, go on.
            if error.code not in _UNKNOWN_SETTING:
                raise

    def _use(self, sql: bytes) -> None:
        if sql[:4].upper() == b"USE ":
            self._database = sql[4:].strip().removeprefix(b"`").removesuffix(b"`").replace(b"``", b"`").decode()
            if self._database not in self._to.databases:
                raise BadCopy(f"it is of the database {self._database}, which was not asked for")

    def _open(self, database: str, of: _Held | None = None) -> None:
        """Sessions in a database; what the ones before were given to do is done first."""
        if database and database not in self._to.databases:
            raise BadCopy(f"it is of the database {database}, which was not asked for")
        if self._team is not None:
            self._team.wait()
            self._team.end()
        if self._first is not None:
            self._first.close()
        self._database = database
        self._defined = self._filled = False
        self._first = connect(self._to, self._credentials, database)
        self._closing.callback(self._first.close)
        self._team = _Team([connect(self._to, self._credentials, database) for _ in range(self._count)])
        self._closing.callback(self._team.end)
        for setting in of.settings if of is not None else _SETTINGS[self._to.engine]:
            self._setting(self._first, setting)
            self._team.everywhere(setting, tolerant=True)
        if of is None:
            self._held.append(_Held(database, list(_SETTINGS[self._to.engine])))


# What is proven by its checksum was checked where it was written; checked again it would take twice as long.
_SETTINGS: dict[Engine, tuple[bytes, ...]] = {
    "mysql": (
        b"SET SESSION unique_checks=0, foreign_key_checks=0",
        b"SET SESSION net_read_timeout=3600, wait_timeout=28800",
    ),
    "postgresql": (b"SET statement_timeout = 0",),
}


def _for_keys(engine: Engine) -> tuple[bytes, ...]:
    # MySQL's 1 MiB for sorting is for a busy server; MariaDB and older MySQL do not know it.
    if engine == "mysql":
        return (b"SET SESSION innodb_ddl_buffer_size=67108864",)
    return (b"SET maintenance_work_mem = '128MB'",)


@dataclass(frozen=True, slots=True)
class _Rows:
    piece: Piece
    database: str

    def __call__(self, session: Session) -> None:
        session.rows(self.piece, self.database)


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: bytes
    database: str

    def __call__(self, session: Session) -> None:
        if isinstance(session, MySql):
            session.run(b"USE " + name(self.database))
        session.run(self.sql)


def _unquoted(said: str) -> str:
    said = said.strip()
    if re.fullmatch(r'"(?:[^"]|"")+"', said):
        return said[1:-1].replace('""', '"')
    return said


class _Team:
    """Sessions that do what is given to whichever is free; the first failure stops all and is raised to who gives."""

    def __init__(self, sessions: list[Session]) -> None:
        self._sessions = sessions
        self._work: queue.Queue[Callable[[Session], None] | None] = queue.Queue(_WAITING)
        self._failure: BaseException | None = None
        self._ended = False
        self._threads = [threading.Thread(target=self._does, args=(session,), daemon=True) for session in sessions]
        for thread in self._threads:
            thread.start()

    def put(self, work: Callable[[Session], None]) -> None:
        """Give something to do; waits while enough is waiting."""
        self._check()
        self._work.put(work)

    def wait(self) -> None:
        """Wait until all that was given is done."""
        self._work.join()
        self._check()

    def everywhere(self, *statements: bytes, tolerant: bool = False) -> None:
        """Have each session carry out statements, once what was given before is done."""
        self.wait()
        for session in self._sessions:
            for sql in statements:
                try:
                    session.run(sql)
                except StatementError as error:
                    if not tolerant and error.code not in _UNKNOWN_SETTING:
                        raise

    def end(self) -> None:
        """End the sessions; what waits is not done any more."""
        if self._ended:
            return
        self._ended = True
        self._failure = self._failure or OutsideError("ended before it was done")
        for _ in self._threads:
            self._work.put(None)
        for thread in self._threads:
            thread.join()
        for session in self._sessions:
            session.close()

    def _check(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _does(self, session: Session) -> None:
        while (work := self._work.get()) is not None:
            try:
                # After a failure what waits is taken and dropped, so that nobody waits for ever to give more.
                if self._failure is None:
                    work(session)
            except BaseException as error:
                self._failure = error
            finally:
                self._work.task_done()
        self._work.task_done()


def ahead(pieces: Iterable[T], depth: int = _AHEAD) -> Iterator[T]:
    """The same pieces, fetched by a thread while the ones before are worked on; what it raises is raised here."""
    waiting: deque[T] = deque()
    changed = threading.Condition()
    ended = abandoned = False
    failure: list[BaseException] = []

    def fetch() -> None:
        nonlocal ended
        try:
            for piece in pieces:
                with changed:
                    changed.wait_for(lambda: len(waiting) < depth or abandoned)
                    if abandoned:
                        return
                    waiting.append(piece)
                    changed.notify_all()
        except BaseException as error:
            failure.append(error)
        finally:
            with changed:
                ended = True
                changed.notify_all()

    thread = threading.Thread(target=fetch, daemon=True)
    thread.start()
    try:
        while True:
            with changed:
                changed.wait_for(lambda: bool(waiting) or ended)
                if not waiting:
                    break
                piece = waiting.popleft()
                changed.notify_all()
            yield piece
        if failure:
            raise failure[0]
    finally:
        with changed:
            abandoned = True
            changed.notify_all()
        thread.join()
