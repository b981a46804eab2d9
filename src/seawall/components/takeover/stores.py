"""How stores over regions change hands: Aurora's global database and ElastiCache's global datastore.

Source: Amazon Aurora User Guide, "Using switchover or failover in Amazon Aurora Global Database"; Amazon ElastiCache
User Guide, "Using global datastores"; read 2026-11-22. A switchover of Aurora is asked for where the writer is, a
failover where the writer is to be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.components.takeover.action import Action, Approval, Move, Question
from seawall.kernel.value import Textual

_PROMOTED_WITHIN, _ASKED_EVERY = 1800, 15
"""Seconds: most promotions take minutes; what is not there after half an hour needs a person."""


@dataclass(frozen=True, slots=True)
class GlobalDatabase:
    """A global database: its name and ARN, the members at home and at the site by ARN, the latter's name, regions."""

    name: str
    called: str
    arn: Textual
    home: Textual
    site: Textual
    site_called: str
    home_region: str
    site_region: str

    def actions(self, move: Move, evidence: tuple[Question, ...]) -> Iterator[Action]:
        """The writer changes its region, and is proved to be there."""
        target = self.home if move == "failback" else self.site
        # The machine that gives back runs where the writer is by then, which is the site's region, too.
        region = self.home_region if move == "switchover" else self.site_region
        to = self.home_region if move == "failback" else self.site_region
        asked = {"GlobalClusterIdentifier": self.called}
        members = (self.arn, self.home, self.site)

        def writer(within: int) -> Question:
            return Question(
                f"the writer of {self.name} is in {to}", "rds", "describe_global_clusters", asked, region,
                "GlobalClusters[].GlobalClusterMembers[IsWriter=true].DBClusterArn", (target,), (self.arn,),
                every=_ASKED_EVERY, within=within,
            )  # fmt: skip

        moving = Question(
            f"the writer of {self.name} is on its way", "rds", "describe_global_clusters", asked, region,
            "GlobalClusters[].Status", ("failing-over", "switching-over"), (self.arn,),
        )  # fmt: skip
        if move == "failover":
            lost = (
                f"What the writer of {self.name} in {self.home_region} took and had not sent is lost, about a second "
                "of writes."
            )
            yield Action(f"{self.name}-loses", lost, "ask", region, approval=Approval(lost, evidence))
            call, more = "failover_global_cluster", {"AllowDataLoss": True}
        else:
            call, more = "switchover_global_cluster", {}
        yield Action(
            f"{self.name}-writer",
            f"Make the member of {self.name} in {to} the writer"
            + (", without waiting for home." if move == "failover" else "; it waits until nothing is missing there."),
            "take",
            region,
            "rds",
            call,
            {**asked, "TargetDbClusterIdentifier": target, **more},
            members,
            already=writer(0),
            underway=moving,
            after=writer(_PROMOTED_WITHIN),
        )
        yield Action(
            f"{self.name}-writes",
            f"See that {self.name} in {to} is available, as the writer that it is now.",
            "check",
            self.site_region,
            after=self._available(move),
        )

    def _available(self, move: Move) -> Question:
        says, within = f"{self.name} is available", _PROMOTED_WITHIN
        if move == "failback":
            # Home's own region cannot be asked from the site's.
            return Question(
                says, "rds", "describe_global_clusters", {"GlobalClusterIdentifier": self.called}, self.site_region,
                "GlobalClusters[].Status", ("available",), (self.arn,), every=_ASKED_EVERY, within=within,
            )  # fmt: skip
        return Question(
            says, "rds", "describe_db_clusters", {"DBClusterIdentifier": self.site_called}, self.site_region,
            "DBClusters[].Status", ("available",), (self.site,), every=_ASKED_EVERY, within=within,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class GlobalCache:
    """A global datastore: its name and id, and id and ARN of the group at home and at the site, with their regions."""

    name: str
    called: Textual
    arn: Textual
    home: Textual
    home_arn: Textual
    site: Textual
    site_arn: Textual
    home_region: str
    site_region: str

    def actions(self, move: Move) -> Iterator[Action]:
        """The primary changes its region; what was written in the last moment may be lost either way."""
        back = move == "failback"
        to, target = (self.home_region, self.home) if back else (self.site_region, self.site)
        asked = {"GlobalReplicationGroupId": self.called}
        lost = f"What {self.name} was given in the last moment and had not sent is lost, sessions among it."
        yield Action(f"{self.name}-loses", lost, "ask", self.site_region)

        def primary(within: int) -> Question:
            return Question(
                f"the primary of {self.name} is in {to}", "elasticache", "describe_global_replication_groups",
                {**asked, "ShowMemberInfo": True}, self.site_region,
                f"GlobalReplicationGroups[].Members[ReplicationGroupRegion={to}].Role", ("PRIMARY",), (self.arn,),
                every=_ASKED_EVERY, within=within,
            )  # fmt: skip

        def state(says: str, expected: tuple[str, ...], within: int) -> Question:
            return Question(
                f"{self.name} {says}", "elasticache", "describe_global_replication_groups", asked, self.site_region,
                "GlobalReplicationGroups[].Status", expected, (self.arn,), every=_ASKED_EVERY, within=within,
            )  # fmt: skip

        yield Action(
            f"{self.name}-primary",
            f"Make the group of {self.name} in {to} the primary.",
            "take",
            self.site_region,
            "elasticache",
            "failover_global_replication_group",
            {**asked, "PrimaryRegion": to, "PrimaryReplicationGroupId": target},
            (self.arn, self.home_arn, self.site_arn),
            already=primary(0),
            underway=state("is being changed", ("modifying",), 0),
            after=primary(_PROMOTED_WITHIN),
        )
        yield Action(
            f"{self.name}-takes-writes",
            f"See that {self.name} takes writes in {to}.",
            "check",
            self.site_region,
            after=state("is available", ("available", "primary-only"), _PROMOTED_WITHIN),
        )
