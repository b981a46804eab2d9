"""What databases, caches, buckets, registries, keys and secrets say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from seawall.facts.data import Archives, Backup, Limit, Migrates, MigrationEnd, Replicates, Store
from seawall.facts.identity import Identifier, Secret, Statement
from seawall.facts.network import Hostname, Interface, Listens, Member
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Logs, Retains
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown, text
from seawall.readers.aws.arn import ACCOUNT

Says = Callable[..., list[Any]]
REGION = "ap-northeast-2"


def at(path: str) -> Address:
    """The address of a resource of the tests."""
    return Address.terraform(REGION, "test", path)


def of(kind: type[Any], facts: list[Any]) -> list[Any]:
    """The facts of a kind."""
    return [fact for fact in facts if isinstance(fact, kind)]


DATABASE = {
    "identifier": "petclinic-db",
    "engine": "mysql",
    "engine_version": "8.0.43",
    "instance_class": "db.t4g.small",
    "allocated_storage": 20,
    "db_subnet_group_name": "${aws_db_subnet_group.db.name}",
    "vpc_security_group_ids": ["${aws_security_group.db.id}"],
}


def test_a_database_with_the_provider_s_defaults(says: Says) -> None:
    """A database that says little: one zone that nobody knows, no backups, no encryption, a final snapshot."""
    it = at("aws_db_instance.it")
    facts = says("aws_db_instance", DATABASE)
    zone = Unknown(f"{it}.availability_zone", why="nothing in the input states it")
    assert of(Store, facts) == [
        Store(it, "database", "mysql", "8.0.43", REGION, zone, 1, "db.t4g.small", 20 * 2**30, final_snapshot=True)
    ]
    assert of(Backup, facts) == of(Replicates, facts) == of(Secret, facts) == []
    assert of(Listens, facts) == [Listens(it, "tcp", Ports.one(3306), "optional")]
    group, subnets = at("aws_security_group.db"), at("aws_db_subnet_group.db")
    assert of(Interface, facts) == [Interface(it, (subnets,), (group,))]
    made_up = Unknown(f"{it}.host", why="AWS makes it up when the resource is created")
    host = text("petclinic-db.", made_up, f".{REGION}.rds.amazonaws.com")
    assert of(Hostname, facts) == [Hostname(it, "address", host, "writer")]


def test_copied_backups_are_where_the_copy_is(says: Says) -> None:
    """Copies lie in the region of whoever copies, under its key, for 7 days unless it says; of whom may be unknown."""
    type = "aws_db_instance_automated_backups_replication"
    body = {"source_db_instance_arn": "${aws_db_instance.db.arn}", "kms_key_id": "${aws_kms_key.tokyo.arn}"}
    key = at("aws_kms_key.tokyo")
    week, day = 7 * 86400, 86400
    source = at("aws_db_instance.db")
    assert says(type, body, "ap-northeast-1") == [Backup(source, week, day, True, "ap-northeast-1", key)]
    assert says(type, body | {"retention_period": 1}, "ap-northeast-1")[0].keeps == day
    (doubtful,) = says(type, {"source_db_instance_arn": Unknown("x")}, "ap-northeast-1")
    assert isinstance(doubtful.of, Unknown)


def test_a_careful_database(says: Says) -> None:
    """Multi-AZ is a synchronous copy, seven days are a backup, a managed password is a secret that RDS keeps."""
    it, key = at("aws_db_instance.it"), at("aws_kms_key.k")
    body = DATABASE | {
        "multi_az": True,
        "storage_encrypted": True,
        "kms_key_id": "${aws_kms_key.k.arn}",
        "backup_retention_period": 7,
        "manage_master_user_password": True,
        "deletion_protection": True,
        "skip_final_snapshot": True,
        "parameter_group_name": "${aws_db_parameter_group.p.name}",
        "enabled_cloudwatch_logs_exports": ["slowquery", "error"],
    }
    facts = says("aws_db_instance", body)
    (store,) = of(Store, facts)
    assert (store.zone, store.nodes, store.encrypted, store.key) == (None, 2, True, key)
    assert (store.deletion_protected, store.final_snapshot) == (True, False)
    (copy,) = of(Replicates, facts)
    assert (copy.target, copy.mode, copy.scope, copy.promotion) == (
        it.implied("standby"), "synchronous", "zone", "automatic",
    )  # fmt: skip
    assert of(Backup, facts) == [Backup(it, 7 * 86400, 86400, True, REGION, key)]
    (secret,) = of(Secret, facts)
    assert (secret.of, str(secret.name)[:7], secret.rotates) == (it.implied("master-secret"), "rds!db-", True)
    assert Setting(it, "managed-password", True) in facts
    assert Member(at("aws_db_parameter_group.p"), it) in facts
    assert of(Logs, facts) == [Logs(it, "/aws/rds/instance/petclinic-db", ("error", "slowquery"))]


def test_a_replica_follows_its_source(says: Says) -> None:
    """A replica named by identifier is of this region; one named by ARN of another."""
    for name, scope in (("identifier", "zone"), ("arn", "region")):
        facts = says("aws_db_instance", {"replicate_source_db": f"${{aws_db_instance.main.{name}}}"})
        (copy,) = of(Replicates, facts)
        assert (copy.source, copy.scope, copy.promotion) == (at("aws_db_instance.main"), scope, "manual")


@pytest.mark.parametrize(
    ("family", "parameters", "required"),
    [
        ("mysql8.0", {}, False),
        ("mysql8.0", {"require_secure_transport": "ON"}, True),
        ("mysql8.0", {"require_secure_transport": "0"}, False),
        ("postgres14", {}, False),
        ("postgres16", {}, True),
        ("postgres16", {"rds.force_ssl": "0"}, False),
    ],
)
def test_whether_tls_is_required(says: Says, family: str, parameters: dict[str, str], required: bool) -> None:
    """A parameter says whether a database insists on TLS; without it the engine's family does."""
    blocks = [{"name": name, "value": value} for name, value in parameters.items()]
    it = at("aws_db_parameter_group.it")
    facts = says("aws_db_parameter_group", {"family": family, "parameter": blocks})
    assert of(Setting, facts) == [Setting(it, "tls-required", required)]


def test_a_limit_of_connections(says: Says) -> None:
    """A number is a limit; a formula is one that is not known."""
    it = at("aws_db_parameter_group.it")
    body = {"family": "mysql8.0", "parameter": [{"name": "max_connections", "value": "120"}]}
    (limit,) = of(Limit, says("aws_db_parameter_group", body))
    assert (limit.of, limit.what, limit.value) == (it, "connections", 120)
    body["parameter"] = [{"name": "max_connections", "value": "{DBInstanceClassMemory/12582880}"}]
    (limit,) = of(Limit, says("aws_db_parameter_group", body))
    assert isinstance(limit.value, Unknown)


def test_an_aurora_cluster_and_its_instance(says: Says) -> None:
    """A cluster keeps backups for a day by default and has two names; its instances are its members."""
    cluster = at("aws_rds_cluster.it")
    facts = says("aws_rds_cluster", {"cluster_identifier": "pg", "engine": "aurora-postgresql"})
    assert of(Backup, facts)[0].keeps == 86400
    assert [(host.attr, host.role) for host in of(Hostname, facts)] == [
        ("endpoint", "writer"),
        ("reader_endpoint", "reader"),
    ]
    assert of(Listens, facts) == [Listens(cluster, "tcp", Ports.one(5432), "optional")]
    body = {"cluster_identifier": "${aws_rds_cluster.it.id}", "engine": "aurora-postgresql"}
    server = at("aws_rds_cluster_instance.it")
    facts = says("aws_rds_cluster_instance", body)
    assert facts[0] == Member(cluster, server)
    assert of(Replicates, facts) == []
    (copy,) = of(Replicates, says("aws_rds_cluster_instance", body | {"promotion_tier": 1}))
    assert (copy.source, copy.target, copy.mode, copy.promotion) == (cluster, server, "synchronous", "automatic")


def test_a_cluster_of_a_global_database_follows_unless_it_says_where_its_data_is_from(says: Says) -> None:
    """A member without a master user is a copy in another region, promoted by hand; one with a user is the source."""
    world = "${aws_rds_global_cluster.w.id}"
    body = {"cluster_identifier": "pg", "engine": "aurora-postgresql", "global_cluster_identifier": world}
    (copy,) = of(Replicates, says("aws_rds_cluster", body))
    assert (copy.source, copy.target) == (at("aws_rds_global_cluster.w"), at("aws_rds_cluster.it"))
    assert (copy.mode, copy.scope, copy.promotion) == ("asynchronous", "region", "manual")
    assert of(Replicates, says("aws_rds_cluster", body | {"master_username": "x"})) == []


def test_from_which_version_on_a_family_requires_tls_by_itself(says: Says) -> None:
    """PostgreSQL from 15 on where RDS runs it, from 17 on where Aurora does; MySQL never."""
    families = {
        "postgres14": False, "postgres15": True, "aurora-postgresql16": False, "aurora-postgresql17": True,
        "mysql8.4": False, "aurora-mysql8.0": False,
    }  # fmt: skip
    for family, required in families.items():
        (said,) = of(Setting, says("aws_rds_cluster_parameter_group", {"family": family}))
        assert (said.key, said.value) == ("tls-required", required), family


def test_a_cache_that_follows_has_what_it_follows_has(says: Says) -> None:
    """A follower says neither encryption nor shards: a key or users tell of the first, nothing of the others."""
    followed = "${aws_elasticache_global_replication_group.g.global_replication_group_id}"
    body = {"replication_group_id": "s", "global_replication_group_id": followed, "replicas_per_node_group": 2}
    facts = says("aws_elasticache_replication_group", body)
    (store,) = of(Store, facts)
    assert isinstance(store.encrypted, Unknown)
    assert isinstance(store.nodes, Unknown)
    assert isinstance(of(Listens, facts)[0].tls, Unknown)
    assert [copy.scope for copy in of(Replicates, facts)] == ["region", "zone"]
    assert [host.role for host in of(Hostname, facts)] == ["configuration"]
    more = {"kms_key_id": "${aws_kms_key.k.arn}", "user_group_ids": ["${aws_elasticache_user_group.g.user_group_id}"]}
    facts = says("aws_elasticache_replication_group", body | more)
    assert (of(Store, facts)[0].encrypted, of(Listens, facts)[0].tls) == (True, "required")


def test_cluster_mode_with_one_shard_is_cluster_mode(says: Says) -> None:
    """A state counts nodes both ways; it is the mode that says which name clients ask."""
    body = {"replication_group_id": "s", "num_node_groups": 1, "replicas_per_node_group": 1, "num_cache_clusters": 2}
    for mode, roles in (("enabled", ["configuration"]), ("disabled", ["writer", "reader"])):
        facts = says("aws_elasticache_replication_group", body | {"cluster_mode": mode})
        assert [host.role for host in of(Hostname, facts)] == roles
    del body["num_cache_clusters"]
    assert [host.role for host in of(Hostname, says("aws_elasticache_replication_group", body))] == ["configuration"]


def test_a_cache_with_the_provider_s_defaults(says: Says) -> None:
    """A cache that says little: one node somewhere, in clear, on 6379, without backups."""
    it = at("aws_elasticache_replication_group.it")
    facts = says("aws_elasticache_replication_group", {"replication_group_id": "s", "num_cache_clusters": 1})
    (store,) = of(Store, facts)
    assert (store.engine, store.nodes, store.encrypted) == ("redis", 1, False)
    assert isinstance(store.zone, Unknown)
    assert of(Listens, facts) == [Listens(it, "tcp", Ports.one(6379), "none")]
    assert of(Backup, facts) == of(Replicates, facts) == []


def test_a_careful_cache(says: Says) -> None:
    """Two nodes in two zones that fail over by themselves, over TLS, in the group of their users."""
    it = at("aws_elasticache_replication_group.it")
    body = {
        "replication_group_id": "s",
        "num_cache_clusters": 2,
        "automatic_failover_enabled": True,
        "multi_az_enabled": True,
        "transit_encryption_enabled": True,
        "at_rest_encryption_enabled": True,
        "snapshot_retention_limit": 3,
        "user_group_ids": ["${aws_elasticache_user_group.g.user_group_id}"],
    }
    facts = says("aws_elasticache_replication_group", body)
    (store,) = of(Store, facts)
    assert (store.zone, store.nodes, store.encrypted) == (None, 2, True)
    assert of(Replicates, facts)[0].promotion == "automatic"
    assert of(Backup, facts)[0].keeps == 3 * 86400
    assert of(Listens, facts)[0].tls == "required"
    assert Member(at("aws_elasticache_user_group.g"), it) in facts
    assert [host.role for host in of(Hostname, facts)] == ["writer", "reader"]
    sharded = says(
        "aws_elasticache_replication_group",
        body | {"num_cache_clusters": None, "num_node_groups": 3, "replicas_per_node_group": 1},
    )
    assert of(Store, sharded)[0].nodes == 6
    assert [host.role for host in of(Hostname, sharded)] == ["configuration"]


def test_what_a_cache_evicts(says: Says) -> None:
    """Redis evicts only what has an end, unless its parameter says otherwise."""
    for parameters, policy in (
        ([], "volatile-lru"),
        ([{"name": "maxmemory-policy", "value": "noeviction"}], "noeviction"),
    ):
        body = {"family": "redis7", "parameter": parameters}
        (fact,) = of(Setting, says("aws_elasticache_parameter_group", body))
        assert (fact.key, fact.value) == ("eviction", policy)


def test_a_bucket_and_its_pieces(says: Says) -> None:
    """A bucket is configured piece by piece; every piece speaks of the bucket."""
    it, bucket, key = at("aws_s3_bucket.it"), at("aws_s3_bucket.b"), at("aws_kms_key.k")
    store, arn, *_ = says("aws_s3_bucket", {"bucket": "logs"})
    assert store == Store(it, "bucket", "s3", "", REGION, encrypted=True)
    assert arn == Identifier(it, "arn", "arn:aws:s3:::logs")
    b = {"bucket": "${aws_s3_bucket.b.id}"}
    for status, kept in (("Enabled", True), ("Suspended", False)):
        versioning = b | {"versioning_configuration": [{"status": status}]}
        assert says("aws_s3_bucket_versioning", versioning) == [Setting(bucket, "versioned", kept)]
    default = {"sse_algorithm": "aws:kms", "kms_master_key_id": "${aws_kms_key.k.arn}"}
    encryption = b | {"rule": [{"apply_server_side_encryption_by_default": [default]}]}
    assert says("aws_s3_bucket_server_side_encryption_configuration", encryption) == [Setting(bucket, "key", key)]
    switches = dict.fromkeys(
        ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"), True
    )
    blocked = says("aws_s3_bucket_public_access_block", b | switches)
    keys = ("block-public", "refuses-public-policy", "ignores-public-acls", "restricts-public-policy")
    assert blocked == [Setting(bucket, each, True) for each in keys]
    half = says("aws_s3_bucket_public_access_block", b | switches | {"ignore_public_acls": None})
    assert [each for each in half if not each.value] == [
        Setting(bucket, key, False) for key in ("block-public", "ignores-public-acls")
    ]
    rule = {"id": "x", "status": "Enabled", "expiration": [{"days": 90}]}
    assert says("aws_s3_bucket_lifecycle_configuration", b | {"rule": [rule]}) == [Setting(bucket, "expires-old", True)]
    policy = {"Statement": {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*"}}
    assert says("aws_s3_bucket_policy", b | {"policy": json.dumps(policy)}) == [
        Statement(bucket, "resource", False, ("s3:*",), ("*",), (("AWS", "*"),), variables=False)
    ]
    assert says("aws_s3_bucket_logging", b | {"target_bucket": "${aws_s3_bucket.it.id}"}) == [
        Logs(bucket, it, ("access",))
    ]


def test_a_registry(says: Says) -> None:
    """A repository says how its images are scanned and named, and what its URL looks like."""
    it = at("aws_ecr_repository.it")
    body = {
        "name": "was",
        "image_tag_mutability": "IMMUTABLE",
        "image_scanning_configuration": [{"scan_on_push": True}],
        "encryption_configuration": [{"encryption_type": "KMS", "kms_key": "${aws_kms_key.k.arn}"}],
    }
    facts = says("aws_ecr_repository", body)
    assert facts[:4] == [
        Store(it, "registry", "ecr", "", REGION, encrypted=True, key=at("aws_kms_key.k")),
        Setting(it, "scan-on-push", True),
        Setting(it, "immutable-tags", True),
        Identifier(it, "repository_url", text(ACCOUNT, f".dkr.ecr.{REGION}.amazonaws.com/was")),
    ]
    assert Setting(it, "scan-on-push", False) in says("aws_ecr_repository", {"name": "was"})
    assert Setting(it, "immutable-tags", False) in says("aws_ecr_repository", {"name": "was"})


def test_a_key_without_a_policy_belongs_to_the_account(says: Says) -> None:
    """AWS gives a key a policy that leaves everything to the account's own; one of ours takes its place."""
    it = at("aws_kms_key.it")
    root = text("arn:aws:iam::", ACCOUNT, ":root")
    facts = says("aws_kms_key", {})
    assert Statement(it, "resource", True, ("kms:*",), ("*",), (("AWS", root),)) in facts
    assert Setting(it, "key-rotation", False) in facts
    logs = {"Service": "logs.amazonaws.com"}
    policy = {"Statement": {"Effect": "Allow", "Principal": logs, "Action": "kms:Decrypt", "Resource": "*"}}
    facts = says("aws_kms_key", {"policy": policy, "enable_key_rotation": True})
    assert [statement.actions for statement in of(Statement, facts)] == [("kms:Decrypt",)]
    assert Setting(it, "key-rotation", True) in facts


def test_a_secret(says: Says) -> None:
    """A secret's ARN ends in what AWS makes up; its copies are named by region."""
    it = at("aws_secretsmanager_secret.it")
    body = {"name": "petclinic/api", "replica": [{"region": "us-east-1"}, {"region": "ap-northeast-1"}]}
    secret, identifier = says("aws_secretsmanager_secret", body)
    assert secret == Secret(it, "petclinic/api", REGION, ("ap-northeast-1", "us-east-1"))
    suffix = Unknown(f"{it}.suffix", why="AWS makes it up when the resource is created", length=6)
    arn = text(f"arn:aws:secretsmanager:{REGION}:", ACCOUNT, ":secret:petclinic/api-", suffix)
    assert identifier == Identifier(it, "arn", arn)


def test_only_a_secure_parameter_is_a_secret(says: Says) -> None:
    """A parameter in clear is no secret; both have an ARN."""
    for kind, count in (("SecureString", 1), ("String", 0)):
        assert len(of(Secret, says("aws_ssm_parameter", {"name": "/a/b", "type": kind}))) == count


def test_a_log_is_kept_for_ever_unless_told_otherwise(says: Says) -> None:
    """No retention, or 0, is for ever."""
    it = at("aws_cloudwatch_log_group.it")
    for body, days in (({}, None), ({"retention_in_days": 0}, None), ({"retention_in_days": 90}, 90)):
        assert Retains(it, days) in says("aws_cloudwatch_log_group", {"name": "x", **body})


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("cron(0 5 * * ? *)", 86400),
        ("cron(0 5 ? * SUN *)", 604800),
        ("cron(0 * * * ? *)", 3600),
        ("rate(12 hours)", 43200),
        (None, None),
    ],
)
def test_how_often_a_plan_backs_up(says: Says, schedule: str | None, seconds: int | None) -> None:
    """A plain rhythm is a number of seconds; anything else is unknown, not guessed."""
    rule = {"rule_name": "x", "target_vault_name": "v", "schedule": schedule, "lifecycle": [{"delete_after": 35}]}
    it = at("aws_backup_plan.it")
    assert says("aws_backup_plan", {"rule": [rule]}) == [Backup(it, 35 * 86400, seconds, False, REGION)]
    rule["schedule"] = "cron(0 5 1,15 * ? *)"
    (backup,) = says("aws_backup_plan", {"rule": [rule]})
    assert isinstance(backup.every, Unknown)


@pytest.mark.parametrize(
    ("chosen", "class_", "expected"),
    [
        ({"filter": [{}]}, "GLACIER", ("", 180)),
        ({"filter": [{"prefix": "logs/"}]}, "DEEP_ARCHIVE", ("logs/", 180)),
        ({"prefix": "old/"}, "GLACIER", ("old/", 180)),
        ({"filter": [{"tag": [{"key": "a", "value": "b"}]}]}, "GLACIER", (None, 180)),
        ({}, "GLACIER_IR", None),
        ({}, "STANDARD_IA", None),
        ({"status": "Disabled"}, "GLACIER", None),
    ],
)
def test_what_goes_into_an_archive(
    says: Says, chosen: dict[str, Any], class_: str, expected: tuple[str | None, int] | None
) -> None:
    """Two classes have to be restored before they are read; whose objects go there is said by how their names begin."""
    rule = {"status": "Enabled", "transition": [{"days": 180, "storage_class": class_}]} | chosen
    facts = of(Archives, says("aws_s3_bucket_lifecycle_configuration", {"bucket": "x", "rule": [rule]}))
    assert [(fact.prefix, fact.after) for fact in facts] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("type", "body", "expected"),
    [
        ("aws_elasticache_replication_group", {"auth_token": "x"}, False),
        ("aws_elasticache_replication_group", {"user_group_ids": ["users"]}, False),
        ("aws_elasticache_replication_group", {}, True),
        ("aws_elasticache_cluster", {"num_cache_nodes": 1}, True),
        ("aws_msk_cluster", {}, True),
        ("aws_msk_cluster", {"client_authentication": [{"sasl": [{"iam": True}]}]}, False),
        ("aws_msk_cluster", {"client_authentication": [{"tls": [{"certificate_authority_arns": ["x"]}]}]}, False),
        ("aws_msk_cluster", {"client_authentication": [{"sasl": [{"iam": True}], "unauthenticated": True}]}, True),
    ],
)
def test_who_is_let_in_without_a_word(says: Says, type: str, body: dict[str, Any], expected: bool) -> None:
    """A store that is told of no way to sign in takes whoever comes; one that may do both says so itself."""
    common = {"engine": "redis", "node_type": "cache.t4g.small", "number_of_broker_nodes": 3}
    said = [fact.value for fact in of(Setting, says(type, common | body)) if fact.key == "anonymous"]
    assert said == [expected]


def test_a_database_without_groups_has_its_networks_default_one(says: Says) -> None:
    """AWS gives a new one the default group; what is made from another is as that was, which is not known."""
    (new,) = of(Interface, says("aws_db_instance", {"engine": "mysql", "db_subnet_group_name": "main"}))
    assert (new.groups, new.guarded) == ((), True)
    for name in ("replicate_source_db", "snapshot_identifier"):
        (copy,) = of(Interface, says("aws_db_instance", {"engine": "mysql", name: "other"}))
        assert isinstance(copy.groups, Unknown)


def test_a_migration_s_ends_and_whether_it_keeps_up(says: Says) -> None:
    """A task goes from one endpoint to another, once or with what is written later; a secret's host is not known."""
    ends = {"source_endpoint_arn": "${aws_dms_endpoint.a.endpoint_arn}", "target_endpoint_arn": "arn:aws:dms:x"}
    (task,) = of(Migrates, says("aws_dms_replication_task", {**ends, "migration_type": "full-load-and-cdc"}))
    (once,) = of(Migrates, says("aws_dms_replication_config", {**ends, "replication_type": "full-load"}))
    assert (task.source, task.keeps_up, once.keeps_up) == (at("aws_dms_endpoint.a"), True, False)
    (named,) = of(MigrationEnd, says("aws_dms_endpoint", {"server_name": "db.example"}))
    (secret,) = of(MigrationEnd, says("aws_dms_endpoint", {"secrets_manager_arn": "arn:aws:secretsmanager:x"}))
    assert named.host == "db.example"
    assert isinstance(secret.host, Unknown)
