"""A dump is cut where its own client would cut it, however its bytes come in, and joined again it is the dump."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.operate.copies.split import Piece, statements

_MYSQL_TEXT = st.text(st.sampled_from("ab'\"`\\;-#/*!$\n\t é漢\N{GRINNING FACE}(),"), max_size=30)
_IDENTIFIER = st.text(st.sampled_from("abc_;'\"- é"), min_size=1, max_size=8)


def _mysql_string(text: str) -> str:
    # A line break as it is: no dump has one there, and a server takes it.
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


_ROW = st.lists(
    st.one_of(st.integers().map(str), st.just("NULL"), _MYSQL_TEXT.map(_mysql_string), st.just("0xDEADBEEF")),
    min_size=1,
    max_size=4,
).map(lambda values: f"({','.join(values)})")


@st.composite
def _mysql_statement(draw: st.DrawFn) -> tuple[str, str]:
    """A statement as it stands in a dump, and what a server is to be sent of it."""
    kind = draw(st.sampled_from(("insert", "old insert", "table", "setting", "routine", "string")))
    table = "`" + draw(_IDENTIFIER).replace("`", "``") + "`"
    if kind in ("insert", "old insert"):
        rows = (",\n" if kind == "insert" else ",").join(draw(st.lists(_ROW, min_size=1, max_size=4)))
        sql = f"INSERT INTO {table} VALUES{chr(10) if kind == 'insert' else ' '}{rows}"
        return sql + ";\n", sql
    if kind == "table":
        comment = _mysql_string(draw(_MYSQL_TEXT))
        sql = f"CREATE TABLE {table} (\n  `id` int COMMENT {comment},\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB"
        return f"--\n-- it's {table}; a comment\n--\n\n{sql};\n", sql
    if kind == "setting":
        sql = "/*!40101 SET @saved = @@character_set_client */"
        return f"{sql};\n", sql
    if kind == "string":
        text = draw(_MYSQL_TEXT)
        sql = f"SET @a = {_mysql_string(text)} /* a; comment's */, @b = \"x;y\" -- ; it's\n"
        return sql + ";\n", sql.strip()
    body = f"BEGIN\n  -- don't stop; here\n  SELECT {_mysql_string(draw(_MYSQL_TEXT))};\n  SELECT 1;\nEND"
    sql = f"CREATE PROCEDURE {table}()\n{body}"
    return f"DELIMITER ;;\n{sql} ;;\nDELIMITER ;\n", sql


def _in_parts(dump: bytes, cuts: list[int]) -> Iterator[bytes]:
    at = 0
    for cut in sorted({cut % (len(dump) + 1) for cut in cuts}):
        yield dump[at:cut]
        at = cut
    yield dump[at:]


@given(st.lists(_mysql_statement(), max_size=8), st.lists(st.integers(0, 4000), max_size=30))
@settings(deadline=None, max_examples=300)
def test_mysql_is_cut_at_statements(made: list[tuple[str, str]], cuts: list[int]) -> None:
    """What is sent to MySQL is each statement whole, whatever quotes, comments, names and rows hold."""
    dump = "".join(text for text, _ in made).encode() + b"-- Dump completed on 2026-11-22\n"
    pieces = list(statements(_in_parts(dump, cuts), "mysql"))
    assert b"".join(piece.raw for piece in pieces) == dump
    assert [piece.sql.decode() for piece in pieces if piece.sql] == [sql for _, sql in made]


_PG_TEXT = st.text(st.sampled_from("ab'\"\\;-/*$\n\t é漢.()"), max_size=30)


def _copy_value(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")


@st.composite
def _postgresql_statement(draw: st.DrawFn) -> tuple[str, str, str]:
    """A statement as it stands in a dump, what a server is sent of it, and the lines of a COPY."""
    kind = draw(st.sampled_from(("copy", "literal", "escaped", "dollar", "atomic", "rule", "comment")))
    text = draw(_PG_TEXT)
    quoted = "'" + text.replace("'", "''") + "'"
    if kind == "copy":
        rows = draw(st.lists(_PG_TEXT, max_size=5))
        lines = "".join(f"{number}\t{_copy_value(row)}\n" for number, row in enumerate(rows))
        sql = 'COPY public."t;1" (id, "a ""b") FROM stdin'
        return f"{sql};\n{lines}\\.\n\n", sql, lines
    if kind == "literal":
        sql = f'COMMENT ON TABLE "it\'s;""x" IS {quoted}'
    elif kind == "escaped":
        escaped = text.replace("\\", "\\\\").replace("'", "\\'")
        sql = f"COMMENT ON TABLE x IS E'{escaped}'"
    elif kind == "dollar":
        body = text.replace("$", "")
        sql = f"CREATE FUNCTION f_$1(x int) RETURNS int LANGUAGE plpgsql AS $b_1$ begin {body}; 'end $$ $b_1$"
    elif kind == "atomic":
        sql = "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END"
    elif kind == "rule":
        sql = "CREATE RULE r AS ON INSERT TO t DO INSTEAD (SELECT 1; SELECT 2)"
    else:
        sql = "SET x = 1 /* a; /* nested; */ it's */ -- so; it's\n"
    return f"--\n-- Name: it's; a comment\n--\n\n{sql};\n\n", sql.strip(), ""


@given(st.lists(_postgresql_statement(), max_size=8), st.lists(st.integers(0, 4000), max_size=30))
@settings(deadline=None, max_examples=300)
def test_postgresql_is_cut_at_statements(made: list[tuple[str, str, str]], cuts: list[int]) -> None:
    """What is sent to PostgreSQL is each statement whole, and COPY blocks keep every line."""
    dump = "".join(text for text, _, _ in made).encode() + b"--\n-- PostgreSQL database dump complete\n--\n"
    pieces = list(statements(_in_parts(dump, cuts), "postgresql"))
    assert b"".join(piece.raw for piece in pieces) == dump
    assert [(piece.sql.decode(), piece.lines.decode()) for piece in pieces if piece.sql] == [
        (sql, lines) for _, sql, lines in made
    ]


@given(st.binary(max_size=400), st.sampled_from(("mysql", "postgresql")), st.lists(st.integers(0, 400), max_size=8))
@settings(deadline=None, max_examples=300)
def test_whatever_comes_in_is_cut_without_a_loss(noise: bytes, engine: str, cuts: list[int]) -> None:
    """Bytes that are no dump are cut somehow: nothing is lost, and the reading ends."""
    pieces: list[Piece] = list(statements(_in_parts(noise, cuts), "mysql" if engine == "mysql" else "postgresql"))
    assert b"".join(piece.raw for piece in pieces) == noise
