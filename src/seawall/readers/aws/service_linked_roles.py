"""Roles that belong to a service of AWS, and that only it takes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.fact import Fact
from seawall.facts.identity import Identifier
from seawall.graph.resource import Resource
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import arn
from seawall.readers.registry import reads

_NAMES: Final = {
    "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
    "elasticloadbalancing.amazonaws.com": "AWSServiceRoleForElasticLoadBalancing",
    "spot.amazonaws.com": "AWSServiceRoleForEC2Spot",
    "spotfleet.amazonaws.com": "AWSServiceRoleForEC2SpotFleet",
}
"""What AWS calls the role of a service (IAM User Guide, "AWS services that work with IAM", read 2026-11-22)."""


@reads("aws_iam_service_linked_role")
def service_linked_role(resource: Resource) -> Iterator[Fact]:
    """A role under the path of its service; of a service whose name for it is not known here, any name."""
    service = Arguments(resource).known_text("aws_service_name")
    if isinstance(service, str):
        name = _NAMES.get(service, "*")
        yield Identifier(
            resource.address, "arn", arn(resource, "iam", f"role/aws-service-role/{service}/{name}", everywhere=True)
        )
