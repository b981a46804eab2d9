"""A monitor that selects no pods."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.selecting import selected
from seawall.check.rule import Rule
from seawall.facts.compute import Container, Workload
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Service
from seawall.facts.telemetry import Scraped
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="OBS-111",
    severity=Severity.HIGH,
    summary="A monitor asks nobody",
    why="where its selector means no pods, or the pods have no port of that name, Prometheus finds no target and says "
    "nothing of it: whatever is built upon its metrics stays without them",
    fix="give it the labels of the pods, or of the service before them, their namespace and the name of their port",
    layers=("kubernetes",),
    source="https://github.com/prometheus-operator/prometheus-operator/blob/main/Documentation/troubleshooting.md",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Each monitor's pods and their port, as far as any pods of its namespaces are in the input."""
    for scraped in facts.all(Scraped):
        spaces = scraped.namespaces or tuple(sorted({workload.namespace for workload in facts.all(Workload)}))
        if not any(facts.where(Workload, namespace=space) for space in spaces):
            continue  # what lies there is not in the input: a chart's own pods, say
        if scraped.kind == "services":
            yield from _services(facts, scraped, spaces)
            continue
        pods = [workload for space in spaces for workload in selected(facts, space, scraped.selector)]
        if not pods:
            yield RULE.refuted(f"{scraped.of} selects pods with {scraped.selector}, and there are none", scraped.of)
        for workload in pods:
            ports = {port for each in facts.where(Container, workload=workload.of) for port in _ports(each)}
            if scraped.port and scraped.port not in ports:
                yield RULE.refuted(
                    f"{scraped.of} asks on the port {scraped.port}, which {workload.of} does not have",
                    scraped.of,
                    workload.of,
                )


def _ports(container: Container) -> Iterator[str]:
    for name, number in container.ports:
        yield from (name, str(number))


def _services(facts: Facts, scraped: Scraped, spaces: tuple[Address, ...]) -> Iterator[Finding]:
    found = [each for space in spaces for each in facts.where(Service, namespace=space) if _means(scraped, each)]
    if not found:
        yield RULE.refuted(f"{scraped.of} selects services with {scraped.selector}, and there are none", scraped.of)


def _means(scraped: Scraped, service: Service) -> bool:
    return scraped.selector.matches(dict(service.labels))
