"""Keeps node groups from growing while the month's budget is spent, and gives them their room back afterwards.

Whoever calls it, a budget's message, the daily schedule or a person, it asks AWS Budgets what is spent and believes
nothing else.  While that is at or above the share, each group's most is what runs now, never less: what serves stays.
What it was before is remembered in a tag of the group, written before anything is changed, so that a run that is cut
short is taken up by the next, and any number of runs does the same as one.  In the new month, or when a person says so,
the group gets back what it had, unless somebody has set another number since.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import boto3

KEPT = "seawall/cost-guard"
"""The tag in which a group remembers its most: the one that it had, and the one that it was given."""
RELEASED = "seawall/cost-guard-released"
"""The tag that says for which month a person has let the group grow."""


@dataclass(frozen=True)
class Settings:
    """What the function is told by its environment; ``share`` of the budget, in percent, is when nothing grows more."""

    region: str
    cluster: str
    groups: tuple[str, ...]
    account: str
    budget: str
    share: Decimal
    topic: str

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """Read them; KeyError if one is missing."""
        return cls(
            environment["REGION"],
            environment["CLUSTER"],
            tuple(json.loads(environment["GROUPS"])),
            environment["ACCOUNT"],
            environment["BUDGET"],
            Decimal(environment["SHARE"]),
            environment["TOPIC"],
        )


@dataclass(frozen=True)
class Group:
    """A node group: its least and most, and how many nodes run or are wanted, whichever is more.

    ``kept`` is what it remembers: the most that it had and the most that it was given.
    """

    name: str
    arn: str
    least: int
    most: int
    runs: int
    kept: tuple[int, int] | None
    released: str


@cache
def client(service: str, region: str) -> Any:
    """A client of a service, made once for as long as the function stays warm."""
    return boto3.client(service, region_name=region)


def month() -> str:
    """The month that the budget counts, such as 2026-11."""
    return datetime.now(UTC).strftime("%Y-%m")


def lambda_handler(event: Mapping[str, Any], context: object) -> dict[str, list[str]]:
    """Hold or give back, whichever the budget says, and tell the topic what was changed.

    Two keys that no topic can send are for people: ``dry_run`` changes nothing, and ``restore`` gives back although
    the budget is spent, for what is left of the month.  Returns what was said.  Raises what AWS answered, and where
    nobody knows what is spent: then nothing is changed.
    """
    settings = Settings.of(os.environ)
    dry = bool(event.get("dry_run"))
    said: list[str] = []
    try:
        for line in _guard(settings, restore=bool(event.get("restore")), dry=dry):
            said.append(line)
            print(line, flush=True)
    finally:
        if said and not dry:
            client("sns", settings.topic.split(":")[3]).publish(
                TopicArn=settings.topic, Subject=f"Budget of {settings.cluster}"[:100], Message="\n".join(said)
            )
    return {"said": said}


def _guard(settings: Settings, *, restore: bool, dry: bool) -> Iterator[str]:
    spent, most = _spent(settings)
    over = spent * 100 >= most * settings.share
    for name in settings.groups:
        group = _group(settings, name)
        if restore or not over:
            if restore and over and not dry:
                _tag(settings, group, RELEASED, month())
            yield from _give_back(settings, group, dry=dry)
        elif group.released != month():
            yield from _hold(settings, group, f"{spent} of {most} USD are spent", dry=dry)


def _spent(settings: Settings) -> tuple[Decimal, Decimal]:
    named = {"AccountId": settings.account, "BudgetName": settings.budget}
    budget = client("budgets", "us-east-1").describe_budget(**named)["Budget"]
    # Raised where there is no figure: what nobody knows is neither much nor little.
    return Decimal(budget["CalculatedSpend"]["ActualSpend"]["Amount"]), Decimal(budget["BudgetLimit"]["Amount"])


def _group(settings: Settings, name: str) -> Group:
    eks = client("eks", settings.region)
    found = eks.describe_nodegroup(clusterName=settings.cluster, nodegroupName=name)["nodegroup"]
    sizes, tags = found["scalingConfig"], found.get("tags", {})
    runs = [int(sizes["desiredSize"])]
    behind = [one["name"] for one in found.get("resources", {}).get("autoScalingGroups", ())]
    if behind:
        scaling = client("autoscaling", settings.region)
        for each in scaling.describe_auto_scaling_groups(AutoScalingGroupNames=behind)["AutoScalingGroups"]:
            runs += [each["DesiredCapacity"], len(each["Instances"])]
    return Group(
        name,
        found["nodegroupArn"],
        int(sizes["minSize"]),
        int(sizes["maxSize"]),
        max(runs),
        _kept(tags.get(KEPT, "")),
        tags.get(RELEASED, ""),
    )


def _hold(settings: Settings, group: Group, why: str, *, dry: bool) -> Iterator[str]:
    if group.kept is not None and group.most == group.kept[1]:
        return  # held already
    # What it had; and what somebody has set since, a person or Terraform, counts as that.
    had = group.most
    given = max(group.runs, group.least, 1)
    if given >= had:
        return
    yield (
        f"{group.name} of {settings.cluster} {'would have' if dry else 'has'} {given} nodes at the most until the next "
        f"month, and had {had}: {why}. Nothing that runs is taken away. `seawall cost-guard INPUT --restore` undoes it."
    )
    if not dry:
        _tag(settings, group, KEPT, f"{had}/{given}")
        _most(settings, group, given)


def _give_back(settings: Settings, group: Group, *, dry: bool) -> Iterator[str]:
    if group.kept is None:
        return
    had, given = group.kept
    if group.most == given and had > given:
        yield f"{group.name} of {settings.cluster} {'may' if not dry else 'might'} have {had} nodes again."
        if not dry:
            _most(settings, group, had)
    elif group.most != had:
        yield f"{group.name} of {settings.cluster} was set to {group.most} nodes at the most meanwhile, which stays."
    if not dry:
        client("eks", settings.region).untag_resource(resourceArn=group.arn, tagKeys=[KEPT])


def _most(settings: Settings, group: Group, most: int) -> None:
    # The wanted number is not said: the autoscaler may have changed it since it was read.
    client("eks", settings.region).update_nodegroup_config(
        clusterName=settings.cluster, nodegroupName=group.name, scalingConfig={"minSize": group.least, "maxSize": most}
    )


def _tag(settings: Settings, group: Group, key: str, value: str) -> None:
    client("eks", settings.region).tag_resource(resourceArn=group.arn, tags={key: value})


def _kept(value: str) -> tuple[int, int] | None:
    had, _, given = value.partition("/")
    return (int(had), int(given)) if had.isdecimal() and given.isdecimal() else None
