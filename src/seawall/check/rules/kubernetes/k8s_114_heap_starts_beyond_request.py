"""A Java heap that starts with more than the pod asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from seawall.check.rule import Rule
from seawall.facts.compute import Container, Environment
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.readers.kubernetes.quantities import quantity

RULE = Rule(
    id="K8S-114",
    severity=Severity.MEDIUM,
    summary="A Java heap starts with more memory than its container requests",
    why="the scheduler places the pod by its request, so that nodes are promised more than they have; where memory is "
    "short, pods above their requests are evicted first",
    fix="request what the process needs at rest: the heap and about a quarter more",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/",
    read=None,
)

_READ_BY_JAVA = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS", "_JAVA_OPTIONS")
"""In the order in which they are read; the last option counts."""
_LEAST = re.compile(r"(?<!\S)-Xms(?P<number>\d+)(?P<unit>[kKmMgG]?)(?!\S)")
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def check(facts: Facts) -> Iterator[Finding]:
    """Each container with a request of memory, against the first size of the heap that its variables state."""
    for container in facts.all(Container):
        spelling = dict(container.requests).get("memory")
        told = _told(facts, container)
        if spelling is None or told is None:
            continue
        try:
            request = quantity(spelling)
        except ValueError:
            continue
        match, said = told
        if Decimal(int(match["number"]) * _UNITS[match["unit"].lower()]) > request:
            yield RULE.refuted(
                f"container {container.name} of {container.workload} requests {spelling}, and its heap starts with "
                f"{match['number']}{match['unit']}",
                container.workload,
                evidence=(said, f"requests.memory: {spelling}"),
            )


def _told(facts: Facts, container: Container) -> tuple[re.Match[str], str] | None:
    variables = {
        each.name: each.value
        for each in facts.where(Environment, workload=container.workload)
        if each.container == container.name and isinstance(each.value, str)
    }
    found = [
        (match, f"{name}: {variables[name]}")
        for name in _READ_BY_JAVA
        if name in variables
        for match in _LEAST.finditer(variables[name])
    ]
    return found[-1] if found else None
