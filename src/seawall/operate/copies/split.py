"""Where a dump may be cut: statements of mysqldump and mariadb-dump, and of pg_dump with its COPY blocks.

Pieces are cut so that joined again they are the dump to the byte. A row's text never decides where a statement ends:
quotes, comments, dollar quotes, DELIMITER and bodies of functions are read as the servers' own clients read them.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

COPY_CHUNK = 1 << 20
"""Bytes of COPY lines after which a block is cut, so that two sessions can share a large table."""
LONGEST = 1 << 30
"""Bytes above which a statement is none: no server takes a larger packet (max_allowed_packet ends at 1 GiB)."""

_SPACE = re.compile(rb"\s+")
_LINE_COMMENT = re.compile(rb"[^\n]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a dump; ``parts`` joined are its bytes, comments before it and what ends it included.

    ``sql`` is what a server is to run, without either; empty where there is nothing to run. ``rows`` says that it is
    an INSERT or a part of a COPY block; then ``table`` is its target as it is written, and ``lines`` the block's.
    """

    parts: tuple[bytes, ...]
    sql: bytes = b""
    rows: bool = False
    table: bytes = b""
    lines: bytes = b""

    @property
    def raw(self) -> bytes:
        """Its bytes."""
        return b"".join(self.parts)


def statements(dump: Iterable[bytes], engine: Literal["mysql", "postgresql"]) -> Iterator[Piece]:
    """Cut a dump, however its bytes come in, into its statements. Raises ValueError where one is beyond all bounds."""
    scanner = _MySql(dump) if engine == "mysql" else _PostgreSql(dump)
    return scanner.pieces()


class _Scanner(ABC):
    """The bytes that have come in and were not handed on, and where in them the reading stands."""

    def __init__(self, dump: Iterable[bytes]) -> None:
        self._coming = iter(dump)
        self._ended = False
        self.held = bytearray()
        self.at = 0

    def pieces(self) -> Iterator[Piece]:
        while True:
            self.at = 0
            found = self._comments()
            if not found:
                if self.held:
                    yield Piece((bytes(self.held),))
                return
            yield from self._statement()

    @abstractmethod
    def _statement(self) -> Iterator[Piece]:
        """The statement that begins here, as one piece or, of rows, as several."""

    @abstractmethod
    def _comment(self, begins: int) -> Callable[[int], int] | None:
        """What reads past a comment that begins there; it answers -1 where its end has not come in."""

    # -- bytes -----------------------------------------------------------------------------------------------------

    def more(self) -> bool:
        """Take in more bytes; whether there were any."""
        if not self._ended:
            for part in self._coming:
                if part:
                    self.held += part
                    if len(self.held) > LONGEST:
                        raise ValueError(f"a statement of the dump has no end within {LONGEST} bytes")
                    return True
            self._ended = True
        return False

    def has(self, count: int) -> bool:
        """Whether so many bytes are there from where it stands on."""
        while len(self.held) - self.at < count:
            if not self.more():
                return False
        return True

    def take(self, end: int) -> bytes:
        """Hand the bytes up to ``end`` on."""
        raw = self.part(0, end)
        del self.held[:end]
        self.at = 0
        return raw

    def part(self, begins: int, end: int) -> bytes:
        """The bytes between two places, copied once."""
        with memoryview(self.held) as view:
            return bytes(view[begins:end])

    def past(self, reads: Callable[[int], int]) -> bool:
        """Move past something that may not have come in whole; whether it has an end at all."""
        while (end := reads(self.at)) < 0:
            if not self.more():
                self.at = len(self.held)
                return False
        self.at = end
        return True

    def find(self, what: bytes, after: int) -> Callable[[int], int]:
        """What looks for the end of something: behind ``what``, which is looked for ``after`` bytes further."""
        looked = 0

        def reads(begins: int) -> int:
            nonlocal looked
            found = self.held.find(what, max(begins + after, looked))
            looked = max(0, len(self.held) - len(what) + 1)
            return found + len(what) if found >= 0 else -1

        return reads

    def matched(self, pattern: re.Pattern[bytes]) -> Callable[[int], int]:
        """What reads past a pattern."""

        def reads(begins: int) -> int:
            match = pattern.match(self.held, begins)
            return match.end() if match else -1

        return reads

    def line(self, begins: int) -> int:
        """Past the end of a line."""
        found = self.held.find(b"\n", begins)
        if found >= 0:
            return found + 1
        return len(self.held) if self._ended else -1

    def _comments(self) -> bool:
        """Move past blanks and comments before a statement; False where nothing follows them."""
        while self.has(1):
            space = _SPACE.match(self.held, self.at)
            if space:
                self.at = space.end()
                continue
            self.has(4)
            comment = self._comment(self.at)
            if comment is None:
                return True
            if not self.past(comment):
                return False
        return False


_MYSQL_STRING = re.compile(rb"'(?:[^'\\]++|\\.)*+'", re.DOTALL)
_MYSQL_DOUBLE = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_MYSQL_NAME = re.compile(rb"`[^`]*+`")
_DELIMITER = re.compile(rb"delimiter[ \t]+(\S+)", re.IGNORECASE)
_INSERT = re.compile(
    rb"(?:INSERT|REPLACE)(?: IGNORE)? INTO (`[^`']+`(?:\.`[^`']+`)?) (?:\([^'\"()]*\) )?VALUES\s", re.IGNORECASE
)
_HEAD = 64 * 1024
"""Bytes within which the columns of an INSERT have an end."""


class _MySql(_Scanner):
    """As `mysql` and `mariadb` read what is piped into them."""

    def __init__(self, dump: Iterable[bytes]) -> None:
        super().__init__(dump)
        self._delimit(b";")

    def _delimit(self, by: bytes) -> None:
        self._by = by
        self.stops = re.compile(re.escape(by) + rb"|['\"`#/-]")

    def _comment(self, begins: int) -> Callable[[int], int] | None:
        head = bytes(self.held[begins : begins + 4])
        if head[:1] == b"#" or (head[:2] == b"--" and (len(head) < 3 or head[2:3].isspace())):
            return self.line
        # `/*!` and MariaDB's `/*M!` hold what is to be run; a dump's first line is for a version that never comes.
        if head[:2] == b"/*" and head[2:3] not in (b"!", b"+") and head != b"/*M!":
            return self.find(b"*/", 2)
        if head == b"/*M!" and self.has(12) and self.held[begins : begins + 10] == b"/*M!999999":
            return self.find(b"*/", 2)
        return None

    def _statement(self) -> Iterator[Piece]:
        begins = self.at
        head = bytes(self.held[begins : begins + 10]) if self.has(10) else bytes(self.held[begins:])
        if head[:9].lower() == b"delimiter" and self.past(self.line):
            said = _DELIMITER.match(self.held, begins, self.at)
            if said:
                self._delimit(said[1])
                yield Piece((self.take(self.at),))
                return
            self.at = begins
        if self._by == b";" and head[:7].upper() in (b"INSERT ", b"REPLACE"):
            rows = self._rows(begins)
            if rows is not None:
                yield rows
                return
            self.at = begins
        yield self._other(begins)

    def _rows(self, begins: int) -> Piece | None:
        """An INSERT as the dump programs write it: cut at `;` with as many quotes before it as close one another."""
        self.has(_HEAD)
        insert = _INSERT.match(self.held, begins)
        if insert is None:
            return None
        table, values = insert[1], insert.end()
        self.at = values
        while self.past(self.find(b";\n", 0)):
            end = self.at - 1
            sql = self.part(begins, end - 1)
            if _closed(sql):
                before = self.part(0, begins)
                del self.held[:end]
                self.at = 0
                return Piece((before, sql, b";"), sql, rows=True, table=table)
            self.at = end
        return None

    def _other(self, begins: int) -> Piece:
        by = self._by
        while True:
            stop = self.stops.search(self.held, self.at)
            # A sign of several bytes may have come in by half.
            if stop is None or stop.end() + 4 > len(self.held):
                if self.more():
                    continue
                if stop is None:
                    raw = self.take(len(self.held))
                    return Piece((raw,), raw[begins:].strip())
            self.at = stop.start()
            sign = bytes(stop[0])
            if sign == by:
                end = stop.end()
                raw = self.take(end)
                return Piece((raw,), raw[begins : end - len(by)].strip())
            reads: Callable[[int], int] | None
            if sign == b"'":
                reads = self.matched(_MYSQL_STRING)
            elif sign == b'"':
                reads = self.matched(_MYSQL_DOUBLE)
            elif sign == b"`":
                reads = self.matched(_MYSQL_NAME)
            else:
                reads = self._comment(self.at)
            if reads is None:
                self.at += len(sign)
            elif not self.past(reads):
                raw = self.take(len(self.held))
                return Piece((raw,), raw[begins:].strip())


def _closed(sql: bytes) -> bool:
    """Whether every quote has its fellow; pairs of backslashes escape nothing behind them."""
    quotes = sql.count(b"'")
    # One byte is looked for several times as fast as two.
    if sql.find(b"\\") >= 0:
        if b"\\\\" in sql:
            sql = sql.replace(b"\\\\", b"")
        quotes -= sql.count(b"\\'")
    return quotes % 2 == 0


_PG_STRING = re.compile(rb"'[^']*+'")
_PG_ESCAPED = re.compile(rb"'(?:[^'\\]++|\\.)*+'", re.DOTALL)
_PG_NAME = re.compile(rb'"[^"]*+"')
_DOLLAR = re.compile(rb"\$(?:[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*)?\$")
_DOLLAR_BEGINS = re.compile(rb"\$[A-Za-z0-9_\x80-\xff]*\Z")
_ROUTINE = re.compile(rb"create\s+(?:or\s+replace\s+)?(?:function|procedure)\b", re.IGNORECASE)
_TABLE = rb"(?:\"(?:[^\"]|\"\")+\"|[A-Za-z_\x80-\xff][A-Za-z0-9_$\x80-\xff]*)"
# Strictly as pg_dump writes it: `COPY t FROM PROGRAM '...' -- FROM stdin` would have the server run a program. A table
# without columns has no list of them, and two blanks.
_COPY = re.compile(
    rb"COPY (" + _TABLE + rb"(?:\." + _TABLE + rb")?)"
    rb"(?: \(" + _TABLE + rb"(?:, " + _TABLE + rb")*\)| )? FROM stdin\Z"
)
_WORD = rb"(?i:\b(?:begin|case|end)\b)"


class _PostgreSql(_Scanner):
    """As `psql` reads what is piped into it."""

    plain = re.compile(rb"['\"$/;()-]")
    routine = re.compile(rb"['\"$/;()-]|" + _WORD)

    def _comment(self, begins: int) -> Callable[[int], int] | None:
        head = bytes(self.held[begins : begins + 2])
        if head == b"--":
            return self.line
        return self._nested if head == b"/*" else None

    def _nested(self, begins: int) -> int:
        depth, at = 0, begins
        while True:
            match = re.compile(rb"/\*|\*/").search(self.held, at)
            if match is None:
                return -1
            depth += 1 if match[0] == b"/*" else -1
            at = match.end()
            if depth == 0:
                return at

    def _statement(self) -> Iterator[Piece]:
        begins = self.at
        if self.held[begins : begins + 1] == b"\\":
            self.past(self.line)
            raw = self.take(self.at)
            yield Piece((raw,), raw[begins:].strip())
            return
        piece = self._other(begins)
        copied = _COPY.match(piece.sql)
        if copied is None:
            yield piece
        else:
            yield from self._block(piece, copied[1])

    def _block(self, head: Piece, table: bytes) -> Iterator[Piece]:
        """The lines up to `\\.`, in chunks; the first carries the statement, the last the sign of the end."""
        before = head.raw
        self.past(self.line)
        before += self.take(self.at)
        while True:
            self.has(COPY_CHUNK)
            end = 0 if self.held.startswith(b"\\.\n") else self.held.find(b"\n\\.\n") + 1
            if end or self.held.startswith(b"\\.\n"):
                lines = self.take(end)
                yield Piece((before, lines, self.take(3)), head.sql, rows=True, table=table, lines=lines)
                return
            cut = self.held.rfind(b"\n", 0, max(0, len(self.held) - 2)) + 1
            if cut and len(self.held) >= COPY_CHUNK:
                lines = self.take(cut)
                yield Piece((before, lines), head.sql, rows=True, table=table, lines=lines)
                before = b""
            elif not self.more():
                # Cut off in the middle of a block, or `\.` without an end of line.
                rest = self.take(len(self.held))
                lines = rest.removesuffix(b"\\.") if rest in (b"\\.",) or rest.endswith(b"\n\\.") else rest
                yield Piece((before, rest), head.sql, rows=True, table=table, lines=lines)
                return

    def _other(self, begins: int) -> Piece:
        self.has(64)
        stops = self.routine if _ROUTINE.match(self.held, begins) else self.plain
        parentheses = blocks = 0
        while True:
            stop = stops.search(self.held, self.at)
            # A word or a sign of several bytes may have come in by half.
            if (stop is None or stop.end() + 8 > len(self.held)) and self.more():
                continue
            if stop is None:
                break
            self.at = stop.start()
            sign = bytes(stop[0])
            reads: Callable[[int], int] | None = None
            match sign:
                case b"(" | b")":
                    parentheses = max(0, parentheses + (1 if sign == b"(" else -1))
                case b";" if parentheses == 0 and blocks == 0:
                    end = stop.end()
                    raw = self.take(end)
                    return Piece((raw,), raw[begins : end - 1].strip())
                case b"'":
                    before = bytes(self.held[max(0, self.at - 2) : self.at])
                    escaped = before[-1:] in (b"E", b"e") and not _in_name(before[:-1])
                    reads = self.matched(_PG_ESCAPED if escaped else _PG_STRING)
                case b'"':
                    reads = self.matched(_PG_NAME)
                case b"$":
                    reads = self._dollar()
                case b"-" | b"/":
                    reads = self._comment(self.at)
                case word if word[:1].isalpha() and parentheses == 0:
                    kind = word.lower()
                    # As psql does: a CASE within a body has an END of its own.
                    if kind == b"begin" or (kind == b"case" and blocks):
                        blocks += 1
                    elif kind == b"end" and blocks:
                        blocks -= 1
            if reads is None:
                self.at = stop.end()
            elif not self.past(reads):
                break
        raw = self.take(len(self.held))
        return Piece((raw,), raw[begins:].strip())

    def _dollar(self) -> Callable[[int], int] | None:
        if self.at and _in_name(bytes(self.held[self.at - 1 : self.at])):
            return None
        while _DOLLAR_BEGINS.match(self.held, self.at) and self.more():
            pass
        tag = _DOLLAR.match(self.held, self.at)
        return self.find(bytes(tag[0]), len(tag[0])) if tag else None


def _in_name(before: bytes) -> bool:
    last = before[-1:]
    return last.isalnum() or last in (b"_", b"$") or last >= b"\x80"
