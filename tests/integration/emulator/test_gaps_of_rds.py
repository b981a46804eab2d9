"""Each test here passes with the patch of RDS and fails on plain moto."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


def _name(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def _instance(aws: Clients, **arguments: Any) -> dict[str, Any]:
    wanted = {
        "DBInstanceIdentifier": _name("db"),
        "Engine": "mysql",
        "DBInstanceClass": "db.t4g.small",
        "AllocatedStorage": 20,
        "MasterUsername": "petclinic",
        "ManageMasterUserPassword": True,
    }
    return aws("rds").create_db_instance(**wanted | arguments)["DBInstance"]


def test_instances_have_resource_ids_of_their_own(aws: Clients) -> None:
    """Two instances and a replica of one are told apart by their resource ids, which is how the provider finds them."""
    first, second = _instance(aws), _instance(aws)
    replica = aws("rds").create_db_instance_read_replica(
        DBInstanceIdentifier=_name("replica"), SourceDBInstanceIdentifier=first["DBInstanceIdentifier"]
    )["DBInstance"]
    identifiers = [each["DbiResourceId"] for each in (first, second, replica)]
    assert len(set(identifiers)) == 3
    found = aws("rds").describe_db_instances(Filters=[{"Name": "dbi-resource-id", "Values": identifiers[1:2]}])
    assert [each["DBInstanceIdentifier"] for each in found["DBInstances"]] == [second["DBInstanceIdentifier"]]


def test_an_instance_keeps_performance_insights(aws: Clients) -> None:
    """Performance Insights is on where it was asked for, and off once it is switched off."""
    name = _instance(aws, EnablePerformanceInsights=True)["DBInstanceIdentifier"]
    rds = aws("rds")
    before = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    rds.modify_db_instance(DBInstanceIdentifier=name, EnablePerformanceInsights=False)
    after = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    assert (before["PerformanceInsightsEnabled"], before["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    assert after["PerformanceInsightsEnabled"] is False


def test_a_managed_password_is_for_the_user_of_its_instance(aws: Clients) -> None:
    """The secret that RDS keeps names the master user, and no two instances share a password."""
    secrets = [_instance(aws, MasterUsername=name)["MasterUserSecret"]["SecretArn"] for name in ("one", "two")]
    values = [json.loads(aws("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]) for secret in secrets]
    assert [value["username"] for value in values] == ["one", "two"]
    assert values[0]["password"] != values[1]["password"]


def test_parameters_of_a_group_are_the_users(aws: Clients) -> None:
    """A parameter that was set is answered as set by the user, as the provider asks for exactly those."""
    rds, name = aws("rds"), _name("group")
    rds.create_db_parameter_group(DBParameterGroupName=name, DBParameterGroupFamily="mysql8.0", Description="test")
    rds.modify_db_parameter_group(
        DBParameterGroupName=name,
        Parameters=[{"ParameterName": "require_secure_transport", "ParameterValue": "ON", "ApplyMethod": "immediate"}],
    )
    kept = rds.describe_db_parameters(DBParameterGroupName=name)["Parameters"]
    assert [each["Source"] for each in kept if each["ParameterName"] == "require_secure_transport"] == ["user"]


def test_a_provisioned_cluster_has_no_serverless_scaling(aws: Clients) -> None:
    """Only a cluster of Aurora Serverless v1 has a scaling configuration."""
    cluster = aws("rds").create_db_cluster(
        DBClusterIdentifier=_name("cluster"),
        Engine="aurora-mysql",
        MasterUsername="petclinic",
        ManageMasterUserPassword=True,
    )["DBCluster"]
    assert "ScalingConfigurationInfo" not in cluster


def test_a_global_cluster_keeps_its_database_and_can_be_emptied(aws: Clients) -> None:
    """A global cluster has the database name it was given; its members leave by ARN and when they are deleted."""
    rds, world = aws("rds"), _name("world")
    created = rds.create_global_cluster(
        GlobalClusterIdentifier=world,
        Engine="aurora-postgresql",
        DatabaseName="petclinic",
        Tags=[{"Key": "a", "Value": "1"}],
    )
    assert created["GlobalCluster"]["DatabaseName"] == "petclinic"
    assert created["GlobalCluster"]["TagList"] == [{"Key": "a", "Value": "1"}]
    names = [_name("member"), _name("member")]
    arns = [
        rds.create_db_cluster(
            DBClusterIdentifier=name,
            Engine="aurora-postgresql",
            GlobalClusterIdentifier=world,
            MasterUsername="petclinic",
            ManageMasterUserPassword=True,
        )["DBCluster"]["DBClusterArn"]
        for name in names
    ]
    rds.remove_from_global_cluster(GlobalClusterIdentifier=world, DbClusterIdentifier=arns[0])
    rds.delete_db_cluster(DBClusterIdentifier=names[1], SkipFinalSnapshot=True)
    found = rds.describe_global_clusters(GlobalClusterIdentifier=world)["GlobalClusters"]
    assert [each["GlobalClusterMembers"] for each in found if each["GlobalClusterIdentifier"] == world] == [[]]


def test_a_global_cluster_is_made_of_one_that_there_is(aws: Clients) -> None:
    """A cluster of another region than moto's own becomes the writer of a global one; a second one follows it."""
    world, names = _name("world"), [_name("member"), _name("member")]
    seoul, tokyo = aws("rds", "ap-northeast-2"), aws("rds", "ap-northeast-1")
    source = seoul.create_db_cluster(
        DBClusterIdentifier=names[0],
        Engine="aurora-postgresql",
        MasterUsername="petclinic",
        ManageMasterUserPassword=True,
        StorageEncrypted=True,
    )["DBCluster"]["DBClusterArn"]
    made = seoul.create_global_cluster(GlobalClusterIdentifier=world, SourceDBClusterIdentifier=source)
    assert made["GlobalCluster"]["StorageEncrypted"] is True
    tokyo.create_db_cluster(DBClusterIdentifier=names[1], Engine="aurora-postgresql", GlobalClusterIdentifier=world)
    found = tokyo.describe_global_clusters(GlobalClusterIdentifier=world)["GlobalClusters"]
    (members,) = (each["GlobalClusterMembers"] for each in found if each["GlobalClusterIdentifier"] == world)
    assert [(each["DBClusterArn"].rsplit(":", 1)[1], each["IsWriter"]) for each in members] == [
        (names[0], True),
        (names[1], False),
    ]


def test_another_member_becomes_the_writer_of_a_global_cluster(aws: Clients) -> None:
    """Failover and switchover change the writer once each; a cluster that writes already is refused, as AWS does."""
    world, names = _name("world"), [_name("member"), _name("member")]
    seoul, tokyo = aws("rds", "ap-northeast-2"), aws("rds", "ap-northeast-1")
    home = seoul.create_db_cluster(
        DBClusterIdentifier=names[0], Engine="aurora-mysql", MasterUsername="a", ManageMasterUserPassword=True
    )["DBCluster"]["DBClusterArn"]
    seoul.create_global_cluster(GlobalClusterIdentifier=world, SourceDBClusterIdentifier=home)
    site = tokyo.create_db_cluster(DBClusterIdentifier=names[1], Engine="aurora-mysql", GlobalClusterIdentifier=world)[
        "DBCluster"
    ]["DBClusterArn"]

    def writers() -> list[str]:
        (found,) = tokyo.describe_global_clusters(GlobalClusterIdentifier=world)["GlobalClusters"]
        return [each["DBClusterArn"] for each in found["GlobalClusterMembers"] if each["IsWriter"]]

    tokyo.failover_global_cluster(GlobalClusterIdentifier=world, TargetDbClusterIdentifier=site, AllowDataLoss=True)
    assert writers() == [site]
    with pytest.raises(tokyo.exceptions.InvalidDBClusterStateFault):
        tokyo.failover_global_cluster(GlobalClusterIdentifier=world, TargetDbClusterIdentifier=site, AllowDataLoss=True)
    seoul.switchover_global_cluster(GlobalClusterIdentifier=world, TargetDbClusterIdentifier=home)
    assert writers() == [home]


def test_one_global_cluster_is_found_among_several(aws: Clients) -> None:
    """Asked for one, it answers with that one; asked for one that is not there, it says so."""
    rds, names = aws("rds"), [_name("world"), _name("world")]
    for name in names:
        rds.create_global_cluster(GlobalClusterIdentifier=name, Engine="aurora-postgresql")
    found = rds.describe_global_clusters(GlobalClusterIdentifier=names[0])["GlobalClusters"]
    assert [each["GlobalClusterIdentifier"] for each in found] == names[:1]
    with pytest.raises(rds.exceptions.GlobalClusterNotFoundFault):
        rds.describe_global_clusters(GlobalClusterIdentifier=_name("nowhere"))


def test_a_custom_endpoint_of_a_cluster_lives(aws: Clients) -> None:
    """A custom endpoint is made, found and deleted."""
    rds, cluster, name = aws("rds"), _name("cluster"), _name("endpoint")
    rds.create_db_cluster(
        DBClusterIdentifier=cluster,
        Engine="aurora-mysql",
        MasterUsername="petclinic",
        ManageMasterUserPassword=True,
    )
    made = rds.create_db_cluster_endpoint(
        DBClusterIdentifier=cluster,
        DBClusterEndpointIdentifier=name,
        EndpointType="READER",
        Tags=[{"Key": "a", "Value": "1"}],
    )
    arn = made["DBClusterEndpointArn"]
    rds.add_tags_to_resource(ResourceName=arn, Tags=[{"Key": "b", "Value": "2"}])
    rds.remove_tags_from_resource(ResourceName=arn, TagKeys=["a"])
    assert rds.list_tags_for_resource(ResourceName=arn)["TagList"] == [{"Key": "b", "Value": "2"}]
    wanted = {"DBClusterEndpointIdentifier": name}
    found = rds.describe_db_cluster_endpoints(**wanted)["DBClusterEndpoints"]
    assert [each["CustomEndpointType"] for each in found] == ["READER"]
    rds.delete_db_cluster_endpoint(**wanted)
    assert rds.describe_db_cluster_endpoints(**wanted)["DBClusterEndpoints"] == []


def test_option_groups_can_be_listed(aws: Clients) -> None:
    """All option groups are listed where none is named, so that what is left over can be asked."""
    rds, name = aws("rds"), _name("options")
    rds.create_option_group(
        OptionGroupName=name, EngineName="mysql", MajorEngineVersion="8.0", OptionGroupDescription="test"
    )
    assert name in [group["OptionGroupName"] for group in rds.describe_option_groups()["OptionGroupsList"]]


def test_backups_are_copied_to_another_region_until_that_is_stopped(aws: Clients) -> None:
    """A copy is in the other region with its source, key and retention; the source names it until it is stopped."""
    source = _instance(aws)["DBInstanceArn"]
    elsewhere = aws("rds", "ap-northeast-1")
    copy = elsewhere.start_db_instance_automated_backups_replication(
        SourceDBInstanceArn=source, BackupRetentionPeriod=3, KmsKeyId="alias/copies"
    )["DBInstanceAutomatedBackup"]
    arn = copy["DBInstanceAutomatedBackupsArn"]
    (found,) = elsewhere.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=arn)[
        "DBInstanceAutomatedBackups"
    ]
    assert (found["DBInstanceArn"], found["BackupRetentionPeriod"], found["Status"]) == (source, 3, "replicating")
    assert (found["KmsKeyId"], found["Region"]) == ("alias/copies", "ap-northeast-2")
    assert arn in _backups(elsewhere)
    assert arn not in _backups(aws("rds"))
    assert _named_by_source(aws, source) == [arn]
    elsewhere.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source)
    assert _named_by_source(aws, source) == []
    assert arn not in _backups(elsewhere)
    with pytest.raises(elsewhere.exceptions.DBInstanceAutomatedBackupNotFoundFault):
        elsewhere.describe_db_instance_automated_backups(DBInstanceAutomatedBackupsArn=arn)


def _backups(rds: Any) -> list[str | None]:
    found = rds.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    return [backup.get("DBInstanceAutomatedBackupsArn") for backup in found]


def _named_by_source(aws: Clients, source: str) -> list[str]:
    (instance,) = aws("rds").describe_db_instances(DBInstanceIdentifier=source.rsplit(":", 1)[1])["DBInstances"]
    copies = instance.get("DBInstanceAutomatedBackupsReplications", [])
    return [copy["DBInstanceAutomatedBackupsArn"] for copy in copies]
