"""The migrations of pingvas on a real PostgreSQL, and its tenants through a real PgBouncer.

What runs here is what is rendered: the Job's own command with its own files and environment, and the pooler's own
pgbouncer.ini. Only places differ: hosts, ports, and where certificates and the list of users lie.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import postgresql
from postgresql import ADMINISTRATOR, PASSWORD, session
from seawall.components.expand import expand
from seawall.components.kinds import kinds
from seawall.graph.graph import Graph
from seawall.kernel.value import map_leaves
from seawall.model.document import parse_document
from seawall.model.loader import load

pytestmark = pytest.mark.needs("postgresql", "pgbouncer", "openssl")

SHIPPED = Path(__file__).resolve().parents[3] / "src/seawall/platforms/pingvas"
# Three connections for two pods and one more while they are replaced: each has one, which all its clients share.
DESCRIPTION = """
platform: pingvas
network: {cidr: 10.0.0.0/16, zones: 3}
cluster: {version: "1.36", node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}}
components:
  pingvas-db: {kind: aurora, engine: postgresql, serverless: {min: 0.5, max: 4}, name: pingvas}
  migrations: {kind: migration, needs: [pingvas-db], environments: {dev: {connections: 3}, prod: {connections: 3}}}
  prod-pooler: {kind: pooler, needs: [pingvas-db], environment: prod}
environments: {shared: {region: us-east-1}}
"""
APPLICATIONS = {"dev": "development-s-password", "prod": "production-s-password"}
A, B = "aaaaaaaa-0000-0000-0000-000000000000", "bbbbbbbb-0000-0000-0000-000000000000"
ASK_WHO = "SELECT count(*), min(name) FROM tenants;"
TABLES = {
    "tenants", "users", "subscriptions", "payments", "credit_entries", "models", "generation_jobs", "galleries",
    "images", "audit_entries",
}  # fmt: skip


@dataclass(frozen=True)
class Database:
    """A server, where its files are, and what was rendered for it."""

    port: int
    home: Path
    authority: Path
    graph: Graph

    def migrate(self, folder: Path = SHIPPED) -> subprocess.CompletedProcess[str]:
        """Run the Job of a description beside the migrations in ``folder``."""
        graph = _graph(folder)
        job = next(iter(graph.of_type("batch/v1/Job"))).body
        container = map_leaves(job["spec"]["template"]["spec"]["containers"][0], _plain)
        files = next(each for each in graph.of_type("v1/ConfigMap") if each.body["metadata"]["name"].startswith("migr"))
        place = self.home / files.body["metadata"]["name"]
        place.mkdir(exist_ok=True)
        for name, content in files.body["data"].items():
            (place / name).write_text(content)
        secrets = {
            "PGUSER": ADMINISTRATOR,
            "PGPASSWORD": PASSWORD,
            **{f"PASSWORD_{environment}": password for environment, password in APPLICATIONS.items()},
        }
        elsewhere = {"PGHOST": "localhost", "PGPORT": str(self.port), "PGSSLROOTCERT": str(self.authority)}
        said = {each["name"]: each.get("value", secrets.get(each["name"])) for each in container["env"]}
        assert None not in said.values()
        return subprocess.run(
            [word.replace("/migrations", str(place)) for word in container["command"]],
            env={"PATH": os.environ["PATH"], **said, **elsewhere},
            start_new_session=True,  # a pod has no terminal either
            capture_output=True,
            text=True,
            check=False,
        )

    def configuration(self, port: int, users: Path) -> str:
        """The pooler's pgbouncer.ini, with the places of this machine."""
        files = next(each for each in self.graph.of_type("v1/ConfigMap") if "pgbouncer.ini" in each.body["data"])
        ini = str(files.body["data"]["pgbouncer.ini"])
        for said, here in (
            (r"host=\S+ port=5432", f"host=localhost port={self.port}"),
            (r"listen_addr = .*", "listen_addr = 127.0.0.1"),
            (r"listen_port = .*", f"listen_port = {port}"),
            (r"auth_file = .*", f"auth_file = {users}"),
            (r"server_tls_ca_file = .*", f"server_tls_ca_file = {self.authority}"),
        ):
            ini, count = re.subn(said, here, ini)
            assert count == 1, said
        if postgresql.pgbouncer_version() < (1, 21):
            ini = re.sub(r"max_prepared_statements = .*\n", "", ini)  # it came with 1.21
        return ini


def _graph(folder: Path) -> Graph:
    document = replace(parse_document(DESCRIPTION, "platform.yaml"), folder=folder)
    return expand(load(document, kinds()))


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | type(None)) else str(value)


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    """A server with every migration applied and a tenant A and a tenant B in each schema, with a user each."""
    with postgresql.folder() as home:
        authority, certificate, key = postgresql.certificates(home)
        with postgresql.server(home, certificate, key) as port:
            found = Database(port, home, authority, _graph(SHIPPED))
            run = found.migrate()
            assert run.returncode == 0, run.stderr
            for environment, password in APPLICATIONS.items():
                with session(port, f"{environment}_app", password) as application:
                    for tenant, name in ((A, f"{environment} A"), (B, f"{environment} B")):
                        application.ask(f"BEGIN; SELECT set_config('app.tenant_id', '{tenant}', true);")
                        application.ask(f"INSERT INTO tenants VALUES ('{tenant}', '{name}');")
                        application.ask(
                            f"INSERT INTO users VALUES ('{tenant}', '{tenant}', 'issuer', '{name}', 'a@b.example');"
                        )
                        assert application.ask("COMMIT;") == []
            yield found


@pytest.fixture
def pooled(database: Database) -> Iterator[int]:
    """The port of a PgBouncer with the configuration that is shipped."""
    port = postgresql.free_port()
    with postgresql.pooler(database.home, database.configuration(port, _users(database)), port):
        yield port


def _users(database: Database) -> Path:
    """The list of users as the ExternalSecret's template writes it."""
    secret = next(
        each.body
        for each in database.graph.of_type("external-secrets.io/v1/ExternalSecret")
        if each.body["metadata"]["name"] == "prod-pooler"
    )
    template = secret["spec"]["target"]["template"]["data"]["userlist.txt"]
    file = database.home / "userlist.txt"
    file.write_text(template.replace("{{ .username }}", "prod_app").replace("{{ .password }}", APPLICATIONS["prod"]))
    file.chmod(0o644)
    return file


# -- migrations --------------------------------------------------------------------------------------------------------


def test_a_second_run_changes_nothing(database: Database) -> None:
    """Whatever is applied is not applied again, and the roles stay as they are."""
    with session(database.port, ADMINISTRATOR, PASSWORD) as administrator:
        what = "SELECT * FROM prod_pingvas.schema_migrations ORDER BY 1;"
        administrator.ask("SET ROLE prod_owner;")
        before = administrator.ask(what)
        again = database.migrate()
        assert again.returncode == 0, again.stderr
        assert "applied" not in again.stdout
        assert administrator.ask(what) == before
        assert [line[:4] for line in before] == ["0001", "0002", "0003", "0004"]


def test_a_migration_that_has_changed_is_refused(database: Database, tmp_path: Path) -> None:
    """What ran is history: a file that differs from it ends the run, and says which one it is."""
    shutil.copytree(SHIPPED / "migrations", tmp_path / "migrations")
    (tmp_path / "migrations/0002_billing.sql").write_text("SELECT 1;\n")
    run = database.migrate(tmp_path)
    assert run.returncode != 0
    assert "0002_billing is not what was applied" in run.stderr


def test_a_migration_that_comes_too_late_is_refused(database: Database, tmp_path: Path) -> None:
    """Every schema gets the migrations in the same order, so none is put in before one that has run."""
    shutil.copytree(SHIPPED / "migrations", tmp_path / "migrations")
    (tmp_path / "migrations/0000_before.sql").write_text("SELECT 1;\n")
    run = database.migrate(tmp_path)
    assert run.returncode != 0
    assert "0000_before comes too late" in run.stderr


def test_a_migration_that_fails_leaves_nothing(database: Database, tmp_path: Path) -> None:
    """A migration is applied whole, with the line that says so, or not at all."""
    shutil.copytree(SHIPPED / "migrations", tmp_path / "migrations")
    (tmp_path / "migrations/0005_half.sql").write_text("CREATE TABLE half ();\nSELECT 1 / 0;\n")
    run = database.migrate(tmp_path)
    assert run.returncode != 0
    assert "division by zero" in run.stderr
    with session(database.port, ADMINISTRATOR, PASSWORD) as administrator:
        administrator.ask("SET ROLE dev_owner;")
        assert administrator.ask("SELECT to_regclass('dev_pingvas.half');") == []
        assert administrator.ask("SELECT count(*) FROM dev_pingvas.schema_migrations;") == ["4"]


def test_no_password_reaches_the_server_or_its_log(database: Database) -> None:
    """Passwords are hashed before they leave the pod: with every statement logged, only verifiers are in the log."""
    log = (database.home / "log").read_text()
    assert log.count("SCRAM-SHA-256$4096:") >= 4
    assert not [password for password in APPLICATIONS.values() if password in log]


def test_both_schemas_hold_the_same_ten_tables(database: Database) -> None:
    """The files are written once and give each environment the same tables."""
    with session(database.port, ADMINISTRATOR, PASSWORD) as administrator:
        for environment in APPLICATIONS:
            found = administrator.ask(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname <> 'schema_migrations'"
                f" AND relnamespace = '{environment}_pingvas'::regnamespace;"
            )
            assert set(found) == TABLES


def test_every_table_is_isolated(database: Database) -> None:
    """No table of tenants was forgotten: each enforces row-level security, on its owner too."""
    with session(database.port, ADMINISTRATOR, PASSWORD) as administrator:
        open_ones = administrator.ask(
            "SELECT oid::regclass FROM pg_class"
            " WHERE relkind IN ('r', 'p', 'v', 'm') AND relname <> 'schema_migrations'"
            " AND relnamespace::regnamespace::text IN ('dev_pingvas', 'prod_pingvas')"
            " AND NOT (relrowsecurity AND relforcerowsecurity);"
        )
        assert open_ones == []


# -- who may what ------------------------------------------------------------------------------------------------------


def test_development_sees_nothing_of_production(database: Database) -> None:
    """The application of dev has its own schema in its path, and is let into no other."""
    with session(database.port, "dev_app", APPLICATIONS["dev"]) as application:
        assert application.ask("SHOW search_path;") == ["dev_pingvas"]
        for denied in ("SELECT * FROM prod_pingvas.tenants;", "SET ROLE prod_app;", "SET ROLE dev_owner;"):
            assert any("permission denied" in line for line in application.ask(denied)), denied
        for denied in (
            "CREATE TABLE dev_pingvas.mine ();",
            "CREATE TABLE public.mine ();",
            "CREATE TEMP TABLE mine ();",
        ):
            assert any("permission denied" in line for line in application.ask(denied)), denied


def test_one_environment_cannot_take_all_connections(database: Database) -> None:
    """An application is let in as often as its environment's share says, and no more often."""
    sessions = [postgresql.Session(database.port, "dev_app", APPLICATIONS["dev"]) for _ in range(3)]
    try:
        assert [each.ask("SELECT 1;") for each in sessions] == [["1"]] * 3
        refused = subprocess.run(
            ["psql", "-Xd", "pingvas", "-c", "SELECT 1"],
            env=os.environ
            | {
                "PGHOST": "localhost",
                "PGPORT": str(database.port),
                "PGUSER": "dev_app",
                "PGPASSWORD": APPLICATIONS["dev"],
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert 'too many connections for role "dev_app"' in refused.stderr
    finally:
        for each in sessions:
            each.close()


def test_the_owner_is_bound_too(database: Database) -> None:
    """Not even the role that the tables belong to sees rows where no tenant is named."""
    with session(database.port, ADMINISTRATOR, PASSWORD) as administrator:
        administrator.ask("SET ROLE prod_owner;")
        assert administrator.ask("SELECT count(*) FROM prod_pingvas.tenants;") == ["0"]


def test_what_is_written_to_the_ledger_stays(database: Database) -> None:
    """The application adds to ledger and audit, and can neither change nor delete what is there."""
    with session(database.port, "prod_app", APPLICATIONS["prod"]) as application:
        for table in ("credit_entries", "audit_entries"):
            for change in (f"UPDATE {table} SET tenant_id = tenant_id;", f"DELETE FROM {table};", f"TRUNCATE {table};"):
                assert any("permission denied" in line for line in application.ask(change)), change


def test_nobody_is_let_in_without_tls(database: Database) -> None:
    """A client that would send its statements in the open is refused."""
    refused = subprocess.run(
        ["psql", "-X", f"host=localhost port={database.port} user=prod_app dbname=pingvas sslmode=disable"],
        env=os.environ | {"PGPASSWORD": APPLICATIONS["prod"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "no encryption" in refused.stderr


# -- through the pooler ------------------------------------------------------------------------------------------------


def test_each_tenant_sees_its_own_rows_alone(pooled: int) -> None:
    """Two clients take turns on the one connection to the server, and each finds its own tenant and no other."""
    with session(pooled, "prod_app", APPLICATIONS["prod"]) as a, session(pooled, "prod_app", APPLICATIONS["prod"]) as b:
        connections = set()
        for _ in range(20):
            for client, tenant, name in ((a, A, "prod A"), (b, B, "prod B")):
                client.ask("BEGIN;")
                answer = client.ask(f"SELECT set_config('app.tenant_id', '{tenant}', true); {ASK_WHO}")
                answer += client.ask("SELECT pg_backend_pid(); COMMIT;")
                assert answer[:2] == [tenant, f"1|{name}"]
                connections.add(answer[2])
        assert len(connections) == 1, "they did not share a connection, so this has shown nothing"


def test_without_a_tenant_there_is_nothing(pooled: int) -> None:
    """Who names no tenant sees no row of any table, also right after somebody who did."""
    with session(pooled, "prod_app", APPLICATIONS["prod"]) as a, session(pooled, "prod_app", APPLICATIONS["prod"]) as b:
        assert a.ask(f"BEGIN; SELECT set_config('app.tenant_id', '{A}', true); {ASK_WHO} COMMIT;")[1] == "1|prod A"
        for table in TABLES:
            assert b.ask(f"SELECT count(*) FROM {table};") == ["0"], table


def test_a_tenant_cannot_write_for_another(pooled: int) -> None:
    """Rows of another tenant can be neither added, changed, nor referred to."""
    with session(pooled, "prod_app", APPLICATIONS["prod"]) as a:
        a.ask(f"BEGIN; SELECT set_config('app.tenant_id', '{A}', true);")
        denied = a.ask(f"INSERT INTO users VALUES ('{B}', gen_random_uuid(), 'i', 'new', 'x@y.example');")
        assert any("violates row-level security" in line for line in denied)
        a.ask(f"ROLLBACK; BEGIN; SELECT set_config('app.tenant_id', '{A}', true);")
        assert a.ask("WITH changed AS (UPDATE users SET email = '' RETURNING 1) SELECT count(*) FROM changed;") == ["1"]
        denied = a.ask(f"INSERT INTO galleries (tenant_id, user_id, title) VALUES ('{A}', '{B}', 'theirs');")
        assert any("violates foreign key" in line for line in denied)
        a.ask("ROLLBACK;")


def test_a_plain_set_leaks_where_nothing_is_reset(database: Database) -> None:
    """The danger that all this is about: PgBouncer by itself hands the setting of one client to the next."""
    port = postgresql.free_port()
    shipped = database.configuration(port, _users(database))
    bare = shipped.replace("server_reset_query_always = 1\n", "")
    assert bare != shipped
    with (
        postgresql.pooler(database.home, bare, port),
        session(port, "prod_app", APPLICATIONS["prod"]) as a,
        session(port, "prod_app", APPLICATIONS["prod"]) as b,
    ):
        a.ask(f"SET app.tenant_id = '{A}';")
        assert b.ask(ASK_WHO) == ["1|prod A"]
        # What the transaction alone knows does not stay, even here.
        a.ask(f"BEGIN; SELECT set_config('app.tenant_id', '{B}', true); COMMIT; RESET app.tenant_id;")
        assert b.ask(ASK_WHO) == ["0|"]


def test_a_plain_set_is_gone_before_anybody_else_comes(pooled: int) -> None:
    """As it is shipped, who says SET by mistake finds nothing, and so does everybody else: it fails closed."""
    with session(pooled, "prod_app", APPLICATIONS["prod"]) as a, session(pooled, "prod_app", APPLICATIONS["prod"]) as b:
        for _ in range(10):
            a.ask(f"SET app.tenant_id = '{A}';")
            a.ask("SET search_path = public;")
            assert b.ask(ASK_WHO) == ["0|"]
            assert a.ask(ASK_WHO) == ["0|"]
            assert b.ask("SHOW search_path;") == ["prod_pingvas"]


def test_whoever_signs_in_finds_the_own_tenant(pooled: int) -> None:
    """Before there is a tenant, one function finds the one of a user whom the identity provider vouched for."""
    with session(pooled, "prod_app", APPLICATIONS["prod"]) as client:
        assert client.ask("SELECT tenant_id FROM find_at_login('issuer', 'prod B');") == [B]
        assert client.ask("SELECT tenant_id FROM find_at_login('issuer', 'nobody');") in ([], [""])
        assert client.ask("SELECT count(*) FROM users;") == ["0"]
        assert any("permission denied" in line for line in client.ask("SET ROLE prod_login;"))


def test_models_of_the_platform_are_everybody_s(database: Database, pooled: int) -> None:
    """A model without a tenant is seen by every tenant and changed by none; a tenant's own is its own."""
    with session(database.port, ADMINISTRATOR, PASSWORD) as administrator:
        # As a migration would: the owner, bound too, lifts that for as long as its transaction lasts.
        administrator.ask("SET ROLE prod_owner; SET search_path = prod_pingvas; BEGIN;")
        administrator.ask("ALTER TABLE models NO FORCE ROW LEVEL SECURITY;")
        made = "INSERT INTO models (tenant_id, name, base, path, bytes) VALUES"
        administrator.ask(f"{made} (NULL, 'common', 'sdxl', 'common', 1), ('{A}', 'own', 'sdxl', 'a/own', 1);")
        assert administrator.ask("ALTER TABLE models FORCE ROW LEVEL SECURITY; COMMIT;") == []
    with session(pooled, "prod_app", APPLICATIONS["prod"]) as client:
        for tenant, expected in ((A, ["common", "own"]), (B, ["common"])):
            seen = client.ask(
                f"BEGIN; SELECT set_config('app.tenant_id', '{tenant}', true); SELECT name FROM models ORDER BY 1;"
            )
            assert seen[1:] == expected
            assert client.ask("WITH gone AS (DELETE FROM models WHERE name = 'common' RETURNING 1) TABLE gone;") == []
            client.ask("ROLLBACK;")
        assert client.ask("SELECT count(*) FROM models;") == ["0"]


def test_the_pooler_trusts_no_other_server(database: Database) -> None:
    """A server whose certificate another authority has signed gets neither password nor statement."""
    stranger, _, _ = postgresql.certificates(database.home, "stranger")
    port = postgresql.free_port()
    ini = database.configuration(port, _users(database)).replace(str(database.authority), str(stranger))
    ini = ini.replace("query_wait_timeout = 15", "query_wait_timeout = 2")
    with postgresql.pooler(database.home, ini, port):
        refused = subprocess.run(
            ["psql", "-X", "-c", "SELECT 1", f"host=127.0.0.1 port={port} user=prod_app dbname=pingvas"],
            env=os.environ | {"PGPASSWORD": APPLICATIONS["prod"]},
            capture_output=True,
            text=True,
            check=False,
        )
        assert refused.returncode != 0
    assert "certificate verify failed" in (database.home / "pgbouncer.log").read_text()
