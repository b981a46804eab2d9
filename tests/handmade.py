"""A small platform written by hand: about thirty AWS resources over three stacks and two regions.

It holds one of each thing that is hard to render or to read back: references within and across stacks, text with
holes, policy documents, a data source, an aliased provider, `depends_on`, `lifecycle`, nested blocks, and user text
that looks like a Terraform expression.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text

REGION = "ap-northeast-2"
META = frozenset({"count", "depends_on", "for_each", "lifecycle", "provider"})


@dataclass(frozen=True, slots=True)
class Described:
    """What the Terraform renderer needs to know of a platform."""

    name: str = "shop"
    environment: str = "production"
    prefix: str | None = "example-shop"


def address(stack: str, path: str) -> Address:
    """A resource of one of the stacks."""
    return Address.terraform(REGION, stack, path)


def ref(stack: str, path: str, attr: str) -> Ref:
    """A reference to one of the stacks' resources."""
    return Ref(address(stack, path), attr)


def allow(actions: list[str], resources: Any, **more: Any) -> dict[str, Any]:
    """One statement of a policy document."""
    return {"Effect": "Allow", "Action": actions, "Resource": resources, **more}


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy document."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def graph() -> Graph:
    """The whole platform."""
    return Graph([*_network(), *_cluster(), *_data()])


def _make(stack: str, path: str, region: str = REGION, /, **body: Any) -> Resource:
    meta = body.pop("meta", {})
    return Resource(address(stack, path), path.rpartition(".")[0], body, region=region, meta=meta)


def _tags(name: str) -> dict[str, str]:
    return {"Name": name, "note": "100% of ${what} the user %{wrote}, $${even} this $", "a/b:c": '"q" \\ \n'}


def _network() -> list[Resource]:
    vpc = ref("network", "aws_vpc.main", "id")
    made = [
        _make(
            "network",
            "aws_vpc.main",
            cidr_block="10.0.0.0/16",
            enable_dns_hostnames=True,
            enable_dns_support=True,
            tags=_tags("shop"),
        ),
        _make("network", "aws_internet_gateway.main", vpc_id=vpc),
        _make(
            "network",
            "aws_eip.nat",
            domain="vpc",
            meta={"depends_on": (address("network", "aws_internet_gateway.main"),)},
        ),
        _make(
            "network",
            "aws_nat_gateway.a",
            allocation_id=ref("network", "aws_eip.nat", "id"),
            subnet_id=ref("network", "aws_subnet.public_a", "id"),
            meta={"depends_on": (address("network", "aws_internet_gateway.main"),)},
        ),
        _make("network", "aws_route_table.public", vpc_id=vpc),
        _make("network", "aws_route_table.private", vpc_id=vpc),
        _make(
            "network",
            "aws_route.public",
            route_table_id=ref("network", "aws_route_table.public", "id"),
            destination_cidr_block="0.0.0.0/0",
            gateway_id=ref("network", "aws_internet_gateway.main", "id"),
        ),
        _make(
            "network",
            "aws_route.private",
            route_table_id=ref("network", "aws_route_table.private", "id"),
            destination_cidr_block="0.0.0.0/0",
            nat_gateway_id=ref("network", "aws_nat_gateway.a", "id"),
        ),
        _make(
            "network",
            "aws_vpc_endpoint.s3",
            vpc_id=vpc,
            vpc_endpoint_type="Gateway",
            service_name=f"com.amazonaws.{REGION}.s3",
            route_table_ids=[ref("network", "aws_route_table.private", "id")],
        ),
    ]
    entry = {"rule_no": 100, "protocol": "tcp", "action": "allow", "cidr_block": "10.0.0.0/16", "from_port": 0}
    made += [
        _make("network", "aws_network_acl.db", vpc_id=vpc, ingress=[{**entry, "to_port": 3306}]),
        _make(
            "network",
            "aws_security_group.old",
            vpc_id=vpc,
            name="old",
            ingress=[{"from_port": 80, "to_port": 80, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}],
            egress=[
                {
                    "from_port": 0,
                    "to_port": 0,
                    "protocol": "-1",
                    "security_groups": [ref("network", "aws_security_group.other", "id")],
                }
            ],
        ),
        _make("network", "aws_security_group.other", vpc_id=vpc, name="other"),
        _make(
            "network",
            "aws_route_table.inline",
            vpc_id=vpc,
            route=[{"cidr_block": "0.0.0.0/0", "gateway_id": ref("network", "aws_internet_gateway.main", "id")}],
        ),
    ]
    for number, zone in enumerate("ac"):
        for tier, base in (("public", 0), ("private", 10)):
            subnet = f"aws_subnet.{tier}_{zone}"
            made.append(
                _make(
                    "network",
                    subnet,
                    vpc_id=vpc,
                    cidr_block=f"10.0.{base + number}.0/24",
                    availability_zone=f"{REGION}{zone}",
                    tags={"tier": tier},
                )
            )
            made.append(
                _make(
                    "network",
                    f"aws_route_table_association.{tier}_{zone}",
                    subnet_id=ref("network", subnet, "id"),
                    route_table_id=ref("network", f"aws_route_table.{tier}", "id"),
                )
            )
    return made


def _cluster() -> list[Resource]:
    issuer = ref("cluster", "aws_eks_cluster.main", "identity.0.oidc.0.issuer")
    account = ref("cluster", "data.aws_caller_identity.current", "account_id")
    subnets = [ref("network", f"aws_subnet.private_{zone}", "id") for zone in "ac"]
    return [
        _make("cluster", "data.aws_caller_identity.current"),
        _make("cluster", "aws_kms_key.secrets", description="Secrets of the cluster", enable_key_rotation=True,
              policy=document({"Effect": "Allow", "Principal": {"AWS": text("arn:aws:iam::", account, ":root")},
                               "Action": "kms:*", "Resource": "*"})),
        _make("cluster", "aws_iam_role.cluster", name="shop-cluster",
              assume_role_policy=document({"Effect": "Allow", "Principal": {"Service": "eks.amazonaws.com"},
                                           "Action": ["sts:AssumeRole", "sts:TagSession"]})),
        _make("cluster", "aws_iam_role_policy_attachment.cluster", role=ref("cluster", "aws_iam_role.cluster", "name"),
              policy_arn="arn:aws:iam::aws:policy/AmazonEKSClusterPolicy"),
        _make(
            "cluster", "aws_eks_cluster.main", name="shop", version="1.33",
            role_arn=ref("cluster", "aws_iam_role.cluster", "arn"),
            vpc_config=[{"subnet_ids": subnets, "endpoint_private_access": True, "endpoint_public_access": False}],
            encryption_config=[{"provider": [{"key_arn": ref("cluster", "aws_kms_key.secrets", "arn")}],
                                "resources": ["secrets"]}],
            enabled_cluster_log_types=["api", "audit"],
            meta={"depends_on": (address("cluster", "aws_iam_role_policy_attachment.cluster"),
                                 address("network", "aws_route.private")),
                  "lifecycle": {"prevent_destroy": False}},
        ),
        _make("cluster", "aws_iam_openid_connect_provider.main", url=issuer, client_id_list=["sts.amazonaws.com"]),
        _make("cluster", "aws_iam_role.node", name="shop-node",
              assume_role_policy=document({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},
                                           "Action": "sts:AssumeRole"})),
        _make(
            "cluster", "aws_eks_node_group.workload", cluster_name=ref("cluster", "aws_eks_cluster.main", "name"),
            node_group_name="workload", node_role_arn=ref("cluster", "aws_iam_role.node", "arn"),
            subnet_ids=subnets, instance_types=["t3.medium"],
            scaling_config=[{"desired_size": 2, "max_size": 4, "min_size": 2}],
            update_config=[{"max_unavailable": 1}],
            meta={"lifecycle": {"ignore_changes": ["scaling_config[0].desired_size"]}},
        ),
        _make(
            "cluster", "aws_iam_role.app", name="shop-app",
            assume_role_policy=document({
                "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {"Federated": ref("cluster", "aws_iam_openid_connect_provider.main", "arn")},
                "Condition": {"StringEquals": {
                    text(ref("cluster", "aws_iam_openid_connect_provider.main", "url"), ":sub"):
                        "system:serviceaccount:shop:app"}},
            }),
        ),
        _make("cluster", "aws_iam_role_policy.app", name="files", role=ref("cluster", "aws_iam_role.app", "id"),
              policy=document(
                  allow(["s3:GetObject"], text(ref("data", "aws_s3_bucket.files", "arn"), "/${aws:username}/*")),
                  allow(["kms:Decrypt"], [ref("data", "aws_kms_key.data", "arn")],
                        Condition={"StringEquals": {"aws:PrincipalTag/x": "${aws:username}$"}}))),
    ]  # fmt: skip


def _data() -> list[Resource]:
    vpc = ref("network", "aws_vpc.main", "id")
    zone = ref("data", "aws_route53_zone.main", "zone_id")
    return [
        _make("data", "aws_acm_certificate.edge", "us-east-1", domain_name="www.shop.example",
              validation_method="DNS", meta={"lifecycle": {"create_before_destroy": True}}),
        _make("data", "aws_route53_zone.main", name="shop.example"),
        _make("data", "aws_kms_key.data", description="Data", enable_key_rotation=True),
        _make("data", "aws_s3_bucket.files", bucket=text("shop-files-", vpc)),
        _make("data", "aws_s3_bucket_policy.files", bucket=ref("data", "aws_s3_bucket.files", "id"),
              policy=document({"Sid": "TlsOnly", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
                               "Resource": [ref("data", "aws_s3_bucket.files", "arn"),
                                            text(ref("data", "aws_s3_bucket.files", "arn"), "/*")],
                               "Condition": {"Bool": {"aws:SecureTransport": "false"}}})),
        _make("data", "aws_security_group.db", name="shop-db", description="Database", vpc_id=vpc),
        _make("data", "aws_vpc_security_group_ingress_rule.db",
              security_group_id=ref("data", "aws_security_group.db", "id"), from_port=3306, to_port=3306,
              ip_protocol="tcp", cidr_ipv4="10.0.0.0/16"),
        _make("data", "aws_db_subnet_group.main", name="shop",
              subnet_ids=[ref("network", f"aws_subnet.private_{zone}", "id") for zone in "ac"]),
        _make(
            "data", "aws_db_instance.main", identifier="shop", engine="mysql", engine_version="8.0",
            instance_class="db.t4g.small", allocated_storage=20, multi_az=True, backup_retention_period=7,
            db_subnet_group_name=ref("data", "aws_db_subnet_group.main", "name"),
            vpc_security_group_ids=[ref("data", "aws_security_group.db", "id")],
            kms_key_id=ref("data", "aws_kms_key.data", "arn"), storage_encrypted=True, username="shop",
            manage_master_user_password=True, deletion_protection=True, skip_final_snapshot=False,
            final_snapshot_identifier="shop-final",
        ),
        _make("data", "aws_route53_record.db", zone_id=zone, name="db.shop.example", type="CNAME", ttl=60,
              records=[ref("data", "aws_db_instance.main", "address")]),
        _make("data", "aws_route53_record.validation", zone_id=zone, ttl=60, allow_overwrite=True, **{
            attr: ref("data", "aws_acm_certificate.edge", f"domain_validation_options.0.resource_record_{attr}")
            for attr in ("name", "type")
        }, records=[text("_", vpc, ".", ref("data", "aws_route53_zone.main", "name_servers.0"), ".")]),
    ]  # fmt: skip
