"""What file systems say of themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seawall.facts.data import Backup, Replicates, Store
from seawall.facts.identity import Statement
from seawall.facts.network import Interface, Listens
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown

Says = Callable[..., list[Any]]
REGION = "ap-northeast-2"
SYSTEM = "${aws_efs_file_system.models.id}"


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform(REGION, "test", path)


def of(kind: type[Any], facts: list[Any]) -> list[Any]:
    """The facts of a kind."""
    return [fact for fact in facts if isinstance(fact, kind)]


def test_a_file_system_lies_in_all_zones_and_unencrypted_unless_it_says(says: Says) -> None:
    """By default EFS keeps every file in several zones and encrypts nothing; one zone is what names it."""
    it = at("aws_efs_file_system.it")
    assert of(Store, says("aws_efs_file_system", {})) == [Store(it, "file-system", "efs", "", REGION)]
    body = {"encrypted": True, "kms_key_id": "${aws_kms_key.k.arn}", "availability_zone_name": f"{REGION}a"}
    (store,) = of(Store, says("aws_efs_file_system", body))
    assert (store.encrypted, store.key, store.zone) == (True, at("aws_kms_key.k"), f"{REGION}a")
    assert of(Listens, says("aws_efs_file_system", {})) == [Listens(it, "tcp", Ports.one(2049), "optional")]


def test_a_target_is_where_its_file_system_is(says: Says) -> None:
    """A target states the file system's place; one without groups has the network's default, which nobody named."""
    body = {
        "file_system_id": SYSTEM,
        "subnet_id": "${aws_subnet.a.id}",
        "security_groups": ["${aws_security_group.g.id}"],
    }
    system, subnet, group = at("aws_efs_file_system.models"), at("aws_subnet.a"), at("aws_security_group.g")
    assert of(Interface, says("aws_efs_mount_target", body)) == [Interface(system, (subnet,), (group,))]
    del body["security_groups"]
    (place,) = of(Interface, says("aws_efs_mount_target", body))
    assert isinstance(place.groups, Unknown)


def test_backups_are_daily_for_35_days_where_they_are_on(says: Says) -> None:
    """The automatic plan keeps five weeks; off is none, unknown is unknown."""
    type, system, day = "aws_efs_backup_policy", at("aws_efs_file_system.models"), 86_400

    def policy(status: Any) -> dict[str, Any]:
        return {"file_system_id": SYSTEM, "backup_policy": [{"status": status}]}

    assert of(Backup, says(type, policy("ENABLED"))) == [Backup(system, 35 * day, day, region=REGION)]
    assert of(Backup, says(type, policy("DISABLED"))) == []
    (doubtful,) = of(Backup, says(type, policy(Unknown("status"))))
    assert isinstance(doubtful.keeps, Unknown)


def test_a_copy_is_behind_and_taken_by_hand(says: Says) -> None:
    """EFS copies late and never promotes by itself; without a named target it makes one of its own."""
    type, system = "aws_efs_replication_configuration", at("aws_efs_file_system.models")
    body = {
        "source_file_system_id": SYSTEM,
        "destination": [{"region": "ap-northeast-1", "file_system_id": "${aws_efs_file_system.copy.id}"}],
    }
    (copy,) = of(Replicates, says(type, body))
    assert (copy.source, copy.target) == (system, at("aws_efs_file_system.copy"))
    assert (copy.mode, copy.scope, copy.promotion) == ("asynchronous", "region", "manual")
    (made,) = of(Replicates, says(type, {"source_file_system_id": SYSTEM, "destination": [{"region": "eu-west-1"}]}))
    assert made.target == at(f"{type}.it").implied("copy")


def test_who_may_mount_is_a_policy_of_the_file_system(says: Says) -> None:
    """The statements of a file system's policy are held by the file system."""
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": "elasticfilesystem:ClientMount",
        "Resource": "*",
    }
    body = {"file_system_id": SYSTEM, "policy": {"Version": "2012-10-17", "Statement": [statement]}}
    (said,) = of(Statement, says("aws_efs_file_system_policy", body))
    assert (said.holder, said.kind, said.actions) == (
        at("aws_efs_file_system.models"),
        "resource",
        ("elasticfilesystem:ClientMount",),
    )
