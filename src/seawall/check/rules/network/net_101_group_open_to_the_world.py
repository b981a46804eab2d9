"""A security group that lets the whole internet in on a port that is nobody else's business."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.network import Permit
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Unknown

RULE = Rule(
    id="NET-101",
    severity=Severity.HIGH,
    summary="A security group opens an administrative or database port to the whole internet",
    why="these ports are searched for all day; one weak password or one unpatched server is enough",
    fix="name the group or the ranges that need it; for shells use Session Manager, which needs no open port",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
    read=None,
)

PORTS = {
    22: "SSH", 3389: "RDP", 1433: "SQL Server", 1521: "Oracle", 3306: "MySQL", 5432: "PostgreSQL", 6379: "Redis",
    9092: "Kafka", 9200: "OpenSearch", 10250: "kubelet", 11211: "memcached", 26379: "Redis Sentinel",
    27017: "MongoDB", 2379: "etcd",
}  # fmt: skip


def check(facts: Facts) -> Iterator[Finding]:
    """What each group lets in from everywhere."""
    open_ports: dict[Address, set[int]] = {}
    for permit in facts.all(Permit):
        if permit.direction != "ingress" or not isinstance(permit.peer, Cidr) or permit.peer.prefix != 0:
            continue
        if isinstance(permit.group, Unknown):
            continue
        if isinstance(permit.ports, Unknown):
            yield RULE.unknown(
                f"which ports {permit.group} opens to everybody is not known", [permit.ports], permit.group
            )
            continue
        ports = permit.ports if permit.protocol != "any" else Ports(0, 65535)
        found = {port for port in PORTS if permit.protocol in ("tcp", "any") and ports.contains(port)}
        if found:
            open_ports.setdefault(permit.group, set()).update(found)
    for group, numbers in open_ports.items():
        spelled = ", ".join(f"{port} ({PORTS[port]})" for port in sorted(numbers))
        yield RULE.refuted(f"{group} lets everybody in on {spelled}", group)
