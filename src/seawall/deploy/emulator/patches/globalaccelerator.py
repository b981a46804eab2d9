"""Global Accelerator: moto has no such service.

Seen from the provider: aws_globalaccelerator_accelerator, _listener and _endpoint_group cannot be made.
"""

from __future__ import annotations

import uuid
from typing import Any

from seawall.deploy.emulator.unknown_services import ACCOUNT, Call, Refusal, answer_for_tags, as_mapping, serve

# What an operation's name ends with -> the member that names it in a request.
KINDS = {
    "AcceleratorAttributes": "AcceleratorArn",
    "Accelerator": "AcceleratorArn",
    "Listener": "ListenerArn",
    "EndpointGroup": "EndpointGroupArn",
}

# Address blocks for documentation (RFC 5737): they lead nowhere.
ADDRESSES = ["198.51.100.1", "198.51.100.2"]


def apply() -> None:
    """Keep accelerators, listeners and endpoint groups by ARN."""
    things: dict[str, dict[str, Any]] = {}
    tags: dict[str, dict[str, str]] = {}

    def handle(call: Call) -> dict[str, Any]:
        about_tags = answer_for_tags(tags, call.operation, call.body)
        if about_tags is not None:
            return about_tags
        if call.operation == "ListAccelerators":
            return {"Accelerators": [_public(each) for each in things.values() if "AcceleratorArn" in each]}
        if call.operation.startswith("Create"):
            kind = call.operation.removeprefix("Create")
            created = MAKERS[kind](call.body)
            arn = created[KINDS[kind]]
            things[arn] = created
            tags[arn] = as_mapping(call.body.get("Tags"))
            return {kind: _public(created)}
        return _existing(things, call)

    serve("globalaccelerator", handle)


def _existing(things: dict[str, dict[str, Any]], call: Call) -> dict[str, Any]:
    kind = next((kind for kind in KINDS if call.operation.endswith(kind)), None)
    if kind is None:
        raise Refusal("InvalidArgumentException", f"{call.operation} is not emulated")
    arn = call.body[KINDS[kind]]
    if arn not in things:
        raise Refusal(f"{kind.removesuffix('Attributes')}NotFoundException", f"{arn} does not exist")
    thing = things[arn]
    if call.operation.startswith("Delete"):
        del things[arn]
        return {}
    if kind == "AcceleratorAttributes":
        if call.operation.startswith("Update"):
            thing["_attributes"] |= {name: call.body[name] for name in call.body if name.startswith("FlowLogs")}
        return {kind: thing["_attributes"]}
    if call.operation.startswith("Update"):
        thing |= {name: value for name, value in call.body.items() if name in thing}
    return {kind: _public(thing)}


def _accelerator(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "AcceleratorArn": f"arn:aws:globalaccelerator::{ACCOUNT}:accelerator/{uuid.uuid4()}",
        "Name": given["Name"],
        "IpAddressType": given.get("IpAddressType", "IPV4"),
        "Enabled": given.get("Enabled", True),
        "IpSets": [{"IpFamily": "IPv4", "IpAddressFamily": "IPv4", "IpAddresses": ADDRESSES}],
        "DnsName": f"a{uuid.uuid4().hex[:16]}.awsglobalaccelerator.com",
        "Status": "DEPLOYED",
        "_attributes": {"FlowLogsEnabled": False},
    }


def _listener(given: dict[str, Any]) -> dict[str, Any]:
    return {
        "ListenerArn": f"{given['AcceleratorArn']}/listener/{uuid.uuid4().hex[:8]}",
        "PortRanges": given["PortRanges"],
        "Protocol": given.get("Protocol", "TCP"),
        "ClientAffinity": given.get("ClientAffinity", "NONE"),
    }


def _endpoint_group(given: dict[str, Any]) -> dict[str, Any]:
    defaults = {"HealthState": "HEALTHY", "Weight": 128, "ClientIPPreservationEnabled": False}
    return {
        "EndpointGroupArn": f"{given['ListenerArn']}/endpoint-group/{uuid.uuid4().hex[:12]}",
        "EndpointGroupRegion": given.get("EndpointGroupRegion"),
        "EndpointDescriptions": [defaults | each for each in given.get("EndpointConfigurations", [])],
        "TrafficDialPercentage": given.get("TrafficDialPercentage", 100),
        "HealthCheckPort": given.get("HealthCheckPort", 443),
        "HealthCheckProtocol": given.get("HealthCheckProtocol", "TCP"),
        "HealthCheckPath": given.get("HealthCheckPath"),
        "HealthCheckIntervalSeconds": given.get("HealthCheckIntervalSeconds", 30),
        "ThresholdCount": given.get("ThresholdCount", 3),
        "PortOverrides": given.get("PortOverrides", []),
    }


MAKERS = {"Accelerator": _accelerator, "Listener": _listener, "EndpointGroup": _endpoint_group}


def _public(thing: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in thing.items() if not name.startswith("_") and value is not None}
