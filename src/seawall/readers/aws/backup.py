"""AWS Backup: plans and what they take in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seawall.facts.data import Backup
from seawall.facts.fact import Fact, Known
from seawall.facts.network import Member
from seawall.graph.resource import Resource
from seawall.kernel.value import Body, Text, Unknown, Value, text
from seawall.readers.arguments import Arguments
from seawall.readers.aws.arn import ACCOUNT
from seawall.readers.aws.quantities import DAY, times
from seawall.readers.registry import answers, link, reads

link("aws_backup_plan", "rule.*.target_vault_name", to="aws_backup_vault", by="name")


@answers("aws_backup_vault", "arn")
def vault_arn(body: Body, region: str | Unknown) -> Value:
    """A vault's ARN says in which region copies arrive."""
    name = body.get("name")
    return text("arn:aws:backup:", region, ":", ACCOUNT, ":backup-vault:", name) if isinstance(name, str) else None


@reads("aws_backup_plan")
def backup_plan(resource: Resource) -> Iterator[Fact]:
    """How long and where the plan's members are kept; how often is in its schedule's own language."""
    body, address = Arguments(resource), resource.address
    for rule in body.blocks("rule"):
        every = _every(rule)
        continuous = rule.flag("enable_continuous_backup")
        yield Backup(address, _kept(rule), every, continuous, resource.region)
        for copy in rule.blocks("copy_action"):
            vault = copy.text("destination_vault_arn")
            # The account may be a hole; the region stands before it.
            known = vault.parts[0] if isinstance(vault, Text) else vault
            region = known.split(":")[3] if isinstance(known, str) and known.count(":") > 3 else None
            where = copy.unknown("destination_vault_arn", vault) if region is None else region
            yield Backup(address, _kept(copy), every, False, where)


_CRON = re.compile(r"cron\(\S+ (\S+) (\S+) \S+ (\S+) \S+\)")
_RATE = re.compile(r"rate\((\d+) (hour|day)s?\)")


def _every(rule: Arguments) -> Known[int] | None:
    """Seconds between backups, for schedules that are plainly hourly, daily or weekly; None without a schedule."""
    schedule = rule.text("schedule")
    if schedule == "":
        return None
    if isinstance(schedule, str):
        rate = _RATE.fullmatch(schedule)
        if rate is not None:
            return int(rate[1]) * (DAY if rate[2] == "day" else 3600)
        cron = _CRON.fullmatch(schedule)
        if cron is not None and cron[2] in "*?":
            hour, weekday = cron[1], cron[3]
            if weekday in "*?" and (hour == "*" or hour.isdigit()):
                return 3600 if hour == "*" else DAY
            if hour.isdigit() and weekday.isalnum():
                return 7 * DAY
        return Unknown(f"{rule.address}.{rule.path('schedule')}", why=f"{schedule} follows no plain rhythm")
    return rule.unknown("schedule", schedule)


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
