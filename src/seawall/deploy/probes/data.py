"""Data: RDS, ElastiCache, DynamoDB, S3."""

from __future__ import annotations

from typing import Any

from seawall.deploy.probe import Absent, Seen, Standing, only, pairs, probes


def _rds_tags(standing: Standing) -> dict[str, str]:
    return pairs(standing.client("rds").list_tags_for_resource(ResourceName=standing["arn"])["TagList"])


@probes("aws_db_instance")
def database(standing: Standing) -> Seen:
    """A database; healthy when available."""
    found = only(
        standing.client("rds").describe_db_instances(DBInstanceIdentifier=standing["identifier"])["DBInstances"]
    )
    same = {
        "engine": (standing["engine"], found["Engine"]),
        "instance_class": (standing["instance_class"], found["DBInstanceClass"]),
        "multi_az": (standing["multi_az"], found["MultiAZ"]),
    }
    state = found["DBInstanceStatus"]
    return Seen(same, _rds_tags(standing), state == "available", f"status {state}")


@probes("aws_db_instance_automated_backups_replication")
def copied_backups(standing: Standing) -> Seen:
    """The copies of a database's backups, asked for where they are; healthy when they follow it."""
    arn = standing["id"]
    found = only(
        standing.client("rds", arn.split(":")[3]).describe_db_instance_automated_backups(
            DBInstanceAutomatedBackupsArn=arn
        )["DBInstanceAutomatedBackups"]
    )
    same = {
        "source_db_instance_arn": (standing["source_db_instance_arn"], found["DBInstanceArn"]),
        "retention_period": (standing["retention_period"], found["BackupRetentionPeriod"]),
        "kms_key_id": (standing["kms_key_id"], found.get("KmsKeyId")),
    }
    state = found["Status"]
    return Seen(same, None, state.lower() == "replicating", f"status {state}")


@probes("aws_rds_cluster")
def database_cluster(standing: Standing) -> Seen:
    """An Aurora cluster; healthy when available."""
    found = only(
        standing.client("rds").describe_db_clusters(DBClusterIdentifier=standing["cluster_identifier"])["DBClusters"]
    )
    state = found["Status"]
    same = {"engine": (standing["engine"], found["Engine"])}
    return Seen(same, _rds_tags(standing), state == "available", f"status {state}")


@probes("aws_rds_cluster_instance")
def database_cluster_instance(standing: Standing) -> Seen:
    """A member of an Aurora cluster; healthy when available."""
    found = only(
        standing.client("rds").describe_db_instances(DBInstanceIdentifier=standing["identifier"])["DBInstances"]
    )
    state = found["DBInstanceStatus"]
    return Seen({}, _rds_tags(standing), state == "available", f"status {state}")


@probes("aws_db_subnet_group")
def database_subnets(standing: Standing) -> Seen:
    """The subnets a database may be in."""
    found = only(standing.client("rds").describe_db_subnet_groups(DBSubnetGroupName=standing["name"])["DBSubnetGroups"])
    subnets = sorted(subnet["SubnetIdentifier"] for subnet in found["Subnets"])
    return Seen({"subnet_ids": (sorted(standing["subnet_ids"]), subnets)}, _rds_tags(standing))


@probes("aws_db_parameter_group")
def database_parameters(standing: Standing) -> Seen:
    """The parameters of a database."""
    found = only(
        standing.client("rds").describe_db_parameter_groups(DBParameterGroupName=standing["name"])["DBParameterGroups"]
    )
    same = {"family": (standing["family"], found["DBParameterGroupFamily"])}
    return Seen(same, _rds_tags(standing))


@probes("aws_rds_cluster_parameter_group")
def cluster_parameters(standing: Standing) -> Seen:
    """The parameters of a database cluster."""
    found = only(
        standing.client("rds").describe_db_cluster_parameter_groups(DBClusterParameterGroupName=standing["name"])[
            "DBClusterParameterGroups"
        ]
    )
    same = {"family": (standing["family"], found["DBParameterGroupFamily"])}
    return Seen(same, _rds_tags(standing))


@probes("aws_rds_global_cluster")
def global_database(standing: Standing) -> Seen:
    """A database over several regions; healthy when available and one of its clusters is the writer."""
    name = standing["global_cluster_identifier"]
    found = only(standing.client("rds").describe_global_clusters(GlobalClusterIdentifier=name)["GlobalClusters"])
    state = found["Status"]
    writers = sum(bool(member.get("IsWriter")) for member in found.get("GlobalClusterMembers", ()))
    healthy = state == "available" and writers == 1
    return Seen({}, _rds_tags(standing), healthy, f"status {state}, writers: {writers}")


@probes("aws_elasticache_global_replication_group")
def global_cache(standing: Standing) -> Seen:
    """A cache over several regions; healthy when one group is the primary and the others follow."""
    name = standing["global_replication_group_id"]
    found = only(
        standing.client("elasticache").describe_global_replication_groups(
            GlobalReplicationGroupId=name, ShowMemberInfo=True
        )["GlobalReplicationGroups"]
    )
    state = found["Status"]
    members = found.get("Members", ())
    primaries = sum(member.get("Role") == "PRIMARY" for member in members)
    healthy = state in ("available", "primary-only") and primaries == 1
    return Seen({}, {}, healthy, f"status {state}, primaries: {primaries} of {len(members)}")


@probes("aws_elasticache_parameter_group")
def cache_parameters(standing: Standing) -> Seen:
    """The parameters of a cache."""
    found = only(
        standing.client("elasticache").describe_cache_parameter_groups(CacheParameterGroupName=standing["name"])[
            "CacheParameterGroups"
        ]
    )
    return Seen({"family": (standing["family"], found["CacheParameterGroupFamily"])})


@probes("aws_elasticache_user")
def cache_user(standing: Standing) -> Seen:
    """A user of caches; healthy when active."""
    found = only(standing.client("elasticache").describe_users(UserId=standing["user_id"])["Users"])
    same = {"access_string": (standing["access_string"], found["AccessString"])}
    return Seen(same, None, found["Status"] == "active", f"status {found['Status']}")


@probes("aws_elasticache_user_group")
def cache_users(standing: Standing) -> Seen:
    """Who may use a cache; healthy when active."""
    name = standing["user_group_id"]
    found = only(standing.client("elasticache").describe_user_groups(UserGroupId=name)["UserGroups"])
    same = {"user_ids": (sorted(standing["user_ids"]), sorted(found["UserIds"]))}
    return Seen(same, None, found["Status"] == "active", f"status {found['Status']}")


@probes("aws_elasticache_replication_group")
def cache(standing: Standing) -> Seen:
    """A cache; healthy when available."""
    client = standing.client("elasticache")
    found = only(
        client.describe_replication_groups(ReplicationGroupId=standing["replication_group_id"])["ReplicationGroups"]
    )
    tags = pairs(client.list_tags_for_resource(ResourceName=standing["arn"])["TagList"])
    state = found["Status"]
    return Seen({}, tags, state == "available", f"status {state}")


@probes("aws_elasticache_subnet_group")
def cache_subnets(standing: Standing) -> Seen:
    """The subnets a cache may be in."""
    only(
        standing.client("elasticache").describe_cache_subnet_groups(CacheSubnetGroupName=standing["name"])[
            "CacheSubnetGroups"
        ]
    )
    return Seen()


@probes("aws_dynamodb_table")
def table(standing: Standing) -> Seen:
    """A table; healthy when ACTIVE."""
    client = standing.client("dynamodb")
    found = client.describe_table(TableName=standing["name"])["Table"]
    tags = pairs(client.list_tags_of_resource(ResourceArn=found["TableArn"])["Tags"])
    return Seen({}, tags, found["TableStatus"] == "ACTIVE", f"status {found['TableStatus']}")


@probes("aws_s3_bucket")
def bucket(standing: Standing) -> Seen:
    """A bucket."""
    from botocore.exceptions import ClientError

    client = standing.client("s3")
    client.head_bucket(Bucket=standing["bucket"])
    try:
        tags = pairs(client.get_bucket_tagging(Bucket=standing["bucket"])["TagSet"])
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchTagSet":
            raise
        tags = {}
    return Seen(tags=tags)


def _bucket_part(standing: Standing, operation: str) -> Any:
    return getattr(standing.client("s3"), operation)(Bucket=standing["bucket"])


@probes("aws_s3_bucket_versioning")
def bucket_versioning(standing: Standing) -> Seen:
    """Whether a bucket keeps versions."""
    wanted = standing["versioning_configuration"][0]["status"]
    return Seen({"status": (wanted, _bucket_part(standing, "get_bucket_versioning").get("Status", "Disabled"))})


@probes("aws_s3_bucket_public_access_block")
def bucket_public_access(standing: Standing) -> Seen:
    """That a bucket cannot be made public."""
    found = _bucket_part(standing, "get_public_access_block")["PublicAccessBlockConfiguration"]
    names = {
        "block_public_acls": "BlockPublicAcls",
        "block_public_policy": "BlockPublicPolicy",
        "ignore_public_acls": "IgnorePublicAcls",
        "restrict_public_buckets": "RestrictPublicBuckets",
    }
    return Seen({name: (standing[name], found.get(theirs)) for name, theirs in names.items()})


@probes("aws_s3_bucket_server_side_encryption_configuration")
def bucket_encryption(standing: Standing) -> Seen:
    """That a bucket encrypts."""
    _bucket_part(standing, "get_bucket_encryption")
    return Seen()


@probes("aws_s3_bucket_policy")
def bucket_policy(standing: Standing) -> Seen:
    """Who may use a bucket."""
    _bucket_part(standing, "get_bucket_policy")
    return Seen()


@probes("aws_s3_bucket_lifecycle_configuration")
def bucket_lifecycle(standing: Standing) -> Seen:
    """What a bucket throws away."""
    if not _bucket_part(standing, "get_bucket_lifecycle_configuration").get("Rules"):
        raise Absent
    return Seen()


@probes("aws_s3_bucket_ownership_controls")
def bucket_ownership(standing: Standing) -> Seen:
    """Who owns what is put into a bucket."""
    _bucket_part(standing, "get_bucket_ownership_controls")
    return Seen()


@probes("aws_s3_bucket_logging")
def bucket_logging(standing: Standing) -> Seen:
    """Where a bucket's requests are recorded."""
    found = _bucket_part(standing, "get_bucket_logging").get("LoggingEnabled")
    if not found:
        raise Absent
    return Seen({"target_bucket": (standing["target_bucket"], found["TargetBucket"])})


@probes("aws_s3_bucket_replication_configuration")
def bucket_replication(standing: Standing) -> Seen:
    """Where a bucket's objects are copied to."""
    rules = _bucket_part(standing, "get_bucket_replication")["ReplicationConfiguration"]["Rules"]
    wanted = sorted((rule["id"], rule["status"]) for rule in standing["rule"])
    return Seen({"rule": (wanted, sorted((rule["ID"], rule["Status"]) for rule in rules))})


@probes("aws_s3_bucket_intelligent_tiering_configuration")
def bucket_tiers(standing: Standing) -> Seen:
    """What a bucket archives by itself."""
    client = standing.client("s3")
    client.get_bucket_intelligent_tiering_configuration(Bucket=standing["bucket"], Id=standing["name"])
    return Seen()


@probes("aws_s3_object")
def bucket_object(standing: Standing) -> Seen:
    """An object in a bucket, not its content."""
    client = standing.client("s3")
    found = client.head_object(Bucket=standing["bucket"], Key=standing["key"])
    return Seen({"etag": (standing["etag"], found["ETag"].strip('"'))})
