"""The two places of the world with real databases in them, for a failback that copies and restores in earnest.

What serves and where names lead lies in the world's file; rows lie in MariaDB, and visitors write there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from operate_world import World, WorldSite
from seawall.kernel.units import Duration
from seawall.kernel.verdict import Verdict, proven, refuted
from seawall.operate.copies import backup, catalogue, marker, restore, secrets
from seawall.operate.copies.job import Database, Job
from seawall.operate.copies.proof import clear
from seawall.operate.copies.sessions import Session, connect
from seawall.operate.copies.stores import stores_of
from seawall.operate.failover.site import Chosen, CopyName
from seawall.operate.runbook import Step

NAME, ASIDE = "clinic", "clinic_aside"


class DatabaseSite(WorldSite):
    """A place whose rows lie in a real database."""

    @property
    def folder(self) -> Path:
        """The world's folder."""
        return self.world.path.parent

    @property
    def database(self) -> Database:
        """Its server."""
        server = json.loads((self.folder / "server.json").read_bytes())[self.name]
        return Database("mysql", "127.0.0.1", server["port"], (NAME,), server["secret"], tls="off")

    @property
    def job(self) -> Job:
        """What is copied from here, to the one store that both places reach."""
        store = (f"file:{self.folder / 'store'}",)
        return Job("clinic", "clinic-db", self.database, store, Duration(86400), Duration(3600))

    @contextmanager
    def session(self, database: str = "") -> Iterator[Session]:
        """A session on its server."""
        found = connect(self.database, secrets.credentials(self.database), database)
        try:
            yield found
        finally:
            found.close()

    def fresh(self, *rows: int) -> None:
        """Nothing there but a table with these rows."""
        login = secrets.credentials(self.database)
        clear(self.database, login)
        marker.remove(self.database, login)
        with self.session() as session:
            session.run(f"DROP DATABASE IF EXISTS {ASIDE}".encode())
            session.run(f"CREATE DATABASE IF NOT EXISTS {NAME}".encode())
            session.run(f"CREATE TABLE {NAME}.visits (id INT PRIMARY KEY, note TEXT)".encode())
            for row in rows:
                session.run(f"INSERT INTO {NAME}.visits VALUES ({row}, 'a note')".encode())

    def rows(self, database: str = NAME) -> list[int]:
        """The rows that it holds."""
        with self.session() as session:
            return [int(row[0]) for row in session.ask(f"SELECT id FROM {database}.visits ORDER BY id")]

    def newest(self) -> Chosen:
        stores = stores_of(self.job)
        copy, _ = catalogue.choose(stores, self.job, not_older_than=None, as_of=datetime.now(UTC))
        assert copy.manifest is not None
        return Chosen(copy.name, copy.manifest.began)

    def aside(self) -> Verdict:
        return refuted(f"tables lie there: {self._tables()}") if self._tables() else proven("nothing lies there")

    def set_aside(self) -> None:
        with self.session() as session:
            session.run(f"CREATE DATABASE IF NOT EXISTS {ASIDE}".encode())
            for table in self._tables():
                session.run(f"RENAME TABLE {NAME}.{table} TO {ASIDE}.{table}".encode())

    def restoring(self, copy: CopyName) -> tuple[Step, ...]:
        other = DatabaseSite(self.world, "azure" if self.name == "home" else "home")
        return restore.steps(other.job, self.database, copy=copy)

    def copying(self) -> tuple[Step, ...]:
        return backup.runbook(self.job).steps

    def _tables(self) -> list[str]:
        with self.session() as session:
            found = session.ask(f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{NAME}'")
        return [str(row[0]) for row in found]


def visit(world: World) -> bool:
    """A visitor writes a row where the names lead, if it is taken there; whatever is taken is acknowledged."""
    now = world.now
    name = str(now["leads_to"])
    here: Any = now["sites"][name]
    if name in now["left"] or not (here["open"] and here["running"]):
        return False
    row = 1000 + len(now["acknowledged"])
    with DatabaseSite(world, name).session() as session:
        session.run(f"INSERT INTO {NAME}.visits VALUES ({row}, 'a visitor')".encode())
    with world.change() as state:
        state["acknowledged"].append(row)
    return True
