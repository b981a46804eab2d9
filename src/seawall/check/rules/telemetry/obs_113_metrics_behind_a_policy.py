"""A policy that keeps Prometheus from the pods that it is to ask."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from seawall.analyze.metrics import cluster_of
from seawall.analyze.reachability.policies import permits, port_fits
from seawall.analyze.selecting import isolating, selected
from seawall.check.rule import Rule
from seawall.facts.compute import Container, Workload
from seawall.facts.delivery import Installed
from seawall.facts.facts import Facts
from seawall.facts.namespaces import labels_of
from seawall.facts.pod_network import PodPeer, PolicyPermit
from seawall.facts.telemetry import Scraped
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="OBS-113",
    severity=Severity.HIGH,
    summary="A policy keeps Prometheus from the metrics",
    why="every scrape ends in a time-out: the target is down for Prometheus, its metrics are not there, and alerts "
    "that are built upon them stay silent",
    fix="let the pods of Prometheus in on the port of the metrics, by the namespace and the labels that they have",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    read=date(2026, 8, 22),
)
_STACK: Final = "kube-prometheus-stack"
_LABELS: Final = {"app.kubernetes.io/name": "prometheus", "app.kubernetes.io/managed-by": "prometheus-operator"}
"""Labels that the operator gives each of its Prometheus' pods; others follow from its name, which is not known here."""


def check(facts: Facts) -> Iterator[Finding]:
    """The ports of each monitor's pods, where the input says in which namespace Prometheus is installed."""
    homes = {cluster_of(installed.of): installed.namespace for installed in facts.where(Installed, chart=_STACK)}
    for scraped in facts.all(Scraped):
        home = homes.get(cluster_of(scraped.of))
        if home is None or scraped.kind != "pods":
            continue
        spaces = scraped.namespaces or tuple(sorted({workload.namespace for workload in facts.all(Workload)}))
        for workload in (one for space in spaces for one in selected(facts, space, scraped.selector)):
            for number in _numbers(facts, workload, scraped.port):
                yield from _judged(facts, scraped, workload, number, home)


def _judged(facts: Facts, scraped: Scraped, workload: Workload, port: int, home: Address) -> Iterator[Finding]:
    policies = isolating(facts, workload, "ingress")
    through = [each for each in permits(facts, policies, "ingress") if port_fits(facts, each, workload, port, "tcp")]
    if not policies or any(_means(facts, permit, workload, home) for permit in through):
        return
    doubts = [permit.peer for permit in through if isinstance(permit.peer, Unknown)]
    names = ", ".join(policy.policy for policy in policies)
    if doubts:
        yield RULE.unknown(f"whether {names} let Prometheus ask {workload.of} is not known", doubts, workload.of)
        return
    yield RULE.refuted(
        f"{scraped.of} has {workload.of} asked on port {port}, where {names} let nobody of {home} in",
        workload.of,
        scraped.of,
    )


def _means(facts: Facts, permit: PolicyPermit, workload: Workload, home: Address) -> bool:
    """Whether the peer may be Prometheus; of a label of its pods that is not known here, that it is."""
    peer = permit.peer
    if peer is None:
        return True
    if not isinstance(peer, PodPeer):
        return False  # an address range: pods have no address that anybody knows before
    if peer.namespaces is None:
        return workload.namespace == home and _fits(peer)
    return peer.namespaces.matches(labels_of(facts, home)) and _fits(peer)


def _fits(peer: PodPeer) -> bool:
    asked = {key: value for key, value in peer.pods.labels if key not in _LABELS}
    return peer.pods.matches({**asked, **_LABELS}) if not peer.pods.requirements else True


def _numbers(facts: Facts, workload: Workload, port: str) -> set[int]:
    ports = (each for container in facts.where(Container, workload=workload.of) for each in container.ports)
    return {number for name, number in ports if port in (name, str(number))}
