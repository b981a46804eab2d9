"""A namespace with workloads and no Pod Security level."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.finding import Finding, Severity

RULE = Rule(
    id="K8S-020",
    severity=Severity.MEDIUM,
    summary="A namespace lets any pod in, privileged ones included",
    why="PodSecurityPolicy is gone since Kubernetes 1.25; without the label nothing stops a pod that mounts the node's "
    "disk or runs privileged",
    fix="label the namespace pod-security.kubernetes.io/enforce: baseline, or restricted",
    layers=("kubernetes",),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/security/pods.adoc",
    read=date(2026, 5, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Namespaces of the input that enforce nothing and hold workloads."""
    for setting in facts.all(Setting):
        if setting.key != "pod-security" or setting.value != "privileged":
            continue
        inside = sorted(facts.where(Workload, namespace=setting.of), key=lambda workload: workload.of)
        if inside:
            yield RULE.refuted(
                f"{setting.of} enforces no Pod Security level and holds {inside[0].of}"
                + (f" and {len(inside) - 1} more" if len(inside) > 1 else ""),
                inside[0].namespace,
            )
