"""A Java heap that may grow to the limit of its container's memory."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.compute import Container, Environment
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.readers.kubernetes.quantities import quantity

RULE = Rule(
    id="K8S-111",
    severity=Severity.HIGH,
    summary="A Java heap may grow to the whole memory of its container",
    why="classes, code, threads and buffers need memory beside the heap; when the heap is full the kernel ends the "
    "process, and no OutOfMemoryError is ever logged",
    fix="leave a quarter of the limit to what is no heap: -XX:MaxRAMPercentage=75 instead of -Xmx, or a higher limit",
    layers=("kubernetes", "application"),
    source="https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html",
    read=None,
)

_OPTIONS = frozenset({"JAVA_OPTS", "JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"})
_MOST = re.compile(r"(?<!\S)-Xmx(?P<number>\d+)(?P<unit>[kKmMgG]?)(?!\S)")
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def check(facts: Facts) -> Iterator[Finding]:
    """Each variable that hands options to a Java machine, against the limit of its container."""
    for variable in facts.all(Environment):
        if variable.name not in _OPTIONS or not isinstance(variable.value, str):
            continue
        stated = _MOST.findall(variable.value)
        if not stated:
            continue
        number, unit = stated[-1]  # the last one counts
        heap = int(number) * _UNITS[unit.lower()]
        for container in facts.where(Container, workload=variable.workload):
            spelling = dict(container.limits).get("memory")
            if container.name != variable.container or spelling is None:
                continue
            try:
                limit = quantity(spelling)
            except ValueError:
                continue
            if heap >= limit:
                yield RULE.refuted(
                    f"container {container.name} of {variable.workload} may use {spelling}, and its heap alone may "
                    f"grow to {number}{unit}",
                    variable.workload,
                    evidence=(f"{variable.name}: {variable.value}", f"limits.memory: {spelling}"),
                )
