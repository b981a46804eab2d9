"""Each test here passes with the patch of Route 53 and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

Clients = Callable[..., Any]


def test_a_zone_made_with_a_vpc_is_private(aws: Clients) -> None:
    """A VPC in the request makes the zone private, without saying so a second time."""
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    route53 = aws("route53", "us-east-1")
    zone = route53.create_hosted_zone(
        Name="internal.petclinic.example",
        CallerReference=uuid.uuid4().hex,
        VPC={"VPCId": vpc, "VPCRegion": "ap-northeast-2"},
    )["HostedZone"]["Id"]
    found = route53.get_hosted_zone(Id=zone)
    assert found["HostedZone"]["Config"]["PrivateZone"] is True
    assert found["VPCs"] == [{"VPCRegion": "ap-northeast-2", "VPCId": vpc}]
