"""X-Ray: moto keeps traces only.

Seen from the provider: aws_xray_group and aws_xray_sampling_rule end in a 404.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from typing import Any

from seawall.deploy.emulator.unknown_services import ACCOUNT, Call, Refusal, answer_for_tags, as_mapping, serve


def apply() -> None:
    """Keep groups and sampling rules by region; traces stay moto's."""
    groups: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    rules: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    tags: dict[str, dict[str, str]] = {}

    def handle(call: Call) -> dict[str, Any] | None:
        of_region = {"Group": groups[call.region], "SamplingRule": rules[call.region]}
        about_tags = answer_for_tags(tags, call.path.strip("/"), call.body)
        if about_tags is not None:
            return about_tags
        match call.path.strip("/"):
            case "CreateGroup":
                group = _group(call)
                of_region["Group"][group["GroupARN"]] = group
                tags[group["GroupARN"]] = as_mapping(call.body.get("Tags"))
                return {"Group": group}
            case "GetGroup":
                return {"Group": _group_named(of_region["Group"], call)}
            case "UpdateGroup":
                group = _group_named(of_region["Group"], call)
                group |= {name: call.body[name] for name in ("FilterExpression",) if name in call.body}
                group["InsightsConfiguration"] |= call.body.get("InsightsConfiguration") or {}
                return {"Group": group}
            case "DeleteGroup":
                del of_region["Group"][_group_named(of_region["Group"], call)["GroupARN"]]
                return {}
            case "CreateSamplingRule":
                rule = dict(call.body["SamplingRule"])
                rule["RuleARN"] = f"arn:aws:xray:{call.region}:{ACCOUNT}:sampling-rule/{rule['RuleName']}"
                of_region["SamplingRule"][rule["RuleName"]] = rule
                tags[rule["RuleARN"]] = as_mapping(call.body.get("Tags"))
                return {"SamplingRuleRecord": {"SamplingRule": rule}}
            case "GetSamplingRules":
                records = [{"SamplingRule": rule} for rule in of_region["SamplingRule"].values()]
                return {"SamplingRuleRecords": records}
            case "UpdateSamplingRule":
                wanted = call.body["SamplingRuleUpdate"]
                rule = _rule_named(of_region["SamplingRule"], wanted)
                rule |= wanted
                return {"SamplingRuleRecord": {"SamplingRule": rule}}
            case "DeleteSamplingRule":
                rule = _rule_named(of_region["SamplingRule"], call.body)
                del of_region["SamplingRule"][rule["RuleName"]]
                return {"SamplingRuleRecord": {"SamplingRule": rule}}
        return None

    serve("xray", handle)


def _group(call: Call) -> dict[str, Any]:
    name = call.body["GroupName"]
    off = {"InsightsEnabled": False, "NotificationsEnabled": False}
    return {
        "GroupName": name,
        "GroupARN": f"arn:aws:xray:{call.region}:{ACCOUNT}:group/{name}/{uuid.uuid4().hex[:8].upper()}",
        "FilterExpression": call.body.get("FilterExpression"),
        "InsightsConfiguration": off | (call.body.get("InsightsConfiguration") or {}),
    }


def _group_named(groups: dict[str, dict[str, Any]], call: Call) -> dict[str, Any]:
    for group in groups.values():
        if call.body.get("GroupARN") == group["GroupARN"] or call.body.get("GroupName") == group["GroupName"]:
            return group
    raise Refusal("InvalidRequestException", "Group not found")


def _rule_named(rules: dict[str, dict[str, Any]], given: dict[str, Any]) -> dict[str, Any]:
    for rule in rules.values():
        if given.get("RuleARN") == rule["RuleARN"] or given.get("RuleName") == rule["RuleName"]:
            return rule
    raise Refusal("InvalidRequestException", "Sampling rule does not exist.")
