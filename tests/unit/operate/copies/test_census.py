"""Rows counted in the stream agree with a counter that reads every character, however the stream is cut."""

from __future__ import annotations

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.operate.copies.census import CensusError, MysqlCensus, PostgresqlCensus, census

NASTY = st.text(alphabet="ab'\"\\),(;\n\r\0`- é\t", max_size=12)
VALUE = st.one_of(st.none(), st.integers(-99, 99), NASTY)
ROWS = st.lists(st.lists(VALUE, min_size=2, max_size=2), min_size=1, max_size=6)
NAMES = st.text(alphabet="ab`.),( '", min_size=1, max_size=8)


def quoted(value: object) -> str:
    """A value as MySQL's clients write it."""
    if value is None:
        return "NULL"
    if isinstance(value, int):
        return str(value)
    escapes = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n", "\r": "\\r", "\0": "\\0"}
    return "'" + "".join(escapes.get(letter, letter) for letter in str(value)) + "'"


def insert(name: str, rows: list[list[object]], *, mariadb: bool, columns: bool) -> str:
    """One INSERT of several rows."""
    spelled = ["(" + ",".join(map(quoted, row)) + ")" for row in rows]
    head = f"INSERT INTO `{name.replace('`', '``')}`" + (" (`a``b`, `c`)" if columns else "") + " VALUES"
    return head + ("\n" + ",\n".join(spelled) if mariadb else " " + ",".join(spelled)) + ";\n"


def brute(dump: str) -> dict[str, int]:
    """Rows of each table, counted letter by letter: parentheses outside quotes."""
    found: dict[str, int] = {}
    at = 0
    while (at := dump.find("INSERT INTO `", at)) >= 0:
        at += len("INSERT INTO `")
        name = ""
        while dump[at] != "`" or dump[at : at + 2] == "``":
            at += 2 if dump[at] == "`" else 1
            name += dump[at - 1]
        at = dump.index(" VALUES", at) + len(" VALUES")
        quote = False
        while quote or dump[at] != ";":
            if quote and dump[at] == "\\":
                at += 1
            elif dump[at] == "'":
                quote = not quote
            elif dump[at] == "(" and not quote:
                found[name] = found.get(name, 0) + 1
            at += 1
    return found


def fed(engine: str, dump: bytes, cuts: list[int]) -> MysqlCensus | PostgresqlCensus:
    """A census that was fed the dump in pieces."""
    found = census("mysql" if engine == "mysql" else "postgresql")
    edges = [0, *sorted(cut % (len(dump) + 1) for cut in cuts), len(dump)]
    for first, last in itertools.pairwise(edges):
        found.feed(dump[first:last])
    return found


@given(
    tables=st.lists(st.tuples(NAMES, ROWS), min_size=1, max_size=4),
    mariadb=st.booleans(),
    columns=st.booleans(),
    cuts=st.lists(st.integers(0, 10_000), max_size=8),
)
def test_rows_of_inserts_are_those_that_a_reader_of_every_letter_finds(
    tables: list[tuple[str, list[list[object]]]], mariadb: bool, columns: bool, cuts: list[int]
) -> None:
    """Strings that hold boundaries, quotes, escapes and statements change no count, nor does where a piece ends."""
    dump = "".join(insert(name, rows, mariadb=mariadb, columns=columns) for name, rows in tables)
    counted = fed("mysql", dump.encode(), cuts)
    assert not counted.close()
    assert counted.rows == brute(dump)
    assert sum(counted.rows.values()) == sum(len(rows) for _, rows in tables)


@given(rows=ROWS, mariadb=st.booleans())
def test_a_dump_fed_byte_by_byte_is_counted_as_one_fed_whole(rows: list[list[object]], mariadb: bool) -> None:
    """Every place at which a piece can end is one at which it may."""
    dump = insert("t", rows, mariadb=mariadb, columns=False).encode()
    counted = MysqlCensus()
    for number in range(len(dump)):
        counted.feed(dump[number : number + 1])
    assert counted.rows == {"t": len(rows)}


@given(rows=st.lists(NASTY, max_size=6), cuts=st.lists(st.integers(0, 10_000), max_size=8))
def test_rows_of_copy_blocks_are_their_lines(rows: list[str], cuts: list[int]) -> None:
    """Backslashes, an escaped end marker and empty rows change no count, nor does where a piece ends."""
    escapes = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": ""}
    lines = "".join("".join(escapes.get(letter, letter) for letter in row) + "\n" for row in rows)
    dump = f'\\connect shop\nCOPY public."o (a) ""b" (a, "b ("" c") FROM stdin;\n{lines}\\.\n\nSELECT 1;\n'
    dump += "-- PostgreSQL database dump complete\n"
    counted = fed("postgresql", dump.encode(), cuts)
    assert counted.close()
    assert counted.rows == {'shop.public."o (a) ""b"': len(rows)}


ROUTINE = """USE `shop`;
CREATE TABLE `t` (
  `a` int(11) AUTO_INCREMENT
) ENGINE=InnoDB AUTO_INCREMENT={number} DEFAULT CHARSET=utf8mb4;
{insert}DELIMITER ;;
CREATE PROCEDURE `p`()
BEGIN
INSERT INTO `t` VALUES (1),(2);
END ;;
DELIMITER ;
"""
FUNCTION = """\\connect shop
CREATE FUNCTION public.f() RETURNS void
    LANGUAGE plpgsql
    AS $body$
COPY public.t (a) FROM stdin;
1
\\.
$body$;
COMMENT ON TABLE public.t IS 'it''s
COPY public.t (a) FROM stdin;
';
COPY public.t (a) FROM stdin;
1
2
\\.
-- PostgreSQL database dump complete
"""


def test_bodies_of_routines_are_no_rows() -> None:
    """What a procedure, a function or a comment holds is not counted, though it looks like data."""
    counted = fed("mysql", ROUTINE.format(number=5, insert="").encode() + b"-- Dump completed\n", [])
    assert counted.close()
    assert counted.rows == {"shop.t": 0}
    counted = fed("postgresql", FUNCTION.encode(), [])
    assert counted.close()
    assert counted.rows == {"shop.public.t": 2}


def test_the_digest_of_the_schema_hangs_on_definitions_alone() -> None:
    """Rows, the next number of a table, the hour and a token of pg_dump change nothing in it; a column does."""

    def digest(text: str) -> str:
        counted = fed("mysql", text.encode(), [7, 40])
        counted.close()
        return counted.schema

    plain = digest(ROUTINE.format(number=5, insert=""))
    assert plain == digest(ROUTINE.format(number=77, insert="INSERT INTO `t` VALUES (1);\n"))
    assert plain == digest("-- Dump completed on 2026\n" + ROUTINE.format(number=5, insert="LOCK TABLES `t` WRITE;\n"))
    assert plain != digest(ROUTINE.format(number=5, insert="").replace("`a` int", "`a` bigint"))
    restricted = fed("postgresql", b"\\restrict abc\n" + FUNCTION.encode(), [])
    assert restricted.close()
    assert restricted.schema == fed("postgresql", FUNCTION.encode(), [3]).schema


@pytest.mark.parametrize("engine", ["mysql", "postgresql"])
def test_a_dump_that_stops_anywhere_is_not_whole(engine: str) -> None:
    """Whatever is cut off at the end of a dump, it is not whole."""
    text = FUNCTION if engine == "postgresql" else ROUTINE.format(number=1, insert="") + "-- Dump completed on 2026\n"
    whole = text.encode()
    assert fed(engine, whole, []).close()
    for length in range(len(whole)):
        assert not fed(engine, whole[:length], []).close(), whole[:length]


def test_two_databases_are_both_whole_or_the_dump_is_not() -> None:
    """A second database behind one that was cut off is refused; behind a whole one it is counted by its own name."""
    counted = fed("postgresql", FUNCTION.encode() + FUNCTION.replace("connect shop", 'connect "two b"').encode(), [90])
    assert counted.close()
    assert counted.rows == {"shop.public.t": 2, "two b.public.t": 2}
    with pytest.raises(CensusError, match="before it was complete"):
        fed("postgresql", b"\\connect a\nSELECT 1;\n" + FUNCTION.encode(), [])


def test_an_insert_that_no_client_writes_is_refused() -> None:
    """What cannot be counted is said so, and not counted as something else."""
    with pytest.raises(CensusError):
        fed("mysql", b"INSERT INTO t SELECT * FROM u;\n", [])


def test_a_row_larger_than_any_buffer_is_counted_without_being_held() -> None:
    """A row of 20 MB leaves nothing of it in memory, of either engine."""
    piece = random.Random(1).randbytes(2**19).hex().encode()
    mysql = MysqlCensus()
    mysql.feed(b"INSERT INTO `t` VALUES (0x")
    postgresql = PostgresqlCensus()
    postgresql.feed(b"COPY public.t (a) FROM stdin;\n")
    for _ in range(20):
        for counted in (mysql, postgresql):
            counted.feed(piece)
            assert len(counted._tail) < 10
    mysql.feed(b"),(1);\n-- Dump completed\n")
    postgresql.feed(b"\n\\.\n")
    assert mysql.close()
    assert mysql.rows == {"t": 2}
    assert postgresql.rows == {"public.t": 1}
