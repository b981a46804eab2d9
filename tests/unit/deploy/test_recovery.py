"""How a killed Terraform's traces are read, and by which ids its things are imported."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from seawall.deploy import import_ids
from seawall.deploy.journal import Interrupted
from seawall.deploy.recovery import is_ours, traces
from seawall.deploy.states import StateLock
from seawall.deploy.target import Cloud

NOW = datetime.now(UTC)
LEFT = Interrupted("run", "r/data", "apply", NOW, "here", "ann")


def _message(type: str, action: str, address: str, id: str = "") -> str:
    resource = {"addr": address, "resource_type": address.split(".")[0]}
    return json.dumps({"type": type, "hook": {"resource": resource, "action": action, "id_value": id}})


def test_traces_tell_what_was_made_from_what_was_begun(tmp_path: Path) -> None:
    """Completed creations carry their ids; what only began is kept apart; replaced things count once."""
    log = tmp_path / "apply.jsonl"
    lines = [
        _message("apply_start", "create", "aws_vpc.a"),
        _message("apply_complete", "create", "aws_vpc.a", "vpc-1"),
        _message("apply_start", "create", "aws_sqs_queue.b"),
        _message("apply_complete", "delete", "aws_eip.c"),
        _message("apply_start", "update", "aws_eip.d"),
        '{"type": "apply_comp',
    ]
    log.write_text("\n".join(lines))
    found = traces(log)
    assert found.made == {"aws_vpc.a": ("aws_vpc", "vpc-1")}
    assert found.begun == {"aws_sqs_queue.b": "aws_sqs_queue"}
    assert traces(tmp_path / "none").made == {}


@pytest.mark.parametrize(
    ("who", "after", "ours"),
    [("ann@here", 0, True), ("ann@here", -1, True), ("ann@here", -5, False), ("bob@here", 0, False)],
)
def test_only_a_lock_of_the_same_step_is_ours(who: str, after: int, ours: bool) -> None:
    """Same user and machine, and taken since the step began: anything else is somebody's."""
    lock = StateLock("id", who, "OperationTypeApply", NOW + timedelta(seconds=after))
    assert is_ours(lock, LEFT) is ours
    assert not is_ours(replace(lock, who="ann@elsewhere"), LEFT)


@pytest.mark.parametrize(
    ("type", "id", "values", "wanted"),
    [
        ("aws_vpc", "vpc-1", {}, "vpc-1"),
        ("aws_route_table_association", "x", {"subnet_id": "s", "route_table_id": "r"}, "s/r"),
        ("aws_wafv2_web_acl", "i", {"name": "n", "scope": "REGIONAL"}, "i/n/REGIONAL"),
        ("aws_iam_role_policy_attachment", "x", {"role": "r"}, "x"),
        ("aws_eks_addon", "c:a", {"cluster_name": "c", "addon_name": "a"}, "c:a"),
        ("aws_rds_global_cluster", "w", {"global_cluster_identifier": "w"}, "w"),
        ("aws_rds_cluster_parameter_group", "g", {"name": "g"}, "g"),
    ],
)
def test_import_ids(type: str, id: str, values: dict[str, str], wanted: str) -> None:
    """An id is made of arguments where the provider wants it so, and is the plain id where one is missing."""
    assert import_ids.of_made(type, id, values) == wanted


def test_things_without_a_name_are_looked_for_by_all_their_tags() -> None:
    """What carries all of the tags may be it, however many that are; without a tag `Name` nothing may."""

    tagged = {("Name", "a"): {"vpc-1", "vpc-2"}, ("Platform", "p"): {"vpc-1", "vpc-3"}}

    class Ec2:
        def get_paginator(self, operation: str) -> Ec2:
            return self

        def paginate(self, Filters: list[dict[str, list[str]]]) -> list[dict[str, list[dict[str, str]]]]:
            _, key, value = (one["Values"][0] for one in Filters)
            return [{"Tags": [{"ResourceId": id} for id in sorted(tagged.get((key, value), ()))]}]

    class Tagged(Cloud):
        def client(self, service: str, region: str) -> Ec2:
            return Ec2()

    cloud = Tagged({})
    look = lambda tags: import_ids.of_named(cloud, "r", "aws_vpc", {"tags": tags})  # noqa: E731 - said four times
    assert look({"Name": "a", "Platform": "p"}) == ["vpc-1"]
    assert look({"Name": "a"}) == ["vpc-1", "vpc-2"]
    assert look({"Platform": "p"}) == []
    assert import_ids.of_named(cloud, "r", "aws_s3_bucket", {"bucket": "b"}) == ["b"]
