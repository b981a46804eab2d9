"""The AWS Load Balancer Controller: fills the load balancer from Ingresses.

Actions: docs/install/iam_policy.json of kubernetes-sigs/aws-load-balancer-controller at 225f44568848 (2026-08-17).
Where the published policy only asks that a thing belongs to some cluster, ours asks that it belongs to this one, in the
cluster's region and account. What it is published for and no Ingress of ours asks for is left out: Shield, the older
web firewall, user pools, certificates that are looked for, reservations and pools of addresses.

Chart: stable/aws-load-balancer-controller of aws/eks-charts at 5239609242f3 (2026-08-03).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.components.addons import values
from seawall.components.addons.addon import Addon
from seawall.components.addons.chart import HOOKED, Chart
from seawall.components.edge import firewall
from seawall.components.network import Network
from seawall.components.offer import Right
from seawall.components.scope import Scope
from seawall.kernel.value import Textual, text

_ACCOUNT = "aws-load-balancer-controller"
_CLUSTER = "elbv2.k8s.aws/cluster"
# What Elastic Load Balancing looks at on behalf of whoever asks is among it.
_DESCRIBED = (
    *("ec2:Describe" + thing for thing in (
        "AccountAttributes", "Addresses", "AvailabilityZones", "InternetGateways", "Vpcs", "VpcPeeringConnections",
        "Subnets", "SecurityGroups", "Instances", "NetworkInterfaces", "RouteTables",
    )),
    "ec2:GetSecurityGroupsForVpc",
    *("elasticloadbalancing:Describe" + thing for thing in (
        "LoadBalancers", "LoadBalancerAttributes", "Listeners", "ListenerAttributes", "ListenerCertificates", "Rules",
        "TargetGroups", "TargetGroupAttributes", "TargetHealth", "Tags",
    )),
)  # fmt: skip
_BALANCED = (
    "DeleteLoadBalancer", "ModifyLoadBalancerAttributes", "SetIpAddressType", "SetSecurityGroups", "SetSubnets",
)  # fmt: skip
_LISTENED = (
    "AddListenerCertificates", "CreateRule", "DeleteListener", "ModifyListener", "RemoveListenerCertificates",
)  # fmt: skip


def _elb(*names: str) -> tuple[str, ...]:
    return tuple(f"elasticloadbalancing:{name}" for name in names)


def _rights(scope: Scope) -> Iterator[Right]:
    requested = ("StringEquals", f"aws:RequestTag/{_CLUSTER}", (scope.cluster_name,))
    owned = ("StringEquals", f"aws:ResourceTag/{_CLUSTER}", (scope.cluster_name,))
    keeps_owner = ("Null", f"aws:RequestTag/{_CLUSTER}", ("true",))
    account = scope.ref("data.aws_caller_identity", "current", "account_id")

    def those(*kinds: str) -> tuple[Textual, ...]:
        return tuple(text(f"arn:aws:elasticloadbalancing:{scope.region}:", account, f":{kind}") for kind in kinds)

    balancers, targets = those("loadbalancer/app/*/*", "loadbalancer/net/*/*"), those("targetgroup/*/*")
    listeners = those("listener/app/*/*/*", "listener/net/*/*/*")
    rules = those("listener-rule/app/*/*/*/*", "listener-rule/net/*/*/*/*")
    service = "elasticloadbalancing.amazonaws.com"
    yield Right(
        ("iam:CreateServiceLinkedRole",),
        (text("arn:aws:iam::", account, f":role/aws-service-role/{service}/AWSServiceRoleForElasticLoadBalancing"),),
        (("StringEquals", "iam:AWSServiceName", (service,)),),
    )
    yield Right(_DESCRIBED, ("*",))
    yield from _firewalled(scope, account, those("loadbalancer/app/*/*"))
    if not any(scope.component(name).exposes(scope.at(name)) for name in scope.platform.components):
        yield from _grouped(scope, account)
    yield Right(_elb("CreateLoadBalancer"), balancers, (requested,))
    yield Right(_elb("CreateTargetGroup"), targets, (requested,))
    made = ("StringEquals", "elasticloadbalancing:CreateAction", ("CreateTargetGroup", "CreateLoadBalancer"))
    yield Right(_elb("AddTags"), (*balancers, *targets), (made, requested))
    yield Right(_elb("AddTags", "RemoveTags"), (*balancers, *targets), (keeps_owner, owned))
    yield Right(_elb(*_BALANCED), balancers, (owned,))
    yield Right(_elb("DeleteTargetGroup", "ModifyTargetGroup", "ModifyTargetGroupAttributes"), targets, (owned,))
    yield Right(_elb("ModifyListenerAttributes"), listeners, (owned,))
    # What lies within a load balancer may be without tags, so that no condition on them would hold.
    yield Right(_elb("AddTags", "RemoveTags"), (*listeners, *rules))
    yield Right(_elb("CreateListener"), balancers)
    yield Right(_elb(*_LISTENED), listeners)
    yield Right(_elb("DeleteRule", "ModifyRule", "SetRulePriorities"), rules)
    yield Right(_elb("DeregisterTargets", "RegisterTargets"), targets)


def _firewalled(scope: Scope, account: Textual, balancers: tuple[Textual, ...]) -> Iterator[Right]:
    """What it takes to put a web firewall before a load balancer, where Ingresses name one."""
    for name in scope.platform.components:
        front = scope.component(name).front(scope.at(name))
        if front is not None and front.firewall is not None:
            break
    else:
        return
    # Named by its shape: the firewall itself is made after the cluster.
    called = firewall.metric(scope.at(front.component), "load_balancer")
    acl = text(f"arn:aws:wafv2:{scope.region}:", account, f":regional/webacl/{called}/*")
    yield Right(_elb("SetWebAcl"), ("*",))
    yield Right(("wafv2:DisassociateWebACL",), balancers)
    yield Right(("wafv2:AssociateWebACL", "wafv2:GetWebACLForResource"), (*balancers, acl))
    yield Right(("wafv2:GetWebACL",), (acl,))


def _grouped(scope: Scope, account: Textual) -> Iterator[Right]:
    """Security groups of its own, and rules in those of nodes: where no Ingress of the platform's names groups."""
    groups = (text(f"arn:aws:ec2:{scope.region}:", account, ":security-group/*"),)
    requested = ("StringEquals", f"aws:RequestTag/{_CLUSTER}", (scope.cluster_name,))
    owned = ("StringEquals", f"aws:ResourceTag/{_CLUSTER}", (scope.cluster_name,))
    yield Right(("ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupIngress"), groups)
    network = text(f"arn:aws:ec2:{scope.region}:", account, ":vpc/*")
    yield Right(("ec2:CreateSecurityGroup",), (*groups, network), (requested,))
    created = ("StringEquals", "ec2:CreateAction", ("CreateSecurityGroup",))
    yield Right(("ec2:CreateTags",), groups, (created, requested))
    keeps_owner = ("Null", f"aws:RequestTag/{_CLUSTER}", ("true",))
    yield Right(("ec2:CreateTags", "ec2:DeleteTags"), groups, (keeps_owner, owned))
    yield Right(("ec2:DeleteSecurityGroup",), groups, (owned,))


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
