"""Backups: recovery points of every store, kept apart from it, and copied to another region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal, cast

from pydantic import Field, model_validator

from seawall.components.alerts import Alerts
from seawall.components.component import Expandable
from seawall.components.keys import key
from seawall.components.policy import document, trust
from seawall.components.scope import Scope
from seawall.facts.fact import Demand
from seawall.graph.resource import Resource
from seawall.kernel import units
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.model.fields import Duration, Region

LONGEST_START, LONGEST_RUN = 60, 360
"""Minutes within which a job has to begin and to end, or it has failed and somebody is told."""
_SERVICE = "backup.amazonaws.com"


class Backups(Expandable):
    """Vaults with keys of their own, a plan for every store that AWS Backup knows, and copies elsewhere."""

    section: ClassVar[bool] = True
    stack: ClassVar[str] = "recovery"

    kind: Literal["backups"]
    daily: Duration | None = units.Duration(30 * 86400)
    """How long a day's recovery point is kept; null makes none."""
    weekly: Duration | None = units.Duration(90 * 86400)
    """How long that of a Sunday is kept; null makes none."""
    monthly: Duration | None = None
    """How long that of a month's first day is kept; null makes none."""
    at: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "03:00"
    """When they are made, UTC."""
    copies: Duration | None = units.Duration(7 * 86400)
    """How long the copies in another region are kept; null makes none."""
    copy_to: Region | None = None
    """Where copies go; where silent, to every site of the platform."""
    protected: bool = True
    """Whether the vaults are locked: nobody deletes a recovery point before its time, or keeps one for no time."""

    @model_validator(mode="after")
    def _sound(self) -> Backups:
        kept = (self.daily, self.weekly, self.monthly)
        if not any(kept):
            raise ValueError("no recovery point is made; give at least one of daily, weekly, monthly")
        for one in (*kept, self.copies):
            if one is not None and one.days < 1:
                raise ValueError(f"a recovery point is kept for a day at least, not {one}")
        return self

    def expand(self, scope: Scope) -> Iterator[Resource | Demand]:
        """At home: the vault, those of copies, plan, selection, role, and who hears of what fails.

        A site has none: its stores follow home's, or are copies already.
        """
        if not scope.is_home:
            return
        stores = [
            store
            for name, component in scope.platform.components.items()
            for store in cast(Expandable, component).backed_up(scope.at(name))
        ]
        if not stores:
            raise InputError(
                "there is nothing that AWS Backup could make recovery points of",
                fix="drop `backups`, or add a database or a file system",
                origin=scope.origin,
            )
        yield scope.lookup("aws_caller_identity", scope.identifier, {})
        yield from self._vault(scope, "main", scope.region)
        copies = self._elsewhere(scope)
        for region in copies:
            yield from self._vault(scope, _copies(region), region)
        yield self._plan(scope, copies)
        yield from self._selection(scope, stores)
        if scope.has(Alerts):
            yield from self._told(scope, scope.the(Alerts).email)

    def _elsewhere(self, scope: Scope) -> tuple[str, ...]:
        if self.copies is None:
            return ()
        if self.copy_to is None:
            return tuple(site.region for site in scope.platform.sites.values())
        if self.copy_to == scope.region:
            raise InputError(
                f"recovery points are copied to {self.copy_to}, where they are made",
                fix="name another region",
                origin=scope.origin,
            )
        return (self.copy_to,)

    # -- vaults ----------------------------------------------------------------------------------------------------

    def _vault(self, scope: Scope, name: str, region: str) -> Iterator[Resource]:
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        called = scope.title if name == "main" else f"{scope.title}-copies"
        ours = {"StringEquals": {"aws:SourceAccount": account}}
        telling = {
            "Sid": "BackupTells",
            "Effect": "Allow",
            "Principal": {"Service": _SERVICE},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
            "Condition": ours,
        }
        # A key is good in its own region only, and recovery points outlive the stores' own keys.
        yield from key(
            scope,
            f"backups_{name}",
            account=account,
            called=f"{called}-backups",
            purpose=f"Recovery points of {scope.title}",
            region=region,
            statements=(telling,) if name == "main" else (),
        )
        vault = {
            "name": called,
            "kms_key_arn": scope.ref("aws_kms_key", f"backups_{name}", "arn"),
            "force_destroy": not self.protected,
        }
        yield scope.aws("aws_backup_vault", name, vault, region=region, called=called)
        if self.protected:
            lock = {
                "backup_vault_name": scope.ref("aws_backup_vault", name, "name"),
                # Without days of grace it is a lock that administrators of the account can take off again.
                "min_retention_days": min(round(kept.days) for kept in self._kept(name)),
            }
            yield scope.aws("aws_backup_vault_lock_configuration", name, lock, region=region)

    def _kept(self, vault: str) -> list[units.Duration]:
        if vault == "main":
            return [kept for kept in (self.daily, self.weekly, self.monthly) if kept is not None]
        return [self.copies] if self.copies is not None else []

    # -- what is done ----------------------------------------------------------------------------------------------

    def _plan(self, scope: Scope, copies: tuple[str, ...]) -> Resource:
        hour, minute = (int(part) for part in self.at.split(":"))
        rhythms = (
            ("daily", self.daily, f"cron({minute} {hour} * * ? *)"),
            ("weekly", self.weekly, f"cron({minute} {hour} ? * SUN *)"),
            ("monthly", self.monthly, f"cron({minute} {hour} 1 * ? *)"),
        )
        rules: list[dict[str, Any]] = []
        for name, kept, schedule in rhythms:
            if kept is None:
                continue
            rule: dict[str, Any] = {
                "rule_name": name,
                "target_vault_name": scope.ref("aws_backup_vault", "main", "name"),
                "schedule": schedule,
                "start_window": LONGEST_START,
                "completion_window": LONGEST_RUN,
                "lifecycle": [{"delete_after": round(kept.days)}],
                "recovery_point_tags": scope.tags(f"{scope.title}-{name}"),
            }
            # Only what is made most often is copied: the others would be the same days over again.
            if copies and not rules:
                assert self.copies is not None
                rule["copy_action"] = [
                    {
                        "destination_vault_arn": scope.ref("aws_backup_vault", _copies(region), "arn"),
                        "lifecycle": [{"delete_after": round(self.copies.days)}],
                    }
                    for region in copies
                ]
            rules.append(rule)
        return scope.aws("aws_backup_plan", "main", {"name": scope.title, "rule": rules}, called=scope.title)

    def _selection(self, scope: Scope, stores: list[Ref]) -> Iterator[Resource]:
        called = f"{scope.title}-backups"
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        trusted = trust(_SERVICE, {"StringEquals": {"aws:SourceAccount": account}})
        yield scope.aws("aws_iam_role", "backups", {"name": called, "assume_role_policy": trusted}, called=called)
        attached = {
            "role": scope.ref("aws_iam_role", "backups", "name"),
            # Making recovery points and copying them; restoring is another role's, given when it is done.
            "policy_arn": "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup",
        }
        yield scope.aws("aws_iam_role_policy_attachment", "backups", attached)
        selection = {
            "name": scope.title,
            "plan_id": scope.ref("aws_backup_plan", "main", "id"),
            "iam_role_arn": scope.ref("aws_iam_role", "backups", "arn"),
            "resources": stores,
        }
        before = [scope.address("aws_iam_role_policy_attachment", "backups")]
        yield scope.aws("aws_backup_selection", "main", selection, depends_on=before)

    def _told(self, scope: Scope, email: tuple[str, ...]) -> Iterator[Resource]:
        account = scope.ref("data.aws_caller_identity", scope.identifier, "account_id")
        called = f"{scope.title}-backups"
        topic = {"name": called, "kms_master_key_id": scope.ref("aws_kms_key", "backups_main", "arn")}
        yield scope.aws("aws_sns_topic", "backups", topic, called=called)
        arn = scope.ref("aws_sns_topic", "backups", "arn")
        publishing = document(
            {
                "Sid": "BackupPublishes",
                "Effect": "Allow",
                "Principal": {"Service": _SERVICE},
                "Action": "sns:Publish",
                "Resource": arn,
                "Condition": {"StringEquals": {"aws:SourceAccount": account}},
            }
        )
        yield scope.aws("aws_sns_topic_policy", "backups", {"arn": arn, "policy": publishing})
        for number, address in enumerate(email, 1):
            subscription = {
                "topic_arn": arn,
                "protocol": "email",
                "endpoint": address,
                # A vault tells of every job that ends; people want to hear of those that end badly.
                "filter_policy": {"State": [{"anything-but": "COMPLETED"}]},
            }
            yield scope.aws("aws_sns_topic_subscription", f"backups_{number}", subscription)
        told = {
            "backup_vault_name": scope.ref("aws_backup_vault", "main", "name"),
            "sns_topic_arn": arn,
            "backup_vault_events": ["BACKUP_JOB_COMPLETED", "COPY_JOB_FAILED", "RESTORE_JOB_COMPLETED"],
        }
        before = [scope.address("aws_sns_topic_policy", "backups")]
        yield scope.aws("aws_backup_vault_notifications", "main", told, depends_on=before)


def _copies(region: str) -> str:
    return f"copies_{region.replace('-', '_')}"
