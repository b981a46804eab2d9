"""Tenants through PgBouncer: its own configuration, the platform's own migrations, and many clients on few connections.

Row-level security shows a tenant its rows by a setting of the session; a pooler hands one session to many. The same
clients are played once more without what the platform does against it, so that it is known that the leak would be
seen.
"""

from __future__ import annotations

import random
import socket
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from seawall.operate.drill.events import Events
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.servers import pgbouncer, postgresql
from seawall.operate.drill.servers.authority import authority
from seawall.operate.drill.servers.pgbouncer import Pgbouncer
from seawall.operate.drill.stage import Stage

if TYPE_CHECKING:
    import pg8000.native

_NAMES = ("A", "B")
# Of a hundred transactions: so many by somebody who names no tenant, so many whose client goes away in the middle.
_NOBODY, _GONE = 10, 5
_ROWS = 5


@dataclass(slots=True)
class Seen:
    """What one client saw."""

    reads: int = 0
    wrong: int = 0
    lacking: int = 0
    taken: int = 0
    tenants: dict[int, set[str]] = field(default_factory=dict)
    """The server's processes, each with the tenants that it was asked about."""


def _applies(setting: Setting) -> str:
    if pgbouncer.described(setting.graph) is None:
        return "it has no pooler between tenants and their database"
    return ""


@scenario(
    "tenant-isolation",
    needs={
        **postgresql.PACKAGES,
        **pgbouncer.PACKAGES,
        **dict.fromkeys(("pg8000", "cryptography"), "seawall[drill]"),
    },
    applies=_applies,
)
def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """Clients of two tenants share the pooler's connections, some of them vanish, and none may see another's rows."""
    of, server_of = pgbouncer.described(setting.graph), postgresql.described(setting.graph)
    assert of is not None
    server = postgresql.start(stage, "database", authority(stage), of=server_of)
    pgbouncer.migrate(stage, setting.graph, server)
    events.add("database", "is migrated")
    tenants = {str(uuid.UUID(int=setting.chance.getrandbits(128))): name for name in _NAMES}
    # More clients than connections, or each would have one of its own.
    size = int(of.settings["default_pool_size"])
    clients, each = (2 * size, 10) if setting.short else (4 * size, 60)
    pooler = pgbouncer.start(stage, of, server)
    for tenant, name in tenants.items():
        _seed(pooler, of.database, tenant, name)
    events.add("clients", f"{clients} of them begin, on {size} connections")
    kept = _many(clients, setting.chance, lambda chance: _by_the_rule(pooler, of.database, list(tenants), chance, each))
    events.add("clients", "have ended")
    pooler.process.stop()
    bare = pgbouncer.start(stage, of, server, changed={"server_reset_query_always": "0"}, name="comparison")
    lost = _many(clients, setting.chance, lambda chance: _against_it(bare, of.database, list(tenants), chance, each))
    events.add("comparison", "has ended")
    shared = _shared(kept)
    measures = (
        Measure("reads of another tenant's rows", sum(one.wrong for one in kept), "reads", 0),
        Measure("writes into another tenant's rows", sum(one.taken for one in kept), "writes", 0),
        Measure("reads that lack a row of one's own", sum(one.lacking for one in kept), "reads", 0),
        Measure("reads", sum(one.reads for one in kept), "reads"),
        Measure("connections used by both tenants", shared, "connections", 1, at_least=True),
        Measure("wrong reads without its protection", sum(one.wrong for one in lost), "reads", 1, at_least=True),
    )
    settings: dict[str, str | int | float] = {
        "clients": clients, "connections": size, "pool_mode": of.settings["pool_mode"],
        "server_reset_query_always": of.settings["server_reset_query_always"],
        **{f"pgbouncer.ini's {name}": why for name, why in pooler.replaced.items()},
    }  # fmt: skip
    standins = {
        f"Aurora PostgreSQL {server_of.version if server_of else ''}".strip(): _version(server),
        "PgBouncer of the platform's image": f"PgBouncer {pgbouncer.version()}",
        "the application": f"{clients} clients of this process",
    }
    failures = [] if shared else ["no connection was used by both tenants, so nothing has been shown"]
    return Outcome(measures, standins, settings, tuple(failures))


def _many(clients: int, chance: random.Random, run: Callable[[random.Random], Seen]) -> list[Seen]:
    seen: list[Seen] = []
    errors: list[BaseException] = []

    def one(of_its_own: random.Random) -> None:
        try:
            seen.append(run(of_its_own))
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=one, args=(random.Random(chance.getrandbits(64)),)) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return seen


def _connected(pooler: Pgbouncer, database: str) -> pg8000.native.Connection:
    import pg8000.native

    who = pooler.credentials
    return pg8000.native.Connection(
        who.user, host="127.0.0.1", port=pooler.port, database=database, password=who.password, timeout=20
    )


def _seed(pooler: Pgbouncer, database: str, tenant: str, name: str) -> None:
    connection = _connected(pooler, database)
    connection.run("BEGIN")
    connection.run("SELECT set_config('app.tenant_id', :tenant, true)", tenant=tenant)
    connection.run("INSERT INTO tenants (tenant_id, name) VALUES (:tenant, :name)", tenant=tenant, name=name)
    for number in range(_ROWS):
        connection.run(
            "INSERT INTO users (tenant_id, issuer, subject, email) VALUES (:tenant, 'drill', :subject, 'a@b.example')",
            tenant=tenant,
            subject=f"{name} {number}",
        )
    connection.run("COMMIT")
    connection.close()


def _by_the_rule(
    pooler: Pgbouncer, database: str, tenants: Sequence[str], chance: random.Random, transactions: int
) -> Seen:
    """As the application does: who it is about is said in each transaction, until its end."""
    seen, connection = Seen(), _connected(pooler, database)
    for _ in range(transactions):
        tenant = "" if chance.randrange(100) < _NOBODY else chance.choice(list(tenants))
        connection.run("BEGIN")
        if tenant:
            connection.run("SELECT set_config('app.tenant_id', :tenant, true)", tenant=tenant)
        if tenant and chance.randrange(100) < _GONE:
            # Nobody commits, and nobody says goodbye.
            _vanish(connection)
            connection = _connected(pooler, database)
            continue
        rows = connection.run("SELECT tenant_id::text, pg_backend_pid() FROM users")
        _note(seen, tenant, rows or [])
        if tenant:
            other = next(one for one in tenants if one != tenant)
            connection.run("SAVEPOINT before")
            seen.taken += _takes(connection, other)
            connection.run("ROLLBACK TO SAVEPOINT before")
        connection.run("COMMIT")
    connection.close()
    return seen


def _takes(connection: pg8000.native.Connection, tenant: str) -> bool:
    """Whether a row can be written for a tenant that is not the one this transaction is about."""
    import pg8000.exceptions

    try:
        connection.run("INSERT INTO audit_entries (tenant_id, action) VALUES (:tenant, 'theirs')", tenant=tenant)
    except pg8000.exceptions.DatabaseError as error:
        if "row-level security" not in str(error):
            raise
        return False
    return True


def _against_it(
    pooler: Pgbouncer, database: str, tenants: Sequence[str], chance: random.Random, transactions: int
) -> Seen:
    """As somebody would who knows nothing of poolers: who it is about is said once, and then asked."""
    seen, connection = Seen(), _connected(pooler, database)
    for _ in range(transactions):
        tenant = chance.choice(list(tenants))
        connection.run(f"SET app.tenant_id = '{tenant}'")
        _note(seen, tenant, connection.run("SELECT tenant_id::text, pg_backend_pid() FROM users") or [])
    connection.close()
    return seen


def _note(seen: Seen, tenant: str, rows: Sequence[Sequence[object]]) -> None:
    seen.reads += 1
    whose = Counter(str(row[0]) for row in rows)
    # Who names nobody must see nothing; who names a tenant sees all of its rows, and those alone.
    seen.wrong += bool(whose.keys() - {tenant})
    seen.lacking += bool(tenant) and whose[tenant] != _ROWS
    for row in rows:
        seen.tenants.setdefault(int(str(row[1])), set()).add(tenant)


def _shared(seen: Sequence[Seen]) -> int:
    together: dict[int, set[str]] = {}
    for one in seen:
        for process, tenants in one.tenants.items():
            together.setdefault(process, set()).update(tenants)
    return sum(len(tenants) > 1 for tenants in together.values())


def _vanish(connection: pg8000.native.Connection) -> None:
    # What pg8000 itself does at the end is to say goodbye first.
    connection._usock.shutdown(socket.SHUT_RDWR)
    connection._usock.close()


def _version(server: postgresql.Postgresql) -> str:
    return f"PostgreSQL {server.ask('SHOW server_version')[0][0].split()[0]}"
