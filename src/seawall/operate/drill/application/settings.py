"""What the clinic reads from its environment: the variables that the platform gives a Spring application's pods."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qs

Hosts = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class DatabaseSettings:
    """Where the database is, who asks, and for how many seconds the driver waits to connect and to hear an answer."""

    engine: Literal["mysql", "postgresql"]
    hosts: Hosts
    name: str
    user: str
    password: str = field(repr=False)
    authority: str = ""
    """The file of authorities that sign its certificate; empty for a server without TLS."""
    connect_timeout: float = 5.0
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class CacheSettings:
    """Where sessions are kept: Sentinels that know the ``master`` of that name, or one server where it is empty.

    ``replicas`` is how many replicas must have a session before its user hears that it was kept.
    """

    hosts: Hosts
    master: str
    password: str = field(repr=False)
    timeout: float = 2.0
    replicas: int = 0
    patience: float = 0.1
    namespace: str = "spring:session"


@dataclass(frozen=True, slots=True)
class Settings:
    """All of it; ``cache`` is None where sessions live in the process's own memory."""

    name: str
    host: str
    port: int
    database: DatabaseSettings
    cache: CacheSettings | None
    connections: int = 10
    session_seconds: int = 1800
    cookie_seconds: int = 1800
    drain: float = 30.0
    wait_for_connection: float = 30.0

    @classmethod
    def of(cls, variables: Mapping[str, str]) -> Settings:
        """From environment variables; KeyError or ValueError names what is missing or makes no sense."""
        return cls(
            name=variables.get("HOSTNAME", "was"),
            host=variables.get("SERVER_ADDRESS", "127.0.0.1"),
            port=int(variables["SERVER_PORT"]),
            database=_database(variables),
            cache=_cache(variables),
            connections=int(variables.get("SPRING_DATASOURCE_HIKARI_MAXIMUMPOOLSIZE", "10")),
            session_seconds=round(seconds(variables.get("SPRING_SESSION_TIMEOUT", "1800s"))),
            cookie_seconds=round(seconds(variables.get("SERVER_SERVLET_SESSION_COOKIE_MAXAGE", "1800s"))),
            drain=seconds(variables.get("SPRING_LIFECYCLE_TIMEOUTPERSHUTDOWNPHASE", "30s")),
            wait_for_connection=float(variables.get("SPRING_DATASOURCE_HIKARI_CONNECTIONTIMEOUT", "30000")) / 1000,
        )


def seconds(written: str) -> float:
    """A duration as Spring writes it: 30s, 500ms, 2m; a bare number is seconds."""
    found = re.fullmatch(r"(\d+)(ms|s|m|h)?", written)
    if found is None:
        raise ValueError(f"{written!r} is no duration such as 30s")
    return int(found[1]) * {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}[found[2] or "s"]


def _hosts(written: str, port: int) -> Hosts:
    found = []
    for one in written.split(","):
        host, _, given = one.strip().rpartition(":")
        found.append((host, int(given)) if host else (given, port))
    return tuple(found)


def _database(variables: Mapping[str, str]) -> DatabaseSettings:
    url = variables["SPRING_DATASOURCE_URL"]
    found = re.fullmatch(r"jdbc:(mysql|postgresql)://([^/]+)/([^?]+)(?:\?(.*))?", url)
    if found is None:
        raise ValueError("SPRING_DATASOURCE_URL is no URL of MySQL or PostgreSQL")
    options = {name: values[0] for name, values in parse_qs(found[4] or "").items()}
    mysql = found[1] == "mysql"
    # MySQL's driver counts milliseconds, PostgreSQL's seconds.
    unit = 0.001 if mysql else 1.0
    return DatabaseSettings(
        engine="mysql" if mysql else "postgresql",
        hosts=_hosts(found[2], 3306 if mysql else 5432),
        name=found[3],
        user=variables["SPRING_DATASOURCE_USERNAME"],
        password=variables["SPRING_DATASOURCE_PASSWORD"],
        authority=variables.get("DATABASE_AUTHORITY", ""),
        connect_timeout=float(options.get("connectTimeout", 5 / unit)) * unit,
        timeout=float(options.get("socketTimeout", 60 / unit)) * unit,
    )


def _cache(variables: Mapping[str, str]) -> CacheSettings | None:
    nodes = variables.get("SPRING_DATA_REDIS_SENTINEL_NODES")
    host = variables.get("SPRING_DATA_REDIS_HOST")
    if not nodes and not host:
        return None
    hosts = _hosts(nodes, 26379) if nodes else ((host or "", int(variables.get("SPRING_DATA_REDIS_PORT", "6379"))),)
    return CacheSettings(
        hosts=hosts,
        master=variables.get("SPRING_DATA_REDIS_SENTINEL_MASTER", "") if nodes else "",
        password=variables.get("SPRING_DATA_REDIS_PASSWORD", ""),
        timeout=seconds(variables.get("SPRING_DATA_REDIS_TIMEOUT", "2s")),
        replicas=int(variables.get("SESSION_REPLICAS", "0")),
        patience=seconds(variables.get("SESSION_REPLICAS_WAIT", "100ms")),
        namespace=variables.get("SPRING_SESSION_REDIS_NAMESPACE", "spring:session"),
    )
