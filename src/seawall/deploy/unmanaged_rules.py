"""Security-group rules that nobody described.

Terraform compares what it made and never looks for more, so a rule added by hand to a group of ours opens a path
that no plan shows. Groups that state their rules inline are Terraform's own to compare.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.deploy.target import Cloud

_RULES = ("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule")


def groups_of(shown: Mapping[str, Any]) -> tuple[dict[str, str], set[str]]:
    """Of a shown plan: the groups (id -> address within the stack) and the ids of the rules in its prior state."""
    groups: dict[str, str] = {}
    rules: set[str] = set()
    older: set[str] = set()
    root = shown.get("prior_state", {}).get("values", {}).get("root_module", {})
    for resource in _resources(root):
        values = resource.get("values", {})
        if resource["type"] == "aws_security_group":
            groups[str(values["id"])] = resource["address"]
        elif resource["type"] in _RULES:
            rules.add(str(values["id"]))
        elif resource["type"] == "aws_security_group_rule":
            # The older type has no rule id of EC2's, so its groups cannot be judged.
            older.add(str(values["security_group_id"]))
    return {id: address for id, address in groups.items() if id not in older}, rules


def unmanaged(cloud: Cloud, region: str, groups: Mapping[str, str], rules: set[str]) -> Iterator[tuple[str, str]]:
    """Group id and description of each rule of these groups that is none of ``rules``."""
    if not groups:
        return
    client = cloud.client("ec2", region)
    pages = client.get_paginator("describe_security_group_rules").paginate(
        Filters=[{"Name": "group-id", "Values": sorted(groups)}]
    )
    for page in pages:
        for rule in page["SecurityGroupRules"]:
            if rule["SecurityGroupRuleId"] not in rules and rule["GroupId"] in groups:
                yield rule["GroupId"], _describe(rule)


def _describe(rule: Mapping[str, Any]) -> str:
    direction = "to" if rule.get("IsEgress") else "from"
    group = (rule.get("ReferencedGroupInfo") or {}).get("GroupId")
    peer = rule.get("CidrIpv4") or rule.get("CidrIpv6") or rule.get("PrefixListId") or group or "?"
    protocol = rule.get("IpProtocol")
    ports = "" if protocol == "-1" else f" {rule.get('FromPort')}-{rule.get('ToPort')}"
    what = "everything" if protocol == "-1" else f"{protocol}{ports}"
    return f"{rule['SecurityGroupRuleId']}: {what} {direction} {peer}"


def _resources(module: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (one for one in module.get("resources", ()) if one.get("mode") == "managed")
    for below in module.get("child_modules", ()):
        yield from _resources(below)
