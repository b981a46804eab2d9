"""The AWS Load Balancer Controller: load balancers for Ingresses, Services and target groups.

Read in kubernetes-sigs/aws-load-balancer-controller at 225f44568848: docs/install/iam_policy.json for what is
published; pkg/ingress/model_build_load_balancer_addons.go for what annotations of web firewalls and Shield cause,
pkg/deploy/elbv2 for capacity and address pools, pkg/ingress/model_build_listener.go for when certificates are looked
for, and pkg/aws/services for what is called at all; beside it, of the same folder, iam_policy_acm_certs.json and
aga_controller_iam_policy.json. What only Elastic Load Balancing asks for on behalf of whoever calls it (addresses,
gateways, peerings, the groups of a network, a user pool's client) is published for that reason and kept.
"""

from __future__ import annotations

from typing import Final

from seawall.knowledge.controllers.controller import Controller, Need, Sent, Told, each

CLUSTER: Final = "elbv2.k8s.aws/cluster"
_ARN: Final = "arn:{partition}:elasticloadbalancing:{region}:{account}:"
_BALANCERS: Final = (f"{_ARN}loadbalancer/app/*/*", f"{_ARN}loadbalancer/net/*/*")
_LISTENERS: Final = (f"{_ARN}listener/app/*/*/*", f"{_ARN}listener/net/*/*/*")
_RULES: Final = (f"{_ARN}listener-rule/app/*/*/*/*", f"{_ARN}listener-rule/net/*/*/*/*")
_TARGETS: Final = (f"{_ARN}targetgroup/*/*",)
_GROUPS: Final = ("arn:{partition}:ec2:{region}:{account}:security-group/*",)
_ASKED: Final[Sent] = ((f"aws:requesttag/{CLUSTER}", ("{cluster}",)),)
_OWNED: Final[Sent] = ((f"aws:requesttag/{CLUSTER}", ()), (f"aws:resourcetag/{CLUSTER}", ("{cluster}",)))

_ACCELERATOR: Final = "arn:{partition}:globalaccelerator::{account}:accelerator/*"
_ACCELERATED: Final[Sent] = (*_OWNED, ("aws:resourcetag/aga.k8s.aws/resource", ("GlobalAccelerator",)))


def _elb(*names: str) -> tuple[str, ...]:
    return each("elasticloadbalancing", *names)


def _created(service: str, action: str) -> Sent:
    return (*_ASKED, (f"{service}:createaction", (action,)))


CONTROLLER = Controller(
    name="aws-load-balancer-controller",
    version="v3.5.0",
    source="https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/225f44568848/docs/install/iam_policy.json",
    read="2026-11-22",
    images=("aws-load-balancer-controller",),
    charts=("aws-load-balancer-controller",),
    account="aws-load-balancer-controller",
    told=(
        Told("cluster", ("clusterName",), ("--cluster-name",)),
        Told("region", ("region",), ("--aws-region",)),
        Told("makes-certificates", ("controllerConfig.featureGates.EnableCertificateManagement",)),
        Told("target-type", ("defaultTargetType",), ("--default-target-type",)),
        Told("private-authority", ("certManagement.defaultPCAARN",), ("--default-pca-arn",)),
    ),
    needs=(
        Need(
            ("iam:CreateServiceLinkedRole",),
            (
                "arn:{partition}:iam::{account}:role/aws-service-role/elasticloadbalancing.amazonaws.com/"
                "AWSServiceRoleForElasticLoadBalancing",
            ),
            (("iam:awsservicename", ("elasticloadbalancing.amazonaws.com",)),),
        ),
        Need(
            each(
                "ec2", "DescribeAccountAttributes", "DescribeAddresses", "DescribeAvailabilityZones",
                "DescribeInstances",
                "DescribeInternetGateways", "DescribeNetworkInterfaces", "DescribeRouteTables",
                "DescribeSecurityGroups",
                "DescribeSubnets", "DescribeVpcPeeringConnections", "DescribeVpcs", "GetSecurityGroupsForVpc",
            )
        ),
        Need(
            _elb(
                "DescribeListenerAttributes", "DescribeListenerCertificates", "DescribeListeners",
                "DescribeLoadBalancerAttributes", "DescribeLoadBalancers", "DescribeRules", "DescribeTags",
                "DescribeTargetGroupAttributes", "DescribeTargetGroups", "DescribeTargetHealth",
            )
        ),
        Need(_elb("CreateLoadBalancer"), _BALANCERS, _ASKED),
        Need(_elb("CreateTargetGroup"), _TARGETS, _ASKED),
        Need(_elb("AddTags"), _BALANCERS, _created("elasticloadbalancing", "CreateLoadBalancer")),
        Need(_elb("AddTags"), _TARGETS, _created("elasticloadbalancing", "CreateTargetGroup")),
        Need(_elb("AddTags", "RemoveTags"), (*_BALANCERS, *_TARGETS), _OWNED),
        Need(_elb("AddTags", "RemoveTags"), (*_LISTENERS, *_RULES)),
        Need(
            _elb(
                "DeleteLoadBalancer", "ModifyLoadBalancerAttributes", "SetIpAddressType", "SetSecurityGroups",
                "SetSubnets"
            ),
            _BALANCERS,
            _OWNED,
        ),
        Need(_elb("DeleteTargetGroup", "ModifyTargetGroup", "ModifyTargetGroupAttributes"), _TARGETS, _OWNED),
        Need(_elb("ModifyListenerAttributes"), _LISTENERS, _OWNED),
        Need(_elb("CreateListener"), _BALANCERS),
        Need(
            _elb(
                "AddListenerCertificates", "CreateRule", "DeleteListener", "ModifyListener",
                "RemoveListenerCertificates"
            ),
            _LISTENERS,
        ),
        Need(_elb("DeleteRule", "ModifyRule", "SetRulePriorities"), _RULES),
        Need(_elb("DeregisterTargets", "RegisterTargets"), _TARGETS),
        # Groups of its own, and rules in those of nodes and pods, unless annotations name groups and forbid rules.
        Need(
            each("ec2", "CreateSecurityGroup"),
            (*_GROUPS, "arn:{partition}:ec2:{region}:{account}:vpc/*"),
            _ASKED,
            when="security-groups",
        ),
        Need(each("ec2", "CreateTags"), _GROUPS, _created("ec2", "CreateSecurityGroup"), when="security-groups"),
        Need(each("ec2", "CreateTags", "DeleteTags"), _GROUPS, _OWNED, when="security-groups"),
        Need(each("ec2", "DeleteSecurityGroup"), _GROUPS, _OWNED, when="security-groups"),
        Need(
            each("ec2", "AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"), _GROUPS, when="security-groups"
        ),
        Need(
            each("wafv2", "AssociateWebACL", "DisassociateWebACL", "GetWebACLForResource"),
            (f"{_ARN}loadbalancer/app/*/*",),
            when="wafv2",
        ),
        Need(each("wafv2", "AssociateWebACL", "GetWebACL", "GetWebACLForResource"), ("{wafv2}",)),
        Need(_elb("SetWebAcl"), when="wafv2"),
        Need(
            each("waf-regional", "AssociateWebACL", "DisassociateWebACL", "GetWebACLForResource"),
            (f"{_ARN}loadbalancer/app/*/*",),
            when="waf-regional",
        ),
        Need(
            each("waf-regional", "AssociateWebACL", "GetWebACL"),
            ("arn:{partition}:waf-regional:{region}:{account}:webacl/{waf-regional}",),
        ),
        Need(_elb("SetWebAcl"), when="waf-regional"),
        Need(
            each("shield", "CreateProtection", "DeleteProtection", "DescribeProtection", "GetSubscriptionState"),
            when="shield",
        ),
        Need(each("acm", "DescribeCertificate", "ListCertificates"), when="looks-for-certificates"),
        Need(("iam:GetServerCertificate",), ("{server-certificate}",)),
        Need(("cognito-idp:DescribeUserPoolClient",), when="cognito"),
        Need(_elb("DescribeTrustStores"), when="mutual-tls"),
        Need(_elb("DescribeCapacityReservation"), when="capacity"),
        Need(_elb("ModifyCapacityReservation"), _BALANCERS, _OWNED, when="capacity"),
        Need(each("ec2", "DescribeIpamPools"), when="address-pool"),
        Need(_elb("ModifyIpPools"), (f"{_ARN}loadbalancer/app/*/*",), _OWNED, when="address-pool"),
        Need(each("ec2", "DescribeCoipPools", "GetCoipPoolUsage"), when="customer-owned-addresses"),
        # Certificates that it has made itself, by its gate EnableCertificateManagement.
        Need(
            each("acm", "AddTagsToCertificate", "DescribeCertificate", "ListCertificates", "ListTagsForCertificate"),
            when="makes-certificates",
        ),
        Need(("acm:RequestCertificate",), sends=_ASKED, when="makes-certificates"),
        Need(("acm:DeleteCertificate",), sends=_OWNED, when="makes-certificates"),
        Need(
            each("route53", "ChangeResourceRecordSets"),
            ("arn:{partition}:route53:::hostedzone/*",),
            when="makes-certificates",
            region="us-east-1",
        ),
        Need(
            each("route53", "ListHostedZones", "ListHostedZonesByName"), when="makes-certificates", region="us-east-1"
        ),
        Need(each("acm-pca", "GetCertificate", "IssueCertificate", "ListPermissions"), when="private-authority"),
        # Accelerators, whose API is in one region.
        Need(
            ("iam:CreateServiceLinkedRole",),
            (
                "arn:{partition}:iam::{account}:role/aws-service-role/globalaccelerator.amazonaws.com/"
                "AWSServiceRoleForGlobalAccelerator",
            ),
            (("iam:awsservicename", ("globalaccelerator.amazonaws.com",)),),
            when="accelerators",
        ),
        Need(
            each("globalaccelerator", "ListAccelerators", "ListEndpointGroups", "ListListeners", "ListTagsForResource"),
            when="accelerators",
            region="us-west-2",
        ),
        Need(("ec2:DescribeRegions",), when="accelerators"),
        Need(("tag:GetResources",), when="accelerators", region="us-west-2"),
        Need(
            ("globalaccelerator:CreateAccelerator",),
            sends=(*_ASKED, ("aws:requesttag/aga.k8s.aws/resource", ("GlobalAccelerator",))),
            when="accelerators",
            region="us-west-2",
        ),
        Need(
            ("globalaccelerator:TagResource",),
            (_ACCELERATOR,),
            (*_ASKED, ("aws:requesttag/aga.k8s.aws/resource", ("GlobalAccelerator",))),
            when="accelerators",
            region="us-west-2",
        ),
        Need(
            each("globalaccelerator", "TagResource", "UntagResource"),
            (_ACCELERATOR,),
            _ACCELERATED,
            when="accelerators",
            region="us-west-2",
        ),
        Need(
            each(
                "globalaccelerator", "CreateListener", "DeleteAccelerator", "DescribeAccelerator", "UpdateAccelerator"
            ),
            (_ACCELERATOR,),
            _ACCELERATED,
            when="accelerators",
            region="us-west-2",
        ),
        Need(
            each("globalaccelerator", "CreateEndpointGroup", "DeleteListener", "DescribeListener", "UpdateListener"),
            (f"{_ACCELERATOR}/listener/*",),
            _ACCELERATED,
            when="accelerators",
            region="us-west-2",
        ),
        Need(
            each(
                "globalaccelerator", "AddEndpoints", "DeleteEndpointGroup", "DescribeEndpointGroup", "RemoveEndpoints",
                "UpdateEndpointGroup",
            ),
            (f"{_ACCELERATOR}/listener/*/endpoint-group/*",),
            _ACCELERATED,
            when="accelerators",
            region="us-west-2",
        ),
    ),
    unused=(
        "ec2:DescribeTags",  # tags come with what is described
        "elasticloadbalancing:DescribeSSLPolicies",  # a policy's name is passed on as it stands
        "iam:ListServerCertificates",  # certificates are looked for in ACM alone
    ),
)  # fmt: skip
