"""How things are called in tables and diagrams."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from seawall.kernel.address import Address
from seawall.kernel.units import Duration
from seawall.kernel.value import Ref, Text, Unknown

_KINDS: Final = {
    "aws_cloudfront_distribution": "CloudFront",
    "aws_db_instance": "RDS",
    "aws_efs_file_system": "EFS",
    "aws_efs_mount_target": "EFS mount",
    "aws_eks_cluster": "EKS control plane",
    "aws_eks_node_group": "nodes",
    "aws_elasticache_replication_group": "ElastiCache",
    "aws_instance": "EC2",
    "aws_autoscaling_group": "EC2",
    "aws_lambda_function": "Lambda",
    "aws_lb": "load balancer",
    "aws_msk_cluster": "MSK",
    "aws_nat_gateway": "NAT gateway",
    "aws_rds_cluster": "Aurora",
    "aws_rds_cluster_instance": "Aurora",
    "aws_s3_bucket": "S3",
    "aws_security_group": "group",
    "aws_vpc_endpoint": "endpoint",
    "aws_dynamodb_table": "DynamoDB",
    "aws_cloudwatch_log_group": "logs",
    "aws_ecr_repository": "ECR",
}
"""What people call a type, where its own name is not what they say."""


def kind(address: Address) -> str:
    """What sort of thing it is: "RDS", "Deployment"; empty for what is no resource."""
    terraform = address.owner.as_terraform()
    if terraform is not None:
        type = terraform.type.removeprefix("data.")
        return _KINDS.get(type) or " ".join(type.split("_")[1:])
    kubernetes = address.owner.as_kubernetes()
    return kubernetes.kind if kubernetes is not None else ""


def name(address: Address) -> str:
    """Its own short name: "petclinic_db", "was"; what is implied by it keeps its word behind it."""
    terraform, kubernetes = address.owner.as_terraform(), address.owner.as_kubernetes()
    if terraform is not None:
        found = terraform.name
    elif kubernetes is not None:
        found = kubernetes.name
    else:
        found = str(address)
    implied = str(address).removeprefix(str(address.owner)).strip("/")
    return f"{found} {implied}".strip() if implied else found


def titled(address: Address) -> str:
    """Sort and name: "RDS petclinic_db"."""
    return f"{kind(address)} {name(address)}".strip()


def region(address: Address) -> str:
    """The region of a resource's stack; empty for any other thing."""
    found = address.owner.as_terraform()
    return found.region if found is not None else ""


def said(value: Any) -> str:
    """A value as text: references by the name of what they are of, what is unknown by a question mark."""
    match value:
        case Address():
            return titled(value)
        case Ref():
            return f"{name(value.to)}.{value.attr}"
        case Text():
            return "".join(part if isinstance(part, str) else said(part) for part in value.parts)
        case Unknown():
            return "?"
        case None | "":
            return "–"
        case bool():
            return "yes" if value else "no"
        case tuple() | list():
            return ", ".join(map(said, value)) or "–"
        case _:
            return str(value)


def seconds(value: Any) -> str:
    """A number of seconds as a length of time."""
    return str(Duration(value)) if isinstance(value, int | float) else said(value)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a Markdown table; a single line saying so where it has no row."""
    listed = [[_cell(cell) for cell in row] for row in rows]
    if not listed:
        return ["None.", ""]
    return [_row(head), _row(["---"] * len(head)), *map(_row, listed), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ") or "–"
