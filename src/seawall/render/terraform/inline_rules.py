"""Lists of objects that Terraform's JSON syntax wants whole.

A few old arguments of the AWS provider are attributes that look like blocks. In its own language Terraform lets their
fields be left out; in JSON it asks for every one of them, so what a body does not say is written as null.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_RULE = (
    "cidr_blocks", "description", "from_port", "ipv6_cidr_blocks", "prefix_list_ids", "protocol", "security_groups",
    "self", "to_port",
)  # fmt: skip
_ENTRY = (
    "action", "cidr_block", "from_port", "icmp_code", "icmp_type", "ipv6_cidr_block", "protocol", "rule_no", "to_port",
)  # fmt: skip
_ROUTE = (
    "cidr_block", "core_network_arn", "destination_prefix_list_id", "egress_only_gateway_id", "gateway_id",
    "ipv6_cidr_block", "nat_gateway_id", "network_interface_id", "transit_gateway_id", "vpc_endpoint_id",
    "vpc_peering_connection_id",
)  # fmt: skip

# From the schema of the AWS provider 5.100.0: optional attributes that are sets of objects.
_FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "aws_default_route_table": {"route": (*_ROUTE, "instance_id")},
    "aws_default_security_group": {"egress": _RULE, "ingress": _RULE},
    "aws_network_acl": {"egress": _ENTRY, "ingress": _ENTRY},
    "aws_route_table": {"route": (*_ROUTE, "carrier_gateway_id", "local_gateway_id")},
    "aws_security_group": {"egress": _RULE, "ingress": _RULE},
}


def whole(type: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments of a resource with every field of such objects, the unsaid ones null."""
    for name, fields in _FIELDS.get(type, {}).items():
        if isinstance(arguments.get(name), list):
            arguments[name] = [dict.fromkeys(sorted({*fields, *item})) | item for item in arguments[name]]
    return arguments
