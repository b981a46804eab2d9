"""What a dump holds, found out while it streams by: rows of each table, a digest of the schema, whether it is whole.

Rows are counted with the searches of ``bytes`` alone: a loop over characters would cost more than dump and packing
together. What makes that exact:

- MySQL's clients escape quotes, backslashes and line breaks in strings, so that an INSERT ends at the first ``;``
  before a line break. MariaDB's begin each row on a line of its own; MySQL's write ``),(`` between rows, which may
  stand in a string too, and is taken for a boundary only where the quotes before it are even in number.
- PostgreSQL writes a row a line between ``COPY ... FROM stdin;`` and ``\\.``, with line breaks escaped.

Bodies of routines are no data whatever stands in them: they lie between ``DELIMITER`` lines, or in PostgreSQL's quotes.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod

from seawall.operate.copies.job import Engine

_LONGEST_LINE = 2**26
"""Bytes of a line of schema above which this is no dump that we know."""


class CensusError(Exception):
    """Something in the dump is not as its client writes it, so that its rows cannot be counted."""


def census(engine: Engine) -> MysqlCensus | PostgresqlCensus:
    """Whoever counts dumps of this engine: feed it pieces, then ``close`` it."""
    return MysqlCensus() if engine == "mysql" else PostgresqlCensus()


class _Census(ABC):
    """What both have in common: lines of schema, and the table whose rows go by."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.server = ""
        self._schema = hashlib.sha256()
        self._tail = b""
        self._table = ""
        self._last = b""

    @property
    def schema(self) -> str:
        """SHA-256 of what defines the database: the lines that are neither rows nor change from dump to dump."""
        return self._schema.hexdigest()

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the dump."""
        buffer = self._tail + piece if self._tail else piece
        at = 0
        while at < len(buffer):
            reached = self._data(buffer, at) if self._table else self._lines(buffer, at)
            if reached == at:
                break
            at = reached
        self._tail = buffer[at:]

    def close(self) -> bool:
        """End the count; whether the dump is whole, as its last lines say."""
        # Every line of a whole dump is ended.
        if self._table or self._tail:
            return False
        return self._whole()

    def _lines(self, buffer: bytes, at: int) -> int:
        """Take whole lines up to one that begins rows; where that ended."""
        while not self._table:
            end = buffer.find(b"\n", at)
            if end < 0 and len(buffer) - at > _LONGEST_LINE:
                raise CensusError(f"a line has more than {_LONGEST_LINE} bytes")
            reached = self._begun(buffer, at) if end < 0 else self._line_at(buffer, at, end)
            if reached == at:
                break
            at = reached
        return at

    def _begun(self, buffer: bytes, at: int) -> int:
        return at

    def _line_at(self, buffer: bytes, at: int, end: int) -> int:
        self._line(buffer[at:end])
        return end + 1

    @abstractmethod
    def _data(self, buffer: bytes, at: int) -> int:
        """Take rows; where that ended."""

    @abstractmethod
    def _line(self, line: bytes) -> None:
        """Take a line between rows."""

    @abstractmethod
    def _whole(self) -> bool:
        """Whether the lines taken are those of a dump that came to its end."""


_INSERT = b"INSERT INTO "
# A name in backticks, which are doubled inside it; columns where the dump says them.
_HEAD = re.compile(rb"INSERT INTO `((?:[^`]|``)+)`(?: \((?:`(?:[^`]|``)+`(?:, ?)?)+\))? VALUES(?: |\n)?(?=\()")
_HEAD_BYTES = 2**18
_TABLE = re.compile(rb"CREATE TABLE `((?:[^`]|``)+)` \(")
_BACKSLASH = 0x5C
_SEMICOLON = 0x3B
_SERVER = b"-- Server version"
_USE = re.compile(rb"USE `((?:[^`]|``)+)`;")
_COUNTER = re.compile(rb" AUTO_INCREMENT=\d+")
# Of tables that are filled, and the sandbox that only MariaDB's client knows.
_PASSING = (b"LOCK TABLES ", b"UNLOCK TABLES;", b"/*!40000 ALTER TABLE ", b"/*M!999999", b" /*M!999999", b"/*!999999")


def _quotes(row: bytes) -> int:
    """Quotes of a row that begin or end strings. An escape never lies across a boundary, for that holds none."""
    if b"\\\\" in row:
        row = row.replace(b"\\\\", b"__")
    return row.count(b"'") - row.count(b"\\'")


class MysqlCensus(_Census):
    """Of what mysqldump and mariadb-dump write."""

    def __init__(self) -> None:
        super().__init__()
        self._database = ""
        self._routine = False
        self._quoted = False
        self._own_lines = False

    def _begun(self, buffer: bytes, at: int) -> int:
        # An INSERT of MySQL's is one line, and too long to be waited for.
        if not self._routine and buffer.startswith(_INSERT, at):
            return self._insert(buffer, at)
        return at

    def _line_at(self, buffer: bytes, at: int, end: int) -> int:
        if not self._routine and buffer.startswith(_INSERT, at):
            return self._insert(buffer, at)
        return super()._line_at(buffer, at, end)

    def _insert(self, buffer: bytes, at: int) -> int:
        head = _HEAD.match(buffer, at, at + _HEAD_BYTES)
        if head is None:
            if len(buffer) - at >= _HEAD_BYTES or b";\n" in buffer[at:]:
                raise CensusError("an INSERT does not begin as one of a dump does")
            return at
        self._table = self._named(head[1])
        self._own_lines = buffer[head.end() - 1 : head.end()] == b"\n"
        self._quoted = False
        self.rows[self._table] = self.rows.get(self._table, 0) + 1
        return head.end()

    def _data(self, buffer: bytes, at: int) -> int:
        # A line break alone is found faster; where it is not between rows, it is the end.
        end = buffer.find(b";\n", at) if self._own_lines else buffer.find(b"\n", at) - 1
        if end >= at:
            if buffer[end] != _SEMICOLON:
                raise CensusError("an INSERT does not end as one of a dump does")
            self._count(buffer[at:end])
            self._table = ""
            return end + 2
        # What may be cut in two waits for the next piece: the end, a boundary between rows, an escape.
        stop = len(buffer)
        for cut in (b";", b"),", b")"):
            if buffer.endswith(cut, at):
                stop -= len(cut)
                break
        slashes = 0
        while stop - slashes > at and buffer[stop - slashes - 1] == _BACKSLASH:
            slashes += 1
        stop -= slashes % 2
        self._count(buffer[at:stop])
        return stop

    def _count(self, part: bytes) -> None:
        if self._own_lines:
            self.rows[self._table] += part.count(b"\n")
            return
        if not self._quoted and b"'" not in part:
            self.rows[self._table] += part.count(b"),(")
            return
        rows = part.split(b"),(")
        quotes = [row.count(b"'") & 1 if b"\\" not in row else _quotes(row) & 1 for row in rows]
        if not self._quoted and not any(quotes):
            self.rows[self._table] += len(rows) - 1
            return
        found, quoted = 0, self._quoted
        for odd in quotes[:-1]:
            quoted ^= bool(odd)
            found += not quoted
        self._quoted = quoted ^ bool(quotes[-1])
        self.rows[self._table] += found

    def _named(self, name: bytes) -> str:
        plain = name.replace(b"``", b"`").decode(errors="surrogateescape")
        return f"{self._database}.{plain}" if self._database else plain

    def _line(self, line: bytes) -> None:
        if line.startswith(b"DELIMITER "):
            self._routine = line != b"DELIMITER ;"
        elif not self._routine:
            if not line:
                return
            if line.startswith(b"--"):
                self._last = line
                if line.startswith(_SERVER):
                    self.server = line[len(_SERVER) :].strip().decode(errors="replace")
                return
            if line.startswith(_PASSING):
                return
            used = _USE.fullmatch(line)
            if used:
                self._database = used[1].replace(b"``", b"`").decode(errors="surrogateescape")
            made = _TABLE.match(line)
            if made:
                # Nothing is inserted into one without rows.
                self.rows.setdefault(self._named(made[1]), 0)
            line = _COUNTER.sub(b"", line)
        self._last = line
        self._schema.update(line + b"\n")

    def _whole(self) -> bool:
        return self._last.startswith(b"-- Dump completed") and not self._routine


_NAME = rb"(?:\"(?:[^\"]|\"\")+\"|[^\s\".(]+)"


# A table without columns has no list of them, and two blanks.
_COPY = re.compile(rb"COPY (" + _NAME + rb"(?:\." + _NAME + rb")?)(?: \(.*\)| )? FROM stdin;")
_CONNECT = re.compile(rb"\\connect (?:\"((?:[^\"]|\"\")+)\"|(\S+))")
# What opens, in the order in which they are looked for; a tag must be a name or nothing.
_OPENS = re.compile(rb"'|\"|--|/\*|\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$")
_COMPLETE = b"-- PostgreSQL database dump complete"
_DUMPED = b"-- Dumped from database version"
_SEQUENCE = b"SELECT pg_catalog.setval("


class PostgresqlCensus(_Census):
    """Of what pg_dump writes as plain text, one database after the other."""

    def __init__(self) -> None:
        super().__init__()
        self._database = ""
        self._open = b""
        self._begins = True
        self._complete = False

    def _line(self, line: bytes) -> None:
        if not self._open:
            if line.startswith(b"--"):
                self._complete = self._complete or line == _COMPLETE
                if line.startswith(_DUMPED):
                    self.server = line[len(_DUMPED) :].strip().decode(errors="replace")
                return
            if not line or line.startswith((b"\\restrict ", b"\\unrestrict ", _SEQUENCE)):
                return
            if line.startswith(b"\\connect "):
                self._connect(line)
                return
            if line.startswith(b"COPY ") and line.endswith(b" FROM stdin;"):
                found = _COPY.fullmatch(line)
                if found is None:
                    raise CensusError("a COPY does not begin as one of a dump does")
                name = found[1].decode(errors="surrogateescape")
                self._table = f"{self._database}.{name}" if self._database else name
                self.rows.setdefault(self._table, 0)
                self._begins = True
                return
        self._schema.update(line + b"\n")
        self._follow(line)

    def _connect(self, line: bytes) -> None:
        if self._database and not self._complete:
            raise CensusError("a database begins before the one before it was complete")
        found = _CONNECT.fullmatch(line)
        if found is None:
            raise CensusError("a line that connects to a database is not understood")
        name = found[1].replace(b'""', b'"') if found[1] is not None else found[2]
        self._database = name.decode(errors="surrogateescape")
        self._complete = False
        self._schema.update(line + b"\n")

    def _follow(self, line: bytes) -> None:
        """Follow quotes over the lines of statements, so that no row is seen in the body of a function."""
        at = 0
        while True:
            if not self._open:
                found = _OPENS.search(line, at)
                if found is None or found[0] == b"--":
                    return
                self._open = b"*/" if found[0] == b"/*" else found[0]
                at = found.end()
            end = line.find(self._open, at)
            if end < 0:
                return
            at = end + len(self._open)
            self._open = b""

    def _data(self, buffer: bytes, at: int) -> int:
        if self._begins and buffer.startswith(b"\\.\n", at):
            self._table = ""
            return at + 3
        if self._begins and b"\\.\n".startswith(buffer[at : at + 3]):
            return at
        end = buffer.find(b"\n\\.\n", at)
        if end >= 0:
            self.rows[self._table] += buffer.count(b"\n", at, end + 1)
            self._table = ""
            return end + 4
        last = buffer.rfind(b"\n", at)
        self._begins = last >= 0
        if last < 0:
            return len(buffer)
        self.rows[self._table] += buffer.count(b"\n", at, last + 1)
        return last + 1

    def _whole(self) -> bool:
        return self._complete and not self._open
