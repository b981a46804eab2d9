"""What installed controllers are asked to be allowed: on which things, with which tags, in which configuration."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from seawall.analyze.permissions.controllers import calls, circumstances_of, running
from seawall.analyze.permissions.letting_in import let_in
from seawall.facts.compute import Addon, Cluster, NodeClass, NodePool
from seawall.facts.data import Store
from seawall.facts.delivery import Controller, Occasion
from seawall.facts.demands import Call
from seawall.facts.fact import Fact
from seawall.facts.facts import Facts
from seawall.facts.identity import Assumes, Condition, Identifier, Principal, Secret, SecretStore, SecretSync, Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Text, Unknown, text
from seawall.readers.aws.arn import ACCOUNT

REGION = "eu-west-1"
HERE = Cluster(Address(f"{REGION}/s:aws_eks_cluster.main"), "shop", "1.36", REGION, "", True, None)
ARN = f"arn:aws:ec2:{REGION}:{{?account}}:"


def _at(kind: str, name: str, namespace: str = "") -> Address:
    return Address.kubernetes("shop", kind, namespace, name)


def _installed(name: str, *told: tuple[str, str]) -> Controller:
    return Controller(_at("Application", name, "argocd"), name, _at("ServiceAccount", name, "kube-system"), told)


def _calls(*facts: Fact, cluster: Cluster | None = HERE) -> tuple[Call, ...]:
    return calls(Facts([*([cluster] if cluster is not None else []), *facts]))


def _of(found: Iterable[Call], action: str) -> set[str]:
    return {str(call.resource) for call in found if call.action == action}


def _sent(found: Iterable[Call], action: str, ending: str) -> list[dict[str, Any]]:
    return [dict(call.context) for call in found if call.action == action and str(call.resource).endswith(ending)]


# -- the load balancer controller -------------------------------------------------------------------------------------


def test_requests_carry_the_clusters_tag() -> None:
    """What makes a thing asks for the tag, what changes one finds it there and does not touch it."""
    found = _calls(_installed("aws-load-balancer-controller"))
    [making] = {tuple(call.context) for call in found if call.action == "elasticloadbalancing:CreateTargetGroup"}
    assert dict(making) == {"aws:requesttag/elbv2.k8s.aws/cluster": ("shop",)}
    changing = _sent(found, "elasticloadbalancing:DeleteTargetGroup", "targetgroup/*/*")
    assert changing == [
        {
            "aws:requesttag/elbv2.k8s.aws/cluster": (),
            "aws:resourcetag/elbv2.k8s.aws/cluster": ("shop",),
            "elasticloadbalancing:resourcetag/elbv2.k8s.aws/cluster": ("shop",),
        }
    ]


@pytest.mark.parametrize(
    ("what", "action"),
    [
        ("wafv2", "wafv2:DisassociateWebACL"),
        ("waf-regional", "waf-regional:DisassociateWebACL"),
        ("shield", "shield:CreateProtection"),
        ("cognito", "cognito-idp:DescribeUserPoolClient"),
        ("looks-for-certificates", "acm:ListCertificates"),
        ("capacity", "elasticloadbalancing:ModifyCapacityReservation"),
        ("address-pool", "elasticloadbalancing:ModifyIpPools"),
        ("mutual-tls", "elasticloadbalancing:DescribeTrustStores"),
        ("customer-owned-addresses", "ec2:GetCoipPoolUsage"),
        ("security-groups", "ec2:DeleteSecurityGroup"),
    ],
)
def test_what_one_configuration_needs_is_asked_for_there_alone(what: str, action: str) -> None:
    """A firewall, Shield, certificates that are looked for: only where an object of that cluster says so."""
    controller = _installed("aws-load-balancer-controller")
    quiet = Occasion(_at("Ingress", "web", "shop"), controller.name, "no-security-groups")
    asking = Occasion(_at("Ingress", "web", "shop"), controller.name, what)
    assert not _of(_calls(controller, quiet), action)
    assert _of(_calls(controller, quiet, asking), action)


def test_groups_are_changed_where_nothing_says_otherwise() -> None:
    """Of a cluster whose Ingresses are not in the input nobody can say that none needs a group."""
    assert _of(_calls(_installed("aws-load-balancer-controller")), "ec2:CreateSecurityGroup")


def test_objects_of_another_cluster_ask_nothing_of_this_one() -> None:
    """Two clusters of one estate have a controller each, and each its own Ingresses."""
    other = Cluster(Address("r/s:aws_eks_cluster.other"), "other", "1.36", "us-east-1", "", True, None)
    name = "aws-load-balancer-controller"
    there = Controller(Address("other/Application/argocd/x"), name, Address("other/ServiceAccount/kube-system/x"))
    asking = Occasion(Address("other/Ingress/shop/web"), name, "shield")
    found = _calls(other, _installed(name), there, asking)
    assert {call.source for call in found if call.action == "shield:CreateProtection"} == {there.account}


# -- Karpenter --------------------------------------------------------------------------------------------------------

CLASS = NodeClass(_at("EC2NodeClass", "general"), (), (), "")


def _pool(*capacity: str) -> NodePool:
    return NodePool(_at("NodePool", "general"), CLASS.of, (), capacity)


def _role(name: str) -> tuple[Address, tuple[Fact, ...]]:
    address = Address(f"{REGION}/s:aws_iam_role.{name}")
    arn = text("arn:aws:iam::", ACCOUNT, f":role/{name}")
    return address, (Principal(address, "role", name), Identifier(address, "arn", arn))


def test_the_role_behind_a_node_classs_profile_is_passed() -> None:
    """A profile that somebody else has made is looked at; no profile is made, and no other role is passed."""
    role, facts = _role("nodes")
    profile = Address(f"{REGION}/s:aws_iam_instance_profile.nodes")
    taken = (Assumes(CLASS.of, profile, "instance-profile"), Assumes(profile, role, "instance-profile"))
    shape = Identifier(profile, "arn", text("arn:aws:iam::", ACCOUNT, ":instance-profile/nodes"))
    found = _calls(_installed("karpenter"), CLASS, *facts, *taken, shape)
    assert _of(found, "iam:PassRole") == {"arn:aws:iam::{?account}:role/nodes"}
    assert _of(found, "iam:GetInstanceProfile") == {"arn:aws:iam::{?account}:instance-profile/nodes"}
    assert not _of(found, "iam:CreateInstanceProfile")


def test_a_role_in_a_node_class_has_profiles_made_for_it() -> None:
    """Their tags are those of the cluster and the region."""
    role, facts = _role("nodes")
    found = _calls(_installed("karpenter"), CLASS, *facts, Assumes(CLASS.of, role, "instance-profile"))
    [sent] = _sent(found, "iam:CreateInstanceProfile", "instance-profile/*")
    assert sent["aws:requesttag/kubernetes.io/cluster/shop"] == ("owned",)
    assert sent["aws:requesttag/topology.kubernetes.io/region"] == (REGION,)
    [class_] = sent["aws:requesttag/karpenter.k8s.aws/ec2nodeclass"]
    assert isinstance(class_, Unknown)


def test_a_role_that_is_only_a_name_is_passed_by_that_name() -> None:
    """What no body of the input makes is in the account all the same; the role behind a profile's name is unknown."""
    role = Occasion(CLASS.of, "karpenter", "role-named", "nodes")
    assert _of(_calls(_installed("karpenter"), role), "iam:PassRole") == {"arn:aws:iam::{?account}:role/nodes"}
    profile = Occasion(CLASS.of, "karpenter", "profile-named", "nodes")
    found = _calls(_installed("karpenter"), profile)
    assert _of(found, "iam:GetInstanceProfile") == {"arn:aws:iam::{?account}:instance-profile/nodes"}
    assert not _of(found, "iam:PassRole")


def test_launches_carry_the_pools_tags() -> None:
    """Instances are asked for with tags; the launch template that they are started from has them already."""
    found = _calls(_installed("karpenter"))
    [sent] = _sent(found, "ec2:RunInstances", "instance/*")
    assert sent["aws:requesttag/kubernetes.io/cluster/shop"] == ("owned",)
    assert sent["aws:requesttag/eks:eks-cluster-name"] == ("shop",)
    [template] = _sent(found, "ec2:RunInstances", "launch-template/*")
    assert template["aws:resourcetag/kubernetes.io/cluster/shop"] == ("owned",)
    assert template["ec2:resourcetag/kubernetes.io/cluster/shop"] == ("owned",)
    assert not any(key.startswith("aws:requesttag") for key in template)


def test_spot_is_asked_for_by_pools_that_may_buy_it() -> None:
    """Requests for spot, and the role that EC2 makes them by unless somebody has made it already."""
    spot, role = "spot-instances-request/*", "iam:CreateServiceLinkedRole"
    controller = _installed("karpenter")
    dear = _calls(controller, CLASS, _pool("on-demand"))
    cheap = _calls(controller, CLASS, _pool("on-demand", "spot"))
    made = Identifier(
        Address("r/s:aws_iam_service_linked_role.spot"), "arn", text("arn:", "x/AWSServiceRoleForEC2Spot")
    )
    assert (f"{ARN}{spot}" in _of(dear, "ec2:RunInstances"), bool(_of(dear, role))) == (False, False)
    assert (f"{ARN}{spot}" in _of(cheap, "ec2:RunInstances"), bool(_of(cheap, role))) == (True, True)
    assert not _of(_calls(controller, CLASS, _pool("spot"), made), role)


def test_the_queue_is_the_one_that_it_is_told_of() -> None:
    """Without one it reads none; prices are asked for in the one region that has them, unless there is no way out."""
    told = _calls(_installed("karpenter", ("queue", "going")))
    assert _of(told, "sqs:ReceiveMessage") == {f"arn:aws:sqs:{REGION}:{{?account}}:going"}
    assert not _of(_calls(_installed("karpenter")), "sqs:ReceiveMessage")
    assert {call.region for call in told if call.action == "pricing:GetProducts"} == {"us-east-1"}
    assert not _of(_calls(_installed("karpenter", ("isolated", "true"))), "pricing:GetProducts")


# -- others -----------------------------------------------------------------------------------------------------------


def test_groups_that_are_found_by_tags_are_changed_by_tags() -> None:
    """Where groups are named instead, each is a resource of its own and nothing is known of its tags."""
    action = "autoscaling:SetDesiredCapacity"
    [sent] = _sent(_calls(_installed("cluster-autoscaler", ("discovered", "shop"))), action, "/*")
    assert sent["aws:resourcetag/k8s.io/cluster-autoscaler/shop"] == ("owned",)
    named = _calls(_installed("cluster-autoscaler", ("named-group", "workers")))
    shape = f"arn:aws:autoscaling:{REGION}:{{?account}}:autoScalingGroup:*:autoScalingGroupName/workers"
    assert (_of(named, action), _sent(named, action, "workers")) == ({shape}, [{}])


def test_zones_are_those_of_its_domains() -> None:
    """Below a domain and above it; with none in the input every zone, and with another provider none."""
    zones = [
        fact
        for name in ("shop.example", "eu.shop.example", "example", "other.test")
        for address in [Address(f"r/s:aws_route53_zone.{name.replace('.', '_')}")]
        for fact in (Identifier(address, "name", name), Identifier(address, "arn", f"arn:zone/{name}"))
    ]
    action = "route53:ChangeResourceRecordSets"
    told = _installed("external-dns", ("domain", "shop.example"))
    near = {"arn:zone/shop.example", "arn:zone/eu.shop.example", "arn:zone/example"}
    assert _of(_calls(told, *zones), action) == near
    assert _of(_calls(told), action) == {"arn:aws:route53:::hostedzone/*"}
    assert not _of(_calls(_installed("external-dns", ("provider", "google")), *zones), action)
    [name] = _sent(_calls(told), action, "*")[0]["route53:changeresourcerecordsetsnormalizedrecordnames"]
    assert isinstance(name, Text)
    assert str(name).endswith(".shop.example")


def _sync(name: str, region: str, account: Address | None = None) -> tuple[Fact, ...]:
    store = _at("ClusterSecretStore", "aws")
    one = SecretSync(_at("ExternalSecret", "it", "shop"), _at("Secret", "it", "shop"), (name,), store, 3600)
    return one, SecretStore(store, "secretsmanager", region, account)


def test_secrets_are_those_that_are_synchronised() -> None:
    """By their ARN in the store's region; of a copy the key of that region; none where somebody else asks for them."""
    address = Address(f"{REGION}/s:aws_secretsmanager_secret.db")
    copy = Address("us-east-1/s:aws_kms_key.copy")
    kept = Secret(address, "db", REGION, ("us-east-1",), replica_keys=(("us-east-1", copy),))
    shape = Identifier(address, "arn", "arn:db")
    eso = _installed("external-secrets")
    action = "secretsmanager:GetSecretValue"
    assert _of(_calls(eso, kept, shape, *_sync("db", REGION)), action) == {"arn:db"}
    there = _calls(eso, kept, shape, *_sync("db", "us-east-1"))
    assert _of(there, action) == {"arn:aws:secretsmanager:us-east-1:{?account}:secret:db-??????"}
    assert _of(there, "kms:Decrypt") == {f"${{{copy}.arn}}"}
    own = _at("ServiceAccount", "own", "shop")
    theirs = [call for call in _calls(eso, kept, shape, *_sync("db", REGION, own)) if call.action == action]
    assert [(call.source, call.resource) for call in theirs] == [(own, "arn:db")]


def test_a_template_of_groups_means_those_that_are_there() -> None:
    """Each group that a name with a star fits is written to; where none fits, the name itself, made if it says so."""
    address = Address(f"{REGION}/s:aws_cloudwatch_log_group.shop")
    group = (
        Store(address, "logs", "cloudwatch", "", REGION),
        Identifier(address, "name", "/shop/pods/web"),
        Identifier(address, "arn", "arn:group"),
    )
    told = _installed("fluent-bit", ("group", f"{REGION}:/shop/pods/*"), ("makes-group", f"{REGION}:/shop/pods/*"))
    assert _of(_calls(told, *group), "logs:PutLogEvents") == {"arn:group:log-stream:*"}
    assert not _of(_calls(told, *group), "logs:CreateLogGroup")
    alone = f"arn:aws:logs:{REGION}:{{?account}}:log-group:/shop/pods/*:"
    assert _of(_calls(told), "logs:PutLogEvents") == {f"{alone}log-stream:*"}
    assert _of(_calls(told), "logs:CreateLogGroup") == {f"{alone}*"}


def test_a_driver_of_volumes_does_what_classes_let_it() -> None:
    """Neither snapshots nor larger volumes unless an object asks; a key of the account's own through EC2 alone."""
    driver = _installed("aws-ebs-csi-driver")

    def asked(what: str, about: str = "") -> tuple[Call, ...]:
        return _calls(driver, Occasion(_at("StorageClass", "x"), driver.name, what, about))

    assert not _of(_calls(driver), "ec2:ModifyVolume")
    assert _of(asked("grows"), "ec2:ModifyVolume") == {f"{ARN}volume/*"}
    assert not _of(_calls(driver), "ec2:CreateSnapshot")
    assert _of(asked("snapshots"), "ec2:CreateSnapshot") == {f"{ARN}volume/*", f"{ARN}snapshot/*"}
    [sent] = _sent(asked("key", "arn:k"), "kms:CreateGrant", "arn:k")
    assert sent == {"kms:viaservice": (f"ec2.{REGION}.amazonaws.com",), "kms:grantisforawsresource": ("true",)}


def test_file_systems_that_are_mounted_as_they_are_need_nothing() -> None:
    """Only a class that has access points made asks anything of AWS."""
    driver = _installed("aws-efs-csi-driver")
    assert _calls(driver) == ()
    made = Occasion(_at("StorageClass", "x"), driver.name, "file-system-id", "fs-1")
    shape = f"arn:aws:elasticfilesystem:{REGION}:{{?account}}:file-system/fs-1"
    assert _of(_calls(driver, made), "elasticfilesystem:CreateAccessPoint") == {shape}


@pytest.mark.parametrize(
    ("kind", "about", "action", "resource"),
    [
        (
            "aws-sqs-queue",
            "https://sqs.us-east-1.amazonaws.com/111122223333/orders",
            "sqs:GetQueueAttributes",
            "arn:aws:sqs:us-east-1:111122223333:orders",
        ),
        (
            "aws-kinesis-stream",
            "us-east-1:clicks",
            "kinesis:DescribeStreamSummary",
            "arn:aws:kinesis:us-east-1:{?account}:stream/clicks",
        ),
        ("aws-dynamodb", "us-east-1:carts", "dynamodb:Query", "arn:aws:dynamodb:us-east-1:{?account}:table/carts"),
        ("aws-cloudwatch", "us-east-1", "cloudwatch:GetMetricData", "*"),
    ],
)
def test_scalers_look_at_what_triggers_name(kind: str, about: str, action: str, resource: str) -> None:
    """A queue by its URL, a stream or table by its region and name, a metric in its region."""
    found = _calls(_installed("keda"), Occasion(_at("ScaledObject", "x", "shop"), "keda", kind, about))
    assert _of(found, action) == {resource}
    assert {call.region for call in found if call.action == action} == {"us-east-1"}


@pytest.mark.parametrize(
    ("who", "operators", "taken"),
    [
        ("operator", True, set()),
        ("keys", False, set()),
        ("workload", False, set()),
        ("arn:aws:iam::1:role/r", False, {"arn:aws:iam::1:role/r"}),
    ],
)
def test_an_authentication_says_who_asks(who: str, operators: bool, taken: set[str]) -> None:
    """The operator asks as itself, or takes on a role; what has keys or the workload's role is not asked of it."""
    trigger = Occasion(
        _at("ScaledObject", "x", "shop"), "keda", "aws-sqs-queue/shop/auth", "https://sqs.r.amazonaws.com/1/q"
    )
    identity = Occasion(_at("TriggerAuthentication", "auth", "shop"), "keda", "identity/shop/auth", who)
    found = _calls(_installed("keda"), trigger, identity)
    assert bool(_of(found, "sqs:GetQueueAttributes")) is operators
    assert _of(found, "sts:AssumeRole") == taken


def test_an_add_ons_account_is_the_clusters() -> None:
    """An add-on names its cluster; where its role is its own, the account is the one that it implies."""
    address = Address(f"{REGION}/s:aws_eks_addon.ebs")
    fact = Controller(address, "aws-ebs-csi-driver", address.implied("ebs-csi-controller-sa"))
    addon = Addon(address, HERE.of, "aws-ebs-csi-driver", "v1")
    [one] = running(Facts([HERE, fact, addon]))
    assert one.account == _at("ServiceAccount", "ebs-csi-controller-sa", "kube-system")
    own = Assumes(fact.account, Address(f"{REGION}/s:aws_iam_role.ebs"), "pod-identity")
    [one] = running(Facts([HERE, fact, addon, own]))
    assert one.account == fact.account


@pytest.mark.parametrize(("named", "lets_in"), [("ebs-csi-controller-sa", True), ("another", False)])
def test_an_add_ons_role_is_let_in_as_its_account(named: str, lets_in: bool) -> None:
    """The token is the add-on's own service account's, whose name no body of Terraform says."""
    address, role = Address(f"{REGION}/s:aws_eks_addon.ebs"), Address(f"{REGION}/s:aws_iam_role.ebs")
    issuer = "oidc.eks.eu-west-1.amazonaws.com/id/A"
    trust = Statement(
        role,
        "trust",
        True,
        ("sts:AssumeRoleWithWebIdentity",),
        (),
        (("Federated", f"arn:aws:iam::1:oidc-provider/{issuer}"),),
        (Condition("StringEquals", f"{issuer}:sub", (f"system:serviceaccount:kube-system:{named}",)),),
    )
    taken = Assumes(address.implied("service-account"), role, "irsa")
    here = replace(HERE, issuer=f"https://{issuer}")
    facts = Facts(
        [here, Addon(address, HERE.of, "aws-ebs-csi-driver", "v1"), Principal(role, "role", "ebs"), trust, taken]
    )
    assert (let_in(facts, taken, role).fault == "") is lets_in


def test_without_its_cluster_a_controllers_place_is_unknown() -> None:
    """Nothing is made up: neither a region nor the cluster's name, unless its configuration tells them."""
    told = _installed("karpenter", ("cluster", "shop"))
    facts = Facts([told])
    [one] = running(facts)
    assert isinstance(one.region, Unknown)
    assert one.cluster_name == "shop"
    assert circumstances_of(facts, one) == {"cluster": ("shop",)}
    assert all(isinstance(call.region, Unknown | str) for call in calls(facts))
