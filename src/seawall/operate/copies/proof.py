"""Whether what was restored is what was copied: rows, the server's own check, the application's question."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from typing import Any

from seawall.kernel.errors import OutsideError
from seawall.kernel.verdict import Verdict, all_of, proven, refuted
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database
from seawall.operate.copies.manifest import Manifest
from seawall.operate.copies.sessions import Session, StatementError, connect, name, quoted

_PART = r'(?:"(?:[^"]|"")+"|[A-Za-z_\x80-\U0010ffff][\w$]*)'
_POSTGRESQL_TABLE = re.compile(rf"{_PART}\.{_PART}")
_SESSIONS = 2
_PATIENCE = 60.0


def prove(to: Database, credentials: Credentials, manifest: Manifest, question: str, *, thorough: bool) -> Verdict:
    """Whether the databases hold what the manifest says, table by table, and the application's question is answered.

    ``thorough`` has MySQL's tables checked page by page, too. Raises OutsideError where the server cannot be asked.
    """
    verdicts = [_rows(to, credentials, manifest)]
    if thorough and to.engine == "mysql" and verdicts[0].proven:
        verdicts.append(_checked(to, credentials, manifest))
    if question:
        verdicts.append(_answered(to, credentials, question))
    return all_of(verdicts)


def tables(manifest: Manifest) -> Iterator[tuple[str, str, int]]:
    """Database, table as its engine writes it in a statement, and rows."""
    for key, rows in manifest.rows.items():
        database = max((one for one in manifest.databases if key.startswith(f"{one}.")), key=len, default="")
        table = key[len(database) + 1 :] if database else key
        yield database or manifest.databases[0], table, rows


def _rows(to: Database, credentials: Credentials, manifest: Manifest) -> Verdict:
    wanted: dict[tuple[str, str], int] = {(database, table): rows for database, table, rows in tables(manifest)}
    there = _counted(to, credentials, manifest, wanted)
    differ = [
        f"{database}.{table} has {there.get((database, table), 'no')} rows and not {rows}"
        for (database, table), rows in sorted(wanted.items())
        if there.get((database, table)) != rows
    ]
    more = [
        f"{database}.{table} is in no copy" for (database, table), rows in sorted(there.items())
        # A dump says nothing of a table without rows.
        if (database, table) not in wanted and rows
    ]  # fmt: skip
    if differ or more:
        return refuted(*(differ + more)[:20])
    return proven(f"{sum(wanted.values())} rows in {len(wanted)} tables")


def _counted(
    to: Database, credentials: Credentials, manifest: Manifest, wanted: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], int]:
    if to.engine == "postgresql":
        return _counted_postgresql(to, credentials, wanted)
    with closing(connect(to, credentials)) as session:
        among = ", ".join("0x" + database.encode().hex() for database in manifest.databases)
        listed = session.ask(
            "SELECT table_schema, table_name FROM information_schema.tables"
            f" WHERE table_schema IN ({among}) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"
        )
    found = [(str(database), str(table)) for database, table in listed]
    largest = sorted(found, key=lambda one: -wanted.get(one, 0))

    def count(part: int) -> dict[tuple[str, str], int]:
        with closing(connect(to, credentials)) as session:
            return {
                one: int(session.ask(f"SELECT COUNT(*) FROM {name(one[0]).decode()}.{name(one[1]).decode()}")[0][0])
                for one in largest[part::_SESSIONS]
            }

    with ThreadPoolExecutor(_SESSIONS) as pool:
        return {table: rows for part in pool.map(count, range(_SESSIONS)) for table, rows in part.items()}


_LISTED = """SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname !~ '^pg_'
AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"""


def _counted_postgresql(
    to: Database, credentials: Credentials, wanted: Mapping[tuple[str, str], int]
) -> dict[tuple[str, str], int]:
    there: dict[tuple[str, str], int] = {}
    for database in to.databases:
        with closing(connect(to, credentials, database)) as session:
            listed = {str(table) for (table,) in session.ask(_LISTED)}
            asked = listed | {table for of, table in wanted if of == database and _POSTGRESQL_TABLE.fullmatch(table)}
            for table in sorted(asked):
                try:
                    there[database, table] = int(session.ask(f"SELECT count(*) FROM ONLY {table}")[0][0])
                except StatementError as error:
                    # Not there: then it has no rows to be compared.
                    if error.code not in ("42P01", "3F000"):
                        raise
    return there


def _checked(to: Database, credentials: Credentials, manifest: Manifest) -> Verdict:
    with closing(connect(to, credentials)) as session:
        bad: list[str] = []
        for database, table, _ in tables(manifest):
            said = session.ask(f"CHECK TABLE {name(database).decode()}.{name(table).decode()}")
            bad += [f"{row[0]}: {row[3]}" for row in said if row[2] in ("error", "Error") or row[3] == "Corrupt"]
    return refuted(*bad) if bad else proven("the server found nothing wrong with them")


def _answered(to: Database, credentials: Credentials, question: str) -> Verdict:
    database = to.databases[0] if to.databases else ""
    try:
        with closing(connect(to, credentials, database)) as session:
            answer: list[tuple[Any, ...]] = session.ask(question)
    except StatementError as error:
        return refuted(f"the application's question is refused: {error.detail or error.code}")
    if not answer or answer[0][0] is None:
        return refuted("the application's question is answered by nothing")
    # What it is answered may be somebody's data.
    return proven("the application's question is answered")


def empty(to: Database, credentials: Credentials) -> Verdict:
    """Whether the databases that are meant hold nothing yet. Raises OutsideError where the server cannot be asked."""
    full: list[str] = []
    if to.engine == "mysql":
        with closing(connect(to, credentials)) as session:
            for database in to.databases:
                of = "0x" + database.encode().hex()
                counted = session.ask(
                    f"SELECT (SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = {of})"
                    f" + (SELECT COUNT(*) FROM information_schema.routines WHERE routine_schema = {of})"
                )
                full += [f"{database} holds {counted[0][0]} tables, views and routines"] if int(counted[0][0]) else []
    else:
        for database in databases(to, credentials) & set(to.databases):
            with closing(connect(to, credentials, database)) as session:
                counted = session.ask(
                    "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                    " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f') AND n.nspname !~ '^pg_'"
                    " AND n.nspname <> 'information_schema'"
                    " AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"
                )
                full += [f"{database} holds {counted[0][0]} tables, views and sequences"] if counted[0][0] else []
    return refuted(*full) if full else proven("they hold nothing")


def databases(to: Database, credentials: Credentials) -> set[str]:
    """The databases that a PostgreSQL server has."""
    with closing(connect(to, credentials)) as session:
        return {str(row[0]) for row in session.ask("SELECT datname FROM pg_database WHERE NOT datistemplate")}


def clear(to: Database, credentials: Credentials) -> None:
    """Take away the databases that are meant, and make them anew where a dump does not. Raises OutsideError."""
    with closing(connect(to, credentials)) as session:
        if to.engine == "mysql":
            _end_others(session, to)
            for database in to.databases:
                session.run(b"DROP DATABASE IF EXISTS " + name(database))
            return
        for database in to.databases:
            known = session.ask(
                "SELECT pg_get_userbyid(datdba), pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database"
                f" WHERE datname = convert_from(decode('{database.encode().hex()}', 'hex'), 'UTF8')"
            )
            session.run(f"DROP DATABASE IF EXISTS {quoted(database)} WITH (FORCE)".encode())
            how = "ENCODING 'UTF8'"
            if known:
                owner, encoding, collate, kind = map(str, known[0])
                letters = {"ENCODING": encoding, "LC_COLLATE": collate, "LC_CTYPE": kind}
                how = " ".join(f"{key} '{value}'" for key, value in letters.items() if "'" not in value)
                how = f"OWNER {quoted(owner)} {how}"
            session.run(f"CREATE DATABASE {quoted(database)} TEMPLATE template0 {how}".encode())


def _end_others(session: Session, to: Database) -> None:
    """End this user's other sessions in the databases: what a killed restore last sent may still be carried out."""
    own, user = session.ask("SELECT CONNECTION_ID(), SUBSTRING_INDEX(USER(), '@', 1)")[0]

    def others() -> list[int]:
        # Id, user, host, database: whoever may not see others' sessions sees their own.
        listed = session.ask("SHOW PROCESSLIST")
        return [int(row[0]) for row in listed if row[0] != own and row[1] == user and row[3] in to.databases]

    patience = time.monotonic() + _PATIENCE
    while (left := others()) and time.monotonic() < patience:
        for number in left:
            # It may have ended by itself.
            with suppress(StatementError):
                session.run(f"KILL {number}".encode())
        time.sleep(0.05)
    if left:
        raise OutsideError(
            f"{len(left)} sessions in {', '.join(to.databases)} do not end", fix="end them, and run it again"
        )
