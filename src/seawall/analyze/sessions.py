"""Where applications keep their sessions: Spring's, in a Redis of the input."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from seawall.analyze.applications import configured
from seawall.analyze.reachability.targets import resolve
from seawall.facts.facts import Facts
from seawall.kernel.address import Address

_SESSIONS: Final = tuple(
    f"spring.session.{store}.{key}"
    for store in ("redis", "data.redis")
    for key in ("namespace", "flush-mode", "repository-type", "cleanup-cron", "configure-action")
)
_HOSTS: Final = ("spring.data.redis.host", "spring.redis.host")


@dataclass(frozen=True, slots=True)
class Kept:
    """An application's sessions lie in that thing, a store or a Service; ``said`` is what says so."""

    source: Address
    thing: Address
    said: str


def sessions(facts: Facts) -> tuple[Kept, ...]:
    """Every application that keeps Spring's sessions in a Redis of the input, with what its host means."""
    return facts.derive(_sessions)


def _sessions(facts: Facts) -> tuple[Kept, ...]:
    return tuple(dict.fromkeys(_found(facts)))


def _found(facts: Facts) -> Iterator[Kept]:
    for source, properties in configured(facts):
        if properties.get(*_SESSIONS) is None and str(properties.get("spring.session.store-type")).lower() != "redis":
            continue
        host = properties.get(*_HOSTS)
        if host is not None:
            for thing in resolve(facts, source, host).things:
                yield Kept(source, thing, f"{properties.said(*_HOSTS)}: {host}")
