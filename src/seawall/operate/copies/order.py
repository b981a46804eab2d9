"""In which order a dump's statements are carried out: rows by several sessions, and what slows them down behind.

A statement that no dump of ours has is refused, such as one that makes accounts or changes the server. That keeps
another file from being taken for a dump; it is no defence against whoever may write copies and their manifests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from seawall.operate.copies.job import Engine
from seawall.operate.copies.split import Piece


class When(StrEnum):
    """When a statement is carried out, and by whom."""

    EVERYWHERE = "everywhere"
    """At once, by every session: what they are set to."""
    NOW = "now"
    """At once, by the session that defines: tables without their secondary keys."""
    ROWS = "rows"
    """By whichever session is free."""
    BOTH = "both"
    """At once, and again among the later ones: what the statements around it are read with."""
    KEYS = "keys"
    """Once every row is there and the whole copy has been proven; several at a time."""
    REFERENCES = "references"
    """After the keys, one by one: foreign keys."""
    LATER = "later"
    """After those, in the dump's order: views, routines, triggers, events."""
    NEVER = "never"
    """Not at all: it holds for the one session that mysqldump or pg_dump thinks of."""


class UnexpectedError(Exception):
    """A statement that no dump has; the words are its first ones."""


_EXECUTED = re.compile(rb"/\*M?!\d*\s?|\*/")
_BLANKS = re.compile(rb"\s+")
_HEAD = 600


def _head(sql: bytes) -> str:
    """The first words of a statement, capitals and single blanks, without what only some versions are told."""
    return _BLANKS.sub(b" ", _EXECUTED.sub(b" ", sql[:_HEAD])).strip().decode(errors="replace").upper()


def when(piece: Piece, engine: Engine, *, defined: bool, filled: bool) -> When:
    """When a statement is carried out; ``defined`` after the first definition, ``filled`` after the first rows.

    Raises UnexpectedError for one that no dump has.
    """
    if piece.rows:
        return When.ROWS
    if not piece.sql:
        return When.NEVER
    head = _head(piece.sql)
    if not head:
        return When.NEVER
    return _mysql(head, defined) if engine == "mysql" else _postgresql(head, defined, filled)


_MYSQL_NEVER = re.compile(
    r"(?:LOCK TABLES|UNLOCK TABLES|COMMIT|START TRANSACTION|BEGIN|SET (?:SESSION |@@SESSION\.)?AUTOCOMMIT\b)"
    r"|ALTER TABLE `(?:[^`]|``)+` (?:DISABLE|ENABLE) KEYS"
)
_MYSQL_SERVER = re.compile(
    r"SET (?:GLOBAL|PERSIST|PERSIST_ONLY|PASSWORD|ROLE|DEFAULT|STATEMENT)\b|.*@@(?:GLOBAL|PERSIST)\w*\.\w+ ?:?="
    r"|SET .*, ?(?:GLOBAL|PERSIST|PERSIST_ONLY) "
)
_MYSQL_NOW = re.compile(
    r"CREATE (?:OR REPLACE )?(?:TABLE|SEQUENCE|DATABASE|SCHEMA)\b|DROP (?:TABLE|SEQUENCE)\b|ALTER TABLE\b"
    r"|(?:INSERT|REPLACE) |(?:DO|SELECT) SETVAL\("
)
_MYSQL_LATER = re.compile(
    r"(?:CREATE|DROP) (?:OR REPLACE )?(?:ALGORITHM ?=|DEFINER ?=|SQL SECURITY|VIEW\b|TRIGGER\b|PROCEDURE\b|FUNCTION\b"
    r"|AGGREGATE\b|EVENT\b|PACKAGE\b)|ALTER (?:DATABASE|VIEW)\b"
)


def _mysql(head: str, defined: bool) -> When:
    if _MYSQL_NEVER.match(head):
        return When.NEVER
    if head.startswith("SET ") and not _MYSQL_SERVER.match(head):
        return When.BOTH if defined else When.EVERYWHERE
    if head.startswith("USE "):
        return When.BOTH
    if _MYSQL_NOW.match(head):
        return When.NOW
    if _MYSQL_LATER.match(head):
        return When.LATER
    raise UnexpectedError(_said(head))


_PG_NEVER = re.compile(r"\\(?:UN)?RESTRICT\b")
_PG_KEYS = re.compile(
    r"CREATE (?:UNIQUE )?INDEX\b|ALTER TABLE (?:ONLY )?\S+ ADD CONSTRAINT .+ (?:PRIMARY KEY|UNIQUE)\b"
)
_PG_REFERENCES = re.compile(r"ALTER TABLE (?:ONLY )?\S+ ADD CONSTRAINT .+ FOREIGN KEY\b")
_PG_SETTINGS = re.compile(r"SET |SELECT PG_CATALOG\.SET_CONFIG\(")
_PG_KNOWN = re.compile(
    r"CREATE (?!(?:ROLE|USER(?! MAPPING)|GROUP|DATABASE|TABLESPACE|SUBSCRIPTION|SERVER|FOREIGN DATA)\b)"
    r"|ALTER (?!(?:ROLE|USER(?! MAPPING)|GROUP|DATABASE|SYSTEM|TABLESPACE|SUBSCRIPTION)\b)|COMMENT ON |GRANT |REVOKE "
    r"|REFRESH MATERIALIZED VIEW |SECURITY LABEL |INSERT INTO |DROP |(?:BEGIN|COMMIT)\Z"
    r"|SELECT PG_CATALOG\.(?:SETVAL|LO_CREATE|LO_OPEN|LOWRITE|LO_CLOSE|PG_EXTENSION_CONFIG_DUMP)\("
)
_ROLES = re.compile(
    r"GRANT |REVOKE |ALTER DEFAULT PRIVILEGES |ALTER .+ OWNER TO |COMMENT ON EXTENSION |SECURITY LABEL "
)


def _postgresql(head: str, defined: bool, filled: bool) -> When:
    if _PG_NEVER.match(head):
        return When.NEVER
    if head.startswith(("\\CONNECT ", "\\C ")):
        return When.NOW
    if _PG_SETTINGS.match(head):
        return When.BOTH if defined else When.EVERYWHERE
    if not _PG_KNOWN.match(head):
        raise UnexpectedError(_said(head))
    if of_roles(head):
        return When.LATER
    if not filled:
        return When.NOW
    if _PG_REFERENCES.match(head):
        return When.REFERENCES
    return When.KEYS if _PG_KEYS.match(head) else When.LATER


def of_roles(statement: str | bytes) -> bool:
    """Whether a statement of pg_dump is about owners and rights: roles are no part of a copy, and may not be there."""
    head = _head(statement) if isinstance(statement, bytes) else statement
    return _ROLES.match(head) is not None


_WORDS = re.compile(r"[\\@A-Z_.!]+(?: [A-Z_]+(?![\w'\"`]))?")


def _said(head: str) -> str:
    # Never more: what stands behind the first words may be somebody's data.
    found = _WORDS.match(head)
    return found[0][:60] if found else "something else"


# -- MySQL's secondary keys ------------------------------------------------------------------------------------------

_CREATE = re.compile(rb"CREATE TABLE (`(?:[^`]|``)+`) \(\n(.*)\n\)([^\n]*(?:\n.*)?)\Z", re.DOTALL)
_DEFINED = re.compile(rb"  (?:`|PRIMARY KEY |UNIQUE KEY |KEY |FULLTEXT KEY |SPATIAL KEY |CONSTRAINT |PERIOD )")
_KEY = re.compile(rb"  (?:UNIQUE )?KEY `")
_REFERENCE = re.compile(rb"  CONSTRAINT `(?:[^`]|``)+` FOREIGN KEY ")
_PRIMARY = re.compile(rb"  PRIMARY KEY \((`(?:[^`]|``)+`)")
_AUTO = re.compile(rb"  (`(?:[^`]|``)+`) .*\bAUTO_INCREMENT\b")


@dataclass(frozen=True, slots=True)
class Table:
    """A table of MySQL's as it is first made, and what is added to it once its rows are there."""

    create: bytes
    keys: bytes = b""
    references: bytes = b""


def without_keys(sql: bytes) -> Table:
    """Part a CREATE TABLE, as SHOW CREATE TABLE writes it, from its secondary and foreign keys.

    They stay where rows could not be told apart without them (no primary key, or one that does not begin with what
    counts by itself), where the engine is not InnoDB, and where anything is written in another way than is known.
    Keys of full text and of shapes stay, too.
    """
    made = _CREATE.match(sql)
    if made is None or b"ENGINE=InnoDB" not in made[3]:
        return Table(sql)
    lines = made[2].split(b",\n")
    if any(not _DEFINED.match(line) or b"\n" in line for line in lines):
        return Table(sql)
    primary = next((found[1] for line in lines if (found := _PRIMARY.match(line))), None)
    counting = next((found[1] for line in lines if (found := _AUTO.match(line))), None)
    if primary is None or counting not in (None, primary):
        return Table(sql)
    keys = [line for line in lines if _KEY.match(line)]
    references = [line for line in lines if _REFERENCE.match(line)]
    rest = [line for line in lines if line not in keys and line not in references]
    if not keys and not references:
        return Table(sql)
    return Table(
        b"CREATE TABLE " + made[1] + b" (\n" + b",\n".join(rest) + b"\n)" + made[3],
        _added(made[1], keys),
        _added(made[1], references),
    )


def _added(table: bytes, lines: list[bytes]) -> bytes:
    if not lines:
        return b""
    return b"ALTER TABLE " + table + b" " + b", ".join(b"ADD " + line.strip() for line in lines)


_DEFINER = re.compile(rb"\s?DEFINER ?= ?(?:`(?:[^`]|``)*`|'[^']*'|\w+)(?:@(?:`(?:[^`]|``)*`|'[^']*'|[\w.%]+))?")
_OBJECT = re.compile(rb"\b(?:VIEW|TRIGGER|PROCEDURE|FUNCTION|EVENT|PACKAGE)\b", re.IGNORECASE)


def without_definer(sql: bytes) -> bytes:
    """A definition that whoever restores is the definer of.

    Accounts are no part of a copy; a definer that is not there makes each use fail, and none but an administrator may
    name another one.
    """
    head = _OBJECT.search(sql)
    definer = _DEFINER.search(sql, 0, head.start() if head else 0)
    return sql[: definer.start()] + sql[definer.end() :] if definer else sql
