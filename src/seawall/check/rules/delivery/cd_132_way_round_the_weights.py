"""A way to a workload that passes none of its release's weights."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.targets import behind, resolve
from seawall.check.rule import Rule
from seawall.facts.application import Connects
from seawall.facts.compute import Workload
from seawall.facts.delivery import Shift
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Service
from seawall.facts.telemetry import Scraped
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="CD-132",
    severity=Severity.MEDIUM,
    summary="Pods of the cluster go round the weights of a canary",
    why="a load balancer's weights divide what passes it; what a pod sends to the Service is divided by the number "
    "of pods, so the new version gets another share than the release says, from the first step on",
    fix="send it through the load balancer as well, or take the share by replicas and say so (no trafficRouting)",
    layers=("kubernetes",),
    source="https://argo-rollouts.readthedocs.io/en/stable/features/traffic-management/",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads that call, by a Service, the pods of a release whose weights are a router's."""
    shifts = {shift.workload: shift for shift in facts.all(Shift) if shift.router is not None}
    if not shifts:
        return
    seen: set[tuple[object, object]] = set()
    for demand in demanded(facts):
        source = facts.one(Workload, of=demand.source)
        if source is None:
            continue
        for thing in resolve(facts, demand.source, demand.target).things:
            service = facts.one(Service, of=thing)
            for pods in behind(facts, service) if service is not None else ():
                shift = shifts.get(pods.of)
                if shift is None or thing in (shift.stable, shift.canary) or (source.of, thing) in seen:
                    continue
                # Who asks for metrics is no visitor.
                if source.of == pods.of or _asks_for_metrics(facts, demand):
                    continue
                seen.add((source.of, thing))
                yield RULE.refuted(
                    f"{source.of} calls {pods.of} through {thing}, past the weights of {shift.router}",
                    source.of,
                    thing,
                    pods.of,
                    evidence=(f"asked for by {demand.said}",),
                )


def _asks_for_metrics(facts: Facts, demand: Reach) -> bool:
    listed = (each for each in facts.where(Connects, of=demand.by) if each.said == demand.said)
    return bool(facts.where(Scraped, of=demand.by)) or any(each.metrics for each in listed)
