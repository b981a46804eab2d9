"""Pods as they should be: confined, spread over zones and hosts, never all away at once.

A namespace of ours enforces the restricted Pod Security level, which these bodies fulfil.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seawall.components.scope import Scope
from seawall.graph.resource import Resource

USER = 10_001
"""The user and group that containers run as: none that an image or a node knows."""


def confined_pod() -> dict[str, Any]:
    """The security context of a pod."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "fsGroup": USER,
        "fsGroupChangePolicy": "OnRootMismatch",
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def confined_container() -> dict[str, Any]:
    """The security context of a container, whose file system cannot be written but for what is mounted."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def spread(labels: Mapping[str, str], revision: str) -> list[dict[str, Any]]:
    """Constraints that keep pods apart: over zones strictly, over hosts as far as there are hosts.

    ``revision`` is the label by which a controller tells a new version's pods from the old, so that each version is
    spread by itself; empty where there is no such label.
    """
    return [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": when,
            "labelSelector": {"matchLabels": dict(labels)},
            **({"matchLabelKeys": [revision]} if revision else {}),
        }
        for key, when in (
            ("topology.kubernetes.io/zone", "DoNotSchedule"),
            ("kubernetes.io/hostname", "ScheduleAnyway"),
        )
    ]


def budget(scope: Scope, namespace: str, labels: Mapping[str, str]) -> Resource:
    """That no more than one pod is away on purpose at a time."""
    spec = {
        "maxUnavailable": 1,
        "selector": {"matchLabels": dict(labels)},
        # A pod that is broken already must not keep its node from being drained.
        "unhealthyPodEvictionPolicy": "AlwaysAllow",
    }
    return scope.object("policy/v1", "PodDisruptionBudget", scope.name, {"spec": spec}, namespace=namespace)


def account(scope: Scope, namespace: str) -> Resource:
    """The service account that the pods are known by; they get no token of the cluster's API."""
    return scope.object(
        "v1", "ServiceAccount", scope.name, {"automountServiceAccountToken": False}, namespace=namespace
    )


def known_as(account: str) -> dict[str, Any]:
    """The part of a pod's specification that says who it is: an account, no token, no list of all services."""
    return {"serviceAccountName": account, "automountServiceAccountToken": False, "enableServiceLinks": False}


def scratch(name: str, size: str, *, memory: bool = False) -> dict[str, Any]:
    """A volume that lives and dies with its pod."""
    return {"name": name, "emptyDir": {"sizeLimit": size, **({"medium": "Memory"} if memory else {})}}
