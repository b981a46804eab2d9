"""The AWS Load Balancer Controller: fills the load balancer from Ingresses.

Actions: docs/install/iam_policy.json of kubernetes-sigs/aws-load-balancer-controller at 225f44568848 (2026-08-17).
Where the published policy only asks that a thing belongs to some cluster, ours asks that it belongs to this one.
"""

from __future__ import annotations

from collections.abc import Iterator

from seawall.components.addons.addon import Addon
from seawall.components.offer import Right
from seawall.components.scope import Scope

_CLUSTER = "elbv2.k8s.aws/cluster"
_ELB = "arn:aws:elasticloadbalancing:*:*"
_DESCRIBED = (
    *("ec2:Describe" + thing for thing in (
        "AccountAttributes", "Addresses", "AvailabilityZones", "InternetGateways", "Vpcs", "VpcPeeringConnections",
        "Subnets", "SecurityGroups", "Instances", "NetworkInterfaces", "Tags", "CoipPools", "IpamPools", "RouteTables",
    )),
    "ec2:GetCoipPoolUsage",
    "ec2:GetSecurityGroupsForVpc",
    *("elasticloadbalancing:Describe" + thing for thing in (
        "LoadBalancers", "LoadBalancerAttributes", "Listeners", "ListenerCertificates", "SSLPolicies", "Rules",
        "TargetGroups", "TargetGroupAttributes", "TargetHealth", "Tags", "TrustStores", "ListenerAttributes",
        "CapacityReservation",
    )),
)  # fmt: skip
_JOINED = (
    "cognito-idp:DescribeUserPoolClient",
    "acm:ListCertificates",
    "acm:DescribeCertificate",
    "iam:ListServerCertificates",
    "iam:GetServerCertificate",
    *(f"{firewall}:{verb}" for firewall in ("waf-regional", "wafv2") for verb in (
        "GetWebACL", "GetWebACLForResource", "AssociateWebACL", "DisassociateWebACL",
    )),
    "shield:GetSubscriptionState",
    "shield:DescribeProtection",
    "shield:CreateProtection",
    "shield:DeleteProtection",
)  # fmt: skip
_CHANGED = (
    *("elasticloadbalancing:Modify" + thing for thing in (
        "LoadBalancerAttributes", "TargetGroup", "TargetGroupAttributes", "ListenerAttributes", "CapacityReservation",
        "IpPools",
    )),
    *("elasticloadbalancing:Set" + thing for thing in ("IpAddressType", "SecurityGroups", "Subnets")),
    "elasticloadbalancing:DeleteLoadBalancer",
    "elasticloadbalancing:DeleteTargetGroup",
)  # fmt: skip
_LISTENERS = ("CreateListener", "DeleteListener", "CreateRule", "DeleteRule")
_LISTENED = (
    "SetWebAcl", "ModifyListener", "AddListenerCertificates", "RemoveListenerCertificates", "ModifyRule",
    "SetRulePriorities",
)  # fmt: skip


def _rights(scope: Scope) -> Iterator[Right]:
    requested = ("StringEquals", f"aws:RequestTag/{_CLUSTER}", (scope.cluster_name,))
    owned = ("StringEquals", f"aws:ResourceTag/{_CLUSTER}", (scope.cluster_name,))
    keeps_owner = ("Null", f"aws:RequestTag/{_CLUSTER}", ("true",))
    elb = "elasticloadbalancing:"
    groups = ("arn:aws:ec2:*:*:security-group/*",)
    tagged = tuple(f"{_ELB}:{kind}" for kind in ("targetgroup/*/*", "loadbalancer/net/*/*", "loadbalancer/app/*/*"))
    inner = tuple(
        f"{_ELB}:{kind}/{family}/*/*/*" + ("/*" if kind == "listener-rule" else "")
        for kind in ("listener", "listener-rule")
        for family in ("net", "app")
    )
    yield Right(
        ("iam:CreateServiceLinkedRole",),
        ("*",),
        (("StringEquals", "iam:AWSServiceName", ("elasticloadbalancing.amazonaws.com",)),),
    )
    yield Right((*_DESCRIBED, *_JOINED), ("*",))
    # Groups that it does not own are those of nodes, which carry no tag of its own.
    yield Right(
        ("ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress", "ec2:CreateSecurityGroup"), ("*",)
    )
    created = ("StringEquals", "ec2:CreateAction", ("CreateSecurityGroup",))
    yield Right(("ec2:CreateTags",), groups, (created, requested))
    yield Right(("ec2:CreateTags", "ec2:DeleteTags"), groups, (keeps_owner, owned))
    yield Right(("ec2:DeleteSecurityGroup",), ("*",), (owned,))
    yield Right((f"{elb}CreateLoadBalancer", f"{elb}CreateTargetGroup"), ("*",), (requested,))
    yield Right((f"{elb}AddTags", f"{elb}RemoveTags"), tagged, (keeps_owner, owned))
    yield Right((f"{elb}AddTags", f"{elb}RemoveTags"), inner)
    made = ("StringEquals", f"{elb}CreateAction", ("CreateTargetGroup", "CreateLoadBalancer"))
    yield Right((f"{elb}AddTags",), tagged, (made, requested))
    yield Right(_CHANGED, ("*",), (owned,))
    # What lies within a load balancer may be without tags, so that no condition on them would hold.
    yield Right(tuple(elb + action for action in (*_LISTENERS, *_LISTENED)), ("*",))
    yield Right((f"{elb}RegisterTargets", f"{elb}DeregisterTargets"), (f"{_ELB}:targetgroup/*/*",))


ADDON = Addon(
    name="aws-load-balancer-controller",
    namespace="kube-system",
    account="aws-load-balancer-controller",
    purpose="fills the load balancer from Ingresses",
    rights=_rights,
)
