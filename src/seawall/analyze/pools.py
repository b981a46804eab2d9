"""How many connections the pools of workloads open to a store when as many pods run as may."""

from __future__ import annotations

from dataclasses import dataclass

from seawall.analyze.applications import configured, workloads_of
from seawall.analyze.reachability.targets import resolve
from seawall.analyze.scale import replicas
from seawall.facts.compute import Workload
from seawall.facts.data import Pool, Store
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.readers.application.spring import spring


@dataclass(frozen=True, slots=True)
class Opened:
    """Connections of some pools together; ``missing`` is what is not known and so not counted."""

    total: int
    lines: tuple[str, ...]
    missing: tuple[Unknown, ...]


def pools(facts: Facts) -> tuple[Pool, ...]:
    """Every pool once: as workloads are configured in the end, and those of applications that none of them runs."""
    return facts.derive(_pools)


def _pools(facts: Facts) -> tuple[Pool, ...]:
    found: dict[Pool, None] = {}
    for source, properties in configured(facts):
        for each in spring(source, properties):
            if isinstance(each, Pool):
                found.setdefault(each)
    known = {pool.of for pool in found}
    for pool in facts.all(Pool):
        places = workloads_of(facts, pool.of.owner)
        if pool.of not in known and (isinstance(places, Unknown) or known.isdisjoint(places)):
            found.setdefault(pool)
    return tuple(found)


def pools_of(facts: Facts) -> dict[Address, list[Pool]]:
    """The pools that are opened to each store, as far as their targets are stores of the input."""
    found: dict[Address, list[Pool]] = {}
    for pool in pools(facts):
        for thing in resolve(facts, pool.of, pool.to).things:
            if facts.one(Store, of=thing) is not None:
                found.setdefault(thing, []).append(pool)
    return found


def opened(facts: Facts, of: list[Pool]) -> Opened:
    """What some pools open at the largest number of replicas of whoever has them."""
    total = 0
    lines: list[str] = []
    missing: list[Unknown] = []
    for pool in of:
        workload = facts.one(Workload, of=pool.of)
        _, most = replicas(facts, workload) if workload else (1, 1)
        missing += [value for value in (pool.size, most) if isinstance(value, Unknown)]
        if isinstance(pool.size, int) and isinstance(most, int):
            total += pool.size * most
            lines.append(f"{pool.of}: {most} pods at the most, {pool.size} connections each")
    return Opened(total, tuple(sorted(lines)), tuple(missing))
