"""Sessions in a cache that throws keys away."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.targets import behind
from seawall.analyze.sessions import sessions
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


def check(facts: Facts) -> Iterator[Finding]:
    """Applications that keep Spring's sessions in a Redis of the input, and what that does at its limit."""
    for kept in sessions(facts):
        for found in _evictions(facts, kept.thing):
            if str(found.value).startswith("allkeys-"):
                yield RULE.refuted(
                    f"{kept.source} keeps its sessions in {kept.thing}, which at its limit follows {found.value}",
                    *(of for of in (found.of, kept.source, kept.thing) if isinstance(of, Address)),
                    evidence=(kept.said, f"{found.of}: maxmemory-policy {found.value}"),
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
