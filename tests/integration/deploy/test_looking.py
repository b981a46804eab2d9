"""Looking for what a killed Terraform may have made, by name or tags, on the emulator."""

from __future__ import annotations

import itertools
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
NUMBERS = itertools.count()

# type: what EC2 makes it with, where it stands in the answer, what EC2 takes it away with and by which argument.
EC2: dict[str, tuple[str, str, str, str]] = {
    "aws_ebs_volume": ("create_volume", "VolumeId", "delete_volume", "VolumeId"),
    "aws_egress_only_internet_gateway": (
        "create_egress_only_internet_gateway",
        "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId",
        "delete_egress_only_internet_gateway",
        "EgressOnlyInternetGatewayId",
    ),
    "aws_eip": ("allocate_address", "AllocationId", "release_address", "AllocationId"),
    "aws_flow_log": ("create_flow_logs", "FlowLogIds[0]", "delete_flow_logs", "FlowLogIds[]"),
    "aws_instance": ("run_instances", "Instances[0].InstanceId", "terminate_instances", "InstanceIds[]"),
    "aws_internet_gateway": (
        "create_internet_gateway",
        "InternetGateway.InternetGatewayId",
        "delete_internet_gateway",
        "InternetGatewayId",
    ),
    "aws_launch_template": (
        "create_launch_template",
        "LaunchTemplate.LaunchTemplateId",
        "delete_launch_template",
        "LaunchTemplateId",
    ),
    "aws_nat_gateway": ("create_nat_gateway", "NatGateway.NatGatewayId", "delete_nat_gateway", "NatGatewayId"),
    "aws_network_acl": ("create_network_acl", "NetworkAcl.NetworkAclId", "delete_network_acl", "NetworkAclId"),
    "aws_route_table": ("create_route_table", "RouteTable.RouteTableId", "delete_route_table", "RouteTableId"),
    "aws_security_group": ("create_security_group", "GroupId", "delete_security_group", "GroupId"),
    "aws_subnet": ("create_subnet", "Subnet.SubnetId", "delete_subnet", "SubnetId"),
    "aws_vpc": ("create_vpc", "Vpc.VpcId", "delete_vpc", "VpcId"),
    "aws_vpc_dhcp_options": (
        "create_dhcp_options",
        "DhcpOptions.DhcpOptionsId",
        "delete_dhcp_options",
        "DhcpOptionsId",
    ),
    "aws_vpc_endpoint": (
        "create_vpc_endpoint",
        "VpcEndpoint.VpcEndpointId",
        "delete_vpc_endpoints",
        "VpcEndpointIds[]",
    ),
    "aws_vpc_peering_connection": (
        "create_vpc_peering_connection",
        "VpcPeeringConnection.VpcPeeringConnectionId",
        "delete_vpc_peering_connection",
        "VpcPeeringConnectionId",
    ),
    "aws_vpc_security_group_egress_rule": (
        "authorize_security_group_egress",
        "SecurityGroupRules[0].SecurityGroupRuleId",
        "revoke_security_group_egress",
        "SecurityGroupRuleIds[]",
    ),
    "aws_vpc_security_group_ingress_rule": (
        "authorize_security_group_ingress",
        "SecurityGroupRules[0].SecurityGroupRuleId",
        "revoke_security_group_ingress",
        "SecurityGroupRuleIds[]",
    ),
}


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """An emulator of its own."""
    root = tmp_path_factory.mktemp("emulator")
    started = target.emulator(root, start=True)
    assert started is not None
    yield started
    process.stop(root)


@pytest.fixture(scope="module")
def group(cloud: Cloud) -> str:
    """A security group whose rules come and go."""
    made = cloud.client("ec2", REGION).create_security_group(GroupName="rules", Description="rules")
    return str(made["GroupId"])


def _make(cloud: Cloud, type: str) -> str:
    """Make one with the tags and return the id by which Terraform imports it."""
    client: Any
    number = next(NUMBERS)
    match type:
        case "aws_acm_certificate":
            client = cloud.client("acm", REGION)
            return client.request_certificate(DomainName="a.example", Tags=PAIRS)["CertificateArn"]
        case "aws_kms_key":
            client = cloud.client("kms", REGION)
            tagged = [{"TagKey": pair["Key"], "TagValue": pair["Value"]} for pair in PAIRS]
            return client.create_key(Tags=tagged)["KeyMetadata"]["KeyId"]
        case "aws_secretsmanager_secret":
            client = cloud.client("secretsmanager", REGION)
            return client.create_secret(Name=f"s-{number}", Tags=PAIRS)["ARN"]
        case "aws_lb_target_group":
            client = cloud.client("elbv2", REGION)
            vpc = cloud.client("ec2", REGION).describe_vpcs()["Vpcs"][0]["VpcId"]
            made = client.create_target_group(Name=f"t-{number}", Protocol="HTTP", Port=80, VpcId=vpc, Tags=PAIRS)
            return made["TargetGroups"][0]["TargetGroupArn"]
        case _:
            raise AssertionError(type)


def _arguments(cloud: Cloud, type: str, group: str) -> dict[str, Any]:
    """What EC2 wants to know beside the tags, never twice the same where it must be unique."""
    number = next(NUMBERS)
    client = cloud.client("ec2", REGION)
    vpc = {"VpcId": client.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]["VpcId"]}
    rule = {"IpProtocol": "tcp", "FromPort": number, "ToPort": number, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}
    match type:
        case "aws_ebs_volume":
            return {"AvailabilityZone": f"{REGION}a", "Size": 1}
        case "aws_eip":
            return {"Domain": "vpc"}
        case "aws_flow_log":
            bucket = f"logs-{number}"
            cloud.client("s3", "us-east-1").create_bucket(Bucket=bucket)
            logged = {"ResourceType": "VPC", "ResourceIds": [vpc["VpcId"]], "TrafficType": "ALL"}
            return logged | {"LogDestinationType": "s3", "LogDestination": f"arn:aws:s3:::{bucket}"}
        case "aws_instance":
            image = client.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
            return {"ImageId": image, "MinCount": 1, "MaxCount": 1}
        case "aws_internet_gateway":
            return {}
        case "aws_launch_template":
            return {"LaunchTemplateName": f"l-{number}", "LaunchTemplateData": {"InstanceType": "m7g.large"}}
        case "aws_nat_gateway":
            return {"SubnetId": client.describe_subnets()["Subnets"][0]["SubnetId"], "ConnectivityType": "private"}
        case "aws_security_group":
            return {"GroupName": f"g-{number}", "Description": "test", **vpc}
        case "aws_subnet":
            return {"CidrBlock": f"172.31.{200 + number % 50}.0/28", **vpc}
        case "aws_vpc":
            return {"CidrBlock": "10.0.0.0/16"}
        case "aws_vpc_dhcp_options":
            return {"DhcpConfigurations": [{"Key": "domain-name", "Values": ["a.example"]}]}
        case "aws_vpc_endpoint":
            return {"ServiceName": f"com.amazonaws.{REGION}.s3", "VpcEndpointType": "Gateway", **vpc}
        case "aws_vpc_peering_connection":
            return {"PeerVpcId": client.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"], **vpc}
        case "aws_vpc_security_group_egress_rule" | "aws_vpc_security_group_ingress_rule":
            return {"GroupId": group, "IpPermissions": [rule]}
        case _:
            return vpc


@pytest.mark.parametrize(
    "type", ["aws_acm_certificate", "aws_kms_key", "aws_secretsmanager_secret", "aws_lb_target_group"]
)
def test_what_carries_all_the_tags_is_found(cloud: Cloud, type: str) -> None:
    """Whatever has all of its tags may be the one that was being made; what has fewer may not."""
    assert import_ids.of_named(cloud, REGION, type, {"tags": TAGS}) == []
    first = _make(cloud, type)
    assert import_ids.of_named(cloud, REGION, type, {"tags": TAGS}) == [first]
    assert import_ids.of_named(cloud, REGION, type, {"tags": TAGS | {"platform": "other"}}) == []
    second = _make(cloud, type)
    assert import_ids.of_named(cloud, REGION, type, {"tags": TAGS}) == sorted([first, second])


@pytest.mark.parametrize("type", sorted(import_ids.EC2_KINDS))
def test_every_kind_of_ec2_is_found_while_it_is_there(cloud: Cloud, type: str, group: str) -> None:
    """Of each kind that EC2 tags, what carries all the tags is found, one or two, until it is deleted."""
    import jmespath  # type: ignore[import-untyped]

    make, where, remove, by = EC2[type]
    client = cloud.client("ec2", REGION)
    tagged = [{"ResourceType": import_ids.EC2_KINDS[type], "Tags": PAIRS}]
    look = lambda tags: import_ids.of_named(cloud, REGION, type, {"tags": tags})  # noqa: E731 - said five times
    made: list[str] = []
    assert look(TAGS) == []
    for _ in range(2):
        answer = getattr(client, make)(**_arguments(cloud, type, group), TagSpecifications=tagged)
        made.append(jmespath.search(where, answer))
        assert look(TAGS) == sorted(made)
        assert look(TAGS | {"platform": "other"}) == []
    whose = {"GroupId": group} if remove.startswith("revoke_") else {}
    for identifier in list(made):
        named = {by.removesuffix("[]"): [identifier]} if by.endswith("[]") else {by: identifier}
        getattr(client, remove)(**named, **whose)
        made.remove(identifier)
        assert look(TAGS) == made


def test_files_are_looked_for_by_their_token_and_targets_by_their_subnet(cloud: Cloud) -> None:
    """EFS refuses a second file system of a token and a second target of a zone: what is there has to be found."""
    efs, ec2 = cloud.client("efs", REGION), cloud.client("ec2", REGION)
    system, target_, token = "aws_efs_file_system", "aws_efs_mount_target", f"files-{next(NUMBERS)}"
    assert import_ids.of_named(cloud, REGION, system, {"creation_token": token}) == []
    assert import_ids.of_named(cloud, REGION, system, {}) == []
    made = efs.create_file_system(CreationToken=token)["FileSystemId"]
    assert import_ids.of_named(cloud, REGION, system, {"creation_token": token}) == [made]
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"]
        for number, zone in enumerate("ab")
    ]
    first, second = (subnet["SubnetId"] for subnet in subnets)
    there = efs.create_mount_target(FileSystemId=made, SubnetId=first)["MountTargetId"]
    values = {"file_system_id": made, "subnet_id": first}
    assert import_ids.of_named(cloud, REGION, target_, values) == [there]
    assert import_ids.of_named(cloud, REGION, target_, values | {"subnet_id": second}) == []
    assert import_ids.of_named(cloud, REGION, target_, {"subnet_id": first}) == []
