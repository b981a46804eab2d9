"""Backups: what is kept, where, for how long, and who may delete it."""

from __future__ import annotations

import pytest

import descriptions
from seawall.components.expand import expand
from seawall.facts.data import Backup
from seawall.graph.graph import Graph
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.readers.read import facts_of

STORES = """
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small}
"""
ALERTS = "alerts: {email: [one@shop.example]}\n"
TWO = """
sites:
  tokyo: {region: ap-northeast-1, network: {cidr: 10.1.0.0/16}, backups: null, components: {orders: null}}
"""
HOME, SITE = "ap-northeast-2", "ap-northeast-1"
DAY = 86400


def made(backups: str, rest: str = ALERTS) -> Graph:
    """A platform with a database, and backups of it."""
    return expand(descriptions.platform(descriptions.FRAME + STORES + rest + f"backups: {backups}\n"))


def test_every_store_is_in_the_plan() -> None:
    """The selection names the stores one by one: a store that nobody tagged is backed up as well."""
    found = made("{}")
    [selection] = found.of_type("aws_backup_selection")
    [database] = found.of_type("aws_db_instance")
    assert selection.body["resources"] == [Ref(database.address, "arn")]


def test_recovery_points_are_copied_to_every_site() -> None:
    """The day's recovery point goes to the site's region and is kept there by itself; its vault has a key of there."""
    found = made("{daily: 30 d, weekly: 90 d, copies: 7 d}", ALERTS + TWO)
    vaults = {vault.address.as_terraform().name: vault for vault in found.of_type("aws_backup_vault")}  # type: ignore[union-attr]
    assert {name: vault.region for name, vault in vaults.items()} == {"main": HOME, "copies_ap_northeast_1": SITE}
    for vault in vaults.values():
        assert found.resources[vault.body["kms_key_arn"].to].region == vault.region
    [plan] = found.of_type("aws_backup_plan")
    kept = {
        (backup.region, backup.keeps, backup.every)
        for backup in facts_of(found).all(Backup)
        if backup.of == plan.address
    }
    assert kept == {(HOME, 30 * DAY, DAY), (HOME, 90 * DAY, 7 * DAY), (SITE, 7 * DAY, DAY)}


def test_vaults_are_locked_for_as_long_as_the_shortest_is_kept() -> None:
    """Nobody deletes a recovery point before its time; what is thrown away on purpose is not locked."""
    found = made("{daily: 30 d, weekly: 90 d, copies: 7 d, copy_to: ap-northeast-1}")
    locks = {
        lock.region: lock.body["min_retention_days"] for lock in found.of_type("aws_backup_vault_lock_configuration")
    }
    assert locks == {HOME: 30, SITE: 7}
    loose = made("{protected: false}")
    assert not list(loose.of_type("aws_backup_vault_lock_configuration"))
    assert all(vault.body["force_destroy"] for vault in loose.of_type("aws_backup_vault"))


def test_somebody_hears_of_what_fails() -> None:
    """The vault tells a topic that lets it, whose key lets it; what ends well wakes nobody."""
    found = made("{}")
    [told] = found.of_type("aws_backup_vault_notifications")
    topic = descriptions.named(found, "aws_sns_topic", "backups")
    assert told.body["sns_topic_arn"] == Ref(topic.address, "arn")
    for type, name in (("aws_sns_topic_policy", "backups"), ("aws_kms_key", "backups_main")):
        statements = descriptions.named(found, type, name).body["policy"]["Statement"]
        services = [each["Principal"]["Service"] for each in statements if "Service" in each["Principal"]]
        assert services == ["backup.amazonaws.com"]
    subscription = descriptions.named(found, "aws_sns_topic_subscription", "backups_1")
    assert subscription.body["filter_policy"] == {"State": [{"anything-but": "COMPLETED"}]}


def test_its_role_can_make_recovery_points_and_nothing_else() -> None:
    """Only AWS Backup of this account takes it on, and it cannot restore over anything."""
    found = made("{}")
    attached = [each.body["policy_arn"] for each in found.of_type("aws_iam_role_policy_attachment")
                if each.body["role"].to == descriptions.named(found, "aws_iam_role", "backups").address]  # fmt: skip
    assert attached == ["arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"]


@pytest.mark.parametrize(
    ("backups", "said"),
    [
        ("{copy_to: ap-northeast-2}", "where they are made"),
        ("{daily: null, weekly: null}", "no recovery point is made"),
        ("{daily: 1 h}", "for a day at least"),
    ],
)
def test_what_makes_no_sense_is_refused(backups: str, said: str) -> None:
    """The mistake is named before anything is rendered."""
    with pytest.raises(InputError, match=said):
        made(backups)


def test_there_has_to_be_something_to_back_up() -> None:
    """A plan that selects nothing looks like a backup."""
    with pytest.raises(InputError, match="nothing that AWS Backup"):
        descriptions.graph("backups: {}\n")
