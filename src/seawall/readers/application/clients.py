"""How an application talks to its stores: to which name, with or without TLS, by which sort of client.

Names and defaults are those of Spring Boot 3 ("Common Application Properties") and of the drivers' own references:
Connector/J ``sslMode`` and ``useSSL``, MariaDB ``sslMode``, PostgreSQL ``sslmode`` and ``ssl``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.readers.application.hosts import Place, host_list, jdbc, place, plain_url
from seawall.readers.application.spring import Properties


@dataclass(frozen=True, slots=True)
class Client:
    """One connection of an application: ``target`` is its host, ``named`` the value that names it.

    ``tls`` is ``off`` where it surely talks in clear, ``on`` where it surely does not, empty where the driver decides.
    """

    source: Address
    target: Address | Textual
    named: Textual
    kind: Literal["database", "cache"]
    tls: Literal["off", "on", ""]
    mode: Literal["single", "cluster", "sentinel"]
    said: str


_OFF: Final = re.compile(r"(?i)[?&;](usessl=false|sslmode=(disabled|disable)|ssl=false)(?=[&;#]|$)")
_ON: Final = re.compile(
    r"(?i)[?&;](usessl=true|requiressl=true|ssl=true|sslmode=(required|require|verify[_-]ca|verify[_-]identity|verify-full|trust))"
    r"(?=[&;#]|$)"
)
_REDIS: Final = ("spring.data.redis", "spring.redis")


def clients(source: Address, properties: Properties) -> Iterator[Client]:
    """The connections that an application's data source and its Redis client make."""
    yield from _data_source(source, properties)
    yield from _redis(source, properties)


def _data_source(source: Address, properties: Properties) -> Iterator[Client]:
    keys = ("spring.datasource.url", "spring.datasource.hikari.jdbc-url")
    url = properties.get(*keys)
    if url is None or isinstance(url, Unknown):
        return
    said, spelled = properties.said(*keys), str(url)
    tls: Literal["off", "on", ""] = "off" if _OFF.search(spelled) else "on" if _ON.search(spelled) else ""
    for found in jdbc(url, said):
        yield Client(source, found.target, _named(url, found), "database", tls, "single", said)


def _named(value: Textual, found: Place) -> Textual:
    """The reference behind a place, which says by which attribute a thing is named; else the place's own name."""
    parts = value.parts if isinstance(value, Text) else (value,)
    for part in parts:
        if isinstance(part, Ref) and part.to == found.target:
            return part
    return found.target


def _redis(source: Address, properties: Properties) -> Iterator[Client]:
    tls = _redis_tls(properties)
    for part, mode, port in (("sentinel.nodes", "sentinel", 26379), ("cluster.nodes", "cluster", 6379)):
        keys = tuple(f"{prefix}.{part}" for prefix in _REDIS)
        nodes = properties.get(*keys)
        if nodes is not None:
            said = properties.said(*keys)
            for found in host_list(nodes, port, said):
                named = _named(nodes, found)
                yield Client(
                    source, found.target, named, "cache", tls, "sentinel" if mode == "sentinel" else "cluster", said
                )
            return
    urls, hosts = (tuple(f"{prefix}.{part}" for prefix in _REDIS) for part in ("url", "host"))
    url, host = properties.get(*urls), properties.get(*hosts)
    if url is not None:
        said = properties.said(*urls)
        encrypted = str(url).startswith("rediss:")
        for found in plain_url(url, said):
            yield Client(source, found.target, _named(url, found), "cache", "on" if encrypted else tls, "single", said)
    elif host is not None:
        said = properties.said(*hosts)
        for found in place(host, None, 6379, said):
            yield Client(source, found.target, _named(host, found), "cache", tls, "single", said)


def _redis_tls(properties: Properties) -> Literal["off", "on", ""]:
    """Spring's client talks in clear unless it is told to do otherwise."""
    bundle = properties.get(*(f"{prefix}.ssl.bundle" for prefix in _REDIS))
    flag = properties.flag(*(f"{prefix}.ssl.enabled" for prefix in _REDIS), *(f"{prefix}.ssl" for prefix in _REDIS))
    if isinstance(flag, Unknown):
        return ""
    if flag is True or (flag is None and bundle is not None):
        return "on"
    return "off"
