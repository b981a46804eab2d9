"""Configuration of applications: what Spring's properties and a workload's environment make it depend on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kubernetes_cluster import CLUSTER, DATABASE, thing
from seawall.facts.data import Pool
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Listens
from seawall.facts.resilience import Setting
from seawall.graph.graph import Graph
from seawall.ingest.estate import ingest
from seawall.ingest.spring import spring_text
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.application.spring import Properties, spring
from seawall.readers.read import read

WAS = Address.kubernetes(CLUSTER, "Deployment", "petclinic", "was")
SOURCE = Address("source")


def host(name: str) -> Address:
    """A demand's target that is a name."""
    return Address.host(name)


def places(properties: dict[str, Any], environment: dict[str, Any] | None = None) -> list[tuple[Any, Any]]:
    """The targets and ports that these properties ask for."""
    found = spring(SOURCE, Properties(properties, environment or {}, "a.yml"))
    return [(demand.target, demand.port) for demand in found if isinstance(demand, Reach)]


def workload(*env: dict[str, Any]) -> Facts:
    """The facts of a Deployment whose one container has this environment."""
    containers = [{"name": "was", "image": "was:1", "env": list(env)}]
    return read(Graph([thing("apps/v1", "Deployment", "was", spec={"template": {"spec": {"containers": containers}}})]))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("jdbc:mysql://db:3307/x?a=b", [(host("db"), 3307)]),
        ("jdbc:mysql://db/x", [(host("db"), 3306)]),
        ("jdbc:postgresql://db.example/x", [(host("db.example"), 5432)]),
        ("jdbc:mariadb://a:1,b/x", [(host("a"), 1), (host("b"), 3306)]),
        ("jdbc:aws-wrapper:mysql://db:3306/x", [(host("db"), 3306)]),
        ("jdbc:mysql:aws://db:3306/x", [(host("db"), 3306)]),
        ("jdbc:mysql:replication://a,b:3308/x", [(host("a"), 3306), (host("b"), 3308)]),
        ("jdbc:sqlserver://db;databaseName=x", [(host("db"), 1433)]),
        ("jdbc:oracle:thin:@//db:1522/x", [(host("db"), 1522)]),
        ("jdbc:oracle:thin:@db:1521:x", [(host("db"), 1521)]),
        ("jdbc:h2:mem:test", []),
        ("jdbc:mysql://localhost:3306/x", []),
        ("nonsense", []),
    ],
)
def test_hosts_of_jdbc_urls(url: str, expected: list[Any]) -> None:
    """Drivers' URLs name their hosts, and their drivers' default ports where they name none."""
    assert places({"spring.datasource.url": url}) == expected


def test_a_reference_keeps_its_target() -> None:
    """A URL around a reference asks for the thing itself; an endpoint's own port is not guessed."""
    assert places({"spring.datasource.url": text("jdbc:mysql://", Ref(DATABASE, "address"), "/x")}) == [
        (DATABASE, 3306)
    ]
    ((target, port),) = places({"spring.datasource.url": text("jdbc:mysql://", Ref(DATABASE, "endpoint"), "/x")})
    assert target == DATABASE
    assert isinstance(port, Unknown)
    assert port.mentions == (Ref(DATABASE, "port"),)


def test_the_environment_goes_before_the_file() -> None:
    """SPRING_DATASOURCE_URL beats spring.datasource.url, and relaxed names are one name."""
    files = {"spring.datasource.url": "jdbc:mysql://file/x"}
    assert places(files, {"SPRING_DATASOURCE_URL": "jdbc:mysql://env/x"}) == [(host("env"), 3306)]
    properties = Properties({"spring.datasource.hikari.maximumPoolSize": "7"}, {}, "a.yml")
    assert properties.number("spring.datasource.hikari.maximum-pool-size") == 7
    assert (
        Properties({}, {"SERVER_SERVLET_SESSION_COOKIE_MAXAGE": "60"}, "").seconds(
            "server.servlet.session.cookie.max-age"
        )
        == 60
    )


def test_placeholders_are_looked_up() -> None:
    """A placeholder is filled from the same environment, else by its default; what nobody sets is unknown."""
    files = {"spring.datasource.url": "jdbc:mysql://${DB_HOST:db}:${DB_PORT:3306}/x"}
    assert places(files) == [(host("db"), 3306)]
    assert places(files, {"DB_HOST": "other", "DB_PORT": "1"}) == [(host("other"), 1)]
    ((target, _),) = places({"spring.data.redis.host": "${REDIS}"})
    assert isinstance(target, Unknown)
    assert "REDIS" in target.why
    ((target, _),) = places({"spring.data.redis.host": "${a}", "a": "${b}", "b": "${a}"})
    assert isinstance(target, Unknown)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"spring.data.redis.host": "r"}, [("r", 6379)]),
        ({"spring.redis.host": "r", "spring.redis.port": "1"}, [("r", 1)]),
        ({"spring.data.redis.url": "rediss://u:p@r:6380"}, [("r", 6380)]),
        ({"spring.data.redis.host": "r", "spring.data.redis.sentinel.nodes": "a:1, b"}, [("a", 1), ("b", 26379)]),
        ({"spring.data.redis.cluster.nodes": "a:1,b:2"}, [("a", 1), ("b", 2)]),
        ({"spring.kafka.bootstrap-servers": "a:9096,b:9096"}, [("a", 9096), ("b", 9096)]),
        ({"spring.rabbitmq.host": "q"}, [("q", 5672)]),
        ({"spring.data.mongodb.uri": "mongodb://m/x"}, [("m", 27017)]),
        ({"spring.data.redis.port": "6379"}, []),
    ],
)
def test_caches_and_brokers(properties: dict[str, str], expected: list[tuple[str, int]]) -> None:
    """Sentinels and clusters go before a single host, and each has its documented port."""
    assert places(properties) == [(host(name), port) for name, port in expected]


def test_pools_and_sessions() -> None:
    """A pool has ten connections unless set; times are seconds, whether bare, with a unit or ISO 8601."""
    found = Facts(
        spring(
            SOURCE,
            Properties(
                {
                    "spring.datasource.url": "jdbc:mysql://db/x",
                    "spring.session.timeout": "30m",
                    "server.servlet.session.timeout": "5",
                    "server.servlet.session.cookie.max-age": "PT1H30M",
                    "server.port": "8081",
                },
                {},
                "a.yml",
            ),
        )
    )
    assert found.all(Pool) == (Pool(SOURCE, host("db"), 10),)
    assert {(fact.key, fact.value) for fact in found.all(Setting)} == {
        ("session-timeout", 1800),
        ("cookie-max-age", 5400),
    }
    assert found.all(Listens) == (Listens(SOURCE, "tcp", Ports.one(8081)),)


def test_a_workloads_environment_makes_demands() -> None:
    """What the environment names must be reached by the workload, and the demand says which variable asks."""
    found = workload(
        {"name": "SPRING_DATASOURCE_URL", "value": "jdbc:mysql://db/x"},
        {"name": "REDIS_URL", "value": "redis://cache:6380"},
        {"name": "PUBLIC_URL", "value": "https://www.example"},
    )
    assert found.all(Reach) == (Reach(WAS, host("db"), 3306), Reach(WAS, host("cache"), 6380))
    assert found.all(Reach)[0].said.endswith("container was: SPRING_DATASOURCE_URL")


def test_a_url_from_a_secret_is_unknown_by_its_key() -> None:
    """A URL that lies in a Secret is asked for all the same, as unknown because of that key."""
    source = {"secretKeyRef": {"name": "db", "key": "url"}}
    (demand,) = workload({"name": "SPRING_DATASOURCE_URL", "valueFrom": source}).all(Reach)
    assert isinstance(demand.target, Unknown)
    assert demand.target.what.endswith("Secret/petclinic/db.url")


def test_a_yaml_file_with_profiles() -> None:
    """Profiles are laid over the common part and speak for themselves; lists become one value."""
    resource = spring_text(
        "spring:\n  data.redis.host: r\n  kafka: {bootstrap-servers: [a:1, b:2]}\n---\n"
        "spring: {config: {activate: {on-profile: prod}}, data: {redis: {host: p}}}\n",
        "src/application.yml",
    )
    found = read(Graph([resource]))
    file = Address.file("src/application.yml")
    by_source: dict[Address, set[Any]] = {}
    for demand in found.all(Reach):
        by_source.setdefault(demand.source, set()).add((demand.target, demand.port))
    brokers = {(host("a"), 1), (host("b"), 2)}
    assert by_source == {
        file: {(host("r"), 6379)} | brokers,
        file.implied("prod"): {(host("p"), 6379)} | brokers,
    }


def test_a_properties_file() -> None:
    """Java's own format: comments, three separators, continued lines and escapes; the name says the profile."""
    resource = spring_text(
        "# c\n! c\nspring.datasource.url = jdbc:mysql://\\\n   db:1/x\nspring.rabbitmq.host:q\na b\\u0063\\tc\n",
        "application-dev.properties",
    )
    (document,) = resource.body["documents"]
    assert document["profile"] == "dev"
    assert document["properties"] == {
        "spring.datasource.url": "jdbc:mysql://db:1/x",
        "spring.rabbitmq.host": "q",
        "a": "bc\tc",
    }


def test_spring_files_of_an_estate(tmp_path: Path) -> None:
    """A folder's configuration files are read beside its manifests, wherever they lie."""
    resources = tmp_path / "was" / "src" / "main" / "resources"
    resources.mkdir(parents=True)
    (resources / "application.yml").write_text("spring.data.redis.host: r\n")
    (tmp_path / "a.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: one}\n")
    graph = ingest([tmp_path])
    assert sorted(resource.type for resource in graph) == ["file/spring", "v1/Namespace"]
    assert [demand.target for demand in read(graph).all(Reach)] == [host("r")]
    assert len(ingest([resources / "application.yml"])) == 1


def test_passwords_in_files_are_left_at_the_door() -> None:
    """A password in clear is in no body; a placeholder says where one comes from and stays."""
    resource = spring_text(
        "spring: {datasource: {password: hunter2}, data: {redis: {password: '${REDIS_PASSWORD}'}}}", "application.yml"
    )
    assert "hunter2" not in repr(resource.body)
    assert resource.body["documents"][0]["properties"]["spring.data.redis.password"] == "${REDIS_PASSWORD}"
