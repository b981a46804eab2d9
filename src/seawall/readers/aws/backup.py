"""AWS Backup: plans and what they take in."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.data import Backup
from seawall.facts.fact import Fact, Known
from seawall.facts.network import Member
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.aws.quantities import DAY, times
from seawall.readers.registry import link, reads

link("aws_backup_plan", "rule.*.target_vault_name", to="aws_backup_vault", by="name")


@reads("aws_backup_plan")
def backup_plan(resource: Resource) -> Iterator[Fact]:
    """How long and where the plan's members are kept; how often is in its schedule's own language."""
    body, address = Arguments(resource), resource.address
    for rule in body.blocks("rule"):
        every: Known[int] | None = rule.unknown("schedule", rule.raw("schedule")) if rule.has("schedule") else None
        continuous = rule.flag("enable_continuous_backup")
        yield Backup(address, _kept(rule), every, continuous, resource.region)
        for copy in rule.blocks("copy_action"):
            vault = copy.text("destination_vault_arn")
            region = vault.split(":")[3] if isinstance(vault, str) and vault.count(":") > 3 else None
            where = copy.unknown("destination_vault_arn", vault) if region is None else region
            yield Backup(address, _kept(copy), every, False, where)


def _kept(rule: Arguments) -> Known[int]:
    """Seconds; a copy without an end is kept for a hundred years, AWS's own limit."""
    return times(rule.block("lifecycle").count("delete_after", 36500), DAY)


@reads("aws_backup_selection")
def backup_selection(resource: Resource) -> Iterator[Fact]:
    """What a plan backs up."""
    body = Arguments(resource)
    plan = body.required_link("plan_id")
    members = body.links("resources")
    for member in (members,) if isinstance(members, Unknown) else members:
        yield Member(plan, member)
    if body.has("selection_tag") or body.has("condition"):
        name = "selection_tag" if body.has("selection_tag") else "condition"
        yield Member(plan, Unknown(f"{resource.address}.{name}", why="it selects by tags"))
