"""A JVM that keeps addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from seawall.analyze.reachability.targets import resolve
from seawall.check.rule import Rule
from seawall.facts.compute import Environment
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-018",
    severity=Severity.HIGH,
    summary="A JVM keeps the address of a database longer than a failover takes",
    why="a failover changes what the name means, and the name may be kept for 30 seconds; a JVM that keeps it longer "
    "goes on connecting to the server that is gone",
    fix="remove -Dsun.net.inetaddr.ttl (the JVM's own default is 30 s), or set it to 30 or less",
    layers=("application", "kubernetes"),
    source="https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.BestPractices.html",
    read=date(2023, 6, 1),
)


MOST = 30
"""Seconds for which AWS asks clients to keep the address of a database."""

_TTL = re.compile(r"-Dsun\.net\.inetaddr\.ttl=(-?\d+)")


def check(facts: Facts) -> Iterator[Finding]:
    """Options of JVMs in the environment of workloads that connect to a store which fails over."""
    for variable in facts.all(Environment):
        found = _TTL.search(variable.value) if isinstance(variable.value, str) else None
        if found is None or 0 <= int(found[1]) <= MOST:
            continue
        for reach in facts.where(Reach, source=variable.workload):
            things = resolve(facts, reach.source, reach.target).things
            store = next((store for store in (facts.one(Store, of=thing) for thing in things) if store), None)
            if store is not None:
                kept = "for ever" if int(found[1]) < 0 else f"{found[1]} s"
                yield RULE.refuted(
                    f"{variable.workload} keeps addresses {kept} ({variable.name}), and connects to {store.of}",
                    variable.workload,
                    store.of,
                )
                break
