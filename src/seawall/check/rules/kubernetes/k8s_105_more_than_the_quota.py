"""Namespaces whose workloads, at their largest, ask for more than their quota."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seawall.analyze.scale import replicas
from seawall.check.rule import Rule
from seawall.facts.compute import Container, Workload
from seawall.facts.data import Limit
from seawall.facts.fact import Known
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.readers.kubernetes.quantities import quantity

RULE = Rule(
    id="K8S-105",
    severity=Severity.MEDIUM,
    summary="A namespace's workloads may grow beyond its quota",
    why="a quota refuses the pod that would go beyond it: the autoscaler asks for pods that are never made, at the "
    "very moment they are needed",
    fix="raise the quota, or lower what the workloads ask for and how many pods they may have",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/concepts/policy/resource-quotas/",
    read=None,
)

_ASKED = "requests."


def check(facts: Facts) -> Iterator[Finding]:
    """Of each quota's requests and pods, the sum over the namespace's workloads at their largest."""
    for limit in facts.all(Limit):
        if not limit.what.startswith(_ASKED) and limit.what != "pods":
            continue
        if isinstance(limit.value, Unknown) or isinstance(limit.of, Unknown):
            continue
        asked: Counter[str] = Counter()
        missing: list[Unknown] = []
        for workload in facts.where(Workload, namespace=limit.of):
            amount = _at_most(facts, workload, limit.what)
            if isinstance(amount, Unknown):
                missing.append(amount)
            else:
                asked[workload.of] += amount
        total = sum(asked.values())
        if total > limit.value:
            yield RULE.refuted(
                f"workloads of {limit.of} may ask for {_said(limit.what, total)}, and {limit.source} "
                f"has {_said(limit.what, limit.value)}",
                limit.by,
                evidence=sorted(f"{name}: {_said(limit.what, amount)}" for name, amount in asked.items() if amount),
            )
        elif missing:
            yield RULE.unknown(f"what {limit.of} may ask for is not known", missing, limit.by)


def _at_most(facts: Facts, workload: Workload, what: str) -> Known[int]:
    """What a workload's pods may ask for together, in the base units of limits."""
    _, most = replicas(facts, workload)
    if isinstance(most, Unknown):
        return most
    if what == "pods":
        return most
    name = what.removeprefix(_ASKED)
    one = 0
    for container in facts.where(Container, workload=workload.of):
        spelling = dict(container.requests).get(name)
        if spelling is None or container.init:
            continue
        try:
            one += round(quantity(spelling) * (1000 if name == "cpu" else 1))
        except ValueError as error:
            return Unknown(f"{workload.of}.{container.name}.{what}", why=str(error))
    return one * most


def _said(what: str, amount: int) -> str:
    if what == f"{_ASKED}cpu":
        return f"{amount / 1000:g} cores"
    if what == f"{_ASKED}memory":
        return f"{amount / 2**30:g} GiB"
    return f"{amount} {what.removeprefix(_ASKED)}"
