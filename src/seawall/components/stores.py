"""What stores in the network have in common: a security group that opens per need."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.cluster import Cluster
from seawall.components.network import Network
from seawall.components.paths import consumers
from seawall.components.scope import Scope
from seawall.graph.resource import Resource


def guarded(scope: Scope, called: str, port: int, what: str) -> Iterator[Resource]:
    """A security group, and the one rule that lets nodes in where a component needs what carries it."""
    body = {
        "name": called,
        "description": f"Carried by the {what} {scope.name}",
        "vpc_id": scope.the(Network).vpc(scope),
    }
    yield scope.aws("aws_security_group", scope.identifier, body, called=called)
    seekers = [name for name, _ in consumers(scope)]
    if seekers:
        rule = {
            "security_group_id": scope.ref("aws_security_group", scope.identifier, "id"),
            "referenced_security_group_id": scope.the(Cluster).nodes_group(scope),
            "description": f"From nodes, for {', '.join(seekers)}",
            "ip_protocol": "tcp",
            "from_port": port,
            "to_port": port,
        }
        yield scope.aws("aws_vpc_security_group_ingress_rule", f"{scope.identifier}_from_nodes", rule)
