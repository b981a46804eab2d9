"""How a service is reached from outside: an Ingress of the platform's load balancer, and the rules that let it in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.cluster import Cluster
from seawall.components.front import Front
from seawall.components.network import Network
from seawall.components.offer import Pods
from seawall.components.scope import Scope
from seawall.facts.demands import Reach
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.value import Textual, text

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"
DRAINING = 30
"""Seconds for which the load balancer lets a leaving pod finish what it was asked."""
NOTICED = 10
"""Seconds within which the controller has told the load balancer that a pod leaves."""


def front_of(scope: Scope) -> Front:
    """The platform's load balancer; InputError if nothing puts one before the services."""
    for name in scope.platform.components:
        front = scope.component(name).front(scope.at(name))
        if front is not None:
            return front
    raise InputError(
        f"{scope.name} is exposed, and the platform has no edge to expose it through",
        fix="add `edge: {}`, or take out `expose`",
        origin=scope.origin,
    )


def opened(scope: Scope, front: Front, port: int, others: Mapping[str, int]) -> Iterator[Resource]:
    """The rules by which the load balancer reaches nodes on a port.

    ``others`` are the ports of every exposed service; AWS refuses a rule that is there already, so the first service
    with this port brings it.
    """
    if next(name for name, other in others.items() if other == port) != scope.name:
        return
    nodes = scope.the(Cluster).nodes_group(scope)
    users = ", ".join(name for name, other in others.items() if other == port)
    for direction, name, group, peer in (
        ("egress", f"front_to_pods_{port}", front.group, nodes),
        ("ingress", f"pods_from_front_{port}", nodes, front.group),
    ):
        body = {
            "security_group_id": group,
            "referenced_security_group_id": peer,
            "description": f"From the load balancer to pods, for {users}",
            "ip_protocol": "tcp",
            "from_port": port,
            "to_port": port,
        }
        yield scope.aws(f"aws_vpc_security_group_{direction}_rule", name, body, stack=front.stack)


def ingress(
    scope: Scope,
    front: Front,
    pods: Pods,
    *,
    host: str,
    paths: Mapping[str, str],
    order: int,
    port: int,
    health: str,
    weighted: bool,
) -> Iterator[Resource | Demand]:
    """The Ingress; ``paths`` are path -> type, ``order`` its place among those of the group, 1 to 1000.

    Where ``weighted``, Argo Rollouts writes the action that divides requests between versions.
    """
    prefix = "alb.ingress.kubernetes.io"
    tier = "private" if front.internal else "public"
    annotations: dict[str, Textual] = {
        f"{prefix}/group.name": front.ingress_group,
        f"{prefix}/group.order": str(order),
        f"{prefix}/load-balancer-name": front.load_balancer,
        f"{prefix}/scheme": "internal" if front.internal else "internet-facing",
        f"{prefix}/target-type": "ip",
        f"{prefix}/listen-ports": json.dumps([{"HTTPS" if n == 443 else "HTTP": n} for n in front.ports]),
        f"{prefix}/certificate-arn": front.certificate,
        f"{prefix}/ssl-policy": TLS_POLICY,
        # The very subnets that Terraform gave it; another set would be taken for a change.
        f"{prefix}/subnets": _listed(tuple(scope.the(Network).subnet_ids(scope, tier))),
        f"{prefix}/security-groups": _listed(front.groups or (front.group,)),
        # Terraform owns the rules of both groups.
        f"{prefix}/manage-backend-security-group-rules": "false",
        f"{prefix}/healthcheck-path": health,
        f"{prefix}/healthcheck-interval-seconds": "10",
        f"{prefix}/healthcheck-timeout-seconds": "5",
        f"{prefix}/success-codes": "200",
        f"{prefix}/target-group-attributes": f"deregistration_delay.timeout_seconds={DRAINING}",
        f"{prefix}/tags": ",".join(f"{key}={value}" for key, value in sorted(front.tags.items())),
    }
    if len(front.ports) > 1:
        annotations[f"{prefix}/ssl-redirect"] = "443"
    if front.firewall is not None:
        annotations[f"{prefix}/wafv2-acl-arn"] = front.firewall
    service: dict[str, Any] = {"name": scope.name, "port": {"name": "use-annotation"} if weighted else {"number": port}}
    rules = [
        {
            "host": name,
            "http": {
                "paths": [
                    {"path": path, "pathType": kind, "backend": {"service": service}} for path, kind in paths.items()
                ]
            },
        }
        for name in front.names.get(host, (host,))
    ]
    spec = {"ingressClassName": "alb", "rules": rules}
    yield scope.object(
        "networking.k8s.io/v1", "Ingress", scope.name, {"spec": spec}, namespace=pods.namespace, annotations=annotations
    )
    yield Reach(front.of, pods.workload, port, said=f"{scope.origin} {scope.name}.expose")


def _listed(values: tuple[Textual, ...]) -> Textual:
    parts: list[Textual] = []
    for value in values:
        parts += [*([","] if parts else []), value]
    return text(*parts)
