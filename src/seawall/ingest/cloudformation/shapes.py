"""Which properties of a type are which arguments of Terraform's, by the names alone.

A shape maps a property to an argument, or to a block with a shape of its own. What no reader asks for is left out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Shape: TypeAlias = "Mapping[str, str | tuple[str, Shape]]"


def snake(name: str) -> str:
    """``KmsMasterKeyId`` as Terraform spells it: ``kms_master_key_id``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def same(*names: str, **others: str | tuple[str, Shape]) -> Shape:
    """A shape of names that differ in their spelling only, and others."""
    return {**{name: snake(name) for name in names}, **others}


@dataclass(frozen=True, slots=True)
class Twin:
    """The type of Terraform's that a type is, what its properties are called there, and which argument names it.

    A name that is not given is made up when the stack is deployed.
    """

    type: str
    shape: Shape = field(default_factory=dict)
    name: str = ""


def mapped(value: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """An object in Terraform's words; what is known only later stays as it is."""
    found: dict[str, Any] = {}
    for key, target in shape.items():
        if key not in value:
            continue
        given = value[key]
        if isinstance(target, str):
            found[target] = given
            continue
        name, inner = target
        if isinstance(given, Mapping):
            found[name] = [mapped(given, inner)]
        elif isinstance(given, list):
            found[name] = [mapped(item, inner) if isinstance(item, Mapping) else item for item in given]
        else:
            found[name] = given
    return found


_VPC_CONFIG: Shape = same("SubnetIds", "SecurityGroupIds")
_LAUNCHED: Shape = {
    "MetadataOptions": ("metadata_options", same("HttpTokens", "HttpPutResponseHopLimit")),
    "BlockDeviceMappings": (
        "block_device_mappings",
        {"Ebs": ("ebs", {**same("Encrypted", "VolumeSize", "KmsKeyId")})},
    ),
    "InstanceType": "instance_type",
}

TWINS: Mapping[str, Twin] = {
    # EC2
    "AWS::EC2::VPC": Twin("aws_vpc", same("CidrBlock", "EnableDnsSupport", "EnableDnsHostnames")),
    "AWS::EC2::Subnet": Twin(
        "aws_subnet",
        same(
            "VpcId", "CidrBlock", "AvailabilityZone", "AvailabilityZoneId", "MapPublicIpOnLaunch", "Ipv6CidrBlock",
            "AssignIpv6AddressOnCreation",
        ),
    ),
    "AWS::EC2::RouteTable": Twin("aws_route_table", same("VpcId")),
    "AWS::EC2::Route": Twin(
        "aws_route",
        same(
            "RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId", "GatewayId",
            "NatGatewayId", "VpcPeeringConnectionId", "TransitGatewayId", "VpcEndpointId", "NetworkInterfaceId",
            EgressOnlyInternetGatewayId="egress_only_gateway_id",
        ),
    ),
    "AWS::EC2::SubnetRouteTableAssociation": Twin("aws_route_table_association", same("SubnetId", "RouteTableId")),
    "AWS::EC2::InternetGateway": Twin("aws_internet_gateway"),
    "AWS::EC2::EgressOnlyInternetGateway": Twin("aws_egress_only_internet_gateway", same("VpcId")),
    "AWS::EC2::VPNGateway": Twin("aws_vpn_gateway"),
    "AWS::EC2::NatGateway": Twin("aws_nat_gateway", same("SubnetId", "AllocationId", "ConnectivityType")),
    "AWS::EC2::EIP": Twin("aws_eip", {"InstanceId": "instance"}),
    "AWS::EC2::EIPAssociation": Twin("aws_eip_association", same("InstanceId", "NetworkInterfaceId", "AllocationId")),
    "AWS::EC2::NetworkInterface": Twin(
        "aws_network_interface",
        same("SubnetId", "Ipv6AddressCount", GroupSet="security_groups", PrivateIpAddress="private_ip"),
    ),
    "AWS::EC2::NetworkInterfaceAttachment": Twin(
        "aws_network_interface_attachment", same("InstanceId", "NetworkInterfaceId", "DeviceIndex")
    ),
    "AWS::EC2::PrefixList": Twin(
        "aws_ec2_managed_prefix_list",
        same("MaxEntries", "AddressFamily", PrefixListName="name", Entries=("entry", same("Cidr"))),
        "name",
    ),
    "AWS::EC2::TransitGateway": Twin(
        "aws_ec2_transit_gateway",
        same("DefaultRouteTableAssociation", "DefaultRouteTablePropagation", "SecurityGroupReferencingSupport"),
    ),
    **dict.fromkeys(
        ("AWS::EC2::TransitGatewayAttachment", "AWS::EC2::TransitGatewayVpcAttachment"),
        Twin("aws_ec2_transit_gateway_vpc_attachment", same("TransitGatewayId", "VpcId", "SubnetIds")),
    ),
    "AWS::EC2::TransitGatewayPeeringAttachment": Twin(
        "aws_ec2_transit_gateway_peering_attachment", same("TransitGatewayId", "PeerTransitGatewayId", "PeerRegion")
    ),
    "AWS::EC2::TransitGatewayRouteTable": Twin("aws_ec2_transit_gateway_route_table", same("TransitGatewayId")),
    "AWS::EC2::TransitGatewayRouteTableAssociation": Twin(
        "aws_ec2_transit_gateway_route_table_association",
        same("TransitGatewayAttachmentId", "TransitGatewayRouteTableId"),
    ),
    "AWS::EC2::TransitGatewayRouteTablePropagation": Twin(
        "aws_ec2_transit_gateway_route_table_propagation",
        same("TransitGatewayAttachmentId", "TransitGatewayRouteTableId"),
    ),
    "AWS::EC2::TransitGatewayRoute": Twin(
        "aws_ec2_transit_gateway_route",
        same("TransitGatewayAttachmentId", "TransitGatewayRouteTableId", "DestinationCidrBlock", "Blackhole"),
    ),
    "AWS::EC2::VPCEndpoint": Twin(
        "aws_vpc_endpoint",
        same(
            "VpcId", "ServiceName", "VpcEndpointType", "RouteTableIds", "SubnetIds", "SecurityGroupIds",
            "PrivateDnsEnabled", "IpAddressType", PolicyDocument="policy",
        ),
    ),
    "AWS::EC2::NetworkAcl": Twin("aws_network_acl", same("VpcId")),
    "AWS::EC2::SubnetNetworkAclAssociation": Twin("aws_network_acl_association", same("SubnetId", "NetworkAclId")),
    "AWS::EC2::Volume": Twin(
        "aws_ebs_volume", same("AvailabilityZone", "Encrypted", "KmsKeyId", "Size", VolumeType="type")
    ),
    "AWS::EC2::Instance": Twin(
        "aws_instance",
        {
            **same(
                "SubnetId", "IamInstanceProfile", SecurityGroupIds="vpc_security_group_ids",
                PrivateIpAddress="private_ip",
            ),
            **_LAUNCHED,
        },
    ),
    "AWS::EC2::LaunchTemplate": Twin(
        "aws_launch_template",
        {
            **_LAUNCHED,
            "LaunchTemplateName": "name",
            "SecurityGroupIds": "vpc_security_group_ids",
            "IamInstanceProfile": ("iam_instance_profile", same("Arn", "Name")),
            "NetworkInterfaces": (
                "network_interfaces", same("SubnetId", "AssociatePublicIpAddress", Groups="security_groups"),
            ),
        },
        "name",
    ),
    # IAM
    "AWS::IAM::InstanceProfile": Twin("aws_iam_instance_profile", same("Path", InstanceProfileName="name"), "name"),
    "AWS::IAM::OIDCProvider": Twin("aws_iam_openid_connect_provider", same("Url", ClientIdList="client_id_list")),
    "Custom::AWSCDKOpenIdConnectProvider": Twin(
        "aws_iam_openid_connect_provider", {"Url": "url", "ClientIDList": "client_id_list"}
    ),
    # EKS
    "AWS::EKS::Addon": Twin(
        "aws_eks_addon",
        same(
            "AddonName", "ClusterName", "AddonVersion", "ServiceAccountRoleArn", "ConfigurationValues",
            PodIdentityAssociations=("pod_identity_association", same("ServiceAccount", "RoleArn")),
        ),
    ),
    "AWS::EKS::PodIdentityAssociation": Twin(
        "aws_eks_pod_identity_association",
        same("ClusterName", "Namespace", "ServiceAccount", "RoleArn", "TargetRoleArn"),
    ),
    "AWS::EKS::Nodegroup": Twin(
        "aws_eks_node_group",
        same(
            "ClusterName", "InstanceTypes", "CapacityType", "AmiType", "DiskSize", "Labels",
            NodegroupName="node_group_name", NodeRole="node_role_arn", Subnets="subnet_ids",
            Taints=("taint", same("Key", "Value", "Effect")),
            ScalingConfig=("scaling_config", same("MinSize", "MaxSize", "DesiredSize")),
            LaunchTemplate=("launch_template", same("Id", "Name", "Version")),
        ),
        "node_group_name",
    ),
    # KMS, secrets, parameters
    "AWS::KMS::Key": Twin("aws_kms_key", same("EnableKeyRotation", KeyPolicy="policy")),
    "AWS::KMS::ReplicaKey": Twin("aws_kms_replica_key", same("PrimaryKeyArn", KeyPolicy="policy")),
    "AWS::KMS::Alias": Twin("aws_kms_alias", same("TargetKeyId", AliasName="name"), "name"),
    "AWS::SecretsManager::Secret": Twin(
        "aws_secretsmanager_secret", same("Name", "KmsKeyId", ReplicaRegions=("replica", same("Region"))), "name"
    ),
    "AWS::SecretsManager::ResourcePolicy": Twin(
        "aws_secretsmanager_secret_policy", {"SecretId": "secret_arn", "ResourcePolicy": "policy"}
    ),
    "AWS::SecretsManager::RotationSchedule": Twin(
        "aws_secretsmanager_secret_rotation",
        same("SecretId", RotationRules=("rotation_rules", same("AutomaticallyAfterDays", "ScheduleExpression"))),
    ),
    "AWS::SSM::Parameter": Twin("aws_ssm_parameter", same("Name", "Type", "Value"), "name"),
    # S3, queues, topics
    "AWS::S3::BucketPolicy": Twin("aws_s3_bucket_policy", {"Bucket": "bucket", "PolicyDocument": "policy"}),
    "AWS::SQS::Queue": Twin("aws_sqs_queue", same("KmsMasterKeyId", QueueName="name"), "name"),
    "AWS::SNS::Topic": Twin("aws_sns_topic", same("KmsMasterKeyId", TopicName="name"), "name"),
    "AWS::SNS::Subscription": Twin("aws_sns_topic_subscription", same("TopicArn", "Protocol", "Endpoint")),
    # Functions, state machines, logs, images, tables
    "AWS::Lambda::Function": Twin(
        "aws_lambda_function",
        same(
            "FunctionName", "Role", "KmsKeyArn", "Runtime", "Handler", "Timeout", "MemorySize",
            VpcConfig=("vpc_config", _VPC_CONFIG), LoggingConfig=("logging_config", same("LogGroup")),
        ),
        "function_name",
    ),
    "AWS::Lambda::Permission": Twin(
        "aws_lambda_permission", same("FunctionName", "Action", "Principal", "SourceArn", "SourceAccount")
    ),
    # APIs
    "AWS::ApiGateway::RestApi": Twin(
        "aws_api_gateway_rest_api",
        same(
            "Name", "Body", "Policy", "DisableExecuteApiEndpoint",
            EndpointConfiguration=("endpoint_configuration", same("Types")),
        ),
        "name",
    ),
    "AWS::ApiGateway::Deployment": Twin("aws_api_gateway_deployment", same("RestApiId", "StageName")),
    "AWS::ApiGateway::Stage": Twin("aws_api_gateway_stage", same("RestApiId", "DeploymentId", "StageName")),
    "AWS::ApiGateway::VpcLink": Twin("aws_api_gateway_vpc_link", same("Name", "TargetArns"), "name"),
    "AWS::ApiGatewayV2::Api": Twin(
        "aws_apigatewayv2_api",
        same("Name", "ProtocolType", "Body", "DisableExecuteApiEndpoint", "Target", "RouteKey", "CredentialsArn"),
        "name",
    ),
    "AWS::ApiGatewayV2::Route": Twin(
        "aws_apigatewayv2_route", same("ApiId", "RouteKey", "AuthorizationType", "ApiKeyRequired", "Target")
    ),
    "AWS::ApiGatewayV2::Integration": Twin(
        "aws_apigatewayv2_integration",
        same("ApiId", "IntegrationType", "IntegrationUri", "ConnectionType", "ConnectionId", "CredentialsArn"),
    ),
    "AWS::ApiGatewayV2::Stage": Twin("aws_apigatewayv2_stage", same("ApiId", StageName="name")),
    "AWS::ApiGatewayV2::VpcLink": Twin("aws_apigatewayv2_vpc_link", same("Name", "SubnetIds", "SecurityGroupIds")),
    "AWS::StepFunctions::StateMachine": Twin(
        "aws_sfn_state_machine",
        same("RoleArn", StateMachineName="name", DefinitionString="definition", Definition="definition"),
        "name",
    ),
    "AWS::Logs::LogGroup": Twin(
        "aws_cloudwatch_log_group", same("RetentionInDays", "KmsKeyId", LogGroupName="name"), "name"
    ),
    "AWS::ECR::Repository": Twin(
        "aws_ecr_repository",
        same(
            "ImageTagMutability", RepositoryName="name",
            ImageScanningConfiguration=("image_scanning_configuration", same("ScanOnPush")),
            EncryptionConfiguration=("encryption_configuration", same("EncryptionType", KmsKey="kms_key")),
        ),
        "name",
    ),
    "AWS::DynamoDB::Table": Twin(
        "aws_dynamodb_table",
        same(
            "DeletionProtectionEnabled", TableName="name",
            PointInTimeRecoverySpecification=("point_in_time_recovery", {"PointInTimeRecoveryEnabled": "enabled"}),
            SSESpecification=("server_side_encryption", {"SSEEnabled": "enabled", "KMSMasterKeyId": "kms_key_arn"}),
        ),
        "name",
    ),
    "AWS::EFS::MountTarget": Twin("aws_efs_mount_target", same("FileSystemId", "SubnetId", "SecurityGroups")),
}  # fmt: skip
"""The types whose properties differ from Terraform's arguments in their names alone."""
