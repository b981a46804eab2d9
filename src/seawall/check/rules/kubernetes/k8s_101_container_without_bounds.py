"""A container without requests or without a memory limit."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.compute import Container, Workload
from seawall.facts.data import Limit
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-101",
    severity=Severity.MEDIUM,
    summary="A container does not say how much processor and memory it needs, or at most takes",
    why="the scheduler places pods by their requests, and the kernel kills neighbours when one container eats "
    "the node's "
    "memory",
    fix="set requests for cpu and memory, and a limit for memory",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
    read=None,
)

_WANTED = (
    ("request", "cpu", "defaultRequest"),
    ("request", "memory", "defaultRequest"),
    ("limit", "memory", "default"),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Ordinary containers against the three amounts; a LimitRange of the namespace may fill them in."""
    for container in facts.all(Container):
        if container.init:
            continue
        workload = facts.one(Workload, of=container.workload)
        ranges = facts.where(Limit, of=workload.namespace) if workload else ()
        filled = {limit.what for limit in ranges}
        own = {("request", name) for name, _ in container.requests} | {("limit", name) for name, _ in container.limits}
        absent = [
            f"{kind} for {resource}"
            for kind, resource, field in _WANTED
            if (kind, resource) not in own
            and not {f"container.{field}.{resource}", f"container.default.{resource}"} & filled
        ]
        if absent:
            yield RULE.refuted(
                f"container {container.name} of {container.workload} has no {', no '.join(absent)}",
                container.workload,
            )
