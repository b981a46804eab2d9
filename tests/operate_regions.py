"""An AWS of two regions in one file on disk, as far as takeovers of a small platform ask and change it.

Every change is written down with what it changes; a writer that is made the writer again is refused, as AWS does it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import descriptions
from seawall.components.takeover.action import Action, Move
from seawall.components.takeover.plans import plan
from seawall.kernel.value import Ref, Text, Value, map_holes
from seawall.kernel.verdict import refuted
from seawall.operate.failover.loss import Loss
from seawall.operate.failover.region import Carrying, runbook, settled
from seawall.operate.runbook import Runbook

HOME, SITE = "ap-northeast-2", "ap-northeast-1"
PAIR = (
    descriptions.FRAME
    + """\
sites:
  tokyo:
    region: ap-northeast-1
    network: {cidr: 10.1.0.0/16, zones: [a, c]}
    cluster: {node_groups: {workload: {types: [t3.medium], min: 2, max: 6}}}
edge: {health: {path: /health, every: 10 s, failures: 3}, maintenance: {contact: admin@shop.example}}
components:
  orders: {kind: aurora, writer: db.r7g.large}
  sessions: {kind: cache, place: managed, class: cache.r7g.large, replicas: 1, shards: 1, reserved_memory: 20 %}
  shop: {kind: service, image: shop, needs: [orders, sessions], expose: {host: www.shop.example}}
"""
)


def actions(move: Move) -> tuple[Action, ...]:
    """The platform's own plan, each reference filled in with its own spelling."""

    def fill(value: Value) -> Any:
        return map_holes(value, lambda hole: str(hole) if isinstance(hole, Ref | Text) else hole)

    return settled(plan(descriptions.platform(PAIR), "tokyo", move), fill)


@dataclass(frozen=True, slots=True)
class Regions:
    """The AWS in a file."""

    path: Path

    @classmethod
    def fresh(cls, folder: Path, writer: str = HOME) -> Regions:
        """One whose stores are written to in this region."""
        found = cls(folder / "aws.json")
        found._write({"writer": writer, "primary": writer, "held": writer == SITE, "nodes": 2, "deeds": []})
        return found

    @property
    def now(self) -> Any:
        """What is so."""
        return json.loads(self.path.read_bytes())

    def client(self, service: str, region: str) -> Any:
        """What answers as boto3's client does."""
        return _Client(self)

    def book(self, move: Move) -> Runbook:
        """The runbook of a move."""
        carrying = Carrying(self.client, pace=0.0)
        lost = Loss("home", lambda: refuted("no answer"), although_it_answers=False) if move == "failover" else None
        return runbook("shop-production", "tokyo", move, actions(move), carrying, lost)

    def change(self, deed: str, **values: Any) -> dict[str, Any]:
        """Change something, and write it down in the same move."""
        state = self.now
        state |= values
        state["deeds"].append(deed)
        self._write(state)
        return {}

    def _write(self, state: Any) -> None:
        beside = self.path.with_suffix(f".{os.getpid()}")
        beside.write_text(json.dumps(state), encoding="utf-8")
        beside.replace(self.path)


class _Client:
    """Every operation that takeovers of this platform call."""

    def __init__(self, world: Regions) -> None:
        self._world = world

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        raise AssertionError(f"no takeover of this platform calls {operation}")

    def describe_global_clusters(self, GlobalClusterIdentifier: str) -> Any:
        writer = self._world.now["writer"]
        members = [{"DBClusterArn": _cluster(region), "IsWriter": region == writer} for region in (HOME, SITE)]
        return {"GlobalClusters": [{"Status": "available", "GlobalClusterMembers": members}]}

    def describe_db_clusters(self, DBClusterIdentifier: str) -> Any:
        return {"DBClusters": [{"Status": "available"}]}

    def failover_global_cluster(self, GlobalClusterIdentifier: str, TargetDbClusterIdentifier: str, **more: Any) -> Any:
        return self._write_in(TargetDbClusterIdentifier)

    def switchover_global_cluster(self, GlobalClusterIdentifier: str, TargetDbClusterIdentifier: str) -> Any:
        return self._write_in(TargetDbClusterIdentifier)

    def _write_in(self, cluster: str) -> Any:
        from botocore.exceptions import ClientError

        region = next(region for region in (HOME, SITE) if _cluster(region) == cluster)
        if self._world.now["writer"] == region:
            error = {"Error": {"Code": "InvalidDBClusterStateFault", "Message": "it is the primary already"}}
            raise ClientError(error, "FailoverGlobalCluster")  # type: ignore[arg-type]
        return self._world.change(f"writer {region}", writer=region)

    def describe_global_replication_groups(self, GlobalReplicationGroupId: str, ShowMemberInfo: bool = False) -> Any:
        primary = self._world.now["primary"]
        members = [
            {"ReplicationGroupRegion": region, "Role": "PRIMARY" if region == primary else "SECONDARY"}
            for region in (HOME, SITE)
        ]
        return {"GlobalReplicationGroups": [{"Status": "available", "Members": members if ShowMemberInfo else []}]}

    def failover_global_replication_group(self, PrimaryRegion: str, **more: Any) -> Any:
        return self._world.change(f"primary {PrimaryRegion}", primary=PrimaryRegion)

    def get_health_check(self, HealthCheckId: str) -> Any:
        held = self._world.now["held"]
        return {"HealthCheck": {"HealthCheckConfig": {"Inverted": held, "Disabled": held}}}

    def update_health_check(self, HealthCheckId: str, Disabled: bool, Inverted: bool) -> Any:
        return self._world.change(f"held {Inverted}", held=Inverted)

    def describe_nodegroup(self, clusterName: str, nodegroupName: str) -> Any:
        return {"nodegroup": {"status": "ACTIVE", "scalingConfig": {"minSize": self._world.now["nodes"]}}}

    def update_nodegroup_config(self, clusterName: str, nodegroupName: str, scalingConfig: Any) -> Any:
        return self._world.change(f"nodes {scalingConfig['minSize']}", nodes=scalingConfig["minSize"])


def _cluster(region: str) -> str:
    """A member's ARN, as the plan spells it."""
    return f"${{{region}/data:aws_rds_cluster.orders.arn}}"
