"""Sessions with a database server by its own protocol: passwords stay in memory, and rows go over as they come.

A client program would need its password in a file and read each row once more; 200 MB over two such sessions cost this
process 0.2 s of processor time.
"""

from __future__ import annotations

import contextlib
import ssl
import time
from typing import Any, Protocol

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.dump import tls_authorities
from seawall.operate.copies.job import Database
from seawall.operate.copies.split import Piece

CONNECT_SECONDS = 10
_AGAIN = 5
"""How often rows are sent again that lost a deadlock or waited too long for a lock."""


class StatementError(OutsideError):
    """A server refused a statement; ``code`` is its own: MySQL's number or PostgreSQL's SQLSTATE."""

    def __init__(self, what: str, code: str, detail: str) -> None:
        super().__init__(what, detail)
        self.code = code


class Session(Protocol):
    """One connection that commits each statement. Every method raises StatementError or OutsideError."""

    def run(self, sql: bytes) -> None:
        """Carry out a statement."""

    def rows(self, piece: Piece, database: str) -> None:
        """Carry out an INSERT, or copy lines, in that database."""

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """The rows that a question is answered with."""

    def close(self) -> None:
        """End it; harmless twice."""


def connect(to: Database, credentials: Credentials, database: str = "") -> Session:
    """A session with a server, in one of its databases where one is named. Raises OutsideError where there is none."""
    return MySql(to, credentials, database) if to.engine == "mysql" else PostgreSql(to, credentials, database)


def _context(to: Database) -> ssl.SSLContext | None:
    authorities = tls_authorities(to)
    return ssl.create_default_context(cafile=authorities) if authorities else None


class MySql:
    """MySQL or what speaks as it does."""

    def __init__(self, to: Database, credentials: Credentials, database: str = "") -> None:
        try:
            import pymysql
        except ImportError:
            raise OutsideError("PyMySQL is not here, which restores", fix="pip install seawall[agent]") from None
        self._errors: Any = pymysql.err
        self._used = database
        context = _context(to)
        try:
            self._connection: Any = pymysql.connect(
                host=to.host,
                port=to.port,
                user=credentials.user,
                password=credentials.password,
                database=database or None,
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=CONNECT_SECONDS,
                ssl=context,
                # Without this word PyMySQL reads every authority of the system, 20 ms of CPU, to use none.
                ssl_disabled=context is None,
            )
        except (pymysql.err.Error, OSError) as error:
            code, words = _said(error)
            raise StatementError(f"{to.host}:{to.port} does not let us in", code, words) from None

    def run(self, sql: bytes) -> None:
        try:
            self._connection.query(sql)
        except (self._errors.Error, OSError) as error:
            code, words = _said(error)
            raise StatementError(f"the server refused `{_first(sql)}`", code, words) from None

    def rows(self, piece: Piece, database: str) -> None:
        if database != self._used:
            self.run(b"USE " + name(database))
            self._used = database
        for attempt in range(_AGAIN + 1):
            try:
                self._connection.query(piece.sql)
                return
            except (self._errors.Error, OSError) as error:
                code, words = _said(error)
                # The statement was undone as a whole; somebody else may have the lock by now.
                if code in ("1205", "1213") and attempt < _AGAIN:
                    time.sleep(0.05 * 2**attempt)
                    continue
                # What the server says may hold a row.
                said = words if code not in ("1062", "1406", "1366", "1292") else f"error {code}"
                table = piece.table.decode(errors="replace")
                raise StatementError(f"the server refused rows of {database}.{table}", code, said) from None

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                return list(cursor.fetchall() or ())
        except (self._errors.Error, OSError) as error:
            code, words = _said(error)
            raise StatementError(f"the server refused `{_first(sql.encode())}`", code, words) from None

    def close(self) -> None:
        with contextlib.suppress(self._errors.Error, OSError):
            self._connection.close()


class PostgreSql:
    """PostgreSQL; one session is in one database."""

    def __init__(self, to: Database, credentials: Credentials, database: str = "") -> None:
        try:
            import pg8000.native
        except ImportError:
            raise OutsideError("pg8000 is not here, which restores", fix="pip install seawall[agent]") from None
        self._errors: Any = (pg8000.native.DatabaseError, pg8000.native.InterfaceError, OSError)
        context = _context(to)
        try:
            self._connection: Any = pg8000.native.Connection(
                user=credentials.user,
                password=credentials.password,
                host=to.host,
                port=to.port,
                database=database or "postgres",
                timeout=CONNECT_SECONDS,
                ssl_context=context if context is not None else False,
            )
            # It was for connecting alone: a key of a large table takes what it takes.
            self._connection._usock.settimeout(None)
        except self._errors as error:
            code, words = _said(error)
            raise StatementError(f"{to.host}:{to.port} does not let us in", code, words) from None

    def run(self, sql: bytes) -> None:
        try:
            self._connection.run(sql.decode())
        except UnicodeDecodeError:
            raise StatementError(f"`{_first(sql)}` is not UTF-8", "", "") from None
        except self._errors as error:
            code, words = _said(error)
            raise StatementError(f"the server refused `{_first(sql)}`", code, words) from None

    def rows(self, piece: Piece, database: str) -> None:
        if not piece.lines:
            return
        try:
            # Not `run`, which takes colons in a name for values that are missing; an iterable goes over in one.
            self._connection.execute_unnamed(piece.sql.decode(), stream=[piece.lines])
        except self._errors as error:
            code, _ = _said(error)
            table = piece.table.decode(errors="replace")
            # What the server says may hold a row.
            raise StatementError(f"the server refused rows of {database}.{table}", code, f"error {code}") from None

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        try:
            return [tuple(row) for row in self._connection.run(sql) or ()]
        except self._errors as error:
            code, words = _said(error)
            raise StatementError(f"the server refused `{_first(sql.encode())}`", code, words) from None

    def close(self) -> None:
        with contextlib.suppress(*self._errors):
            self._connection.close()


def name(identifier: str) -> bytes:
    """A name of MySQL's, quoted."""
    return b"`" + identifier.encode(errors="surrogateescape").replace(b"`", b"``") + b"`"


def quoted(identifier: str) -> str:
    """A name of PostgreSQL's, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text of plain letters as both servers take it. Raises ValueError where it would have to be escaped."""
    if "'" in text or "\\" in text:
        raise ValueError(f"{text!r} cannot stand in a statement")
    return f"'{text}'"


def _first(sql: bytes) -> str:
    # No more than that: behind it may stand somebody's data.
    return " ".join(sql[:400].decode(errors="replace").split()[:4])[:80]


def _said(error: Exception) -> tuple[str, str]:
    """A server's code and words."""
    match error.args:
        case (int(code), words, *_):
            return str(code), str(words)
        case ({"C": str(code), "M": words, **rest}, *_):
            return code, str(words) + (f" ({rest['H']})" if "H" in rest else "")
    return "", str(error)
