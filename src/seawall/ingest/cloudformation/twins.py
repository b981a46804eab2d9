"""A stack's resources as resources of Terraform's types, with CloudFormation's own defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from seawall.graph.resource import Resource
from seawall.ingest.cloudformation.shapes import TWINS, Shape, mapped, same
from seawall.ingest.cloudformation.stacks import Stack
from seawall.ingest.manifests import objects
from seawall.ingest.secrets import without_secrets
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.kernel.value import Ref, Text, Unknown, Value
from seawall.readers.aws.policy import parsed

_HOLES = (Ref, Text, Unknown)


@dataclass(frozen=True, slots=True)
class _Item:
    """One resource of a stack with its properties worked out."""

    stack: Stack
    logical: str
    address: Address
    given: Mapping[str, Any]
    region: str | Unknown
    origin: Origin
    meta: Mapping[str, Any]

    def resource(self, type: str, body: Mapping[str, Any], part: str = "") -> Resource:
        """The resource itself, or a part of it that is a resource of its own to Terraform."""
        address = Address(f"{self.address}.{part}") if part else self.address
        kept = without_secrets(address, type, body)
        return Resource(address, type, kept, self.origin, self.region, self.meta)

    def tagged(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with the resource's tags."""
        tags = _tags(self.given.get("Tags", self.given.get("FileSystemTags")))
        return {**body, "tags": tags} if tags is not None else body

    def named(self, body: dict[str, Any], argument: str) -> dict[str, Any]:
        """The body with the name that CloudFormation makes up where none is given."""
        if body.get(argument) is not None:
            return body
        why = "CloudFormation makes it up when the stack is deployed"
        return {**body, argument: Unknown(f"{self.address}.{argument}", why=why)}

    def listed(self, name: str) -> list[Any]:
        """A property as a list, a single value as a list of one."""
        value = self.given.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]


_Maker: TypeAlias = Callable[[_Item], Iterator[Resource]]
_makers: dict[str, _Maker] = {}


def resources_of(stack: Stack) -> Iterator[Resource]:
    """Everything that a stack makes; a type without a twin keeps its own name and says nothing."""
    region: str | Unknown = stack.reference("AWS::Region", stack.name)
    for logical, written in stack.resources().items():
        holds = stack.exists(logical)
        if holds is False:
            continue
        depends = written.get("DependsOn")
        listed = depends if isinstance(depends, list) else [depends]
        waits = tuple(stack.address(other) for other in listed if isinstance(other, str))
        item = _Item(
            stack,
            logical,
            stack.address(logical),
            stack.properties(logical),
            region,
            stack.template.origin(logical),
            {"depends_on": waits} if waits else {},
        )
        found = _made(item, written["Type"])
        yield from (_doubted(resource, holds) for resource in found) if isinstance(holds, Unknown) else found


def _made(item: _Item, type: str) -> Iterator[Resource]:
    maker, twin = _makers.get(type), TWINS.get(type)
    if maker is not None:
        yield from maker(item)
    elif twin is not None:
        body = item.tagged(mapped(item.given, twin.shape))
        yield item.resource(twin.type, item.named(body, twin.name) if twin.name else body)
    else:
        yield Resource(item.address, type, {}, item.origin, item.region)


_BELONGS = frozenset(
    {
        "role", "user", "group", "bucket", "queue_url", "topic_arn", "arn", "key_id", "secret_arn", "secret_id",
        "repository", "file_system_id", "cluster_name", "vpc_id", "subnet_id", "route_table_id", "network_acl_id",
        "security_group_id", "function_name", "rule", "policy_id", "target_key_id", "rest_api_id", "api_id",
    }
)  # fmt: skip


def _doubted(resource: Resource, doubt: Unknown) -> Resource:
    """A resource that may exist: what it would belong to is said, and everything else of it is unknown.

    InputError for an object of Kubernetes, whose name cannot be left open.
    """
    if resource.is_kubernetes:
        raise InputError(f"{resource.address}: {doubt.why}", origin=resource.origin)
    body = {
        name: value
        if name in _BELONGS and isinstance(value, _HOLES)
        else Unknown(f"{resource.address}.{name}", doubt.mentions, doubt.why)
        for name, value in resource.body.items()
        if value is not None
    }
    return replace(resource, body=body)


def _makes(*types: str) -> Callable[[_Maker], _Maker]:
    def mark(maker: _Maker) -> _Maker:
        _makers.update(dict.fromkeys(types, maker))
        return maker

    return mark


def _said(value: Value) -> bool:
    """Whether anything stands there, known or not."""
    return isinstance(value, _HOLES) or (value is not None and value not in ("", [], {}))


def _tags(value: Value) -> Any:
    if value is None or isinstance(value, (*_HOLES, Mapping)):
        return value
    if not isinstance(value, list):
        return None
    return {
        tag["Key"]: tag.get("Value") for tag in value if isinstance(tag, Mapping) and isinstance(tag.get("Key"), str)
    }


_EVERYTHING = {"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"]}
_INLINE = {
    "CidrIp": "cidr_blocks", "CidrIpv6": "ipv6_cidr_blocks", "SourceSecurityGroupId": "security_groups",
    "DestinationSecurityGroupId": "security_groups", "SourcePrefixListId": "prefix_list_ids",
    "DestinationPrefixListId": "prefix_list_ids",
}  # fmt: skip


@_makes("AWS::EC2::SecurityGroup")
def _security_group(item: _Item) -> Iterator[Resource]:
    body = item.tagged(mapped(item.given, same("VpcId", GroupName="name", GroupDescription="description")))
    for name, argument in (("SecurityGroupIngress", "ingress"), ("SecurityGroupEgress", "egress")):
        rules = item.given.get(name)
        body[argument] = [_rule(rule) for rule in rules] if isinstance(rules, list) else rules
    if not _said(body["egress"]):
        # EC2 lets everything out of a new group, and CloudFormation takes that away only for rules written here.
        body["egress"] = [_EVERYTHING]
    yield item.resource("aws_security_group", item.named(body, "name"))


def _rule(rule: Value) -> Value:
    if not isinstance(rule, Mapping):
        return rule
    found = {"protocol": rule.get("IpProtocol"), "from_port": rule.get("FromPort"), "to_port": rule.get("ToPort")}
    for name, argument in _INLINE.items():
        if rule.get(name) is not None:
            found[argument] = [rule[name]]
    return found


@_makes("AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress")
def _security_group_rule(item: _Item) -> Iterator[Resource]:
    shape: Shape = {
        "GroupId": "security_group_id", "IpProtocol": "ip_protocol", "FromPort": "from_port", "ToPort": "to_port",
        "CidrIp": "cidr_ipv4", "CidrIpv6": "cidr_ipv6", "SourceSecurityGroupId": "referenced_security_group_id",
        "DestinationSecurityGroupId": "referenced_security_group_id", "SourcePrefixListId": "prefix_list_id",
        "DestinationPrefixListId": "prefix_list_id",
    }  # fmt: skip
    inward = item.stack.resources()[item.logical]["Type"].endswith("Ingress")
    direction = "ingress" if inward else "egress"
    yield item.resource(f"aws_vpc_security_group_{direction}_rule", mapped(item.given, shape))


@_makes("AWS::EC2::VPCGatewayAttachment")
def _gateway_attachment(item: _Item) -> Iterator[Resource]:
    if "InternetGatewayId" in item.given:
        yield item.resource("aws_internet_gateway_attachment", mapped(item.given, same("InternetGatewayId", "VpcId")))
    else:
        yield item.resource("aws_vpn_gateway_attachment", mapped(item.given, same("VpnGatewayId", "VpcId")))


@_makes("AWS::EC2::VPCPeeringConnection")
def _peering(item: _Item) -> Iterator[Resource]:
    # CloudFormation accepts a peering within one account by itself.
    # Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/peer-with-vpc-in-another-account.html
    accepts = not _said(item.given.get("PeerOwnerId")) or _said(item.given.get("PeerRoleArn"))
    yield item.resource(
        "aws_vpc_peering_connection", {**mapped(item.given, same("VpcId", "PeerVpcId")), "auto_accept": accepts}
    )


@_makes("AWS::EC2::VPCCidrBlock")
def _more_of_network(item: _Item) -> Iterator[Resource]:
    body = mapped(item.given, same("VpcId", "CidrBlock", "Ipv6CidrBlock"))
    kind = "ipv4" if _said(item.given.get("CidrBlock")) else "ipv6"
    yield item.resource(f"aws_vpc_{kind}_cidr_block_association", body)


@_makes("AWS::EC2::VPNGatewayRoutePropagation")
def _propagation(item: _Item) -> Iterator[Resource]:
    for number, table in enumerate(item.listed("RouteTableIds")):
        body = {"route_table_id": table, "vpn_gateway_id": item.given.get("VpnGatewayId")}
        yield item.resource("aws_vpn_gateway_route_propagation", body, f"table{number}")


@_makes("AWS::EC2::Instance")
def _instance(item: _Item) -> Iterator[Resource]:
    twin = TWINS["AWS::EC2::Instance"]
    body = item.tagged(mapped(item.given, twin.shape))
    cards = [card for card in item.listed("NetworkInterfaces") if isinstance(card, Mapping)]
    own = [card for card in cards if not _said(card.get("NetworkInterfaceId"))]
    if own:
        shape = same("SubnetId", "AssociatePublicIpAddress", GroupSet="vpc_security_group_ids")
        body |= mapped(own[0], {**shape, "PrivateIpAddress": "private_ip"})
    elif cards:
        body["network_interface"] = [mapped(card, same("NetworkInterfaceId", "DeviceIndex")) for card in cards]
    yield item.resource(twin.type, body)


@_makes("AWS::EC2::NetworkAclEntry")
def _network_acl_entry(item: _Item) -> Iterator[Resource]:
    body = mapped(
        item.given, same("NetworkAclId", "RuleNumber", "Protocol", "RuleAction", "Egress", "CidrBlock", "Ipv6CidrBlock")
    )
    if not isinstance(body.get("protocol"), _HOLES):
        body["protocol"] = str(body.get("protocol"))
    ports = item.given.get("PortRange")
    if isinstance(ports, Mapping):
        body |= {"from_port": ports.get("From"), "to_port": ports.get("To")}
    yield item.resource("aws_network_acl_rule", body)


@_makes("AWS::ApiGateway::Method")
def _method(item: _Item) -> Iterator[Resource]:
    named = mapped(item.given, same("RestApiId", "ResourceId", "HttpMethod"))
    own = mapped(item.given, same("ApiKeyRequired", AuthorizationType="authorization"))
    yield item.resource("aws_api_gateway_method", named | own)
    behind = item.given.get("Integration")
    if isinstance(behind, Mapping):
        body = mapped(behind, same("Type", "Uri", "ConnectionType", "ConnectionId", "Credentials"))
        yield item.resource("aws_api_gateway_integration", named | body, "integration")


@_makes("AWS::Lambda::Url")
def _function_url(item: _Item) -> Iterator[Resource]:
    body = mapped(item.given, same(TargetFunctionArn="function_name", AuthType="authorization_type"))
    # Terraform lets everybody in by itself where nobody is asked who he is; here a permission of its own has to.
    said = (each.get("Properties") for each in item.stack.resources().values() if each["Type"] == _PERMISSION)
    let = any(isinstance(each, Mapping) and each.get("Action") == "lambda:InvokeFunctionUrl" for each in said)
    if body.get("authorization_type") == "NONE" and not let:
        why = "no permission of the template lets everybody call it by its URL"
        body["authorization_type"] = Unknown(f"{item.address}.authorization_type", why=why)
    yield item.resource("aws_lambda_function_url", body)


_PERMISSION = "AWS::Lambda::Permission"


@_makes("AWS::EC2::FlowLog")
def _flow_log(item: _Item) -> Iterator[Resource]:
    body = item.tagged(mapped(item.given, same("LogGroupName", "LogDestination", "TrafficType")))
    kinds = {"Subnet": "subnet_id", "NetworkInterface": "eni_id", "TransitGateway": "transit_gateway_id"}
    body[kinds.get(str(item.given.get("ResourceType")), "vpc_id")] = item.given.get("ResourceId")
    yield item.resource("aws_flow_log", body)


@_makes("AWS::EC2::LaunchTemplate")
def _launch_template(item: _Item) -> Iterator[Resource]:
    twin = TWINS["AWS::EC2::LaunchTemplate"]
    data = item.given.get("LaunchTemplateData")
    given = {**(data if isinstance(data, Mapping) else {}), **item.given}
    yield item.resource(twin.type, item.named(mapped(given, twin.shape), twin.name))


def _policies(item: _Item, kind: str, principal: Value) -> Iterator[Resource]:
    """The inline and the managed policies that a user's or a group's own properties name."""
    for number, policy in enumerate(item.listed("Policies")):
        part = f"policy{number}"
        if isinstance(policy, Mapping):
            body = {kind: principal, "name": policy.get("PolicyName"), "policy": policy.get("PolicyDocument")}
            yield item.resource(f"aws_iam_{kind}_policy", body, part)
        else:
            yield item.resource(f"aws_iam_{kind}_policy", {kind: principal, "policy": policy}, part)
    for number, arn in enumerate(item.listed("ManagedPolicyArns")):
        body = {kind: principal, "policy_arn": arn}
        yield item.resource(f"aws_iam_{kind}_policy_attachment", body, f"attached{number}")


@_makes("AWS::IAM::Role")
def _role(item: _Item) -> Iterator[Resource]:
    shape = same("Path", "PermissionsBoundary", RoleName="name", AssumeRolePolicyDocument="assume_role_policy")
    yield item.resource("aws_iam_role", item.named(item.tagged(mapped(item.given, shape)), "name"))
    yield from _policies(item, "role", Ref(item.address, "id"))


@_makes("AWS::IAM::User")
def _user(item: _Item) -> Iterator[Resource]:
    body = item.tagged(mapped(item.given, same("Path", "PermissionsBoundary", UserName="name")))
    yield item.resource("aws_iam_user", item.named(body, "name"))
    yield from _policies(item, "user", Ref(item.address, "id"))
    groups = item.given.get("Groups")
    if _said(groups):
        body = {"user": Ref(item.address, "id"), "groups": groups}
        yield item.resource("aws_iam_user_group_membership", body, "groups")


@_makes("AWS::IAM::Group")
def _group(item: _Item) -> Iterator[Resource]:
    yield item.resource("aws_iam_group", item.named(mapped(item.given, same("Path", GroupName="name")), "name"))
    yield from _policies(item, "group", Ref(item.address, "id"))


@_makes("AWS::IAM::UserToGroupAddition")
def _members(item: _Item) -> Iterator[Resource]:
    for number, user in enumerate(item.listed("Users")):
        body = {"user": user, "groups": [item.given.get("GroupName")]}
        yield item.resource("aws_iam_user_group_membership", body, f"user{number}")


_HOLDERS = (
    ("role", "Roles", "RoleName"),
    ("user", "Users", "UserName"),
    ("group", "Groups", "GroupName"),
)


@_makes("AWS::IAM::Policy", "AWS::IAM::RolePolicy", "AWS::IAM::UserPolicy", "AWS::IAM::GroupPolicy")
def _inline_policy(item: _Item) -> Iterator[Resource]:
    document = {"name": item.given.get("PolicyName"), "policy": item.given.get("PolicyDocument")}
    holders = [
        (kind, holder) for kind, several, one in _HOLDERS for name in (several, one) for holder in item.listed(name)
    ]
    for number, (kind, holder) in enumerate(holders):
        part = f"{kind}{number}" if len(holders) > 1 else ""
        yield item.resource(f"aws_iam_{kind}_policy", {kind: holder, **document}, part)


@_makes("AWS::IAM::ManagedPolicy")
def _managed_policy(item: _Item) -> Iterator[Resource]:
    shape = same("Path", ManagedPolicyName="name", PolicyDocument="policy")
    yield item.resource("aws_iam_policy", item.named(mapped(item.given, shape), "name"))
    for kind, several, _ in _HOLDERS:
        for number, holder in enumerate(item.listed(several)):
            body = {kind: holder, "policy_arn": Ref(item.address, "arn")}
            yield item.resource(f"aws_iam_{kind}_policy_attachment", body, f"{kind}{number}")


@_makes("AWS::IAM::InstanceProfile")
def _instance_profile(item: _Item) -> Iterator[Resource]:
    twin = TWINS["AWS::IAM::InstanceProfile"]
    body = item.named(mapped(item.given, twin.shape), twin.name)
    roles = item.listed("Roles")
    yield item.resource(twin.type, {**body, "role": roles[0]} if roles else body)


@_makes("AWS::EKS::Cluster")
def _cluster(item: _Item) -> Iterator[Resource]:
    body = mapped(
        item.given,
        same(
            "Name", "Version", "RoleArn",
            ResourcesVpcConfig=("vpc_config", same(
                "SubnetIds", "SecurityGroupIds", "EndpointPublicAccess", "EndpointPrivateAccess", "PublicAccessCidrs",
            )),
            EncryptionConfig=("encryption_config", same("Resources", Provider=("provider", same("KeyArn")))),
            AccessConfig=("access_config", same("AuthenticationMode", "BootstrapClusterCreatorAdminPermissions")),
        ),
    )  # fmt: skip
    logging: Any = item.given.get("Logging")
    for step in ("ClusterLogging", "EnabledTypes"):
        logging = logging.get(step) if isinstance(logging, Mapping) else logging
    if isinstance(logging, list):
        logging = [kind.get("Type") if isinstance(kind, Mapping) else kind for kind in logging]
    if logging is not None:
        body["enabled_cluster_log_types"] = logging
    yield item.resource("aws_eks_cluster", item.named(item.tagged(body), "name"))


@_makes("Custom::AWSCDK-EKS-Cluster")
def _cluster_of_the_cdk(item: _Item) -> Iterator[Resource]:
    config = item.given.get("Config")
    given = config if isinstance(config, Mapping) else {}
    body = mapped(
        given,
        {
            "name": "name", "version": "version", "roleArn": "role_arn",
            "resourcesVpcConfig": ("vpc_config", {
                "subnetIds": "subnet_ids", "securityGroupIds": "security_group_ids",
                "endpointPublicAccess": "endpoint_public_access", "endpointPrivateAccess": "endpoint_private_access",
                "publicAccessCidrs": "public_access_cidrs",
            }),
            "encryptionConfig": ("encryption_config", {"provider": ("provider", {"keyArn": "key_arn"})}),
            "accessConfig": ("access_config", {"authenticationMode": "authentication_mode"}),
        },
    )  # fmt: skip
    logging = given.get("logging")
    groups = logging.get("clusterLogging") if isinstance(logging, Mapping) else None
    if isinstance(groups, list):
        body["enabled_cluster_log_types"] = [
            kind
            for group in groups
            if isinstance(group, Mapping) and group.get("enabled") in (True, "true")
            for kind in group.get("types") or ()
        ]
    tags = given.get("tags")
    if isinstance(tags, Mapping):
        body["tags"] = tags
    yield item.resource("aws_eks_cluster", item.named(body, "name"))


@_makes("Custom::AWSCDK-EKS-KubernetesResource")
def _manifest_of_the_cdk(item: _Item) -> Iterator[Resource]:
    what = f"{item.address}.Manifest"
    manifest = item.given.get("Manifest")
    data = parsed(manifest, what) if isinstance(manifest, str | Text) else manifest
    cluster = item.given.get("ClusterName")
    name = cluster if isinstance(cluster, str) else _name_of_cluster(item.stack, cluster)
    for number, document in enumerate(data if isinstance(data, list) else [data]):
        if isinstance(document, Mapping):
            yield from objects(document, item.origin, name)
        else:
            # Its text is put together only when the stack is deployed: what it makes is not known.
            yield Resource(Address(f"{item.address}.{number}"), "file/manifest", {"text": document}, item.origin)


@_makes("Custom::AWSCDK-EKS-HelmChart")
def _chart_of_the_cdk(item: _Item) -> Iterator[Resource]:
    cluster = item.given.get("ClusterName")
    name = cluster if isinstance(cluster, str) else _name_of_cluster(item.stack, cluster)
    namespace, release = item.given.get("Namespace", "default"), item.given.get("Release", item.logical)
    if not (isinstance(namespace, str) and isinstance(release, str) and "/" not in f"{name}{namespace}{release}"):
        yield Resource(item.address, "Custom::AWSCDK-EKS-HelmChart", {}, item.origin)
        return
    body = {
        argument: item.given.get(argument.capitalize()) for argument in ("chart", "repository", "version", "values")
    }
    address = Address.kubernetes(name, "HelmRelease", namespace, release)
    yield Resource(address, "file/helm-release", {**body, "namespace": namespace}, item.origin)


def _name_of_cluster(stack: Stack, cluster: Value) -> str:
    """What the cluster of a stack is called, by its own name or, where it has none, by its logical id."""
    if not isinstance(cluster, Ref):
        return "cluster"
    logical = cluster.to.rpartition("/")[2]
    if logical in stack.resources():
        given = stack.properties(logical)
        config = given.get("Config", given)
        name = config.get("name", config.get("Name")) if isinstance(config, Mapping) else None
        if isinstance(name, str) and "/" not in name:
            return name
    return logical


@_makes("AWS::EKS::PodIdentityAssociation")
def _pod_identity(item: _Item) -> Iterator[Resource]:
    twin = TWINS["AWS::EKS::PodIdentityAssociation"]
    body = item.tagged(mapped(item.given, twin.shape))
    # Who the account is has to be said by the name that the cluster's objects go by.
    if isinstance(body.get("cluster_name"), Ref):
        body["cluster_name"] = _name_of_cluster(item.stack, body["cluster_name"])
    yield item.resource(twin.type, body)


@_makes("AWS::EKS::Nodegroup")
def _node_group(item: _Item) -> Iterator[Resource]:
    twin = TWINS["AWS::EKS::Nodegroup"]
    body = item.named(item.tagged(mapped(item.given, twin.shape)), twin.name)
    if "scaling_config" not in body:
        why = "EKS chooses the number of nodes where the template says none"
        sizes = {name: Unknown(f"{item.address}.{name}", why=why) for name in ("min_size", "max_size", "desired_size")}
        body["scaling_config"] = [sizes]
    yield item.resource(twin.type, body)


@_makes("AWS::EKS::AccessEntry")
def _access_entry(item: _Item) -> Iterator[Resource]:
    body = mapped(item.given, same("ClusterName", "PrincipalArn", "Type", "KubernetesGroups"))
    yield item.resource("aws_eks_access_entry", body)
    for number, policy in enumerate(item.listed("AccessPolicies")):
        given = policy if isinstance(policy, Mapping) else {"PolicyArn": policy}
        attached = mapped(given, same("PolicyArn", AccessScope=("access_scope", same("Type", "Namespaces"))))
        attached |= {name: body.get(name) for name in ("cluster_name", "principal_arn")}
        yield item.resource("aws_eks_access_policy_association", attached, f"policy{number}")


_ENCRYPTION: Shape = {
    "ServerSideEncryptionConfiguration": ("rule", {
        "ServerSideEncryptionByDefault": ("apply_server_side_encryption_by_default", {
            "SSEAlgorithm": "sse_algorithm", "KMSMasterKeyID": "kms_master_key_id",
        }),
    }),
}  # fmt: skip
_BLOCKS: Shape = same("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


@_makes("AWS::S3::Bucket")
def _bucket(item: _Item) -> Iterator[Resource]:
    body = mapped(
        item.given,
        {
            "BucketName": "bucket",
            "BucketEncryption": ("server_side_encryption_configuration", _ENCRYPTION),
            "LoggingConfiguration": ("logging", {"DestinationBucketName": "target_bucket"}),
        },
    )
    versioning = item.given.get("VersioningConfiguration")
    if isinstance(versioning, Mapping):
        status = versioning.get("Status")
        body["versioning"] = [{"enabled": status if isinstance(status, _HOLES) else status == "Enabled"}]
    if isinstance(body.get("logging"), list) and not any(
        _said(block.get("target_bucket")) for block in body["logging"] if isinstance(block, Mapping)
    ):
        body["logging"] = [{"target_bucket": Ref(item.address, "id")}]  # without a destination, the bucket itself
    lifecycle = item.given.get("LifecycleConfiguration")
    rules = lifecycle.get("Rules") if isinstance(lifecycle, Mapping) else None
    if isinstance(rules, list):
        body["lifecycle_rule"] = [_lifecycle_rule(rule) for rule in rules if isinstance(rule, Mapping)]
    yield item.resource("aws_s3_bucket", item.named(item.tagged(body), "bucket"))
    blocked = item.given.get("PublicAccessBlockConfiguration")
    if isinstance(blocked, Mapping):
        switches = mapped(blocked, _BLOCKS)
        yield item.resource(
            "aws_s3_bucket_public_access_block", {"bucket": Ref(item.address, "id"), **switches}, "access"
        )


_EXPIRES = ("ExpirationInDays", "ExpirationDate")
_EXPIRES_EARLIER = ("NoncurrentVersionExpiration", "NoncurrentVersionExpirationInDays")


def _lifecycle_rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"enabled": rule.get("Status") == "Enabled"}
    if any(name in rule for name in _EXPIRES):
        found["expiration"] = [{"days": rule.get("ExpirationInDays", 1)}]
    if any(name in rule for name in _EXPIRES_EARLIER):
        found["noncurrent_version_expiration"] = [{"days": rule.get("NoncurrentVersionExpirationInDays", 1)}]
    return found


@_makes("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy")
def _queue_policy(item: _Item) -> Iterator[Resource]:
    queues = [*item.listed("Queues"), *item.listed("Queue")]
    for number, queue in enumerate(queues):
        body = {"queue_url": queue, "policy": item.given.get("PolicyDocument")}
        yield item.resource("aws_sqs_queue_policy", body, f"queue{number}" if len(queues) > 1 else "")


@_makes("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy")
def _topic_policy(item: _Item) -> Iterator[Resource]:
    topics = [*item.listed("Topics"), *item.listed("TopicArn")]
    for number, topic in enumerate(topics):
        body = {"arn": topic, "policy": item.given.get("PolicyDocument")}
        yield item.resource("aws_sns_topic_policy", body, f"topic{number}" if len(topics) > 1 else "")


@_makes("AWS::SNS::Topic")
def _topic(item: _Item) -> Iterator[Resource]:
    twin = TWINS["AWS::SNS::Topic"]
    yield item.resource(twin.type, item.named(item.tagged(mapped(item.given, twin.shape)), twin.name))
    for number, subscription in enumerate(item.listed("Subscription")):
        if isinstance(subscription, Mapping):
            body = {"topic_arn": Ref(item.address, "arn"), **mapped(subscription, same("Protocol", "Endpoint"))}
            yield item.resource("aws_sns_topic_subscription", body, f"subscription{number}")


@_makes("AWS::ECR::Repository")
def _repository(item: _Item) -> Iterator[Resource]:
    twin = TWINS["AWS::ECR::Repository"]
    yield item.resource(twin.type, item.named(item.tagged(mapped(item.given, twin.shape)), twin.name))
    if item.given.get("RepositoryPolicyText") is not None:
        body = {"repository": Ref(item.address, "id"), "policy": item.given["RepositoryPolicyText"]}
        yield item.resource("aws_ecr_repository_policy", body, "policy")


@_makes("AWS::EFS::FileSystem")
def _file_system(item: _Item) -> Iterator[Resource]:
    shape = same("Encrypted", "KmsKeyId", "AvailabilityZoneName")
    yield item.resource("aws_efs_file_system", item.tagged(mapped(item.given, shape)))
    if item.given.get("FileSystemPolicy") is not None:
        body = {"file_system_id": Ref(item.address, "id"), "policy": item.given["FileSystemPolicy"]}
        yield item.resource("aws_efs_file_system_policy", body, "policy")


@_makes("AWS::Events::Rule")
def _event_rule(item: _Item) -> Iterator[Resource]:
    body = item.tagged(mapped(item.given, same("Name", "ScheduleExpression")))
    yield item.resource("aws_cloudwatch_event_rule", item.named(body, "name"))
    for number, target in enumerate(item.listed("Targets")):
        if isinstance(target, Mapping):
            body = {"rule": Ref(item.address, "name"), **mapped(target, same("Arn", "RoleArn"))}
            yield item.resource("aws_cloudwatch_event_target", body, f"target{number}")


@_makes("AWS::Organizations::Policy")
def _organization_policy(item: _Item) -> Iterator[Resource]:
    body = mapped(item.given, same("Name", "Type", "Content"))
    yield item.resource("aws_organizations_policy", item.tagged(body))
    for number, target in enumerate(item.listed("TargetIds")):
        attached = {"policy_id": Ref(item.address, "id"), "target_id": target}
        yield item.resource("aws_organizations_policy_attachment", attached, f"target{number}")
