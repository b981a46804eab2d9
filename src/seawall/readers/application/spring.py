"""Spring Boot's configuration: data sources, caches, brokers, pools and sessions.

Names and defaults are those of Spring Boot 3 (docs.spring.io, "Common Application Properties"): environment
variables go before files, ``SPRING_DATASOURCE_URL`` means ``spring.datasource.url``, and ``${NAME:default}`` is
looked up in the same environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from seawall.facts.data import Pool
from seawall.facts.demands import Reach
from seawall.facts.fact import Demand, Fact, Known
from seawall.facts.network import Listens
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Ref, Text, Textual, Unknown, text
from seawall.readers.application.hosts import Place, host_list, jdbc, place, plain_url

HIKARI_POOL = 10
"""Connections of a Hikari pool for which no size is set (HikariCP README, maximumPoolSize)."""

_PLACEHOLDER = re.compile(r"\$\{(?P<name>[^{}:$\s]+)(?::(?P<default>[^{}]*))?\}")
_DURATION = re.compile(r"(?P<number>\d+)(?P<unit>ns|us|ms|s|m|h|d)?")
_ISO = re.compile(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.IGNORECASE)
_SECONDS = {"ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DEEPEST = 10
_SWITCH = {"true": True, "on": True, "yes": True, "false": False, "off": False, "no": False}


class Properties:
    """The properties of one application: files first, then the environment over them.

    ``where`` is what they are of; ``origins`` says of a file's property which file, where they are several.
    """

    __slots__ = ("_environment", "_files", "_origins", "where")

    def __init__(
        self,
        files: Mapping[str, Textual],
        environment: Mapping[str, Textual],
        where: str,
        origins: Mapping[str, str] | None = None,
    ) -> None:
        self._files = {_uniform(key): value for key, value in files.items()}
        self._environment = environment
        self._origins = {_uniform(key): file for key, file in (origins or {}).items()}
        self.where = where

    def variables(self) -> Mapping[str, Textual]:
        """The environment, as the container has it."""
        return self._environment

    def get(self, *keys: str) -> Textual | None:
        """The value of the first of these keys that is set, placeholders filled; None if none is or it is empty."""
        for key in keys:
            value = next((self._environment[name] for name in _variables(key) if name in self._environment), None)
            if value is None:
                value = self._files.get(_uniform(key))
            if value is not None and not (isinstance(value, str) and not value.strip()):
                return self._filled(value, key, 0)
        return None

    def filled(self, value: Textual, key: str) -> Textual:
        """A value of that key with its placeholders filled."""
        return self._filled(value, key, 0)

    def variable(self, name: str) -> Textual | None:
        """An environment variable by its own name; None if it is not set or empty."""
        value = self._environment.get(name)
        return None if value == "" else value

    def flag(self, *keys: str) -> Known[bool] | None:
        """A switch; None if none of the keys is set."""
        value = self.get(*keys)
        if value is None or isinstance(value, Unknown):
            return value
        if isinstance(value, str) and value.strip().lower() in _SWITCH:
            return _SWITCH[value.strip().lower()]
        return Unknown(self.said(*keys), why=f"{value} is neither true nor false")

    def said(self, *keys: str) -> str:
        """Which variable or property answers, for a demand's ``said``."""
        for key in keys:
            for name in _variables(key):
                if name in self._environment:
                    return f"{self.where}: {name}"
            if _uniform(key) in self._files:
                return f"{self._origins.get(_uniform(key), self.where)}: {key}"
        return self.where

    def seconds(self, *keys: str, bare: str = "s") -> Known[int] | None:
        """A length of time in whole seconds, a bare number being in the unit ``bare``; None if none of the keys is set.

        Spring takes a bare number for milliseconds unless the property itself says otherwise.
        """
        value = self.get(*keys)
        if value is None or isinstance(value, Unknown):
            return value
        if isinstance(value, str):
            match, iso = _DURATION.fullmatch(value.strip()), _ISO.fullmatch(value.strip())
            if match:
                return round(int(match["number"]) * _SECONDS[match["unit"] or bare])
            if iso and any(iso.groups()):
                hours, minutes, rest = (int(group or 0) for group in iso.groups())
                return hours * 3600 + minutes * 60 + rest
        return Unknown(self.said(*keys), why=f"{value} is not a length of time")

    def number(self, *keys: str) -> Known[int] | None:
        """A whole number; None if none of the keys is set."""
        value = self.get(*keys)
        if value is None or isinstance(value, Unknown):
            return value
        if isinstance(value, str) and value.strip().isdecimal():
            return int(value)
        return Unknown(self.said(*keys), why=f"{value} is not a number")

    def _filled(self, value: Textual, key: str, depth: int) -> Textual:
        if isinstance(value, Text):
            return text(*(self._filled(part, key, depth) for part in value.parts))
        if not isinstance(value, str) or "${" not in value:
            return value
        if depth > _DEEPEST:
            return Unknown(f"{self.where}: {key}", why="its placeholders name each other")
        parts: list[Textual] = []
        start = 0
        for match in _PLACEHOLDER.finditer(value):
            parts.append(value[start : match.start()])
            name = match["name"]
            found = self._environment.get(name)
            if found is None:
                found = self._environment.get(_variable(name))
            if found is None:
                found = self._files.get(_uniform(name))
            if found is None:
                found = match["default"]
            if found is None:
                why = f"nothing in the input sets {name}"
                parts.append(Unknown(f"{self.where}: {key}", why=why))
            else:
                parts.append(self._filled(found, key, depth + 1))
            start = match.end()
        return text(*parts, value[start:])


def spring(source: Address, properties: Properties) -> Iterator[Fact | Demand]:
    """What an application configured so must reach, how many connections it opens, how long its sessions last."""
    yield from _data_source(source, properties)
    yield from _places(source, properties)
    timeout = properties.seconds("server.servlet.session.timeout", "server.reactive.session.timeout")
    shared = properties.seconds("spring.session.timeout")
    if (timeout := shared if shared is not None else timeout) is not None:
        yield Setting(source, "session-timeout", timeout)
    cookie = properties.seconds("server.servlet.session.cookie.max-age", "server.reactive.session.cookie.max-age")
    if cookie is not None:
        yield Setting(source, "cookie-max-age", cookie)
    for key in ("server.port", "management.server.port"):
        port = properties.number(key)
        if isinstance(port, int) and 0 < port < 65536:
            yield Listens(source, "tcp", Ports.one(port))


def _data_source(source: Address, properties: Properties) -> Iterator[Fact | Demand]:
    for keys, pool in (
        (("spring.datasource.url", "spring.datasource.hikari.jdbc-url"), "spring.datasource.hikari.maximum-pool-size"),
        (("spring.r2dbc.url",), "spring.r2dbc.pool.max-size"),
        (("spring.flyway.url",), None),
        (("spring.liquibase.url",), None),
    ):
        url = properties.get(*keys)
        if url is None:
            continue
        said = properties.said(*keys)
        read = plain_url if keys[0] == "spring.r2dbc.url" else jdbc
        if keys[0] == "spring.r2dbc.url" and isinstance(url, str):
            url = url.removeprefix("r2dbc:").removeprefix("pool:")
        for found in read(url, said):
            yield found.reach(source, said)
            if pool is not None:
                size = properties.number(pool)
                yield Pool(source, _pooled(found), HIKARI_POOL if size is None else size)


def _pooled(found: Place) -> Address | Ref | Text | Unknown | str:
    return found.target


def _places(source: Address, properties: Properties) -> Iterator[Reach]:
    """Redis with its Sentinels or cluster, Kafka, RabbitMQ, MongoDB."""
    redis = "spring.data.redis", "spring.redis"
    clustered = False
    for part, default in (("sentinel.nodes", 26379), ("cluster.nodes", 6379)):
        keys = tuple(f"{prefix}.{part}" for prefix in redis)
        nodes = properties.get(*keys)
        if nodes is not None:
            clustered = True
            yield from _reach(source, properties, keys, host_list(nodes, default, properties.said(*keys)))
    if not clustered:
        urls = tuple(f"{prefix}.url" for prefix in redis)
        hosts = tuple(f"{prefix}.host" for prefix in redis)
        url, host = properties.get(*urls), properties.get(*hosts)
        if url is not None:
            yield from _reach(source, properties, urls, plain_url(url, properties.said(*urls)))
        elif host is not None:
            port = properties.get(*(f"{prefix}.port" for prefix in redis))
            yield from _reach(source, properties, hosts, place(host, port, 6379, properties.said(*hosts)))
    for key, default_port in (
        ("spring.kafka.bootstrap-servers", 9092),
        ("spring.rabbitmq.addresses", 5672),
    ):
        servers = properties.get(key)
        if servers is not None:
            yield from _reach(source, properties, (key,), host_list(servers, default_port, properties.said(key)))
    for host_key, port_key, default_port in (
        ("spring.rabbitmq.host", "spring.rabbitmq.port", 5672),
        ("spring.data.mongodb.host", "spring.data.mongodb.port", 27017),
    ):
        host = properties.get(host_key)
        if host is not None:
            found = place(host, properties.get(port_key), default_port, properties.said(host_key))
            yield from _reach(source, properties, (host_key,), found)
    url = properties.get("spring.data.mongodb.uri")
    if url is not None and not (isinstance(url, str) and url.startswith("mongodb+srv:")):
        key = "spring.data.mongodb.uri"
        yield from _reach(source, properties, (key,), plain_url(url, properties.said(key)))


def _reach(
    source: Address, properties: Properties, keys: tuple[str, ...], places: tuple[Place, ...]
) -> Iterator[Reach]:
    for found in places:
        yield found.reach(source, properties.said(*keys))


def _uniform(key: str) -> str:
    """A property's name as Spring compares it: lower case, dashes and underscores left out."""
    return key.replace("-", "").replace("_", "").lower()


def _variables(key: str) -> tuple[str, ...]:
    """The names under which the environment may say a property: without dashes, else with underscores for them."""
    return (_variable(key), key.replace(".", "_").replace("-", "_").upper()) if "-" in key else (_variable(key),)


def _variable(key: str) -> str:
    """The environment variable of a property: dots become underscores, dashes go, all in capitals."""
    return key.replace(".", "_").replace("-", "").replace("[", "_").replace("]", "").upper()
