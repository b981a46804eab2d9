"""PgBouncer's configuration as facts: the servers behind it."""

from __future__ import annotations

import pytest

from seawall.facts.application import Connects
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.read import read_one

ADDRESS = Address("main/ConfigMap/shop/pooler")


def servers(text: object, file: str = "pgbouncer.ini") -> list[tuple[str, object]]:
    """Host and port of everything that a file says clients are passed on to."""
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "pooler", "namespace": "shop"}}
    said = read_one(Resource(ADDRESS, "v1/ConfigMap", body | {"data": {file: text}}))
    return [(str(fact.target).removeprefix("host:"), fact.port) for fact in said if isinstance(fact, Connects)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("shop = host=db.example port=6000 dbname=shop", [("db.example", 6000)]),
        ("* = host='db.example'", [("db.example", 5432)]),
        ("shop = host=a.example,b.example", [("a.example", 5432), ("b.example", 5432)]),
        ("shop = host=/var/run/postgresql", []),
        ("shop = dbname=shop", []),
        ("shop = host=db.example port=$PORT", []),
        ("; shop = host=db.example", []),
    ],
)
def test_databases_name_servers(line: str, expected: list[tuple[str, object]]) -> None:
    """Hosts of the section of databases are connections, at PostgreSQL's own port unless they say another."""
    assert servers(f"[databases]\n{line}\n[pgbouncer]\nlisten_port = 6432\n") == expected


def test_other_sections_and_other_files_say_nothing() -> None:
    """What looks like a server elsewhere is none."""
    assert servers("[pgbouncer]\nshop = host=db.example\n") == []
    assert servers("[databases]\nshop = host=db.example\n", "notes.ini") == []
