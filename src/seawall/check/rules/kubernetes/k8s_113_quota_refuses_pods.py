"""A quota that refuses the pods of its namespace, because they do not say what they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Container, Workload
from seawall.facts.data import Limit
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-113",
    severity=Severity.CRITICAL,
    summary="A quota refuses pods that do not say what they ask for",
    why="where a quota counts CPU or memory, Kubernetes refuses every pod with a container that states none: the "
    "workload is applied, and no pod of it is ever made",
    fix="state requests (and limits, where the quota counts them) for every container, or give the namespace defaults "
    "by a LimitRange",
    layers=("kubernetes",),
    source="https://github.com/kubernetes/kubernetes/pull/7003",
    read=date(2026, 11, 22),
)

_COUNTED = {
    "requests.cpu": ("requests", "cpu"),
    "requests.memory": ("requests", "memory"),
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "limits.cpu": ("limits", "cpu"),
    "limits.memory": ("limits", "memory"),
}
"""What a quota counts, by its name, and where a container says it."""
_BY_DEFAULT = {"requests": ("default", "defaultRequest"), "limits": ("default",)}
"""A default limit stands for the request, too."""


def check(facts: Facts) -> Iterator[Finding]:
    """The containers of each namespace with a quota, against what that counts and what the namespace gives them."""
    for namespace, counted in _quotas(facts).items():
        given = {limit.what for limit in facts.where(Limit, of=namespace)}
        refused: dict[Address, list[str]] = {}
        needed = [
            (part, resource)
            for part, resource in sorted({_COUNTED[limit.what] for limit in counted})
            if not any(f"container.{field}.{resource}" in given for field in _BY_DEFAULT[part])
        ]
        for workload in facts.where(Workload, namespace=namespace):
            for container in facts.where(Container, workload=workload.of):
                # What is limited and states no request asks for its limit.
                stated = {"limits": dict(container.limits), "requests": dict((*container.limits, *container.requests))}
                lacks = [f"{part}.{resource}" for part, resource in needed if resource not in stated[part]]
                if lacks:
                    refused.setdefault(workload.of, []).append(f"container {container.name}: no {', no '.join(lacks)}")
        if refused:
            names = sorted(refused)
            shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
            by = sorted({limit.by for limit in counted})
            yield RULE.refuted(
                f"{counted[0].source} counts {', '.join(sorted(limit.what for limit in counted))}, and no pod is made "
                f"of {shown}",
                *by,
                *names,
                evidence=[f"{name}: {line}" for name in names for line in refused[name]],
            )


def _quotas(facts: Facts) -> dict[Address, list[Limit]]:
    found: dict[Address, list[Limit]] = {}
    for limit in facts.all(Limit):
        if limit.what in _COUNTED and isinstance(limit.of, Address) and limit.source.startswith("ResourceQuota "):
            found.setdefault(limit.of, []).append(limit)
    return found
