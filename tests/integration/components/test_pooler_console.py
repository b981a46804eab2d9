"""A pooler's PgBouncer, started for real: who may look at its console."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import postgresql
from seawall.components.expand import expand
from seawall.components.exporters import SOCKETS
from seawall.components.kinds import kinds
from seawall.model.document import parse_document
from seawall.model.loader import load

pytestmark = pytest.mark.needs("postgresql", "pgbouncer")
DESCRIPTION = """
platform: shop
network: {cidr: 10.0.0.0/16, zones: 2}
cluster: {version: "1.36", namespaces: {prod: {}}, node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}}
monitoring: {}
components:
  shop-db: {kind: aurora, engine: postgresql, serverless: {min: 0.5, max: 4}, name: shop}
  migrations: {kind: migration, namespace: prod, needs: [shop-db], environments: {prod: {connections: 40}}}
  pooler: {kind: pooler, namespace: prod, needs: [shop-db], environment: prod}
environments: {shared: {region: us-east-1}}
"""


def _configuration(folder: Path, home: Path, port: int) -> str:
    """The pooler's own file with the places of this machine; the server behind it is away, and nobody asks it."""
    (folder / "migrations").mkdir()
    (folder / "migrations/0001_first.sql").write_text("CREATE TABLE first ();\n")
    graph = expand(load(replace(parse_document(DESCRIPTION, "platform.yaml"), folder=folder), kinds()))
    files = next(each for each in graph.of_type("v1/ConfigMap") if "pgbouncer.ini" in each.body["data"])
    text = str(files.body["data"]["pgbouncer.ini"])
    for said, here in (
        (r"host=\S+ port=5432", "host=127.0.0.1 port=1"),
        (r"listen_addr = .*", "listen_addr = 127.0.0.1"),
        (r"listen_port = .*", f"listen_port = {port}"),
        (r"auth_file = .*", f"auth_file = {home}/userlist.txt"),
        (rf"unix_socket_dir = {SOCKETS}", f"unix_socket_dir = {home}"),
        (r"server_tls_\w+ = .*\n", ""),
    ):
        text, count = re.subn(said, here, text)
        assert count, said
    if postgresql.pgbouncer_version() < (1, 21):
        text = re.sub(r"max_prepared_statements = .*\n", "", text)
    return text


def _asked(console: str, *, user: str | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["psql", console, "--no-password", "--tuples-only", "--command", "SHOW POOLS"],
        capture_output=True,
        text=True,
        user=user,
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "HOME": "/"},
    )


def test_its_own_user_sees_the_console_through_the_socket_and_nobody_else_does(tmp_path: Path) -> None:
    """Who asks as the exporter does needs no password, from the user of its own pod; from the network it is refused."""
    assert shutil.which("psql")
    port, runs_as = postgresql.free_port(), postgresql.runs_as()
    with postgresql.folder() as home:
        users = home / "userlist.txt"
        users.write_text('"app" "not-a-secret"\n')
        users.chmod(0o644)
        with postgresql.pooler(home, _configuration(tmp_path, home, port), port):
            query = f"port={port}&user=pgbouncer&sslmode=disable"
            told = _asked(f"postgres:///pgbouncer?host={home}&{query}", user=runs_as)
            assert told.returncode == 0, told.stderr
            assert "pgbouncer" in told.stdout
            assert _asked(f"postgres:///pgbouncer?host=127.0.0.1&{query}", user=runs_as).returncode != 0
            if runs_as is not None:
                # Whoever it is that runs this test is then somebody else.
                assert _asked(f"postgres:///pgbouncer?host={home}&{query}", user=None).returncode != 0
