"""The AWS Load Balancer Controller: fills the load balancer from Ingresses.

Actions: docs/install/iam_policy.json of kubernetes-sigs/aws-load-balancer-controller at 225f44568848 (2026-08-17).
Where the published policy only asks that a thing belongs to some cluster, ours asks that it belongs to this one.

Chart: stable/aws-load-balancer-controller of aws/eks-charts at 5239609242f3 (2026-08-03).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import HOOKED, Chart
from seawall.components.network import Network
from seawall.components.offer import Right
from seawall.components.scope import Scope

_ACCOUNT = "aws-load-balancer-controller"
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


def _values(scope: Scope) -> Mapping[str, Any]:
    return {
        "clusterName": scope.cluster_name,
        # Nodes answer pods no question about themselves, so it cannot find out where it is.
        "region": scope.region,
        "vpcId": scope.the(Network).vpc(scope),
        "replicaCount": 2,
        "serviceAccount": {"create": True, "name": _ACCOUNT},
        "defaultTargetType": "ip",
        # Services that ask for a load balancer are not ours; without the controller nobody could make any Service.
        "enableServiceMutatorWebhook": False,
        "podDisruptionBudget": {"maxUnavailable": 1},
        "podSecurityContext": {**values.CONFINED_POD, "fsGroup": 65534},
        "securityContext": dict(values.CONFINED),
        "resources": values.resources("50m", "128Mi", "256Mi"),
        "serviceMonitor": {"enabled": values.monitored(scope)},
        **values.placed(scope, {"app.kubernetes.io/name": _ACCOUNT}),
    }


ADDON = Addon(
    name="aws-load-balancer-controller",
    namespace="kube-system",
    account=_ACCOUNT,
    purpose="fills the load balancer from Ingresses",
    rights=_rights,
    chart=Chart(
        repository="https://aws.github.io/eks-charts",
        name="aws-load-balancer-controller",
        version="3.5.0",
        app_version="v3.5.0",
        source="aws/eks-charts@5239609242f3",
        values=_values,
        defines=("elbv2.k8s.aws",),
        # Each time it is rendered the chart makes the webhook another certificate.
        ignores=(*HOOKED, {"group": "", "kind": "Secret", "name": "aws-load-balancer-tls", "jsonPointers": ["/data"]}),
    ),
)
