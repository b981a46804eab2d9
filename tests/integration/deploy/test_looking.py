"""Looking for what a killed Terraform may have made, by name or tags, on the emulator."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from seawall.deploy import import_ids, target
from seawall.deploy.emulator import process
from seawall.deploy.target import Cloud

pytestmark = pytest.mark.needs("emulator")
REGION = "eu-west-1"
TAGS = {"Name": "ours", "platform": "tiny"}
PAIRS = [{"Key": key, "Value": value} for key, value in TAGS.items()]


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An emulator of its own."""
    root = tmp_path_factory.mktemp("emulator")
    started = target.emulator(root, start=True)
    assert started is not None
    yield started
    process.stop(root)


def _make(cloud: Cloud, type: str) -> str:
    """Make one with the tags and return the id by which Terraform imports it."""
    client: Any
    match type:
        case "aws_vpc":
            client = cloud.client("ec2", REGION)
            tagged = [{"ResourceType": "vpc", "Tags": PAIRS}]
            return client.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged)["Vpc"]["VpcId"]
        case "aws_acm_certificate":
            client = cloud.client("acm", REGION)
            return client.request_certificate(DomainName="a.example", Tags=PAIRS)["CertificateArn"]
        case "aws_kms_key":
            client = cloud.client("kms", REGION)
            tagged = [{"TagKey": pair["Key"], "TagValue": pair["Value"]} for pair in PAIRS]
            return client.create_key(Tags=tagged)["KeyMetadata"]["KeyId"]
        case "aws_secretsmanager_secret":
            client = cloud.client("secretsmanager", REGION)
            return client.create_secret(Name=f"s-{len(client.list_secrets()['SecretList'])}", Tags=PAIRS)["ARN"]
        case "aws_lb_target_group":
            client = cloud.client("elbv2", REGION)
            name = f"t-{len(client.describe_target_groups()['TargetGroups'])}"
            vpc = cloud.client("ec2", REGION).describe_vpcs()["Vpcs"][0]["VpcId"]
            made = client.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=vpc, Tags=PAIRS)
            return made["TargetGroups"][0]["TargetGroupArn"]
        case _:
            raise AssertionError(type)


@pytest.mark.parametrize(
    "type", ["aws_vpc", "aws_acm_certificate", "aws_kms_key", "aws_secretsmanager_secret", "aws_lb_target_group"]
)
def test_one_is_found_and_two_are_nobodys(cloud: Cloud, type: str) -> None:
    """The only thing with all of its tags is the one that was being made; of two, neither is taken."""
    assert import_ids.of_named(cloud, REGION, type, {"tags": TAGS}) == ""
    made = _make(cloud, type)
    assert import_ids.of_named(cloud, REGION, type, {"tags": TAGS}) == made
    assert import_ids.of_named(cloud, REGION, type, {"tags": TAGS | {"platform": "other"}}) == ""
    _make(cloud, type)
    assert import_ids.of_named(cloud, REGION, type, {"tags": TAGS}) == ""
