"""Sessions that one server holds alone."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.targets import behind
from seawall.analyze.sessions import sessions
from seawall.analyze.stores import servers
from seawall.check.rule import Rule
from seawall.facts.compute import Autoscaler, Workload
from seawall.facts.data import Replicates, Store
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Service
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="DATA-126",
    severity=Severity.MEDIUM,
    summary="Sessions are kept in one server alone",
    why="while it restarts, moves or waits for its zone nobody is logged in and nobody can log in, however many pods "
    "the application has",
    fix="run a replica and a failover (ElastiCache with automatic failover, or Redis with Sentinels over three zones)",
    layers=("app", "kubernetes", "terraform"),
    source="https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Applications with sessions in a Redis of the input that is a single pod or a single node."""
    for kept in sessions(facts):
        for alone in _alone(facts, kept.thing):
            yield RULE.refuted(
                f"{kept.source} keeps its sessions in {kept.thing}, and {alone} is a single server",
                alone,
                kept.source,
                evidence=(kept.said,),
            )


def _alone(facts: Facts, thing: Address) -> Iterator[Address]:
    service = facts.one(Service, of=thing)
    if service is not None:
        pods = behind(facts, service)
        if len(pods) == 1 and _is_one_pod(facts, pods[0]):
            yield pods[0].of
    for store in facts.where(Store, of=thing):
        nodes = store.nodes if store.nodes != 0 else len(servers(facts, store))
        if nodes == 1 and not facts.where(Replicates, source=store.of):
            yield store.of


def _is_one_pod(facts: Facts, pods: Workload) -> bool:
    if pods.controller not in ("Deployment", "StatefulSet") or facts.where(Autoscaler, target=pods.of):
        return False
    return pods.replicas == 1 or pods.replicas is None
