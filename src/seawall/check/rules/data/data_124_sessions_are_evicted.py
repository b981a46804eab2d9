"""Sessions in a cache that throws keys away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.analyze.applications import configured
from seawall.analyze.reachability.targets import behind, resolve
from seawall.analyze.stores import setting
from seawall.check.rule import Rule
from seawall.facts.compute import Mounts
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Service
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-124",
    severity=Severity.HIGH,
    summary="Sessions are kept in a cache that throws away any key when its memory is full",
    why="with an allkeys policy a cache that is full takes new keys by dropping others: people are logged out at "
    "random, most of them at peak, and nothing reports an error",
    fix="keep sessions in a cache of their own with noeviction, sized for them, and an alarm on its memory",
    layers=("app", "kubernetes", "terraform"),
    source="https://redis.io/docs/latest/develop/reference/eviction/",
    read=None,
)

_SESSIONS: Final = tuple(
    f"spring.session.{store}.{key}"
    for store in ("redis", "data.redis")
    for key in ("namespace", "flush-mode", "repository-type", "cleanup-cron", "configure-action")
)
_HOSTS: Final = ("spring.data.redis.host", "spring.redis.host")


def check(facts: Facts) -> Iterator[Finding]:
    """Applications that keep Spring's sessions in a Redis of the input, and what that does at its limit."""
    for source, properties in configured(facts):
        if properties.get(*_SESSIONS) is None and str(properties.get("spring.session.store-type")).lower() != "redis":
            continue
        host = properties.get(*_HOSTS)
        if host is None:
            continue
        for thing in resolve(facts, source, host).things:
            for kept in _evictions(facts, thing):
                if str(kept.value).startswith("allkeys-"):
                    yield RULE.refuted(
                        f"{source} keeps its sessions in {thing}, which at its limit follows {kept.value}",
                        *(of for of in (kept.of, source, thing) if isinstance(of, Address)),
                        evidence=(f"{properties.where}: {host}", f"{kept.of}: maxmemory-policy {kept.value}"),
                    )


def _evictions(facts: Facts, thing: Address) -> Iterator[Setting]:
    if facts.where(Store, of=thing):
        own = setting(facts, thing, "eviction")
        if own is not None:
            yield own
    service = facts.one(Service, of=thing)
    for workload in behind(facts, service) if service is not None else ():
        mounted = {mounts.volume for mounts in facts.where(Mounts, workload=workload.of)}
        for found in facts.where(Setting, key="eviction"):
            if isinstance(found.of, Address) and found.of.owner in mounted:
                yield found
