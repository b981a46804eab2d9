"""The VPC CNI: addresses of the network for pods.

Read in aws/amazon-vpc-cni-k8s at b52188387f2e: docs/iam-policy.md, for either family of addresses, with the kinds of
resource that the narrowed policy of the same page names.
"""

from __future__ import annotations

from typing import Final

from seawall.knowledge.controllers.controller import Controller, Need, Told, each

_EC2: Final = "arn:{partition}:ec2:{region}:{account}:"
_INTERFACES: Final = (f"{_EC2}network-interface/*",)

CONTROLLER = Controller(
    name="vpc-cni",
    version="1.22",
    source="https://github.com/aws/amazon-vpc-cni-k8s/blob/b52188387f2e/docs/iam-policy.md",
    read="2026-11-22",
    images=("amazon-k8s-cni",),
    charts=("aws-vpc-cni",),
    addons=("vpc-cni",),
    account="aws-node",
    told=(
        Told("ipv4", ("env.ENABLE_IPv4",), variables=("ENABLE_IPv4",), default="true"),
        Told("ipv6", ("env.ENABLE_IPv6",), variables=("ENABLE_IPv6",)),
    ),
    needs=(
        Need(each("ec2", "DescribeInstanceTypes", "DescribeInstances", "DescribeNetworkInterfaces", "DescribeTags")),
        Need(each("ec2", "DescribeSecurityGroups", "DescribeSubnets"), when="ipv4"),
        Need(("ec2:CreateTags",), _INTERFACES),
        Need(
            ("ec2:CreateNetworkInterface",),
            (*_INTERFACES, f"{_EC2}subnet/*", f"{_EC2}security-group/*"),
            when="ipv4",
        ),
        Need(
            each("ec2", "AssignPrivateIpAddresses", "DeleteNetworkInterface", "UnassignPrivateIpAddresses"),
            _INTERFACES,
            when="ipv4",
        ),
        Need(
            each("ec2", "AttachNetworkInterface", "DetachNetworkInterface"),
            (*_INTERFACES, f"{_EC2}instance/*"),
            when="ipv4",
        ),
        Need(
            ("ec2:ModifyNetworkInterfaceAttribute",),
            (*_INTERFACES, f"{_EC2}instance/*", f"{_EC2}security-group/*"),
            when="ipv4",
        ),
        Need(("ec2:AssignIpv6Addresses",), _INTERFACES, when="ipv6"),
    ),
)
