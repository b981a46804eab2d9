"""Each test here passes with the patch of ElastiCache and fails on plain moto."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest

Clients = Callable[..., Any]


@pytest.fixture
def elasticache(aws: Clients) -> Any:
    """The client of ElastiCache."""
    return aws("elasticache")


def _name(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:8]}"


def _replication_group(elasticache: Any, **arguments: Any) -> dict[str, Any]:
    wanted = {
        "ReplicationGroupId": _name("group"),
        "ReplicationGroupDescription": "sessions",
        "Engine": "redis",
        "EngineVersion": "7.1",
        "CacheNodeType": "cache.t4g.small",
        "NumCacheClusters": 3,
    }
    return elasticache.create_replication_group(**wanted | arguments)["ReplicationGroup"]


def test_a_replication_group_has_its_members(elasticache: Any) -> None:
    """As many clusters as were asked for are members, can be found, and lie in zones of their own region."""
    group = _replication_group(elasticache)
    assert len(group["MemberClusters"]) == 3
    for member in group["MemberClusters"]:
        cluster = elasticache.describe_cache_clusters(CacheClusterId=member, ShowCacheNodeInfo=True)["CacheClusters"][0]
        assert cluster["ReplicationGroupId"] == group["ReplicationGroupId"]
        assert cluster["EngineVersion"] == "7.1.0"
        assert cluster["PreferredAvailabilityZone"].startswith("ap-northeast-2")
        assert len(cluster["CacheNodes"]) == 1


def test_a_replication_group_has_a_name_for_its_readers(elasticache: Any) -> None:
    """The replicas answer to a name of their own, on the port of the primary."""
    (node_group,) = _replication_group(elasticache)["NodeGroups"]
    assert node_group["ReaderEndpoint"]["Address"].startswith("replica.")
    assert node_group["ReaderEndpoint"]["Port"] == node_group["PrimaryEndpoint"]["Port"]


def test_parameters_turn_cluster_mode_on(elasticache: Any) -> None:
    """One shard is in cluster mode where its parameters say so: clients get the one name that answers for shards."""
    parameters = _name("parameters")
    elasticache.create_cache_parameter_group(
        CacheParameterGroupName=parameters, CacheParameterGroupFamily="redis7", Description="test"
    )
    elasticache.modify_cache_parameter_group(
        CacheParameterGroupName=parameters,
        ParameterNameValues=[{"ParameterName": "cluster-enabled", "ParameterValue": "yes"}],
    )
    name = _name("group")
    group = elasticache.create_replication_group(
        ReplicationGroupId=name,
        ReplicationGroupDescription="sessions",
        Engine="redis",
        EngineVersion="7.1",
        CacheNodeType="cache.t4g.small",
        NumNodeGroups=1,
        ReplicasPerNodeGroup=1,
        AutomaticFailoverEnabled=True,
        CacheParameterGroupName=parameters,
    )["ReplicationGroup"]
    assert (group["ClusterEnabled"], group["ClusterMode"]) == (True, "enabled")
    assert group["ConfigurationEndpoint"]["Address"].startswith("clustercfg.")
    assert group["MemberClusters"] == [f"{name}-0001-001", f"{name}-0001-002"]


def test_a_deleted_replication_group_is_gone_with_its_members(elasticache: Any) -> None:
    """Whoever waits for a replication group to be deleted sees it go."""
    group = _replication_group(elasticache)
    elasticache.delete_replication_group(ReplicationGroupId=group["ReplicationGroupId"])
    with pytest.raises(elasticache.exceptions.ReplicationGroupNotFoundFault):
        elasticache.describe_replication_groups(ReplicationGroupId=group["ReplicationGroupId"])
    with pytest.raises(elasticache.exceptions.CacheClusterNotFoundFault):
        elasticache.describe_cache_clusters(CacheClusterId=group["MemberClusters"][0])


def test_a_memcached_cluster_has_nodes_and_goes(elasticache: Any) -> None:
    """A cluster outside a replication group has its nodes and an endpoint, and is gone once it is deleted."""
    name = _name("cache")
    elasticache.create_cache_cluster(
        CacheClusterId=name, Engine="memcached", CacheNodeType="cache.t4g.micro", NumCacheNodes=2
    )
    found = elasticache.describe_cache_clusters(CacheClusterId=name, ShowCacheNodeInfo=True)["CacheClusters"][0]
    assert len(found["CacheNodes"]) == 2
    assert found["CacheParameterGroup"]["CacheParameterGroupName"] == "default.memcached1.6"
    elasticache.delete_cache_cluster(CacheClusterId=name)
    with pytest.raises(elasticache.exceptions.CacheClusterNotFoundFault):
        elasticache.describe_cache_clusters(CacheClusterId=name)


def test_a_parameter_group_lives(elasticache: Any) -> None:
    """A parameter group is made, its parameters set and reset, its tags read, and it is deleted."""
    name = _name("parameters")
    made = elasticache.create_cache_parameter_group(
        CacheParameterGroupName=name,
        CacheParameterGroupFamily="redis7",
        Description="test",
        Tags=[{"Key": "a", "Value": "1"}],
    )["CacheParameterGroup"]
    pairs = [
        {"ParameterName": "maxmemory-policy", "ParameterValue": "allkeys-lru"},
        {"ParameterName": "timeout", "ParameterValue": "60"},
    ]
    elasticache.modify_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=pairs)
    elasticache.reset_cache_parameter_group(CacheParameterGroupName=name, ParameterNameValues=pairs[1:])
    kept = elasticache.describe_cache_parameters(CacheParameterGroupName=name, Source="user")["Parameters"]
    assert [(each["ParameterName"], each["ParameterValue"]) for each in kept] == [("maxmemory-policy", "allkeys-lru")]
    assert elasticache.list_tags_for_resource(ResourceName=made["ARN"])["TagList"] == [{"Key": "a", "Value": "1"}]
    elasticache.delete_cache_parameter_group(CacheParameterGroupName=name)
    with pytest.raises(elasticache.exceptions.CacheParameterGroupNotFoundFault):
        elasticache.describe_cache_parameter_groups(CacheParameterGroupName=name)


def test_a_user_group_lives(elasticache: Any) -> None:
    """A group of users is made, changed and deleted."""
    name = _name("users")
    elasticache.create_user_group(UserGroupId=name, Engine="redis", UserIds=["default"])
    elasticache.modify_user_group(UserGroupId=name, UserIdsToAdd=["was"], UserIdsToRemove=["default"])
    found = elasticache.describe_user_groups(UserGroupId=name)["UserGroups"][0]
    assert found["UserIds"] == ["was"]
    elasticache.delete_user_group(UserGroupId=name)
    with pytest.raises(elasticache.exceptions.UserGroupNotFoundFault):
        elasticache.describe_user_groups(UserGroupId=name)


def test_a_subnet_group_can_be_deleted(aws: Clients, elasticache: Any) -> None:
    """A subnet group goes when it is deleted."""
    vpc = aws("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = aws("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["SubnetId"]
    name = _name("subnets")
    elasticache.create_cache_subnet_group(
        CacheSubnetGroupName=name, CacheSubnetGroupDescription="test", SubnetIds=[subnet]
    )
    elasticache.delete_cache_subnet_group(CacheSubnetGroupName=name)
    with pytest.raises(elasticache.exceptions.CacheSubnetGroupNotFoundFault):
        elasticache.describe_cache_subnet_groups(CacheSubnetGroupName=name)


def test_a_global_datastore_spans_regions_and_changes_its_primary(aws: Clients) -> None:
    """A group follows it with the engine, nodes and shards of the first; either can be its primary; it comes apart."""
    seoul, tokyo = aws("elasticache"), aws("elasticache", "ap-northeast-1")
    first = _replication_group(seoul, NumCacheClusters=2)["ReplicationGroupId"]
    made = seoul.create_global_replication_group(
        GlobalReplicationGroupIdSuffix=_name("w"), PrimaryReplicationGroupId=first
    )
    world = made["GlobalReplicationGroup"]["GlobalReplicationGroupId"]
    second = _name("group")
    follower = tokyo.create_replication_group(
        ReplicationGroupId=second,
        ReplicationGroupDescription="follows",
        GlobalReplicationGroupId=world,
        NumCacheClusters=2,
    )["ReplicationGroup"]
    assert (follower["CacheNodeType"], follower["Engine"]) == ("cache.t4g.small", "redis")
    assert follower["GlobalReplicationGroupInfo"]["GlobalReplicationGroupMemberRole"] == "SECONDARY"

    def primaries() -> list[str]:
        (found,) = tokyo.describe_global_replication_groups(GlobalReplicationGroupId=world, ShowMemberInfo=True)[
            "GlobalReplicationGroups"
        ]
        assert found["Status"] == "available"
        return [each["ReplicationGroupRegion"] for each in found["Members"] if each["Role"] == "PRIMARY"]

    promotion = {"GlobalReplicationGroupId": world, "PrimaryRegion": "ap-northeast-1"}
    tokyo.failover_global_replication_group(**promotion, PrimaryReplicationGroupId=second)
    assert primaries() == ["ap-northeast-1"]
    with pytest.raises(tokyo.exceptions.InvalidParameterValueException):
        tokyo.failover_global_replication_group(**promotion, PrimaryReplicationGroupId=second)
    seoul.disassociate_global_replication_group(
        GlobalReplicationGroupId=world, ReplicationGroupId=first, ReplicationGroupRegion="ap-northeast-2"
    )
    tokyo.delete_global_replication_group(GlobalReplicationGroupId=world, RetainPrimaryReplicationGroup=True)
    with pytest.raises(tokyo.exceptions.GlobalReplicationGroupNotFoundFault):
        tokyo.describe_global_replication_groups(GlobalReplicationGroupId=world)
    (left,) = tokyo.describe_replication_groups(ReplicationGroupId=second)["ReplicationGroups"]
    assert "GlobalReplicationGroupInfo" not in left
