"""A stack's resources as resources of Terraform's types."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from seawall.facts.compute import Cluster, NodeGroup
from seawall.facts.delivery import Controller, Installed
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Attaches, ClusterAccess, Identifier, Issuer, Principal, Secret, Statement
from seawall.facts.network import (
    Attached,
    Carries,
    Filtered,
    Gateway,
    Interface,
    Member,
    NetworkRange,
    Permit,
    Route,
    Routed,
    Seen,
    Transit,
)
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.ingest.cloudformation.shapes import TWINS
from seawall.ingest.cloudformation.stacks import Estate
from seawall.ingest.cloudformation.template import template_text
from seawall.ingest.cloudformation.twins import _makers, resources_of
from seawall.ingest.estate import ingest
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr
from seawall.kernel.value import SECRET, Ref, Unknown
from seawall.readers.read import facts_of
from seawall.readers.registry import readers

# What no reader asks for yet, and what others refer to all the same.
UNREAD = {"aws_ec2_transit_gateway_route_table"}


def made(resources: str) -> list[Resource]:
    """The resources of a template that holds these."""
    found = template_text(f"Resources:\n{resources}", Path("s.yaml"))
    assert found is not None
    return [resource for stack in Estate([found]).stacks for resource in resources_of(stack)]


def facts(folder: Path, resources: str) -> Facts:
    """What a template that holds these says."""
    (folder / "s.yaml").write_text(f"Resources:\n{resources}", encoding="utf-8")
    return facts_of(ingest([folder]))


def at(logical: str) -> Address:
    """The address of a resource of the stack."""
    return Address.cloudformation("s", logical)


def test_every_twin_is_read() -> None:
    """A type that has a twin has one that a reader knows, or that is named here."""
    assert {twin.type for twin in TWINS.values()} - readers().keys() <= UNREAD
    assert not TWINS.keys() & _makers.keys() - {"AWS::EKS::Nodegroup", "AWS::EC2::LaunchTemplate"} - {
        "AWS::IAM::InstanceProfile", "AWS::SNS::Topic", "AWS::ECR::Repository", "AWS::EKS::PodIdentityAssociation",
        "AWS::EC2::Instance",
    }  # fmt: skip


def test_a_group_without_rules_lets_everything_out(tmp_path: Path) -> None:
    """CloudFormation leaves EC2's rule for everything going out, which Terraform takes away; a rule replaces it."""
    found = facts(
        tmp_path,
        """
  Open: {Type: "AWS::EC2::SecurityGroup", Properties: {GroupDescription: x}}
  Shut:
    Type: AWS::EC2::SecurityGroup
    Properties:
      SecurityGroupEgress:
        - {IpProtocol: tcp, FromPort: 443, ToPort: 443, DestinationSecurityGroupId: !GetAtt Open.GroupId}
  In: {Type: "AWS::EC2::SecurityGroupIngress", Properties: {GroupId: !Ref Shut, IpProtocol: "-1", CidrIp: 0.0.0.0/0}}
""",
    )
    permits = {(permit.group, permit.direction, permit.protocol, permit.peer) for permit in found.all(Permit)}
    assert permits == {
        (at("Open"), "egress", "any", ANYWHERE),
        (at("Shut"), "egress", "tcp", at("Open")),
        (at("Shut"), "ingress", "any", ANYWHERE),
    }
    assert {permit.ports for permit in found.where(Permit, group=at("Open"))} == {ALL_PORTS}


def test_a_network(tmp_path: Path) -> None:
    """A network's routes, gateways and lists are those that the same resources of Terraform say."""
    found = facts(
        tmp_path,
        """
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Table: {Type: "AWS::EC2::RouteTable", Properties: {VpcId: !Ref Vpc}}
  Uses: {Type: "AWS::EC2::SubnetRouteTableAssociation", Properties: {SubnetId: !Ref Subnet, RouteTableId: !Ref Table}}
  Igw: {Type: "AWS::EC2::InternetGateway"}
  Attached: {Type: "AWS::EC2::VPCGatewayAttachment", Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw}}
  Nat: {Type: "AWS::EC2::NatGateway", Properties: {SubnetId: !Ref Subnet}}
  Out:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}
  Acl: {Type: "AWS::EC2::NetworkAcl", Properties: {VpcId: !Ref Vpc}}
  Listed: {Type: "AWS::EC2::SubnetNetworkAclAssociation", Properties: {SubnetId: !Ref Subnet, NetworkAclId: !Ref Acl}}
  S3:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-west-1.s3, RouteTableIds: [!Ref Table]}
""",
    )
    assert (at("Subnet"), at("Table")) in {(uses.of, uses.table) for uses in found.all(Routed)}
    assert {(gateway.of, gateway.kind, gateway.place) for gateway in found.all(Gateway)} == {
        (at("Igw"), "internet", at("Vpc")),
        (at("Nat"), "nat", at("Subnet")),
        (at("S3"), "gateway-endpoint", at("Vpc")),
    }
    assert {(route.via, route.kind) for route in found.where(Route, table=at("Table"))} == {
        (at("Nat"), "nat"),
        (at("S3"), "endpoint"),
    }
    assert (at("Subnet"), at("Acl")) in {(listed.of, listed.acl) for listed in found.all(Filtered)}


def test_what_joins_networks(tmp_path: Path) -> None:
    """Peerings within an account are accepted; a transit gateway, lists of ranges and interfaces are what they are."""
    found = facts(
        tmp_path,
        """
  Vpc: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.0.0.0/16}}
  More: {Type: "AWS::EC2::VPCCidrBlock", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.1.0.0/16}}
  Far: {Type: "AWS::EC2::VPC", Properties: {CidrBlock: 10.9.0.0/16}}
  Subnet: {Type: "AWS::EC2::Subnet", Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24}}
  Near: {Type: "AWS::EC2::VPCPeeringConnection", Properties: {VpcId: !Ref Vpc, PeerVpcId: !Ref Far}}
  Other:
    Type: AWS::EC2::VPCPeeringConnection
    Properties: {VpcId: !Ref Vpc, PeerVpcId: vpc-1, PeerOwnerId: "111122223333"}
  Hub: {Type: "AWS::EC2::TransitGateway", Properties: {DefaultRouteTableAssociation: disable}}
  Spoke:
    Type: AWS::EC2::TransitGatewayAttachment
    Properties: {TransitGatewayId: !Ref Hub, VpcId: !Ref Vpc, SubnetIds: [!Ref Subnet]}
  Offices:
    Type: AWS::EC2::PrefixList
    Properties: {PrefixListName: o, MaxEntries: 1, AddressFamily: IPv4, Entries: [{Cidr: 192.168.0.0/24}]}
  Card:
    Type: AWS::EC2::NetworkInterface
    Properties: {SubnetId: !Ref Subnet, PrivateIpAddress: 10.0.0.9, GroupSet: [sg-1]}
  Server:
    Type: AWS::EC2::Instance
    Properties: {NetworkInterfaces: [{DeviceIndex: "0", NetworkInterfaceId: !Ref Card}]}
  Seen: {Type: "AWS::EC2::EIPAssociation", Properties: {InstanceId: !Ref Server, AllocationId: eipalloc-1}}
""",
    )
    assert [(more.of, more.cidr) for more in found.all(NetworkRange)] == [(at("Vpc"), Cidr.parse("10.1.0.0/16"))]
    ready = {gateway.of: gateway.ready for gateway in found.all(Gateway)}
    assert ready[at("Near")] is True
    assert isinstance(ready[at("Other")], Unknown)
    assert [(each.gateway, each.place, each.subnets) for each in found.all(Attached)] == [
        (at("Hub"), at("Vpc"), (at("Subnet"),))
    ]
    assert found.all(Transit)[0].associates is False
    assert found.one(Member, of=at("Offices")).member == Cidr.parse("192.168.0.0/24")
    assert found.one(Interface, of=at("Card")).addresses == (Cidr.parse("10.0.0.9/32"),)
    assert found.all(Interface) == (found.one(Interface, of=at("Card")),)
    assert [(each.of, each.interface) for each in found.all(Carries)] == [(at("Server"), at("Card"))]
    assert [each.of for each in found.all(Seen)] == [at("Server")]


def test_who_may_do_what(tmp_path: Path) -> None:
    """Roles, users and groups carry what their own properties, policies apart and managed policies say."""
    found = facts(
        tmp_path,
        """
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: app
      Path: /x/
      PermissionsBoundary: !Ref Cap
      ManagedPolicyArns: [!Ref Cap, !Sub "arn:${AWS::Partition}:iam::aws:policy/ReadOnlyAccess"]
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: a.b}, Action: "sts:AssumeRole"}]
      Policies:
        - PolicyName: one
          PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Action: "a:one", Resource: "*"}]}
  Cap:
    Type: AWS::IAM::ManagedPolicy
    Properties: {Users: [!Ref User], PolicyDocument: {Statement: [{Effect: Allow, Action: "a:cap", Resource: "*"}]}}
  Apart:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: apart
      Roles: [!Ref Role, other]
      PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: "a:apart", Resource: "*"}]}
  User: {Type: "AWS::IAM::User", Properties: {UserName: u, Groups: [!Ref Group]}}
  Group: {Type: "AWS::IAM::Group", Properties: {ManagedPolicyArns: [!Ref Cap]}}
  Profile: {Type: "AWS::IAM::InstanceProfile", Properties: {Roles: [!Ref Role]}}
""",
    )
    assert {(each.of, each.kind, each.boundary) for each in found.all(Principal)} == {
        (at("Role"), "role", at("Cap")),
        (at("User"), "user", None),
        (at("Group"), "group", None),
    }
    assert {(each.principal, each.policy) for each in found.all(Attaches)} == {
        (at("Role"), at("Cap")),
        (at("Role"), "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        (at("User"), at("Cap")),
        (at("Group"), at("Cap")),
    }
    assert {(each.holder, each.kind, each.allow, each.actions, each.variables) for each in found.all(Statement)} == {
        (at("Role"), "trust", True, ("sts:AssumeRole",), True),
        (at("Role"), "identity", True, ("a:one",), True),
        (at("Role"), "identity", False, ("a:apart",), True),
        (Address.outside("other"), "identity", False, ("a:apart",), True),
        (at("Cap"), "identity", True, ("a:cap",), False),
    }
    (taken,) = found.all(Assumes)
    assert (taken.account, taken.role) == (at("Profile"), at("Role"))
    names = {each.of: str(each.value).rpartition(":")[2] for each in found.all(Identifier)}
    assert names[at("Role")] == "role/x/app"
    (unnamed,) = made("  P: {Type: 'AWS::IAM::Role'}")
    assert unnamed.body["name"].why.startswith("CloudFormation makes it up")


def test_a_cluster_and_who_gets_in(tmp_path: Path) -> None:
    """A cluster, its nodes, its issuer, its entries and its associations say what Terraform's say."""
    found = facts(
        tmp_path,
        """
  C:
    Type: AWS::EKS::Cluster
    Properties:
      Name: prod
      Version: "1.33"
      RoleArn: !GetAtt Role.Arn
      ResourcesVpcConfig: {SubnetIds: [subnet-1], EndpointPrivateAccess: true, PublicAccessCidrs: [10.0.0.0/8]}
      Logging: {ClusterLogging: {EnabledTypes: [{Type: audit}, {Type: api}]}}
      AccessConfig: {AuthenticationMode: API}
      EncryptionConfig: [{Resources: [secrets], Provider: {KeyArn: !GetAtt Key.Arn}}]
  Key: {Type: "AWS::KMS::Key", Properties: {EnableKeyRotation: true}}
  Role: {Type: "AWS::IAM::Role", Properties: {RoleName: app}}
  N: {Type: "AWS::EKS::Nodegroup", Properties: {ClusterName: !Ref C, NodeRole: !GetAtt Role.Arn, Subnets: [subnet-1]}}
  Oidc:
    Type: AWS::IAM::OIDCProvider
    Properties: {Url: !GetAtt C.OpenIdConnectIssuerUrl, ClientIdList: [sts.amazonaws.com]}
  Pod:
    Type: AWS::EKS::PodIdentityAssociation
    Properties: {ClusterName: !Ref C, Namespace: apps, ServiceAccount: a, RoleArn: !GetAtt Role.Arn}
  Entry:
    Type: AWS::EKS::AccessEntry
    Properties:
      ClusterName: !Ref C
      PrincipalArn: !GetAtt Role.Arn
      AccessPolicies:
        - PolicyArn: arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy
          AccessScope: {Type: namespace, Namespaces: [apps]}
""",
    )
    (cluster,) = found.all(Cluster)
    assert (cluster.of, cluster.name, cluster.version, cluster.logs) == (at("C"), "prod", "1.33", ("api", "audit"))
    assert (cluster.private_api, cluster.secrets_key, cluster.authentication) == (True, at("Key"), "API")
    (nodes,) = found.all(NodeGroup)
    assert nodes.cluster == at("C")
    assert isinstance(nodes.least, Unknown)
    (issuer,) = found.all(Issuer)
    assert issuer.url == Ref(at("C"), "identity.0.oidc.0.issuer")
    pods = [each for each in found.all(Assumes) if each.means == "pod-identity"]
    assert [(each.account, each.role) for each in pods] == [(Address("prod/ServiceAccount/apps/a"), at("Role"))]
    access = {(each.cluster, each.principal, each.policy) for each in found.all(ClusterAccess)}
    view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    assert access == {(at("C"), at("Role"), ""), (at("C"), at("Role"), view)}


def test_a_cluster_that_cloudformation_names_goes_by_its_logical_id(tmp_path: Path) -> None:
    """Manifests beside a template, and its associations, mean the same account of the cluster without a name."""
    manifest = "{apiVersion: v1, kind: ServiceAccount, metadata: {name: a, namespace: apps}}"
    (tmp_path / "account.yaml").write_text(manifest)
    found = facts(
        tmp_path,
        """
  Main: {Type: "AWS::EKS::Cluster", Properties: {Version: "1.33"}}
  Role: {Type: "AWS::IAM::Role", Properties: {RoleName: app}}
  Pod:
    Type: AWS::EKS::PodIdentityAssociation
    Properties: {ClusterName: !Ref Main, Namespace: apps, ServiceAccount: a, RoleArn: !GetAtt Role.Arn}
""",
    )
    account = Address("Main/ServiceAccount/apps/a")
    assert [each.role for each in found.where(Assumes, account=account)] == [at("Role")]
    assert account in {each.of for each in found.all(Principal)}


def test_stores_and_their_policies(tmp_path: Path) -> None:
    """Buckets, queues, topics, keys and secrets have the names and the policies that their template gives them."""
    policy = '{Statement: {Effect: Deny, Principal: "*", Action: "%s:*", Resource: "*"}}'
    found = facts(
        tmp_path,
        f"""
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: orders
      VersioningConfiguration: {{Status: Enabled}}
      PublicAccessBlockConfiguration:
        {{BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}}
      LoggingConfiguration: {{}}
  Bp: {{Type: "AWS::S3::BucketPolicy", Properties: {{Bucket: !Ref B, PolicyDocument: {policy % "s3"}}}}}
  Q: {{Type: "AWS::SQS::Queue", Properties: {{QueueName: orders}}}}
  Qp: {{Type: "AWS::SQS::QueuePolicy", Properties: {{Queues: [!Ref Q], PolicyDocument: {policy % "sqs"}}}}}
  T: {{Type: "AWS::SNS::Topic", Properties: {{Subscription: [{{Protocol: email, Endpoint: a}}]}}}}
  Tp: {{Type: "AWS::SNS::TopicPolicy", Properties: {{Topics: [!Ref T], PolicyDocument: {policy % "sns"}}}}}
  K: {{Type: "AWS::KMS::Key", Properties: {{KeyPolicy: {policy % "kms"}}}}}
  S: {{Type: "AWS::SecretsManager::Secret", Properties: {{Name: db, KmsKeyId: !Ref K, SecretString: hunter2}}}}
""",
    )
    denied = {each.holder: each.actions for each in found.all(Statement)}
    assert denied == {at("B"): ("s3:*",), at("Q"): ("sqs:*",), at("T"): ("sns:*",), at("K"): ("kms:*",)}
    assert Setting(at("B"), "block-public", True) in found.all(Setting)
    (secret,) = found.all(Secret)
    assert (secret.name, secret.key) == ("db", at("K"))
    assert "hunter2" not in str(list(ingest([tmp_path]).resources.values()))
    assert not found.all(Member)


def test_the_cdk_s_cluster(tmp_path: Path) -> None:
    """A cluster that the CDK makes by itself, the objects within it, and the trust that it puts together as JSON."""
    account = '[{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "a", "annotations": '
    template = {
        "Resources": {
            "C": {"Type": "Custom::AWSCDK-EKS-Cluster", "Properties": {"Config": {"name": "prod", "version": "1.33"}}},
            "O": {
                "Type": "Custom::AWSCDKOpenIdConnectProvider",
                "Properties": {"Url": {"Fn::GetAtt": ["C", "OpenIdConnectIssuerUrl"]}, "ClientIDList": ["sts"]},
            },
            "J": {
                "Type": "Custom::AWSCDKCfnJson",
                "Properties": {
                    "Value": {
                        "Fn::Join": [
                            "",
                            [
                                '{"',
                                {"Fn::Select": [1, {"Fn::Split": [":oidc-provider/", {"Ref": "O"}]}]},
                                ':sub": "system:serviceaccount:default:a"}',
                            ],
                        ]
                    }
                },
            },
            "R": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": {
                            "Effect": "Allow",
                            "Principal": {"Federated": {"Ref": "O"}},
                            "Action": "sts:AssumeRoleWithWebIdentity",
                            "Condition": {"StringEquals": {"Fn::GetAtt": ["J", "Value"]}},
                        },
                    }
                },
            },
            "M": {
                "Type": "Custom::AWSCDK-EKS-KubernetesResource",
                "Properties": {
                    "ClusterName": {"Ref": "C"},
                    "Manifest": {
                        "Fn::Join": [
                            "",
                            [account + '{"eks.amazonaws.com/role-arn": "', {"Fn::GetAtt": ["R", "Arn"]}, '"}}}]'],
                        ]
                    },
                },
            },
        }
    }
    (tmp_path / "s.template.json").write_text(json.dumps(template))
    found = facts_of(ingest([tmp_path]))
    taken = [(each.account, each.role) for each in found.all(Assumes) if each.means == "irsa"]
    assert taken == [(Address("prod/ServiceAccount/default/a"), at("R"))]
    (trust,) = [each for each in found.all(Statement) if each.kind == "trust"]
    (condition,) = trust.conditions
    assert str(condition.key) == "${s/C.identity.0.oidc.0.issuer}:sub"


def test_charts_of_the_cdk_install_controllers(tmp_path: Path) -> None:
    """A chart that a stack installs brings the controllers that it would bring through Argo CD."""
    found = facts(
        tmp_path,
        """
  C: {Type: "Custom::AWSCDK-EKS-Cluster", Properties: {Config: {name: prod}}}
  Chart:
    Type: Custom::AWSCDK-EKS-HelmChart
    Properties:
      ClusterName: !Ref C
      Release: lbc
      Chart: aws-load-balancer-controller
      Repository: https://aws.github.io/eks-charts
      Version: 1.14.0
      Namespace: kube-system
      Values: !Join ["", ['{"clusterName": "', !Ref C, '", "serviceAccount": {"create": false, "name": "alb"}}']]
""",
    )
    (controller,) = found.all(Controller)
    assert (controller.name, controller.account) == (
        "aws-load-balancer-controller",
        Address("prod/ServiceAccount/kube-system/alb"),
    )
    (chart,) = found.all(Installed)
    assert (chart.chart, chart.version) == ("aws-load-balancer-controller", "1.14.0")


def test_stacks_are_joined(tmp_path: Path) -> None:
    """A nested stack gets its parameters from the one around it, and gives back its outputs."""
    (tmp_path / "outer.yaml").write_text(
        """
Resources:
  Inner: {Type: "AWS::CloudFormation::Stack", Properties: {TemplateURL: ./inner.yaml, Parameters: {Name: orders}}}
  P: {Type: "AWS::S3::BucketPolicy", Properties: {Bucket: !GetAtt Inner.Outputs.B, PolicyDocument: {Statement: []}}}
"""
    )
    (tmp_path / "inner.yaml").write_text(
        """
Parameters: {Name: {Type: String}}
Resources: {B: {Type: "AWS::S3::Bucket", Properties: {BucketName: !Ref Name}}}
Outputs: {B: {Value: !Ref B}}
"""
    )
    graph = ingest([tmp_path])
    assert graph[Address("outer-Inner/B")].body["bucket"] == "orders"
    assert graph[Address("outer/P")].body["bucket"] == Ref(Address("outer-Inner/B"), "id")


def test_what_may_not_exist_is_there_and_says_nothing_for_sure(tmp_path: Path) -> None:
    """A policy whose condition hangs on a parameter is the role's, may say anything, and names the parameter's file."""
    template = """
Parameters: {Env: {Type: String}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  Role: {Type: "AWS::IAM::Role", Properties: {RoleName: app, AssumeRolePolicyDocument: {Statement: []}}}
  Reads:
    Type: AWS::IAM::Policy
    Condition: Prod
    Properties:
      PolicyName: p
      Roles: [!Ref Role]
      PolicyDocument: {Statement: {Effect: Allow, Action: "a:b", Resource: "*"}}
  Open: {Type: "AWS::EC2::SecurityGroup", Condition: Prod, Properties: {GroupDescription: x}}
"""
    (tmp_path / "s.yaml").write_text(template, encoding="utf-8")
    found = facts_of(ingest([tmp_path]))
    (statement,) = found.where(Statement, holder=at("Role"))
    assert statement.opaque is not None
    assert "s.parameters.json" in statement.opaque.why
    assert all(isinstance(permit.peer, Unknown) for permit in found.all(Permit))
    (tmp_path / "s.parameters.json").write_text('{"Parameters": {"Env": "test"}}')
    assert not facts_of(ingest([tmp_path])).where(Statement, holder=at("Role"))


def test_parameters_and_the_region_can_be_said(tmp_path: Path) -> None:
    """A file of parameters beside a template decides what the template leaves open."""
    (tmp_path / "s.yaml").write_text(
        """
Parameters: {Env: {Type: String}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  A: {Type: "AWS::S3::Bucket", Condition: Prod, Properties: {BucketName: !Sub "a-${AWS::Region}"}}
"""
    )
    for given in (
        [
            {"ParameterKey": "Env", "ParameterValue": "prod"},
            {"ParameterKey": "AWS::Region", "ParameterValue": "eu-west-1"},
        ],
        {"Parameters": {"Env": "prod", "AWS::Region": "eu-west-1"}},
    ):
        (tmp_path / "s.parameters.json").write_text(json.dumps(given))
        (bucket,) = ingest([tmp_path / "s.yaml"])
        assert (bucket.body["bucket"], bucket.region) == ("a-eu-west-1", "eu-west-1")


@pytest.mark.parametrize("type", ["AWS::X::Y", "AWS::RDS::DBInstance"])
def test_a_type_without_a_twin_keeps_its_name_and_no_secret(type: str) -> None:
    """What no twin is known of is there, for others to refer to, and says nothing, secrets least of all."""
    properties: Any = "{MasterUserPassword: hunter2}"
    (found,) = made(f"  A: {{Type: '{type}', Properties: {properties}}}")
    assert (found.type, dict(found.body)) == (type, {})


def test_a_parameter_s_value_may_be_a_secret() -> None:
    """What a template writes in clear under a name of a secret is not kept."""
    template = template_text(
        "Parameters: {P: {Type: String, NoEcho: true, Default: hunter2}}\n"
        "Resources: {A: {Type: 'AWS::SSM::Parameter', Properties: {Name: a, Type: String, Value: !Ref P}}}",
        Path("s.yaml"),
    )
    assert template is not None
    (found,) = [resource for stack in Estate([template]).stacks for resource in resources_of(stack)]
    assert found.body["value"] == Unknown("s.P", why=SECRET)


def test_a_stack_within_itself_is_refused(tmp_path: Path) -> None:
    """Templates that nest each other in a circle are an error, not an estate without stacks."""
    for one, other in (("a", "b"), ("b", "a")):
        nested = f"{{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: {other}.yaml}}}}"
        (tmp_path / f"{one}.yaml").write_text(f"Resources: {{N: {nested}}}")
    with pytest.raises(InputError, match="nested in itself"):
        ingest([tmp_path])
    outer = "{Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: a.yaml}}"
    (tmp_path / "outer.yaml").write_text(f"Resources: {{N: {outer}}}")
    with pytest.raises(InputError, match="nested in itself"):
        ingest([tmp_path])
