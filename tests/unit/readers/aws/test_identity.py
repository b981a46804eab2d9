"""What roles, policies and the cluster's identities say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.facts.compute import Addon, Cluster, NodeGroup
from seawall.facts.delivery import Controller
from seawall.facts.identity import (
    Assumes,
    Attaches,
    ClusterAccess,
    Condition,
    Governs,
    Identifier,
    Issuer,
    KeyGrant,
    Principal,
    Statement,
)
from seawall.facts.network import Interface, Member
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown, text
from seawall.readers.aws.arn import ACCOUNT, REGION
from seawall.readers.aws.policy import statements

Says = Callable[..., list[Any]]
HOLDER = Address("r/s:aws_iam_role.x")
ALLOW = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform("ap-northeast-2", "test", path)


def read(document: Any) -> list[Statement]:
    """The statements of an identity policy."""
    return list(statements(document, HOLDER, "identity", "x.policy"))


def test_a_document_reads_alike_as_text_and_as_an_object() -> None:
    """One string or a list of one, text or object, any order: the same statement."""
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "read",
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:ListBucket"],
            "Resource": "arn:aws:s3:::x/*",
            "Condition": {"Bool": {"aws:SecureTransport": True}},
        },
    }
    turned = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Resource": ["arn:aws:s3:::x/*"],
                "Action": ["s3:ListBucket", "s3:GetObject"],
                "Condition": {"Bool": {"aws:SecureTransport": ["true"]}},
                "Effect": "Allow",
                "Sid": "read",
            }
        ],
    }
    expected = Statement(
        HOLDER,
        "identity",
        True,
        ("s3:GetObject", "s3:ListBucket"),
        ("arn:aws:s3:::x/*",),
        conditions=(Condition("Bool", "aws:SecureTransport", ("true",)),),
        sid="read",
    )
    assert read(document) == read(json.dumps(document)) == read(json.dumps(turned)) == [expected]


@pytest.mark.parametrize(("version", "variables"), [("2012-10-17", True), ("2008-10-17", False), (None, False)])
def test_variables_came_with_a_version(version: str | None, variables: bool) -> None:
    """What ${aws:username} means is said by the document's version, which is the old one if it says none."""
    document = {"Version": version, "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    if version is None:
        del document["Version"]
    assert [statement.variables for statement in read(document)] == [variables]


def test_a_version_that_nobody_knows_leaves_the_document_open() -> None:
    """A document whose version is known only later may mean anything."""
    (statement,) = read({"Version": Unknown("var.version"), "Statement": ALLOW})
    assert statement.opaque is not None


def test_holes_keep_their_places() -> None:
    """References within the JSON text end up in resources, principals and the keys of conditions."""
    bucket, issuer = Ref(at("aws_s3_bucket.b"), "arn"), Ref(at("aws_eks_cluster.c"), "identity.0.oidc.0.issuer")
    document = text(
        '{"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": ["', bucket, '", "', bucket, '/*"],',
        '"Principal": {"Federated": "', Ref(at("aws_iam_openid_connect_provider.o"), "arn"), '"},',
        '"Condition": {"StringEquals": {"', issuer, ':sub": "system:serviceaccount:n:s"}}}]}',
    )  # fmt: skip
    (found,) = read(document)
    assert not found.allow
    assert found.resources == (bucket, text(bucket, "/*"))
    assert found.principals == (("Federated", Ref(at("aws_iam_openid_connect_provider.o"), "arn")),)
    subject = Condition("StringEquals", Text((issuer, ":sub")), ("system:serviceaccount:n:s",))
    assert found.conditions == (subject,)


def test_everybody_has_one_spelling() -> None:
    """A bare star and AWS: star are the same principal, and so are an account and its root."""
    bare, long = (
        read({"Statement": {"Effect": "Allow", "Principal": principal, "Action": "*", "Resource": "*"}})
        for principal in ("*", {"AWS": "*"})
    )
    assert bare == long
    (account,) = read({"Statement": {"Effect": "Allow", "Principal": {"AWS": "123456789012"}, "Action": "*"}})
    assert account.principals == (("AWS", "arn:aws:iam::123456789012:root"),)


@pytest.mark.parametrize(
    "document",
    [
        "no JSON",
        "[]",
        5,
        Ref(at("data.aws_iam_policy_document.x"), "json"),
        Unknown("x.y"),
        text('{"Statement": ', Ref(at("x.y"), "z"), "}"),
        {"Statement": Unknown("x.y")},
    ],
)
def test_what_cannot_be_read_may_say_anything(document: Any) -> None:
    """A document that cannot be read is an opaque statement, never an absent one."""
    (found,) = read(document)
    assert found.opaque is not None


@pytest.mark.parametrize(
    "condition",
    [
        [],
        "x",
        5,
        Unknown("x.y"),
        {"StringEquals": Unknown("x.y")},
        {"StringEquals": Ref(at("x.y"), "z")},
        {"Bool": {"aws:SecureTransport": "true"}, "StringEquals": []},
        {"StringEquals": None},
        {"StringEquals": {"aws:SourceVpce": {"x": "y"}}},
        {"StringEquals": {"aws:SourceVpce": [["x"]]}},
    ],
    ids=str,
)
@pytest.mark.parametrize("effect", ["Allow", "Deny"])
def test_a_condition_that_cannot_be_read_is_not_left_out(effect: str, condition: Any) -> None:
    """What stands as a condition and is none leaves the statement open, and never makes it one without conditions."""
    (found,) = read({"Statement": ALLOW | {"Effect": effect, "Condition": condition}})
    assert found.opaque is not None


def test_an_empty_condition_is_none() -> None:
    """A Condition without an operator asks for nothing."""
    (found,) = read({"Statement": ALLOW | {"Condition": {}}})
    assert found.opaque is None
    assert found.conditions == ()


@pytest.mark.parametrize("effect", ["allow", "ALLOW", "deny", "", None, True, [], ["Deny"], Unknown("x.y")], ids=str)
def test_an_effect_that_iam_does_not_know_is_not_allow(effect: Any) -> None:
    """A statement whose Effect is neither Allow nor Deny, or is not there, may say anything."""
    statements = [ALLOW | {"Effect": effect}, {"Action": "s3:*", "Resource": "*"}]
    assert [found.opaque is not None for found in read({"Statement": statements})] == [True, True]


@given(st.recursive(st.one_of(st.none(), st.booleans(), st.integers(), st.text()), st.lists, max_leaves=5))
def test_any_text_is_read(value: Any) -> None:
    """Whatever stands in a policy's text, it is read or opaque and never raises."""
    for document in (value, json.dumps(value), json.dumps({"Statement": value}), {"Statement": [{"Action": value}]}):
        read(document)


def test_a_role(says: Says) -> None:
    """A role says who it is, who may take it on, what it may do, and what its ARN looks like."""
    it = at("aws_iam_role.it")
    trust = {
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]
    }
    body = {
        "name": "was",
        "assume_role_policy": json.dumps(trust),
        "permissions_boundary": "${aws_iam_policy.cap.arn}",
        "managed_policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
        "inline_policy": [{"name": "x", "policy": json.dumps({"Statement": ALLOW})}],
    }
    assert says("aws_iam_role", body) == [
        Principal(it, "role", "was", at("aws_iam_policy.cap")),
        Identifier(it, "arn", text("arn:aws:iam::", ACCOUNT, ":role/was")),
        Statement(it, "trust", True, ("sts:AssumeRole",), (), (("Service", "ec2.amazonaws.com"),), variables=False),
        Statement(it, "identity", True, ("s3:*",), ("*",), variables=False),
        Attaches(it, "arn:aws:iam::aws:policy/ReadOnlyAccess"),
    ]


def test_china_has_its_own_partition(says: Says) -> None:
    """The ARN of a role in China is of China's partition."""
    (_, identifier) = says("aws_iam_role", {"name": "was"}, region="cn-north-1")
    assert str(identifier.value).startswith("arn:aws-cn:iam::")


@pytest.mark.parametrize(("region", "hole"), [("", REGION), (Unknown("provider.region"), Unknown("provider.region"))])
def test_a_region_that_nobody_says_is_a_hole_and_not_known_to_be_empty(says: Says, region: Any, hole: Unknown) -> None:
    """The ARN of what is of a region always names one; what is of none, as roles and buckets, goes without."""

    def arns(type: str, body: dict[str, Any]) -> list[Any]:
        said = says(type, body, region=region)
        return [one.value for one in said if isinstance(one, Identifier) and one.attr == "arn"]

    assert arns("aws_sqs_queue", {"name": "q"}) == [text("arn:aws:sqs:", hole, ":", ACCOUNT, ":q")]
    assert arns("aws_iam_role", {"name": "was"}) == [text("arn:aws:iam::", ACCOUNT, ":role/was")]
    assert arns("aws_s3_bucket", {"bucket": "b"}) == ["arn:aws:s3:::b"]


def test_policies_apart_belong_to_their_role(says: Says) -> None:
    """An inline policy's statements are the role's; an attachment is not."""
    role = at("aws_iam_role.was")
    body = {"role": "${aws_iam_role.was.name}", "policy": json.dumps({"Statement": ALLOW})}
    expected = Statement(role, "identity", True, ("s3:*",), ("*",), variables=False)
    assert says("aws_iam_role_policy", body) == [expected]
    body = {"role": "${aws_iam_role.was.id}", "policy_arn": "${aws_iam_policy.p.arn}"}
    assert says("aws_iam_role_policy_attachment", body) == [Attaches(role, at("aws_iam_policy.p"))]


def test_an_identity_provider_is_an_issuer(says: Says) -> None:
    """An identity provider says whose tokens are believed, and for which audiences."""
    it, cluster = at("aws_iam_openid_connect_provider.it"), at("aws_eks_cluster.main")
    body = {"url": "${aws_eks_cluster.main.identity.0.oidc.0.issuer}", "client_id_list": ["sts.amazonaws.com"]}
    issuer, _ = says("aws_iam_openid_connect_provider", body)
    assert issuer == Issuer(it, Ref(cluster, "identity.0.oidc.0.issuer"), ("sts.amazonaws.com",))


def test_a_cluster_with_the_provider_s_defaults(says: Says) -> None:
    """A cluster that says little has a public API for everybody, no private one, no logs and the old sign-in."""
    it = at("aws_eks_cluster.it")
    facts = says("aws_eks_cluster", {"name": "c", "version": "1.36", "vpc_config": [{"subnet_ids": ["subnet-1"]}]})
    issuer = Ref(it, "identity.0.oidc.0.issuer")
    assert facts[0] == Cluster(it, "c", "1.36", "ap-northeast-2", issuer, False, ("0.0.0.0/0",), (), None, "CONFIG_MAP")
    group = it.implied("cluster-group")
    assert Interface(it, (Address.outside("subnet-1"),), (group,)) in facts
    assert Setting(it, "creator-admin", True) in facts


def test_a_private_cluster_has_no_public_ranges(says: Says) -> None:
    """Ranges mean something only for a public API."""
    network = {"subnet_ids": ["subnet-1"], "endpoint_public_access": False, "endpoint_private_access": True}
    (cluster,) = [
        fact for fact in says("aws_eks_cluster", {"name": "c", "vpc_config": network}) if isinstance(fact, Cluster)
    ]
    assert (cluster.private_api, cluster.api_cidrs) == (True, None)


def test_nodes_without_a_template_carry_the_cluster_s_group(says: Says) -> None:
    """Without a template a node has EKS's own group and disk; with one both are the template's business."""
    cluster, it = at("aws_eks_cluster.main"), at("aws_eks_node_group.it")
    body = {
        "cluster_name": "${aws_eks_cluster.main.name}",
        "node_role_arn": "${aws_iam_role.nodes.arn}",
        "subnet_ids": ["subnet-1"],
        "scaling_config": [{"min_size": 2, "desired_size": 3, "max_size": 8}],
        "ami_type": "AL2023_x86_64_STANDARD",
        "taint": [{"key": "a", "value": "b", "effect": "NO_EXECUTE"}],
    }
    facts = says("aws_eks_node_group", body)
    assert facts[0] == NodeGroup(
        it, cluster, ("t3.medium",), 2, 3, 8, "on-demand", "AL2023_x86_64_STANDARD", (), (("a", "b", "NoExecute"),),
        None, at("aws_iam_role.nodes"),
    )  # fmt: skip
    assert Interface(it, (Address.outside("subnet-1"),), (cluster.implied("cluster-group"),), None) in facts
    assert Setting(it, "disk-size", 20) in facts
    template = {**body, "launch_template": [{"id": "${aws_launch_template.t.id}", "version": "1"}]}
    facts = says("aws_eks_node_group", template)
    assert facts[0].launch == at("aws_launch_template.t")
    assert Interface(it, (Address.outside("subnet-1"),), (), None) in facts


def test_a_launch_template_with_the_provider_s_defaults(says: Says) -> None:
    """A template that says nothing answers metadata requests without a token and encrypts nothing."""
    it = at("aws_launch_template.it")
    assert says("aws_launch_template", {"name": "x"}) == [
        Interface(it, (), (), None),
        Setting(it, "metadata-tokens-required", False),
        Setting(it, "metadata-hops", 1),
        Setting(it, "disk-encrypted", False),
    ]


@pytest.mark.parametrize(
    ("configuration", "enforced"),
    [
        (None, False),
        ({"enableNetworkPolicy": "true"}, True),
        ({"enableNetworkPolicy": "false"}, False),
        ({"env": {"ENABLE_PREFIX_DELEGATION": "true"}}, False),
    ],
)
def test_the_network_plug_in_enforces_only_if_told_to(says: Says, configuration: Any, enforced: bool) -> None:
    """NetworkPolicies do nothing on EKS until the plug-in's configuration says so."""
    cluster = at("aws_eks_cluster.main")
    body = {"cluster_name": "${aws_eks_cluster.main.name}", "addon_name": "vpc-cni", "addon_version": "v1"}
    if configuration is not None:
        body["configuration_values"] = json.dumps(configuration)
    prefixes = configuration is not None and "env" in configuration
    assert says("aws_eks_addon", body) == [
        Addon(at("aws_eks_addon.it"), cluster, "vpc-cni", "v1"),
        Setting(cluster, "network-policy-enforced", enforced),
        Setting(cluster, "prefix-delegation", prefixes),
        Setting(cluster, "pod-groups", False),
        Setting(cluster, "pods-external-snat", False),
        Setting(cluster, "pods-in-own-subnets", False),
        Setting(cluster, "policy-mode", "standard"),
        Setting(cluster, "pod-groups-mode", "strict"),
        Controller(at("aws_eks_addon.it"), "vpc-cni", at("aws_eks_addon.it//aws-node"), (("ipv4", "true"),)),
    ]


def test_an_unreadable_configuration_is_unknown(says: Says) -> None:
    """A configuration that is known later leaves open whether policies are enforced."""
    body = {"cluster_name": "c", "addon_name": "vpc-cni", "configuration_values": Unknown("local.x")}
    assert Setting(Address.outside("c"), "network-policy-enforced", Unknown("local.x")) in says("aws_eks_addon", body)


def test_pod_identity_is_of_a_service_account(says: Says) -> None:
    """The account's address begins with the cluster's name; a name that is not known leaves it unknown."""
    role = at("aws_iam_role.was")
    body = {"cluster_name": "c", "namespace": "n", "service_account": "s", "role_arn": "${aws_iam_role.was.arn}"}
    account = Address("c/ServiceAccount/n/s")
    assert says("aws_eks_pod_identity_association", body) == [Assumes(account, role, "pod-identity")]
    (fact,) = says("aws_eks_pod_identity_association", {**body, "cluster_name": Unknown("x.y")})
    assert fact.account == Unknown("x.y")


def test_access_to_a_cluster(says: Says) -> None:
    """An entry lets a principal in, with groups if it has some; a policy is for namespaces or for all."""
    cluster, role = at("aws_eks_cluster.main"), at("aws_iam_role.r")
    both = {"cluster_name": "${aws_eks_cluster.main.name}", "principal_arn": "${aws_iam_role.r.arn}"}
    assert says("aws_eks_access_entry", both) == [ClusterAccess(cluster, role, "")]
    groups = says("aws_eks_access_entry", {**both, "kubernetes_groups": ["b", "a"]})
    assert groups == [ClusterAccess(cluster, role, "group/a"), ClusterAccess(cluster, role, "group/b")]
    view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy"
    for scope, namespaces in (({"type": "cluster"}, ()), ({"type": "namespace", "namespaces": ["n"]}, ("n",))):
        body = {**both, "policy_arn": view, "access_scope": [scope]}
        assert says("aws_eks_access_policy_association", body) == [ClusterAccess(cluster, role, view, namespaces)]


# -- grants of keys, and what an organisation says --------------------------------------------------------------------


def test_a_grant_says_who_may_use_a_key_for_what(says: Says, bodies: dict[str, Any]) -> None:
    """Key, grantee, operations and the pairs that the encryption context must hold, or must be."""
    body = bodies["aws_kms_grant"]["volumes"]
    key, role = at("aws_kms_key.main"), at("aws_iam_role.was")
    operations = ("Decrypt", "GenerateDataKeyWithoutPlaintext")
    assert says("aws_kms_grant", body) == [KeyGrant(key, role, operations, (("aws:ebs:id", "vol-1"),))]
    whole = {**body, "constraints": [{"encryption_context_equals": {"b": "2", "a": "1"}}]}
    assert says("aws_kms_grant", whole) == [KeyGrant(key, role, operations, (("a", "1"), ("b", "2")), whole=True)]
    named = {"key_id": "1234", "grantee_principal": "arn:aws:iam::111122223333:role/r", "operations": ["Decrypt"]}
    outside = Address.outside("1234")
    assert says("aws_kms_grant", named) == [KeyGrant(outside, "arn:aws:iam::111122223333:role/r", ("Decrypt",))]


def test_a_grant_that_is_not_known_is_no_empty_one(says: Says) -> None:
    """Operations, grantee and constraints that are known only later are Unknown, so that nothing is denied by them."""
    later = Unknown("somewhere.x")
    [grant] = says(
        "aws_kms_grant", {"key_id": "1", "operations": later, "constraints": [{"encryption_context_equals": later}]}
    )
    assert grant.operations == later
    assert isinstance(grant.grantee, Unknown)
    assert grant.context == (("", later),)
    assert grant.whole


def test_an_organisation_says_who_is_below_whom_and_what_holds_for_them(says: Says, bodies: dict[str, Any]) -> None:
    """A policy of the two kinds that have a say, what it is attached to, and the way up to the root."""
    root = at("aws_organizations_organization.main").implied("root")
    unit = at("aws_organizations_organizational_unit.workloads")
    policy = bodies["aws_organizations_policy"]["regions"]
    [statement] = says("aws_organizations_policy", policy)
    assert (statement.kind, statement.allow, statement.holder) == ("scp", False, at("aws_organizations_policy.it"))
    [statement] = says("aws_organizations_policy", {**policy, "type": "RESOURCE_CONTROL_POLICY"})
    assert statement.kind == "rcp"
    assert says("aws_organizations_policy", {**policy, "type": "TAG_POLICY"}) == []
    either = says("aws_organizations_policy", {**policy, "type": Unknown("somewhere.x")})
    assert [(one.kind, one.opaque) for one in either] == [
        ("scp", Unknown("somewhere.x")),
        ("rcp", Unknown("somewhere.x")),
    ]
    attachment = bodies["aws_organizations_policy_attachment"]["regions"]
    assert says("aws_organizations_policy_attachment", attachment) == [
        Governs(unit, at("aws_organizations_policy.regions"))
    ]
    below = bodies["aws_organizations_organizational_unit"]["workloads"]
    assert says("aws_organizations_organizational_unit", below) == [
        Member(root, at("aws_organizations_organizational_unit.it"))
    ]
    body = {**bodies["aws_organizations_account"]["production"], "id": "111122223333"}
    made = at("aws_organizations_account.it")
    assert says("aws_organizations_account", body) == [Member(unit, made), Identifier(made, "account", "111122223333")]
    first = at("aws_organizations_organization.it")
    assert says("aws_organizations_organization", {"master_account_id": "999988887777"}) == [
        Member(first, first.implied("root")),
        Identifier(first, "management-account", "999988887777"),
    ]
