"""Namespaces: what their pods may be, what they may ask for together, and who goes first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from seawall.components.node_pools import GPU
from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.model.fields import Cpu, Frame, Size

FIRST = {"argocd.argoproj.io/sync-wave": "-3"}
"""What has Argo CD make something before everything else, migrations too."""
# What a container is taken to ask for where it does not say: little, so that who needs more says so.
_ASKED = {"cpu": "100m", "memory": "128Mi"}


class Quota(Frame):
    """What all pods of a namespace may ask for together."""

    cpu: Cpu | None = None
    memory: Size | None = None
    gpus: Annotated[int, Field(ge=0, le=1000)] | None = None
    pods: Annotated[int, Field(ge=1, le=100_000)] | None = None

    @model_validator(mode="after")
    def _limits(self) -> Quota:
        if not self.hard:
            raise ValueError("quota says nothing; give cpu, memory, gpus or pods")
        return self

    @property
    def hard(self) -> dict[str, str]:
        """The quota as Kubernetes words it: of what pods request, which is what nodes must have."""
        found = {
            "requests.cpu": None if self.cpu is None else str(self.cpu),
            "requests.memory": None if self.memory is None else self.memory.quantity,
            f"requests.{GPU}": None if self.gpus is None else str(self.gpus),
            "pods": None if self.pods is None else str(self.pods),
        }
        return {name: value for name, value in found.items() if value is not None}


class Namespace(Frame):
    """A namespace; ``pod_security`` is the level of the Pod Security Standards that it enforces."""

    pod_security: Literal["privileged", "baseline", "restricted"] = "restricted"
    quota: Quota | None = None
    # Above a thousand million are Kubernetes' own classes (Pod Priority and Preemption, "PriorityClass").
    priority: Annotated[int, Field(ge=-1_000_000_000, le=1_000_000_000)] | None = None
    """Where nodes are short, pods of a namespace with a higher one take the place of those with a lower one."""


def priority_class(name: str, namespace: Namespace) -> dict[str, Any]:
    """What a pod of the namespace says of its priority; nothing where the namespace has none."""
    return {} if namespace.priority is None else {"priorityClassName": name}


def objects(scope: Scope, namespaces: Mapping[str, Namespace]) -> Iterator[Resource]:
    """Each namespace with the policies that close it, its quota and its class of priority."""
    for name, namespace in namespaces.items():
        yield from _closed(scope, name, namespace)
        if namespace.quota is not None:
            spec = {"hard": namespace.quota.hard}
            yield scope.object("v1", "ResourceQuota", "quota", {"spec": spec}, namespace=name)
            # A quota refuses a pod that does not say what it asks for. No limits: one below a request is refused too.
            limits = {"limits": [{"type": "Container", "defaultRequest": _ASKED}]}
            yield scope.object("v1", "LimitRange", "defaults", {"spec": limits}, namespace=name)
        if namespace.priority is not None:
            body = {
                "value": namespace.priority,
                "globalDefault": False,
                "preemptionPolicy": "PreemptLowerPriority",
                "description": f"Pods of the namespace {name}",
            }
            yield scope.object("scheduling.k8s.io/v1", "PriorityClass", name, body, annotations=FIRST)
        yield from _no_higher(scope, name, namespace, namespaces)


def _no_higher(
    scope: Scope, name: str, namespace: Namespace, namespaces: Mapping[str, Namespace]
) -> Iterator[Resource]:
    """That pods of the namespace may not take another's higher priority for themselves."""
    own = namespace.priority or 0
    higher = [other for other, known in namespaces.items() if known.priority is not None and known.priority > own]
    if higher:
        chosen = {"scopeName": "PriorityClass", "operator": "In", "values": higher}
        spec = {"hard": {"pods": "0"}, "scopeSelector": {"matchExpressions": [chosen]}}
        yield scope.object("v1", "ResourceQuota", "no-higher-priority", {"spec": spec}, namespace=name)


def _closed(scope: Scope, name: str, namespace: Namespace) -> Iterator[Resource]:
    level = namespace.pod_security
    labels: dict[str, str] = {f"pod-security.kubernetes.io/{mode}": level for mode in ("enforce", "audit", "warn")}
    # A pod counts as ready only once its target is healthy, so that rolling never outruns the load balancer.
    labels["elbv2.k8s.aws/pod-readiness-gate-inject"] = "enabled"
    yield scope.object("v1", "Namespace", name, {}, labels=labels, annotations=FIRST)
    everything = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    yield scope.object("networking.k8s.io/v1", "NetworkPolicy", "default-deny", {"spec": everything}, namespace=name)
    dns = {
        "podSelector": {},
        "policyTypes": ["Egress"],
        "egress": [
            {
                "to": [
                    {
                        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}},
                        "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}},
                    }
                ],
                "ports": [{"protocol": protocol, "port": 53} for protocol in ("UDP", "TCP")],
            }
        ],
    }
    yield scope.object("networking.k8s.io/v1", "NetworkPolicy", "allow-dns", {"spec": dns}, namespace=name)
