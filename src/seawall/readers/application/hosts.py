"""Addresses inside configuration values: URLs, JDBC URLs and host lists become Reach demands, holes included."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seawall.facts.demands import Reach
from seawall.facts.fact import Known
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown, text

DEFAULT_PORTS = {
    "mysql": 3306, "mariadb": 3306, "postgresql": 5432, "postgres": 5432, "sqlserver": 1433, "oracle": 1521,
    "redis": 6379, "rediss": 6379, "mongodb": 27017, "amqp": 5672, "amqps": 5671, "http": 80, "https": 443,
    "nats": 4222,
}  # fmt: skip
"""Ports that a URL of that scheme means when it names none, as the drivers' own documentation has them."""

# Attributes of the AWS provider 5.100.0 whose value is a host and a port in one.
_HOST_AND_PORT = frozenset({("aws_db_instance", "endpoint")})
# Attributes of aws_msk_cluster that list brokers, and the port that stands in each ("Port information" of MSK's guide).
_BROKERS = {
    "bootstrap_brokers": 9092,
    "bootstrap_brokers_tls": 9094,
    "bootstrap_brokers_sasl_scram": 9096,
    "bootstrap_brokers_sasl_iam": 9098,
}
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1", "0.0.0.0"})
_HOLE = 0xE000
"""Holes travel through regular expressions as characters of Unicode's private use area."""

_JDBC = re.compile(
    r"jdbc:(?:[a-z0-9-]+:)*?(?P<scheme>mysql|mariadb|postgresql|sqlserver|oracle)(?::[a-z0-9-]+)*:(?:@)?(?://)?@?"
    r"(?P<hosts>[^/;?\s]+)"
)
_URL = re.compile(r"(?P<scheme>[a-z][a-z0-9+]*)://(?:[^@/\s]*@)?(?P<hosts>[^/?#\s]+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A host and a port, each as far as it is known."""

    target: Address | Textual
    port: Known[int]

    def reach(self, source: Address, said: str) -> Reach:
        """The demand that the source must be able to connect here."""
        return Reach(source, self.target, self.port, said=said)


def jdbc(url: Textual, where: str) -> tuple[Place, ...]:
    """The hosts of a JDBC URL; none for a database inside the process."""
    return _places_of(_JDBC, url, where)


def plain_url(url: Textual, where: str) -> tuple[Place, ...]:
    """The hosts of a URL whose scheme has a known port, or which names its port."""
    return _places_of(_URL, url, where)


def host_list(value: Textual, default: int | None, where: str) -> tuple[Place, ...]:
    """The hosts of a list such as ``a:9092,b:9092``; without a port and a default the port is unknown."""
    if isinstance(value, Unknown):
        return (Place(value, value),)
    marked, holes = _mark(value)
    return tuple(_places(marked, holes, default, where))


def place(host: Textual, port: Textual | None, default: int, where: str) -> tuple[Place, ...]:
    """A host and a port that are configured each by itself; nothing for the machine itself."""
    if isinstance(host, str) and host in _LOCAL:
        return ()
    found = _port(port, where) if port is not None else _implied_port(host, default)
    return (Place(_target(host), found),)


def _places_of(shape: re.Pattern[str], url: Textual, where: str) -> tuple[Place, ...]:
    if isinstance(url, Unknown):
        return (Place(url, url),)
    marked, holes = _mark(url)
    match = shape.match(marked)
    if match is None:
        # What begins with a hole may still be a URL of any kind.
        return (Place(url, Unknown(where, why=f"it is {url}")),) if not isinstance(url, str) else ()
    return tuple(_places(match["hosts"], holes, DEFAULT_PORTS.get(match["scheme"]), where))


def _places(hosts: str, holes: tuple[Ref | Unknown, ...], default: int | None, where: str) -> Iterator[Place]:
    for item in hosts.split(","):
        match = re.fullmatch(r"\s*(\[[^\]]+\]|[^:\s]+)(?::([^:\s]+))?(?::[^:]*)?\s*", item)
        if match is None:
            continue
        host = _unmark(match[1].strip("[]"), holes)
        port = _unmark(match[2], holes) if match[2] else None
        if port is None and default is None:
            yield from place(host, Unknown(where, why="it names no port"), 0, where)
        else:
            yield from place(host, port, default or 0, where)


def _target(host: Textual) -> Address | Textual:
    if isinstance(host, Ref):
        return host.to
    return Address.host(host) if isinstance(host, str) else host


def _port(port: Textual, where: str) -> Known[int]:
    if isinstance(port, Unknown):
        return port
    if isinstance(port, str) and port.strip().isdecimal():
        return int(port)
    mentions = (port,) if isinstance(port, Ref) else ()
    return Unknown(where, mentions, f"its port is {port}, which nothing in the input says")


def _implied_port(host: Textual, default: int) -> Known[int]:
    if isinstance(host, Ref):
        name = host.to.as_terraform()
        if name is not None and (name.type, host.attr) in _HOST_AND_PORT:
            return Unknown(f"{host.to}.port", (Ref(host.to, "port"),), "it is part of the endpoint")
        if name is not None and name.type == "aws_msk_cluster":
            return _BROKERS.get(host.attr, default)
    return default


def _mark(value: Textual) -> tuple[str, tuple[Ref | Unknown, ...]]:
    parts = value.parts if isinstance(value, Text) else (value,)
    holes: list[Ref | Unknown] = []
    marked = ""
    for part in parts:
        if isinstance(part, str):
            marked += "".join(" " if _HOLE <= ord(character) < 0xF900 else character for character in part)
        else:
            marked += chr(_HOLE + len(holes))
            holes.append(part)
    return marked, tuple(holes)


def _unmark(marked: str, holes: tuple[Ref | Unknown, ...]) -> Textual:
    return text(
        *(holes[ord(character) - _HOLE] if _HOLE <= ord(character) < 0xF900 else character for character in marked)
    )
