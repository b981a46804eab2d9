"""What a database comes to."""

from __future__ import annotations

from typing import Any

import pytest

import descriptions
from seawall.facts.data import Backup
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref
from seawall.readers.read import read

DATABASE = """
components:
  orders: {kind: database, engine: mysql, class: db.t4g.small%s}
  shop: {kind: service, image: shop, framework: spring%s}
"""


def _body(components: str, type: str = "aws_db_instance", name: str = "orders") -> Any:
    return descriptions.named(descriptions.graph(components), type, name).body


def test_it_is_private_encrypted_and_kept_by_default() -> None:
    """A database that says nothing of it is encrypted, private, doubled, backed up, and protected from deletion."""
    body = _body(DATABASE % ("", ""))
    expected = {
        "storage_encrypted": True,
        "publicly_accessible": False,
        "multi_az": True,
        "backup_retention_period": 7,
        "deletion_protection": True,
        "skip_final_snapshot": False,
        "manage_master_user_password": True,
        "copy_tags_to_snapshot": True,
    }
    assert expected.items() <= body.items()
    assert isinstance(body["kms_key_id"], Ref)


def test_no_password_is_ever_written() -> None:
    """The password is made and kept by RDS: the body has no argument that could hold one."""
    body = _body(DATABASE % ("", ", needs: [orders]"))
    assert not {"password", "password_wo"} & body.keys()


def test_tls_is_insisted_on_for_both_engines() -> None:
    """Each engine's own parameter refuses connections without TLS."""
    for engine, parameter in (("mysql", "require_secure_transport"), ("postgresql", "rds.force_ssl")):
        components = f"components:\n  orders: {{kind: database, engine: {engine}, class: db.m7g.large}}\n"
        group = _body(components, "aws_db_parameter_group")
        assert {"name": parameter, "value": "1"}.items() <= next(
            item for item in group["parameter"] if item["name"] == parameter
        ).items()


def test_the_group_opens_only_for_those_that_need_it() -> None:
    """Without a need no rule is made; with one, a single rule lets nodes in on the engine's port."""
    type = "aws_vpc_security_group_ingress_rule"
    alone = descriptions.graph(DATABASE % ("", ""))
    assert [rule for rule in alone.of_type(type) if "data:" in rule.address] == []
    needed = descriptions.graph(DATABASE % ("", ", needs: [orders]"))
    (rule,) = [rule for rule in needed.of_type(type) if "data:" in rule.address]
    assert rule.body["from_port"] == rule.body["to_port"] == 3306
    assert rule.body["referenced_security_group_id"].to.endswith("network:aws_security_group.nodes")


def test_insights_are_asked_for_only_where_the_class_has_them() -> None:
    """RDS for MySQL refuses Performance Insights on its small burstable classes."""
    assert _body(DATABASE % ("", ""))["performance_insights_enabled"] is False
    larger = (DATABASE % ("", "")).replace("db.t4g.small", "db.m7g.large")
    assert _body(larger)["performance_insights_enabled"] is True


def test_an_unprotected_one_can_go_at_once() -> None:
    """A database marked unprotected can be deleted, leaves no snapshot, and its automatic backups go with it."""
    body = _body(DATABASE % (", protected: false", ""))
    assert body["deletion_protection"] is False
    assert body["skip_final_snapshot"] is True
    assert "final_snapshot_identifier" not in body


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (", version: '5.1'", "5.1 is not a version"),
        (", backups: 40 d", "1 to 35 days"),
        (", storage: 50 GiB, max_storage: 20 GiB", "below storage"),
        (", clas: x", "no key clas"),
    ],
)
def test_what_cannot_be_is_refused_with_its_line(said: str, complaint: str) -> None:
    """A wrong value of a database is one message with file and line."""
    with pytest.raises(InputError) as caught:
        descriptions.graph(DATABASE % (said, ""))
    assert complaint in str(caught.value)
    assert "platform.yaml:" in str(caught.value)


def test_copies_of_backups_lie_in_the_other_region_under_a_key_of_its_own() -> None:
    """What is kept for the loss of a region is in another one, and so is the key without which it is nothing."""
    found = descriptions.graph(DATABASE % (", backups: 3 d, copy_backups_to: ap-northeast-1", ""))
    copies = descriptions.named(found, "aws_db_instance_automated_backups_replication", "orders")
    assert copies.region == "ap-northeast-1"
    assert copies.body["retention_period"] == 3
    assert found[copies.body["kms_key_id"].to].region == "ap-northeast-1"
    with pytest.raises(InputError, match="where it is itself"):
        descriptions.graph(DATABASE % (", copy_backups_to: ap-northeast-2", ""))


def test_a_copy_is_read_as_a_backup_elsewhere() -> None:
    """Facts know a backup of the instance in the other region, for as long as the instance's own is kept."""
    found = descriptions.graph(DATABASE % (", copy_backups_to: ap-northeast-1", ""))
    instance = descriptions.named(found, "aws_db_instance", "orders").address
    regions = {backup.region: backup.keeps for backup in read(found).where(Backup, of=instance)}
    assert regions == {"ap-northeast-2": 7 * 86400, "ap-northeast-1": 7 * 86400}
