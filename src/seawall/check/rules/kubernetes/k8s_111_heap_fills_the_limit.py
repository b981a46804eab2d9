"""A Java heap that may grow to the limit of its container's memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from seawall.check.rule import Rule
from seawall.facts.compute import Container, Environment, Started
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

_BEFORE = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_OPTS")
_AFTER = ("_JAVA_OPTIONS",)
"""What a Java machine, or the script that starts it, reads before and after the words of its command."""
_COMMAND = "command"
_MOST = re.compile(r"(?<![^\s'\"])-Xmx(?P<number>\d+)(?P<unit>[kKmMgG]?)(?![^\s'\"])")
_SHARE = re.compile(r"(?<![^\s'\"])-XX:MaxRAMPercentage=(?P<share>\d+(?:\.\d+)?)(?![^\s'\"])")
_UNITS = {"": 1, "k": 2**10, "m": 2**20, "g": 2**30}


def check(facts: Facts) -> Iterator[Finding]:
    """Each container with a limit, against what its variables and the words of its command tell a Java machine."""
    for container in facts.all(Container):
        spelling = dict(container.limits).get("memory")
        if spelling is None:
            continue
        told = list(_told(facts, container))
        try:
            limit = quantity(spelling)
        except ValueError:
            continue
        found = _heap(told, limit)
        if found is None:
            continue
        heap, grows, said = found
        if heap >= limit:
            yield RULE.refuted(
                f"container {container.name} of {container.workload} may use {spelling}, and its heap alone may grow "
                f"to {grows}",
                container.workload,
                evidence=(said, f"limits.memory: {spelling}"),
            )


def _told(facts: Facts, container: Container) -> Iterator[tuple[str, str]]:
    """Where options may stand and what stands there, in the order in which Java reads them."""
    variables = {
        each.name: each.value
        for each in facts.where(Environment, workload=container.workload)
        if each.container == container.name and isinstance(each.value, str)
    }
    yield from ((name, variables[name]) for name in _BEFORE if name in variables)
    for started in facts.where(Started, workload=container.workload):
        if started.container == container.name:
            yield _COMMAND, " ".join(started.words)
    yield from ((name, variables[name]) for name in _AFTER if name in variables)


def _heap(told: list[tuple[str, str]], limit: Decimal) -> tuple[Decimal, str, str] | None:
    """The most that the heap may take, how it is spelled and where; the last option counts, a size before a share."""
    sizes = [(match, name, text) for name, text in told for match in _MOST.finditer(text)]
    if sizes:
        match, name, text = sizes[-1]
        most = Decimal(int(match["number"]) * _UNITS[match["unit"].lower()])
        return most, f"{match['number']}{match['unit']}", f"{name}: {text if name != _COMMAND else match[0].strip()}"
    shares = [(match, name, text) for name, text in told for match in _SHARE.finditer(text)]
    if shares:
        match, name, text = shares[-1]
        return (
            limit * Decimal(match["share"]) / 100,
            f"{match['share']} % of it",
            f"{name}: {text if name != _COMMAND else match[0].strip()}",
        )
    return None
