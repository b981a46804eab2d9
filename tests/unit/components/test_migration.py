"""What migrations come to, and which folders are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.components.kinds import kinds
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.model.document import parse_document
from seawall.model.loader import load

DESCRIPTION = """
platform: shop
network: {cidr: 10.0.0.0/16, zones: 2}
cluster:
  version: "1.36"
  namespaces: {dev: {}, database: {}}
  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}
components:
  shop-db: {kind: aurora, engine: postgresql, serverless: {min: 0.5, max: 4}, name: shop}
  migrations:
    {kind: migration, namespace: database, needs: [shop-db], environments: {dev: {}, prod: {connections: 40}}%s}
environments: {shared: {region: us-east-1%s}}
"""
SITES = ", sites: {west: {region: us-west-2, network: {cidr: 10.1.0.0/16}}}"


def _graph(folder: Path, more: str = "", environment: str = "") -> Graph:
    document = replace(parse_document(DESCRIPTION % (more, environment), "platform.yaml"), folder=folder)
    return expand(load(document, kinds()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one migration beside a description."""
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/0001_first.sql").write_text("CREATE TABLE first ();\n")
    return tmp_path


def _job(graph: Graph) -> Any:
    return next(iter(graph.of_type("batch/v1/Job"))).body


def test_another_set_of_files_is_another_job(folder: Path) -> None:
    """A Job cannot be changed, so its name and that of its files follow what is in them."""
    before = _job(_graph(folder))
    assert _job(_graph(folder)) == before
    (folder / "migrations/0002_second.sql").write_text("CREATE TABLE second ();\n")
    after = _job(_graph(folder))
    assert after["metadata"]["name"] != before["metadata"]["name"]
    assert after["spec"]["template"]["spec"]["volumes"][0]["configMap"]["name"] == after["metadata"]["name"]


def test_no_password_is_written_anywhere(folder: Path) -> None:
    """Passwords go from Secrets Manager to Secrets to variables: no manifest, argument or state holds one."""
    graph = _graph(folder)
    container = _job(graph)["spec"]["template"]["spec"]["containers"][0]
    secret = [each["name"] for each in container["env"] if "valueFrom" in each]
    assert secret == ["PGUSER", "PGPASSWORD", "PASSWORD_dev", "PASSWORD_prod"]
    versions = graph.of_type("aws_secretsmanager_secret_version")
    assert len(versions) == 2
    assert all("secret_string" not in version.body for version in versions)
    assert not graph.of_type("v1/Secret")


def test_the_administrator_s_password_stays_in_its_namespace(folder: Path) -> None:
    """Only the namespace of the migrations gets it; whoever may read Secrets of an application's does not."""
    secrets = _graph(folder).of_type("external-secrets.io/v1/ExternalSecret")
    assert {each.body["metadata"]["namespace"] for each in secrets} == {"database"}


def test_a_site_migrates_nothing(folder: Path) -> None:
    """Where the database follows another region's, roles and schemas come with it, and so do the passwords."""
    graph = _graph(folder, environment=SITES)
    jobs = graph.of_type("batch/v1/Job")
    assert [job.region for job in jobs] == ["us-east-1"]
    for secret in graph.of_type("aws_secretsmanager_secret"):
        if "migrations" in secret.address:
            assert [replica["region"] for replica in secret.body["replica"]] == ["us-west-2"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("second.sql", "SELECT 1;", "no name of a migration"),
        ("0001_again.sql", "SELECT 1;", "two files of migrations are numbered 0001"),
        ("0002_own.sql", "BEGIN;\nSELECT 1;\nCOMMIT;\n", "begins or ends a transaction"),
        ("0002_large.sql", "-- " + "x" * 900_000, "larger than"),
    ],
)
def test_files_that_could_not_be_applied_are_refused(folder: Path, name: str, content: str, said: str) -> None:
    """What would fail in the cluster, or be applied in an order that nobody chose, is an error of the description."""
    (folder / "migrations" / name).write_text(content)
    with pytest.raises(InputError, match=said):
        _graph(folder)


def test_a_function_s_body_may_begin(folder: Path) -> None:
    """The BEGIN of PL/pgSQL is no transaction's."""
    body = "CREATE FUNCTION one() RETURNS int LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 1;\nEND\n$$;\n"
    (folder / "migrations/0002_function.sql").write_text(body)
    assert _job(_graph(folder))


@pytest.mark.parametrize("elsewhere", ["../other", "..", "migrations/../..", "/etc", "nowhere"])
def test_a_folder_elsewhere_is_refused(folder: Path, elsewhere: str) -> None:
    """A description reaches files beside itself alone."""
    with pytest.raises(InputError):
        _graph(folder, f", folder: {elsewhere}")


def test_a_link_out_of_the_folder_is_refused(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A file that lies elsewhere does not get into a manifest by a link."""
    secret = tmp_path_factory.mktemp("elsewhere") / "secret"
    secret.write_text("SELECT 1;")
    (folder / "migrations/0002_link.sql").symlink_to(secret)
    with pytest.raises(InputError, match="leads out of its folder"):
        _graph(folder)


def test_a_description_without_a_file_has_no_folder() -> None:
    """A text that lies nowhere has nothing beside it, and says so."""
    with pytest.raises(InputError, match="lies in no file"):
        expand(descriptions.platform(DESCRIPTION % ("", "")))
