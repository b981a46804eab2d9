"""How an application talks to its stores: TLS, the sort of client, and the name it uses."""

from __future__ import annotations

from typing import Any

import pytest

from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text
from seawall.readers.application.clients import Client, clients
from seawall.readers.application.spring import Properties

SOURCE = Address("source")
CACHE = Address.terraform("eu-west-1", "data", "aws_elasticache_replication_group.sessions")


def found(properties: dict[str, Any], environment: dict[str, Any] | None = None) -> list[Client]:
    """The clients of an application that is configured so."""
    return list(clients(SOURCE, Properties(properties, environment or {}, "a.yml")))


@pytest.mark.parametrize(
    ("options", "tls"),
    [
        ("", ""),
        ("?useSSL=false", "off"),
        ("?serverTimezone=UTC&sslMode=DISABLED", "off"),
        ("?sslmode=disable", "off"),
        ("?sslMode=VERIFY_IDENTITY", "on"),
        ("?useSSL=true&requireSSL=true", "on"),
        ("?sslmode=prefer", ""),
        ("?useSSL=falsehood", ""),
    ],
)
def test_a_url_says_whether_its_driver_speaks_tls(options: str, tls: str) -> None:
    """Only what a driver is told for certain counts; what it decides by itself is left open."""
    (client,) = found({"spring.datasource.url": f"jdbc:mysql://db.shop.example:3306/shop{options}"})
    assert (client.tls, client.kind, client.target) == (tls, "database", Address.host("db.shop.example"))


@pytest.mark.parametrize(
    ("properties", "tls", "mode"),
    [
        ({"spring.data.redis.host": "r"}, "off", "single"),
        ({"spring.redis.host": "r", "spring.redis.ssl": "true"}, "on", "single"),
        ({"spring.data.redis.host": "r", "spring.data.redis.ssl.bundle": "aws"}, "on", "single"),
        ({"spring.data.redis.host": "r", "spring.data.redis.ssl.enabled": "${TLS}"}, "", "single"),
        ({"spring.data.redis.url": "rediss://r:6379"}, "on", "single"),
        ({"spring.data.redis.cluster.nodes": "r:6379"}, "off", "cluster"),
        ({"spring.data.redis.sentinel.nodes": "r:26379"}, "off", "sentinel"),
    ],
)
def test_what_a_redis_client_does(properties: dict[str, str], tls: str, mode: str) -> None:
    """Spring's client talks in clear unless told otherwise, and is as simple as its configuration."""
    (client,) = found(properties)
    assert (client.tls, client.mode, client.kind) == (tls, mode, "cache")


def test_a_reference_keeps_the_attribute_that_names_the_store() -> None:
    """Which of a cache's names is used is told by the attribute, so it must not be lost with the host."""
    endpoint = Ref(CACHE, "primary_endpoint_address")
    for properties in (
        {"spring.data.redis.host": endpoint},
        {"spring.data.redis.url": text("rediss://", endpoint, ":6379")},
    ):
        (client,) = found(properties)
        assert client.target == CACHE
        assert client.named == endpoint


def test_an_environment_may_spell_a_dash_in_two_ways() -> None:
    """Spring takes DDL_AUTO for ddl-auto as it takes DDLAUTO, and the one without wins."""
    key = "spring.jpa.hibernate.ddl-auto"
    assert Properties({}, {"SPRING_JPA_HIBERNATE_DDL_AUTO": "update"}, "a").get(key) == "update"
    both = {"SPRING_JPA_HIBERNATE_DDL_AUTO": "update", "SPRING_JPA_HIBERNATE_DDLAUTO": "none"}
    assert Properties({}, both, "a").get(key) == "none"
    assert Properties({}, both, "a").said(key) == "a: SPRING_JPA_HIBERNATE_DDLAUTO"


def test_a_database_in_the_process_has_no_client() -> None:
    """An in-memory database is nobody's to reach."""
    assert found({"spring.datasource.url": "jdbc:h2:mem:test"}) == []
