"""A node's credentials within reach of its pods."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.compute import NodeGroup
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="IAM-008",
    severity=Severity.HIGH,
    summary="Pods can take their node's credentials",
    why="a pod that reaches the metadata service acts with the node's role: it may pull any image, change network "
    "interfaces and read the cluster's configuration",
    fix="set http_tokens required and http_put_response_hop_limit 1 in the launch template's metadata_options",
    layers=("terraform", "kubernetes"),
    source="https://github.com/aws/aws-eks-best-practices/blob/master/latest/bpg/security/iam.adoc",
    read=date(2026, 5, 1),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Launch templates of node groups: whether a session token is asked for, and how far the answer travels."""
    seen: set[Address] = set()
    for group in facts.all(NodeGroup):
        if not isinstance(group.launch, Address) or group.launch in seen:
            continue
        seen.add(group.launch)
        said = {setting.key: setting.value for setting in facts.where(Setting, of=group.launch)}
        tokens, hops = said.get("metadata-tokens-required"), said.get("metadata-hops")
        missing = [value for value in (tokens, hops) if isinstance(value, Unknown)]
        if tokens is False:
            what = f"{group.launch} answers metadata requests without a session token, from anywhere on the node"
            yield RULE.refuted(what, group.launch, group.of)
        elif isinstance(hops, int) and hops > 1:
            what = f"{group.launch} lets metadata answers travel {hops} hops, which is as far as a pod"
            yield RULE.refuted(what, group.launch, group.of)
        elif missing:
            yield RULE.unknown(f"whether pods reach the metadata of {group.launch} is not known", missing, group.launch)
