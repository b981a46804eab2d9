"""Pods that their own namespace refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.check.rule import Rule
from seawall.facts.compute import Refused, Workload
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-120",
    severity=Severity.HIGH,
    summary="A namespace enforces a Pod Security level that refuses a workload's pods",
    why="the API server accepts the workload and refuses every pod of it: nothing runs, and only the events of its "
    "controller say so",
    fix="give the pods what the level asks for, or move what needs the node into a namespace with a laxer level",
    layers=("kubernetes",),
    source="https://kubernetes.io/docs/concepts/security/pod-security-standards/",
    read=None,
)

_COUNTS: Final = {"baseline": ("baseline",), "restricted": ("baseline", "restricted")}


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads of namespaces that enforce a level, with everything for which it refuses their pods."""
    for setting in facts.where(Setting, key="pod-security"):
        for workload in facts.where(Workload, namespace=setting.of):
            reasons = [
                refused.why
                for refused in facts.where(Refused, workload=workload.of)
                if refused.level in _COUNTS.get(setting.value, ())
            ]
            if reasons:
                yield RULE.refuted(
                    f"{setting.of} enforces {setting.value}, which refuses the pods of {workload.of}",
                    workload.of,
                    workload.namespace,
                    evidence=sorted(dict.fromkeys(reasons)),
                )
