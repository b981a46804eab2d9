"""ElastiCache: moto has no members of replication groups, no groups of parameters or users, no global datastores.

Seen from the provider: aws_elasticache_replication_group ends in a 404 for its first member, has one node whatever
num_cache_clusters says, no name for its readers, no cluster mode whatever its parameters say, an engine of its own
where it follows a global datastore, and its destruction never ends; an aws_elasticache_cluster stays "deleting"; the
global datastore, the parameter group, the user group and the deletion of a subnet group answer 500.
"""

from __future__ import annotations

import hashlib
import inspect
import re
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, after_init, around, now, replaced_property, store

# The version an engine gets where none is asked for; the emulator knows one of each.
DEFAULT_VERSIONS = {"redis": "7.1.0", "valkey": "8.0.0", "memcached": "1.6.22"}


def apply() -> None:
    """Give replication groups their members, and add groups of parameters and users, and global datastores."""
    _clusters()
    _replication_groups()
    _parameter_groups()
    _user_groups()
    _subnet_groups()
    _global_datastores()
    _tags()


def _clusters() -> None:
    from moto.elasticache.models import CacheCluster, ElastiCacheBackend

    @after_init(CacheCluster)
    def complete(cluster: Any, arguments: dict[str, Any]) -> None:
        region = arguments["region_name"]
        cluster.engine_version = _full_version(cluster.engine, cluster.engine_version)
        if cluster.engine != "memcached":
            cluster.num_cache_nodes = 1
            cluster.replication_group_id = arguments.get("replication_group_id")
            cluster.snapshot_window = arguments.get("snapshot_window") or "17:00-18:00"
        cluster.preferred_maintenance_window = cluster.preferred_maintenance_window or "sun:19:00-sun:20:00"
        if cluster.auto_minor_version_upgrade is None:
            cluster.auto_minor_version_upgrade = True
        cluster.cache_parameter_group = {
            "CacheParameterGroupName": cluster.cache_parameter_group_name or f"default.{_family(cluster)}",
            "ParameterApplyStatus": "in-sync",
            "CacheNodeIdsToReboot": [],
        }
        cluster.security_groups = [{"SecurityGroupId": name, "Status": "active"} for name in cluster.security_group_ids]
        cluster.network_type = cluster.network_type or "ipv4"
        cluster.ip_discovery = cluster.ip_discovery or "ipv4"
        cluster.preferred_availability_zone = cluster.preferred_availability_zone or f"{region}a"
        _give_nodes(cluster, region)

    @around(ElastiCacheBackend, "delete_cache_cluster")
    def delete_cache_cluster(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        cluster = original(backend, *args, **kwargs)
        del backend.cache_clusters[cluster.cache_cluster_id]
        return cluster


def _give_nodes(cluster: Any, region: str) -> None:
    host = f"{cluster.cache_cluster_id}.emulated.{region}.cache.amazonaws.com"
    cluster.cache_nodes = [
        {
            "CacheNodeId": f"{number:04d}",
            "CacheNodeStatus": "available",
            "CacheNodeCreateTime": now(),
            "Endpoint": {"Address": f"{number:04d}.{host}", "Port": int(cluster.port)},
            "ParameterGroupStatus": "in-sync",
            "CustomerAvailabilityZone": cluster.preferred_availability_zone,
        }
        for number in range(1, cluster.num_cache_nodes + 1)
    ]
    if cluster.engine == "memcached":
        cluster.configuration_endpoint = {"Address": f"cfg.{host}", "Port": int(cluster.port)}


def _full_version(engine: str, version: str | None) -> str:
    """Return a version with three parts, as AWS answers it: 7.1 is 7.1.0."""
    parts = (version or DEFAULT_VERSIONS[engine]).split(".")
    return ".".join([*parts, "0", "0"][: max(3, len(parts))])


def _family(cluster: Any) -> str:
    """Return the family of parameters that an engine version belongs to: redis7, valkey8, memcached1.6."""
    major, minor, *_ = cluster.engine_version.split(".")
    return f"memcached{major}.{minor}" if cluster.engine == "memcached" else f"{cluster.engine}{major}"


def _replication_groups() -> None:
    from moto.elasticache.models import ElastiCacheBackend

    @around(ElastiCacheBackend, "create_replication_group")
    def create_replication_group(original: Any, backend: Any, *args: Any, **arguments: Any) -> Any:
        wanted = arguments.get("num_cache_clusters")
        if wanted and not arguments.get("num_node_groups") and not arguments.get("replicas_per_node_group"):
            arguments["replicas_per_node_group"] = int(wanted) - 1  # moto reads only this one
        if not arguments.get("cluster_mode") and _in_cluster_mode(backend, arguments):
            arguments["cluster_mode"] = "enabled"
        group = original(backend, *args, **arguments)
        group.engine_version = _full_version(group.engine, group.engine_version)
        if group.transit_encryption_enabled and not group.transit_encryption_mode:
            group.transit_encryption_mode = "required"
        if group.auto_minor_version_upgrade is None:
            group.auto_minor_version_upgrade = True
        _place_members(backend, group, arguments.get("preferred_cache_cluster_azs"))
        for node_group in group.node_groups:
            if "reader_endpoint_address" in node_group:
                address = node_group["reader_endpoint_address"]
                node_group["reader_endpoint"] = {"address": address, "port": node_group["port"]}
            for member in node_group["node_group_members"]:
                cluster = _member_cluster(backend, group, member)
                backend.cache_clusters[cluster.cache_cluster_id] = cluster
        return group

    @around(ElastiCacheBackend, "delete_replication_group")
    def delete_replication_group(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        group = original(backend, *args, **kwargs)
        del backend.replication_groups[group.replication_group_id]
        for name, cluster in list(backend.cache_clusters.items()):
            if getattr(cluster, "replication_group_id", None) == group.replication_group_id:
                del backend.cache_clusters[name]
        return group


def _in_cluster_mode(backend: Any, arguments: dict[str, Any]) -> bool:
    """Whether several shards are asked for, or the group of parameters says it; moto asks for neither."""
    name = arguments.get("cache_parameter_group_name") or ""
    ours = store(backend, "parameter_groups").get(name, {}).get("parameters", {})
    said = ours.get("cluster-enabled") == "yes" or name.endswith(".cluster.on")
    return said or int(arguments.get("num_node_groups") or 1) > 1


def _place_members(backend: Any, group: Any, asked_for: list[str] | None) -> None:
    """Put members that nobody placed into zones of their own region; moto puts them all into us-east-1."""
    if asked_for or backend.region_name == "us-east-1":
        return
    members = [member for each in group.node_groups for member in each["node_group_members"]]
    for number, member in enumerate(members):
        if member["preferred_availability_zone"].startswith("us-east-1"):
            member["preferred_availability_zone"] = f"{backend.region_name}{'ac'[number % 2]}"


def _member_cluster(backend: Any, group: Any, member: dict[str, Any]) -> Any:
    from moto.elasticache.models import CacheCluster

    arguments: dict[str, Any] = dict.fromkeys(inspect.signature(CacheCluster).parameters)
    shared = {name: getattr(group, name) for name in arguments if hasattr(group, name)}
    own = {
        "account_id": backend.account_id,
        "region_name": backend.region_name,
        "cache_cluster_id": member["cache_cluster_id"],
        "preferred_availability_zone": member["preferred_availability_zone"],
        "tags": None,
        "log_delivery_configurations": [],
    }
    cluster: Any = CacheCluster(**arguments | shared | own)
    cluster.at_rest_encryption_enabled = group.at_rest_encryption_enabled
    return cluster


def _parameter_groups() -> None:
    from moto.core.responses import ActionResult, EmptyResult
    from moto.elasticache.responses import ElastiCacheResponse

    def groups(response: Any) -> dict[str, dict[str, Any]]:
        return store(response.elasticache_backend, "parameter_groups")

    def asked_for(response: Any) -> dict[str, Any]:
        name = response._get_param("CacheParameterGroupName")
        if name not in groups(response):
            raise _error("CacheParameterGroupNotFound", f"CacheParameterGroup {name} not found.")
        return groups(response)[name]

    def given_parameters(response: Any) -> list[dict[str, Any]]:
        return response._get_param("ParameterNameValues") or []

    def create_cache_parameter_group(response: Any) -> Any:
        name = response._get_param("CacheParameterGroupName")
        body = {
            "CacheParameterGroupName": name,
            "CacheParameterGroupFamily": response._get_param("CacheParameterGroupFamily"),
            "Description": response._get_param("Description"),
            "IsGlobal": False,
            "ARN": _arn(response, "parametergroup", name),
        }
        groups(response)[name] = {"body": body, "parameters": {}}
        _tag(response, body["ARN"])
        return ActionResult({"CacheParameterGroup": body})

    def describe_cache_parameter_groups(response: Any) -> Any:
        one = response._get_param("CacheParameterGroupName")
        chosen = [asked_for(response)] if one else groups(response).values()
        return ActionResult({"CacheParameterGroups": [group["body"] for group in chosen]})

    def describe_cache_parameters(response: Any) -> Any:
        parameters = [
            {
                "ParameterName": name,
                "ParameterValue": value,
                "Source": "user",
                "DataType": "string",
                "IsModifiable": True,
            }
            for name, value in asked_for(response)["parameters"].items()
        ]
        return ActionResult({"Parameters": parameters})

    def modify_cache_parameter_group(response: Any) -> Any:
        group = asked_for(response)
        for given in given_parameters(response):
            group["parameters"][given["ParameterName"]] = given.get("ParameterValue")
        return ActionResult({"CacheParameterGroupName": group["body"]["CacheParameterGroupName"]})

    def reset_cache_parameter_group(response: Any) -> Any:
        group = asked_for(response)
        for given in given_parameters(response):
            group["parameters"].pop(given["ParameterName"], None)
        return ActionResult({"CacheParameterGroupName": group["body"]["CacheParameterGroupName"]})

    def delete_cache_parameter_group(response: Any) -> Any:
        del groups(response)[asked_for(response)["body"]["CacheParameterGroupName"]]
        return EmptyResult()

    add_operations(
        ElastiCacheResponse,
        create_cache_parameter_group,
        describe_cache_parameter_groups,
        describe_cache_parameters,
        modify_cache_parameter_group,
        reset_cache_parameter_group,
        delete_cache_parameter_group,
    )


def _user_groups() -> None:
    from moto.core.responses import ActionResult
    from moto.elasticache.responses import ElastiCacheResponse

    def groups(response: Any) -> dict[str, dict[str, Any]]:
        return store(response.elasticache_backend, "user_groups")

    def asked_for(response: Any) -> dict[str, Any]:
        name = response._get_param("UserGroupId")
        if name not in groups(response):
            raise _error("UserGroupNotFound", f"User group {name} not found.")
        return groups(response)[name]

    def create_user_group(response: Any) -> Any:
        name = response._get_param("UserGroupId")
        group = {
            "UserGroupId": name,
            "Status": "active",
            "Engine": (response._get_param("Engine") or "redis").lower(),
            "UserIds": list(response._get_param("UserIds") or []),
            "MinimumEngineVersion": "6.0",
            "ReplicationGroups": [],
            "ARN": _arn(response, "usergroup", name),
        }
        groups(response)[name] = group
        _tag(response, _arn(response, "usergroup", name))
        return ActionResult(group)

    def describe_user_groups(response: Any) -> Any:
        one = response._get_param("UserGroupId")
        return ActionResult({"UserGroups": [asked_for(response)] if one else list(groups(response).values())})

    def modify_user_group(response: Any) -> Any:
        group = asked_for(response)
        leaving = response._get_param("UserIdsToRemove") or []
        staying = [user for user in group["UserIds"] if user not in leaving]
        group["UserIds"] = [*staying, *(response._get_param("UserIdsToAdd") or [])]
        return ActionResult(group)

    def delete_user_group(response: Any) -> Any:
        group = asked_for(response)
        del groups(response)[group["UserGroupId"]]
        return ActionResult(group | {"Status": "deleting"})

    add_operations(ElastiCacheResponse, create_user_group, describe_user_groups, modify_user_group, delete_user_group)


def _subnet_groups() -> None:
    from moto.core.responses import EmptyResult
    from moto.elasticache.responses import ElastiCacheResponse

    def delete_cache_subnet_group(response: Any) -> Any:
        groups = response.elasticache_backend.cache_subnet_groups
        name = response._get_param("CacheSubnetGroupName")
        if name not in groups:
            raise _error("CacheSubnetGroupNotFoundFault", f"CacheSubnetGroup {name} not found.")
        del groups[name]
        return EmptyResult()

    add_operations(ElastiCacheResponse, delete_cache_subnet_group)


def _global_datastores() -> None:
    from moto.core.responses import ActionResult
    from moto.elasticache.models import ElastiCacheBackend, ReplicationGroup, elasticache_backends
    from moto.elasticache.responses import ElastiCacheResponse

    def stored(account: str) -> dict[str, dict[str, Any]]:
        """The datastores of an account, which belong to no region: what is said of each, and its members' regions."""
        return store(elasticache_backends[account]["us-east-1"], "global_datastores")

    def asked_for(response: Any) -> dict[str, Any]:
        name = response._get_param("GlobalReplicationGroupId")
        if name not in stored(response.current_account):
            raise _error("GlobalReplicationGroupNotFoundFault", f"Global replication group {name} does not exist.")
        return stored(response.current_account)[name]

    def group_of(account: str, member: tuple[str, str]) -> Any:
        region, name = member
        return elasticache_backends[account][region].replication_groups[name]

    def shown(account: str, datastore: dict[str, Any], *, members: bool = True) -> dict[str, Any]:
        there = [member for member in datastore["members"] if _is_there(elasticache_backends[account], member)]
        primary = group_of(account, datastore["primary"])
        said = {
            "GlobalReplicationGroupId": datastore["id"],
            "GlobalReplicationGroupDescription": datastore["description"],
            "Status": "available" if len(there) > 1 else "primary-only",
            "CacheNodeType": primary.cache_node_type,
            "Engine": primary.engine,
            "EngineVersion": primary.engine_version,
            "ClusterEnabled": primary.cluster_enabled,
            "GlobalNodeGroups": [
                {"GlobalNodeGroupId": f"{datastore['id']}-{each['node_group_id']}", "Slots": each.get("slots")}
                for each in primary.node_groups
            ],
            "AuthTokenEnabled": primary.auth_token_enabled,
            "TransitEncryptionEnabled": primary.transit_encryption_enabled,
            "AtRestEncryptionEnabled": primary.at_rest_encryption_enabled,
            "ARN": f"arn:aws:elasticache::{account}:globalreplicationgroup:{datastore['id']}",
        }
        if members:
            said["Members"] = [
                {
                    "ReplicationGroupId": name,
                    "ReplicationGroupRegion": region,
                    "Role": "PRIMARY" if (region, name) == datastore["primary"] else "SECONDARY",
                    "AutomaticFailover": group_of(account, (region, name)).automatic_failover,
                    "Status": "associated",
                }
                for region, name in there
            ]
        return said

    def create_global_replication_group(response: Any) -> Any:
        account, suffix = response.current_account, response._get_param("GlobalReplicationGroupIdSuffix")
        member = (response.region, response._get_param("PrimaryReplicationGroupId"))
        if not _is_there(elasticache_backends[account], member):
            raise _error("ReplicationGroupNotFoundFault", f"Replication group {member[1]} does not exist.")
        # AWS puts five characters of its own before the suffix.
        prefix = hashlib.sha256(f"{account} {suffix}".encode()).hexdigest()[:5].translate(_LETTERS)
        identifier = f"{prefix}-{suffix}"
        if identifier in stored(account):
            raise _error("GlobalReplicationGroupAlreadyExistsFault", f"{identifier} exists already.")
        description = response._get_param("GlobalReplicationGroupDescription") or " "
        datastore = {"id": identifier, "description": description, "primary": member, "members": [member]}
        stored(account)[identifier] = datastore
        group_of(account, member).global_replication_group_id = identifier
        return ActionResult({"GlobalReplicationGroup": shown(account, datastore)})

    def describe_global_replication_groups(response: Any) -> Any:
        one, account = response._get_param("GlobalReplicationGroupId"), response.current_account
        chosen = [asked_for(response)] if one else list(stored(account).values())
        members = response._get_bool_param("ShowMemberInfo", False)
        return ActionResult({"GlobalReplicationGroups": [shown(account, each, members=members) for each in chosen]})

    def failover_global_replication_group(response: Any) -> Any:
        datastore = asked_for(response)
        member = (response._get_param("PrimaryRegion"), response._get_param("PrimaryReplicationGroupId"))
        if member not in datastore["members"]:
            raise _error("InvalidParameterValue", f"{member[1]} of {member[0]} is no member of {datastore['id']}.")
        if member == datastore["primary"]:
            raise _error("InvalidParameterValue", f"{member[1]} is the primary of {datastore['id']} already.")
        datastore["primary"] = member
        return ActionResult({"GlobalReplicationGroup": shown(response.current_account, datastore)})

    def modify_global_replication_group(response: Any) -> Any:
        datastore, account = asked_for(response), response.current_account
        datastore["description"] = response._get_param("GlobalReplicationGroupDescription") or datastore["description"]
        for member in datastore["members"]:
            group = group_of(account, member)
            group.cache_node_type = response._get_param("CacheNodeType") or group.cache_node_type
            if version := response._get_param("EngineVersion"):
                group.engine_version = _full_version(group.engine, version)
        return ActionResult({"GlobalReplicationGroup": shown(account, datastore)})

    def disassociate_global_replication_group(response: Any) -> Any:
        datastore, account = asked_for(response), response.current_account
        member = (response._get_param("ReplicationGroupRegion"), response._get_param("ReplicationGroupId"))
        if member not in datastore["members"]:
            raise _error("InvalidParameterValue", f"{member[1]} is no member of {datastore['id']}.")
        if member == datastore["primary"]:
            raise _error("InvalidParameterValue", f"{member[1]} is the primary of {datastore['id']}.")
        datastore["members"].remove(member)
        group_of(account, member).global_replication_group_id = ""
        return ActionResult({"GlobalReplicationGroup": shown(account, datastore)})

    def delete_global_replication_group(response: Any) -> Any:
        datastore, account = asked_for(response), response.current_account
        said = shown(account, datastore)
        if len(said["Members"]) > 1:
            raise _error("InvalidGlobalReplicationGroupState", f"{datastore['id']} still has a secondary.")
        del stored(account)[datastore["id"]]
        group_of(account, datastore["primary"]).global_replication_group_id = ""
        return ActionResult({"GlobalReplicationGroup": said | {"Status": "deleting"}})

    add_operations(
        ElastiCacheResponse,
        create_global_replication_group,
        describe_global_replication_groups,
        failover_global_replication_group,
        modify_global_replication_group,
        disassociate_global_replication_group,
        delete_global_replication_group,
    )

    @around(ElastiCacheBackend, "create_replication_group")
    def create_replication_group(original: Any, backend: Any, *args: Any, **arguments: Any) -> Any:
        followed = arguments.get("global_replication_group_id")
        if not followed:
            return original(backend, *args, **arguments)
        account = backend.account_id
        if followed not in stored(account):
            raise _error("GlobalReplicationGroupNotFoundFault", f"Global replication group {followed} does not exist.")
        datastore = stored(account)[followed]
        primary = group_of(account, datastore["primary"])
        # What the one that is followed has, the follower has, and is not asked for.
        inherited = {
            name: getattr(primary, name)
            for name in (
                "engine", "engine_version", "cache_node_type", "cluster_mode", "transit_encryption_enabled",
                "at_rest_encryption_enabled", "transit_encryption_mode", "cache_parameter_group_name",
            )
        }  # fmt: skip
        inherited["automatic_failover_enabled"] = primary.automatic_failover == "enabled"
        if primary.cluster_enabled:
            inherited["num_node_groups"] = len(primary.node_groups)
        group = original(backend, *args, **arguments | inherited)
        datastore["members"].append((backend.region_name, group.replication_group_id))
        return group

    @replaced_property(ReplicationGroup, "global_replication_group_info")
    def global_replication_group_info(original: Any, group: Any) -> Any:
        if not group.global_replication_group_id:
            return None
        _, _, _, region, account, *_ = group.arn.split(":")
        datastore = stored(account).get(group.global_replication_group_id)
        is_primary = datastore is not None and datastore["primary"] == (region, group.replication_group_id)
        return {
            "GlobalReplicationGroupId": group.global_replication_group_id,
            "GlobalReplicationGroupMemberRole": "PRIMARY" if is_primary else "SECONDARY",
        }


_LETTERS = str.maketrans("0123456789", "ghijklmnop")


def _is_there(backends: Any, member: tuple[str, str]) -> bool:
    region, name = member
    return name in backends[region].replication_groups


def _tags() -> None:
    from moto.elasticache.models import ElastiCacheBackend

    @after_init(ElastiCacheBackend)
    def accept_all_arns(backend: Any, arguments: dict[str, Any]) -> None:
        kinds = "cluster|snapshot|replicationgroup|globalreplicationgroup|subnetgroup|parametergroup|usergroup|user"
        backend.arn_regex = re.compile(rf"^arn:aws[\w-]*:elasticache:[^:]*:\d*:({kinds}):.+$")


def _tag(response: Any, arn: str) -> None:
    tags = response._get_param("Tags") or []
    if tags:
        response.elasticache_backend.tagging_service.tag_resource(arn, tags)


def _arn(response: Any, kind: str, name: str) -> str:
    return f"arn:aws:elasticache:{response.region}:{response.current_account}:{kind}:{name}"


def _error(code: str, message: str) -> Exception:
    # moto finds the service of an error by the module of its class, so it must be one of its own classes.
    from moto.elasticache.exceptions import ElastiCacheException

    return ElastiCacheException(code, message)
