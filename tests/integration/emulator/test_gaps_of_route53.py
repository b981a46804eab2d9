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


def test_to_delete_one_record_of_a_pair_leaves_the_others(aws: Clients) -> None:
    """Two names that fail over have records with the same identifiers; each is deleted by itself."""
    route53 = aws("route53", "us-east-1")
    zone = route53.create_hosted_zone(Name="pairs.example", CallerReference=uuid.uuid4().hex)["HostedZone"]["Id"]
    records = [
        {
            "Name": f"{name}.pairs.example",
            "Type": "A",
            "SetIdentifier": identifier,
            "Failover": identifier.upper(),
            "TTL": 60,
            "ResourceRecords": [{"Value": "192.0.2.1"}],
        }
        for name in ("one", "two")
        for identifier in ("primary", "secondary")
    ]
    for action, changed in (("CREATE", records), ("DELETE", records[:1])):
        changes = [{"Action": action, "ResourceRecordSet": record} for record in changed]
        route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})
    left = [
        (record["Name"], record["SetIdentifier"])
        for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        if record["Type"] == "A"
    ]
    assert sorted(left) == [
        ("one.pairs.example.", "secondary"),
        ("two.pairs.example.", "primary"),
        ("two.pairs.example.", "secondary"),
    ]
