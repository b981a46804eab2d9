"""The service account and the patch of whoever runs as it, as one Kustomize component for each cluster."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from seawall.analyze.permissions.minimal import Minimal, Tie
from seawall.kernel.address import Address, KubernetesName
from seawall.render.kubernetes.yaml_text import yaml_text

ANNOTATION: Final = "eks.amazonaws.com/role-arn"
_VERSIONS: Final = {"Job": "batch/v1", "CronJob": "batch/v1", "Rollout": "argoproj.io/v1alpha1", "Pod": "v1"}
"""Of kinds that are not of apps/v1."""


def components(least: Minimal) -> Iterator[tuple[str, bytes]]:
    """Path and content of the files of every cluster: ``kubernetes/CLUSTER/kustomization.yaml`` and what it names."""
    for tie in least.ties:
        parts = _parts(tie.account)
        folder = f"kubernetes/{word(tie.cluster)}"
        account = service_account(least, tie)
        patches: list[tuple[str, dict[str, Any]]] = []
        if tie.makes_account:
            yield f"{folder}/service-account.yaml", yaml_text(account)
            found = (_parts(workload) for workload in tie.workloads)
            patches += ((f"{each.kind.lower()}-{word(each.name)}.yaml", patch(each, parts.name)) for each in found)
        elif tie.means == "irsa" and tie.account not in tie.workloads:
            patches.append(("service-account.yaml", account))
        for name, content in patches:
            yield f"{folder}/{name}", yaml_text(content)
        kustomization: dict[str, Any] = {"apiVersion": "kustomize.config.k8s.io/v1alpha1", "kind": "Component"}
        if tie.makes_account:
            kustomization["resources"] = ["service-account.yaml"]
        if patches:
            kustomization["patches"] = [{"path": name} for name, _ in patches]
        if len(kustomization) > 2:
            yield f"{folder}/kustomization.yaml", yaml_text(kustomization)


def word(name: str) -> str:
    """A name as one part of a path: whatever the input calls a thing, no file lies elsewhere for it."""
    return re.sub(r"[^\w.-]", "_", name).lstrip(".") or "_"


def service_account(least: Minimal, tie: Tie) -> dict[str, Any]:
    """The account; where there is no agent it names the role, whose ARN holds ACCOUNT if nobody knows the account."""
    parts = _parts(tie.account)
    metadata: dict[str, Any] = {"name": parts.name, "namespace": parts.namespace}
    if tie.means == "irsa":
        metadata["annotations"] = {ANNOTATION: f"arn:aws:iam::{least.owner or 'ACCOUNT'}:role/{least.role}"}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def patch(workload: KubernetesName, account: str) -> dict[str, Any]:
    """What a workload's manifest has to say for its pods to run as an account."""
    spec: dict[str, Any] = {"serviceAccountName": account}
    if workload.kind != "Pod":
        spec = {"template": {"spec": spec}}
    if workload.kind == "CronJob":
        spec = {"jobTemplate": {"spec": spec}}
    return {
        "apiVersion": _VERSIONS.get(workload.kind, "apps/v1"),
        "kind": workload.kind,
        "metadata": {"name": workload.name, "namespace": workload.namespace},
        "spec": spec,
    }


def _parts(address: Address) -> KubernetesName:
    parts = address.as_kubernetes()
    if parts is None:
        raise ValueError(f"{address} is no object of a cluster")
    return parts
