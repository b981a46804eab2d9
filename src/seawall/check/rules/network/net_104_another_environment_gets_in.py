"""Pods of one environment that reach a store of another, which none of them asks for."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.environments import environment_of
from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.layers import between
from seawall.analyze.reachability.targets import resolve
from seawall.analyze.reachability.traffic import Traffic
from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Listens
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-104",
    severity=Severity.HIGH,
    summary="Pods of one environment can open connections to a store of another",
    why="what is tried out in development runs with fewer eyes upon it; a wrong host name, or whoever gets into a pod "
    "there, is then in production's data",
    fix="give each environment's pods a way to their own store alone: egress policies with ipBlock, or security groups "
    "of pods, for nodes that both share have one group",
    layers=("terraform", "kubernetes"),
    source="https://docs.aws.amazon.com/eks/latest/best-practices/tenant-isolation.html",
    read=None,
)

_KINDS = ("database", "cache", "stream", "file-system")


def check(facts: Facts) -> Iterator[Finding]:
    """Stores of a stated environment against the workloads of others, all layers together; low but for production's."""
    workloads = [(workload, environment_of(facts, workload.of)) for workload in facts.all(Workload)]
    if not any(environment for _, environment in workloads):
        return
    wanted = {
        (reach.source, thing)
        for reach in demanded(facts)
        for thing in resolve(facts, reach.source, reach.target).things
    }
    for store in facts.all(Store):
        environment = environment_of(facts, store.of) if store.kind in _KINDS else None
        if environment is None or not facts.where(Interface, of=store.of):
            continue
        others = sorted(
            workload.of
            for workload, own in workloads
            if own not in (None, environment) and (workload.of, store.of) not in wanted
        )
        answered = _answered(facts, store.of)
        found = [of for of in others if (between(facts, of, store.of).every.sure & answered).spans]
        if found:
            first = found[0]
            opened = between(facts, first, store.of).every.sure & answered
            yield RULE.refuted(
                f"{store.of} of {environment} is open on {opened} to {first}"
                + (f" and {len(found) - 1} more workloads of other environments" if len(found) > 1 else ""),
                store.of,
                *found[:10],
                evidence=tuple(f"{of}: {environment_of(facts, of)}" for of in found),
                severity=None if environment == "production" else Severity.LOW,
            )


def _answered(facts: Facts, store: Address) -> Traffic:
    return Traffic.union(
        Traffic.of(each.protocol, each.ports)
        for each in facts.where(Listens, of=store)
        if not isinstance(each.ports, Unknown)
    )
