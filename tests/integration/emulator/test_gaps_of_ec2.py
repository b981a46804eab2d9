"""Each test here passes with the patch of EC2 and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


@pytest.fixture
def vpc(aws: Clients) -> str:
    """A VPC of its own."""
    return aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


@pytest.fixture
def group(aws: Clients, vpc: str) -> str:
    """A security group of its own."""
    name = f"g-{uuid.uuid4().hex[:8]}"
    return aws("ec2").create_security_group(GroupName=name, Description="test", VpcId=vpc)["GroupId"]


def _rule(aws: Clients, identifier: str) -> dict[str, Any]:
    return aws("ec2").describe_security_group_rules(SecurityGroupRuleIds=[identifier])["SecurityGroupRules"][0]


def test_a_rule_that_names_a_group_keeps_its_description(aws: Clients, group: str) -> None:
    """A rule is described whatever its peer is."""
    created = aws("ec2").authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 80,
                "ToPort": 80,
                "UserIdGroupPairs": [{"GroupId": group, "Description": "from itself"}],
            }
        ],
    )
    assert _rule(aws, created["SecurityGroupRules"][0]["SecurityGroupRuleId"])["Description"] == "from itself"


def test_a_rule_that_names_a_prefix_list_keeps_its_description(aws: Clients, group: str) -> None:
    """A rule is described whatever its peer is."""
    ec2 = aws("ec2")
    lists = ec2.create_managed_prefix_list(PrefixListName="p", MaxEntries=1, AddressFamily="IPv4")
    created = ec2.authorize_security_group_egress(
        GroupId=group,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "PrefixListIds": [{"PrefixListId": lists["PrefixList"]["PrefixListId"], "Description": "S3"}],
            }
        ],
    )
    assert _rule(aws, created["SecurityGroupRules"][0]["SecurityGroupRuleId"])["Description"] == "S3"


def test_a_rule_for_all_protocols_can_change_its_peer(aws: Clients, vpc: str, group: str) -> None:
    """A rule without ports is modified like any other, and the new peer replaces the old one."""
    ec2 = aws("ec2")
    other = ec2.create_security_group(GroupName="other", Description="test", VpcId=vpc)["GroupId"]
    created = ec2.authorize_security_group_ingress(
        GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]
    )
    identifier = created["SecurityGroupRules"][0]["SecurityGroupRuleId"]
    wanted = {"IpProtocol": "-1", "ReferencedGroupId": other, "Description": "all of the other"}
    ec2.modify_security_group_rules(
        GroupId=group, SecurityGroupRules=[{"SecurityGroupRuleId": identifier, "SecurityGroupRule": wanted}]
    )
    rule = _rule(aws, identifier)
    assert rule["ReferencedGroupInfo"]["GroupId"] == other
    assert rule["Description"] == "all of the other"
    assert "CidrIpv4" not in rule


def test_tags_of_a_launch_template_are_not_those_of_its_instances(aws: Clients) -> None:
    """The tags of the template itself stay out of what it tells instances."""
    ec2, name = aws("ec2"), f"t-{uuid.uuid4().hex[:8]}"
    ec2.create_launch_template(
        LaunchTemplateName=name,
        LaunchTemplateData={"TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "1"}]}]},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "b", "Value": "2"}]}],
    )
    versions = ec2.describe_launch_template_versions(LaunchTemplateName=name)["LaunchTemplateVersions"]
    assert [each["ResourceType"] for each in versions[0]["LaunchTemplateData"]["TagSpecifications"]] == ["instance"]
    assert ec2.describe_launch_templates(LaunchTemplateNames=[name])["LaunchTemplates"][0]["Tags"] == [
        {"Key": "b", "Value": "2"}
    ]


def test_a_flow_log_writes_to_a_folder_of_a_bucket(aws: Clients, vpc: str) -> None:
    """The folder and the options of the destination are answered as they were given."""
    bucket = f"b-{uuid.uuid4().hex[:8]}"
    aws("s3", "us-east-1").create_bucket(Bucket=bucket)
    ec2 = aws("ec2")
    made = ec2.create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="ALL",
        LogDestinationType="s3",
        LogDestination=f"arn:aws:s3:::{bucket}/flow",
        DestinationOptions={
            "FileFormat": "parquet",
            "HiveCompatiblePartitions": False,
            "PerHourPartition": True,
        },
    )
    assert made["Unsuccessful"] == []
    log = ec2.describe_flow_logs(FlowLogIds=made["FlowLogIds"])["FlowLogs"][0]
    assert log["LogDestination"] == f"arn:aws:s3:::{bucket}/flow"
    assert log["DestinationOptions"]["FileFormat"] == "parquet"


def test_a_flow_log_delivers_to_a_log_group(aws: Clients, vpc: str) -> None:
    """A log group named by its ARN, as today's API has it, is found, and the delivery reads as successful."""
    name = f"/flow/{uuid.uuid4().hex[:8]}"
    aws("logs").create_log_group(logGroupName=name)
    made = aws("ec2").create_flow_logs(
        ResourceType="VPC",
        ResourceIds=[vpc],
        TrafficType="ALL",
        LogDestinationType="cloud-watch-logs",
        LogDestination=f"arn:aws:logs:ap-northeast-2:123456789012:log-group:{name}",
        DeliverLogsPermissionArn="arn:aws:iam::123456789012:role/flow",
    )
    log = aws("ec2").describe_flow_logs(FlowLogIds=made["FlowLogIds"])["FlowLogs"][0]
    assert log["DeliverLogsStatus"] == "SUCCESS"


def test_a_deleted_attachment_is_shown_as_deleted(aws: Clients, vpc: str) -> None:
    """Whoever waits for a transit gateway attachment to be deleted sees that it is."""
    ec2 = aws("ec2")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    made = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=gateway, VpcId=vpc, SubnetIds=[subnet])
    identifier = made["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"]
    ec2.delete_transit_gateway_vpc_attachment(TransitGatewayAttachmentId=identifier)
    found = ec2.describe_transit_gateway_vpc_attachments(TransitGatewayAttachmentIds=[identifier])
    assert [each["State"] for each in found["TransitGatewayVpcAttachments"]] == ["deleted"]


def test_the_addresses_of_health_checkers_are_a_prefix_list(aws: Clients) -> None:
    """The list that AWS keeps of Route 53's health checkers is there to be named in a rule."""
    name = "com.amazonaws.ap-northeast-2.route53-healthchecks"
    ec2 = aws("ec2", "ap-northeast-2")
    found = ec2.describe_managed_prefix_lists(Filters=[{"Name": "prefix-list-name", "Values": [name]}])
    assert [each["OwnerId"] for each in found["PrefixLists"]] == ["AWS"]


def test_an_attachment_keeps_its_tags(aws: Clients, vpc: str) -> None:
    """A transit gateway attachment answers with the tags it was made with."""
    ec2 = aws("ec2")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    gateway = ec2.create_transit_gateway()["TransitGateway"]["TransitGatewayId"]
    tags = [{"Key": "a", "Value": "1"}]
    made = ec2.create_transit_gateway_vpc_attachment(
        TransitGatewayId=gateway,
        VpcId=vpc,
        SubnetIds=[subnet],
        TagSpecifications=[{"ResourceType": "transit-gateway-attachment", "Tags": tags}],
    )["TransitGatewayVpcAttachment"]
    found = ec2.describe_transit_gateway_vpc_attachments(
        TransitGatewayAttachmentIds=[made["TransitGatewayAttachmentId"]]
    )
    assert [each["Tags"] for each in found["TransitGatewayVpcAttachments"]] == [tags]


def _described(aws: Clients, kind: str, identifier: str) -> list[str]:
    filters = [{"Name": "resource-type", "Values": [kind]}, {"Name": "key", "Values": ["a"]}]
    found = aws("ec2").describe_tags(Filters=filters)["Tags"]
    return [each["ResourceType"] for each in found if each["ResourceId"] == identifier]


def test_an_address_is_found_by_its_kind(aws: Clients) -> None:
    """DescribeTags knows kinds by the names that AWS gives them."""
    tagged = [{"ResourceType": "elastic-ip", "Tags": [{"Key": "a", "Value": "1"}]}]
    made = aws("ec2").allocate_address(Domain="vpc", TagSpecifications=tagged)["AllocationId"]
    assert _described(aws, "elastic-ip", made) == ["elastic-ip"]


def test_tags_go_with_what_carries_them(aws: Clients) -> None:
    """DescribeTags does not name what has been deleted."""
    tagged = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "1"}]}]
    made = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged)["Vpc"]["VpcId"]
    assert _described(aws, "vpc", made) == ["vpc"]
    aws("ec2").delete_vpc(VpcId=made)
    assert _described(aws, "vpc", made) == []


def test_dhcp_options_keep_their_tags(aws: Clients) -> None:
    """DHCP options answer with the tags they were made with."""
    tags = [{"Key": "a", "Value": "1"}]
    made = aws("ec2").create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name", "Values": ["a.example"]}],
        TagSpecifications=[{"ResourceType": "dhcp-options", "Tags": tags}],
    )["DhcpOptions"]
    assert made["Tags"] == tags
    assert _described(aws, "dhcp-options", made["DhcpOptionsId"]) == ["dhcp-options"]


def test_a_deleted_nat_gateway_gives_its_address_back(aws: Clients, vpc: str) -> None:
    """The Elastic IP of a NAT gateway that has been deleted can serve the one that takes its place."""
    ec2 = aws("ec2")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    for _ in range(2):
        made = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        ec2.delete_nat_gateway(NatGatewayId=made)
    assert "AssociationId" not in ec2.describe_addresses(AllocationIds=[address])["Addresses"][0]


def test_a_rule_of_an_access_list_keeps_its_kind_of_icmp(aws: Clients) -> None:
    """Type and code of ICMP are answered as made and as replaced, in both directions."""
    ec2 = aws("ec2")
    network = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    acl = ec2.create_network_acl(VpcId=network)["NetworkAcl"]["NetworkAclId"]

    def rules() -> dict[bool, dict[str, int]]:
        (found,) = ec2.describe_network_acls(NetworkAclIds=[acl])["NetworkAcls"]
        return {rule["Egress"]: rule.get("IcmpTypeCode") for rule in found["Entries"] if rule["RuleNumber"] == 100}

    rule = {"NetworkAclId": acl, "RuleNumber": 100, "Protocol": "1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}
    ec2.create_network_acl_entry(**rule, Egress=True, IcmpTypeCode={"Type": 3, "Code": 4})
    ec2.create_network_acl_entry(**rule, Egress=False, IcmpTypeCode={"Type": 8, "Code": 0})
    assert rules() == {True: {"Type": 3, "Code": 4}, False: {"Type": 8, "Code": 0}}
    ec2.replace_network_acl_entry(**rule, Egress=True, IcmpTypeCode={"Type": -1, "Code": -1})
    assert rules() == {True: {"Type": -1, "Code": -1}, False: {"Type": 8, "Code": 0}}
