"""What a server says of itself about restores: in a database of its own, so that no application and no copy meets it.

``begun``: something was carried out, and whatever is there is worth nothing. ``loaded``: the copy is there whole, and
nobody has looked whether it is what it was. ``restored``: it was looked at, and is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database
from seawall.operate.copies.manifest import is_copy_name
from seawall.operate.copies.sessions import StatementError, connect, literal

DATABASE = "seawall_restore"
State = Literal["begun", "loaded", "restored"]
_ABSENT = ("1049", "3D000", "1146", "42P01")
_THERE = ("1007", "42P04")
_MINIMUM = re.compile(r"[a-z0-9-]{1,63}")


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of one component's databases: the copy, how far it is, and which run it was."""

    copy: str
    state: State
    run: str = ""


def read(to: Database, credentials: Credentials, component: str) -> Mark | None:
    """What the server says of a component; None where it has never been restored. Raises OutsideError."""
    _checked(component)
    try:
        session = connect(to, credentials, DATABASE)
    except StatementError as error:
        if error.code in _ABSENT:
            return None
        raise
    try:
        rows = session.ask(f"SELECT copy, state, run FROM restores WHERE component = {literal(component)}")
    except StatementError as error:
        if error.code in _ABSENT:
            return None
        raise
    finally:
        session.close()
    if not rows:
        return None
    copy, state, run = map(str, rows[0])
    # Whoever wrote anything else there, it is not what proves a restore.
    if state not in ("loaded", "restored") or not is_copy_name(copy):
        return Mark(copy, "begun", run)
    return Mark(copy, "loaded" if state == "loaded" else "restored", run)


def write(to: Database, credentials: Credentials, component: str, mark: Mark) -> None:
    """Have the server say so from now on. Raises OutsideError."""
    _checked(component)
    _make(to, credentials)
    session = connect(to, credentials, DATABASE)
    try:
        session.run(
            b"CREATE TABLE IF NOT EXISTS restores (component varchar(64) PRIMARY KEY, copy varchar(100) NOT NULL,"
            b" state varchar(10) NOT NULL, run varchar(32) NOT NULL,"
            b" since timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP)"
        )
        put = ", ".join(map(literal, (component, mark.copy, mark.state, mark.run)))
        columns = ("copy", "state", "run", "since")
        if to.engine == "mysql":
            same = "ON DUPLICATE KEY UPDATE " + ", ".join(f"{column} = VALUES({column})" for column in columns)
        else:
            same = "ON CONFLICT (component) DO UPDATE SET "
            same += ", ".join(f"{column} = excluded.{column}" for column in columns)
        row = f"INSERT INTO restores (component, copy, state, run, since) VALUES ({put}, CURRENT_TIMESTAMP)"
        session.run(f"{row} {same}".encode())
    finally:
        session.close()


def remove(to: Database, credentials: Credentials) -> None:
    """Take away all that the server says of restores: for a server that was only borrowed. Raises OutsideError."""
    session = connect(to, credentials)
    try:
        session.run(f"DROP DATABASE IF EXISTS {DATABASE}".encode())
    finally:
        session.close()


def _make(to: Database, credentials: Credentials) -> None:
    session = connect(to, credentials)
    try:
        session.run(f"CREATE DATABASE {DATABASE}".encode())
    except StatementError as error:
        if error.code not in _THERE:
            raise
    finally:
        session.close()


def _checked(component: str) -> None:
    if not _MINIMUM.fullmatch(component):
        raise ValueError(f"{component!r} is no component's name")
