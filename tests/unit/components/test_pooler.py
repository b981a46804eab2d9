"""What a pooler comes to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from seawall.components.expand import expand
from seawall.components.kinds import kinds
from seawall.facts.demands import Connect
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.model.document import parse_document
from seawall.model.loader import load

DESCRIPTION = """
platform: shop
network: {cidr: 10.0.0.0/16, zones: 2}
cluster:
  version: "1.36"
  namespaces: {dev: {}, prod: {}, database: {}}
  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}
components:
  shop-db: {kind: aurora, engine: postgresql, serverless: {min: 0.5, max: 4}, name: shop}
  migrations: {kind: migration, namespace: database, needs: [shop-db], environments: {dev: {}, prod: {connections: 40}}}
  prod-pooler: {kind: pooler, namespace: database, needs: [shop-db], environment: prod%s}
  prod-shop: {kind: service, namespace: prod, image: shop, needs: [prod-pooler]}
  dev-shop: {kind: service, namespace: dev, image: shop}
environments: {shared: {region: us-east-1}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one migration beside a description."""
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations/0001_first.sql").write_text("CREATE TABLE first ();\n")
    return tmp_path


def _graph(folder: Path, more: str = "", text: str = DESCRIPTION) -> Graph:
    document = replace(parse_document(text % more, "platform.yaml"), folder=folder)
    return expand(load(document, kinds()))


def _object(graph: Graph, type: str, name: str) -> Any:
    return next(each.body for each in graph.of_type(type) if each.body["metadata"]["name"] == name)


def _settings(graph: Graph) -> dict[str, str]:
    ini = str(_object(graph, "v1/ConfigMap", "prod-pooler")["data"]["pgbouncer.ini"])
    lines = ini.partition("[pgbouncer]\n")[2].splitlines()
    return dict(line.split(" = ", 1) for line in lines)


@pytest.mark.parametrize(("replicas", "each"), [(2, 13), (3, 10), (4, 8)])
def test_all_pods_together_keep_within_the_share(folder: Path, replicas: int, each: int) -> None:
    """Also while one pod more runs because they are being replaced."""
    graph = _graph(folder, f", replicas: {replicas}")
    assert _settings(graph)["max_db_connections"] == str(each)
    assert each * (replicas + 1) <= 40
    asked = [
        demand.connections for demand in graph.demands if isinstance(demand, Connect) and "prod-pooler" in demand.source
    ]
    assert asked == [each * (replicas + 1)]


def test_nothing_outlives_a_transaction(folder: Path) -> None:
    """Connections are lent for a transaction, and what one leaves behind is undone every time."""
    settings = _settings(_graph(folder))
    assert settings["pool_mode"] == "transaction"
    assert settings["server_reset_query_always"] == "1"
    assert settings["server_reset_query"].startswith("RESET ALL;")
    # What is passed over in silence is taken for granted.
    assert "options" not in settings["ignore_startup_parameters"]


def test_the_server_proves_who_it_is(folder: Path) -> None:
    """The server's name and authority are verified, since the password goes there."""
    settings = _settings(_graph(folder))
    assert settings["server_tls_sslmode"] == "verify-full"
    assert settings["server_tls_ca_file"].endswith(".pem")


def test_clients_get_the_pooler_and_not_the_database(folder: Path) -> None:
    """A service that needs the pooler is let out to it alone, with the user and password of its own environment."""
    graph = _graph(folder)
    policy = _object(graph, "networking.k8s.io/v1/NetworkPolicy", "prod-shop")["spec"]
    assert [rule["ports"] for rule in policy["egress"]] == [[{"protocol": "TCP", "port": 6432}]]
    inward = _object(graph, "networking.k8s.io/v1/NetworkPolicy", "prod-pooler")["spec"]["ingress"]
    assert [peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for peer in inward[0]["from"]] == ["prod-shop"]
    secret = _object(graph, "external-secrets.io/v1/ExternalSecret", "prod-shop-prod-pooler")["spec"]
    assert "migrations_prod" in str(secret["data"][0]["remoteRef"]["key"])


def test_a_share_too_small_is_refused(folder: Path) -> None:
    """A pod that could not open a single connection would be of no use."""
    with pytest.raises(InputError, match="gets 2 connections, and its poolers have 3 pods"):
        _graph(folder, text=DESCRIPTION.replace("connections: 40", "connections: 2"))


def test_an_environment_that_nobody_knows_is_refused(folder: Path) -> None:
    """The user and the schema of an environment are the migrations' to make."""
    with pytest.raises(InputError, match="of which migrations knows nothing"):
        _graph(folder, text=DESCRIPTION.replace("environment: prod%s", "environment: test%s"))


def test_without_migrations_there_is_nobody_to_log_in_as(folder: Path) -> None:
    """A pooler logs in as a role that migrations make."""
    lines = [line for line in DESCRIPTION.splitlines() if "kind: migration" not in line]
    with pytest.raises(InputError, match="a role that nothing makes"):
        _graph(folder, text="\n".join(lines))


def test_a_site_asks_its_reader_while_it_has_no_writer(folder: Path) -> None:
    """Where the database follows, the writer's name is tried first, and answers once the database is promoted."""
    sites = "us-east-1, sites: {west: {region: us-west-2, network: {cidr: 10.1.0.0/16}}}"
    graph = _graph(folder, text=DESCRIPTION.replace("us-east-1", sites))
    lines = {
        each.region: str(each.body["data"]["pgbouncer.ini"]).splitlines()[1]
        for each in graph.of_type("v1/ConfigMap")
        if each.body["metadata"]["name"] == "prod-pooler"
    }
    assert "reader_endpoint" not in lines["us-east-1"]
    assert "load_balance_hosts" not in lines["us-east-1"]
    writer, reader = lines["us-west-2"].partition("host=")[2].split(" ")[0].split(",")
    assert writer.endswith(".endpoint}")
    assert reader.endswith(".reader_endpoint}")
    assert lines["us-west-2"].endswith("load_balance_hosts=disable")


def test_components_with_one_image_share_its_repository(folder: Path) -> None:
    """One image is pushed once, whichever components run it."""
    graph = _graph(folder)
    names = [each.body["name"] for each in graph.of_type("aws_ecr_repository")]
    assert sorted(names) == ["shop-shared/database-tools", "shop-shared/shop"]


def test_an_exporter_beside_it_looks_at_its_console_without_a_password(folder: Path) -> None:
    """Through a socket that both containers have and nobody else; without monitoring there is no socket at all."""
    assert _settings(_graph(folder))["unix_socket_dir"] == ""
    graph = _graph(folder, text=DESCRIPTION.replace("components:", "monitoring: {}\ncomponents:"))
    assert _settings(graph)["unix_socket_dir"] == "/run/pgbouncer"
    spec = _object(graph, "apps/v1/Deployment", "prod-pooler")["spec"]["template"]["spec"]
    pooler, beside = spec["containers"]
    socket = {"name": "sockets", "mountPath": "/run/pgbouncer"}
    assert socket in pooler["volumeMounts"]
    assert socket in beside["volumeMounts"]
    assert "runAsUser" not in {**pooler["securityContext"], **beside["securityContext"]}
    (console,) = [each["value"] for each in beside["env"]]
    assert console == "postgres:///pgbouncer?host=/run/pgbouncer&port=6432&user=pgbouncer&sslmode=disable"
    monitor = _object(graph, "monitoring.coreos.com/v1/PodMonitor", "prod-pooler")["spec"]
    assert monitor["namespaceSelector"] == {"matchNames": ["database"]}
    rules = _object(graph, "networking.k8s.io/v1/NetworkPolicy", "prod-pooler")["spec"]["ingress"]
    assert [port["port"] for rule in rules for port in rule["ports"]] == [6432, 9127]
