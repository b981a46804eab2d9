"""RDS: moto gives every instance one resource id and loses Performance Insights; Aurora's global side is
incomplete.

Seen from the provider: a second aws_db_instance of a region "couldn't find resource", because the provider
looks instances up by their resource id; performance_insights_enabled plans a change for ever, as do the
parameters of an aws_db_parameter_group (their Source is missing), scaling_configuration of an aws_rds_cluster
and database_name of an aws_rds_global_cluster, which cannot be emptied either; aws_rds_cluster_endpoint and
aws_db_instance_automated_backups_replication do not exist. Seen by whoever fails over: a global cluster's writer
cannot be changed. The managed master password of moto is the same for
all, and so is the user's name in it; option groups can only be listed by name.
"""

from __future__ import annotations

import json
import secrets
import string
import uuid
from typing import Any

from seawall.deploy.emulator.grafting import (
    add_operations,
    added_property,
    after_init,
    around,
    replaced_property,
    store,
)


def apply() -> None:
    """Make instances distinct, keep what they were given, and complete Aurora."""
    _instances()
    _managed_passwords()
    _parameter_groups()
    _option_groups()
    _clusters()
    _global_clusters()
    _writers_of_global_clusters()
    _cluster_endpoints()
    _copied_backups()
    _tags()


def _instances() -> None:
    from moto.rds.models import DBInstance, RDSBackend

    @after_init(DBInstance)
    def complete(instance: Any, arguments: dict[str, Any]) -> None:
        instance.dbi_resource_id = _resource_id()
        instance.performance_insights_enabled = False
        _set_performance_insights(instance, arguments)

    @around(DBInstance, "update")
    def update(original: Any, instance: Any, **arguments: Any) -> None:
        original(instance, **arguments)
        _set_performance_insights(instance, arguments)

    @around(RDSBackend, "create_db_instance_read_replica")
    def create_db_instance_read_replica(original: Any, backend: Any, arguments: dict[str, Any]) -> Any:
        replica = original(backend, arguments)
        replica.dbi_resource_id = _resource_id()  # moto copies the primary, its id included
        return replica


def _set_performance_insights(instance: Any, arguments: dict[str, Any]) -> None:
    wanted = arguments.get("enable_performance_insights")
    if wanted is None:
        return
    instance.performance_insights_enabled = bool(wanted)
    if not wanted:
        instance.performance_insights_retention_period = None
        instance.performance_insights_kms_key_id = None
        return
    instance.performance_insights_retention_period = arguments.get("performance_insights_retention_period") or 7
    instance.performance_insights_kms_key_id = (
        arguments.get("performance_insights_kms_key_id")
        or f"arn:aws:kms:{instance.region}:{instance.account_id}:alias/aws/rds"
    )


def _resource_id() -> str:
    return "db-" + "".join(secrets.choice(string.ascii_uppercase + "234567") for _ in range(26))


def _managed_passwords() -> None:
    from moto.rds.models import MasterUserSecret

    @around(MasterUserSecret, "_generate_secret_string")
    def generate(original: Any, secret: Any) -> str:
        password = "".join(secrets.choice(string.ascii_letters + string.digits) for _ in range(28))
        return json.dumps({"username": secret.resource.master_username, "password": password})


def _parameter_groups() -> None:
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "modify_db_parameter_group")
    def modify_db_parameter_group(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        group = original(backend, *args, **kwargs)
        for parameter in group.parameters.values():
            parameter.setdefault("Source", "user")
        return group


def _option_groups() -> None:
    from moto.rds.models import RDSBackend

    @around(RDSBackend, "describe_option_groups")
    def describe_option_groups(original: Any, backend: Any, wanted: dict[str, Any]) -> Any:
        if wanted.get("option_group_name"):
            return original(backend, wanted)
        return [
            group
            for group in backend.option_groups.values()
            if wanted.get("engine_name") in (None, group.engine_name)
            and wanted.get("major_engine_version") in (None, group.major_engine_version)
        ]


def _clusters() -> None:
    from moto.rds.models import DBCluster

    @replaced_property(DBCluster, "scaling_configuration_info")
    def scaling_configuration_info(original: Any, cluster: Any) -> Any:
        # Only Aurora Serverless v1 has one; a block of nulls reads as a block.
        return original(cluster) if cluster.engine_mode == "serverless" else None


def _global_clusters() -> None:
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import RDSBackend, rds_backends
    from moto.rds.responses import RDSResponse

    def source_of(response: Any) -> Any:
        """The cluster that a global one is to be made of, which may be of any region; None if it starts empty."""
        from moto.rds.exceptions import DBClusterNotFoundError

        arn = response.params.get("SourceDBClusterIdentifier")
        if arn is None:
            return None
        region, name = arn.split(":")[3], arn.rsplit(":", 1)[1]
        cluster = rds_backends[response.current_account][region].clusters.get(name)
        if cluster is None:
            raise DBClusterNotFoundError(arn)
        return cluster

    @around(RDSResponse, "create_global_cluster")
    def create_global_cluster(original: Any, response: Any) -> Any:
        source = source_of(response)
        if source is None:
            answer = original(response)
        else:
            # moto looks for it in the region where it keeps global clusters.
            named = {"Engine": source.engine, "EngineVersion": source.engine_version}
            given = response.params.pop("SourceDBClusterIdentifier")
            answer = _with_parameters(response, named | {"StorageEncrypted": bool(source.storage_encrypted)}, original)
            response.params["SourceDBClusterIdentifier"] = given
            made = answer.result["GlobalCluster"]
            source.global_cluster_identifier, source.is_writer = made.global_cluster_identifier, True
            made.members.append(source)
        cluster = response.global_backend.global_clusters[response.params["GlobalClusterIdentifier"]]
        cluster.database_name = response.params.get("DatabaseName")
        response.global_backend.add_tags_to_resource(cluster.arn, response.params.get("Tags") or [])
        cluster.tags = _tags_of(response.current_account, cluster.arn)
        cluster.engine_lifecycle_support = (
            response.params.get("EngineLifecycleSupport") or "open-source-rds-extended-support"
        )
        return answer

    @around(RDSResponse, "describe_global_clusters")
    def describe_global_clusters(original: Any, response: Any) -> Any:
        # moto answers with all of them, and the provider takes several for none.
        answer, wanted = original(response), response.params.get("GlobalClusterIdentifier")
        if wanted is not None:
            found = [each for each in answer.result["GlobalClusters"] if each.global_cluster_identifier == wanted]
            if not found:
                raise RDSClientError("GlobalClusterNotFoundFault", f"The global cluster '{wanted}' does not exist.")
            answer.result["GlobalClusters"] = found
        return answer

    def release(account: str, member: str) -> None:
        """Take a cluster, by name or ARN, out of whichever global cluster has it; it may be of another
        region."""
        for backend in rds_backends[account].values():
            for world in backend.global_clusters.values():
                leaving = [
                    each for each in world.members if member in (each.db_cluster_identifier, each.db_cluster_arn)
                ]
                for each in leaving:
                    each.global_cluster_identifier = None
                    world.members.remove(each)

    @around(RDSBackend, "remove_from_global_cluster")
    def remove_from_global_cluster(
        original: Any, backend: Any, global_cluster_identifier: str, db_cluster_identifier: str
    ) -> Any:
        release(backend.account_id, db_cluster_identifier)
        everywhere = (each.global_clusters for each in rds_backends[backend.account_id].values())
        return next(
            (known[global_cluster_identifier] for known in everywhere if global_cluster_identifier in known),
            None,
        )

    @around(RDSBackend, "delete_db_cluster")
    def delete_db_cluster(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        cluster = original(backend, *args, **kwargs)
        release(backend.account_id, cluster.db_cluster_arn)
        return cluster


def _writers_of_global_clusters() -> None:
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import (
        DBClusterNotFoundError,
        InvalidDBClusterStateFault,
        InvalidParameterCombination,
        RDSClientError,
    )
    from moto.rds.responses import RDSResponse

    def change_writer(response: Any) -> Any:
        wanted, target = response.params["GlobalClusterIdentifier"], response.params["TargetDbClusterIdentifier"]
        world = response.global_backend.global_clusters.get(wanted)
        if world is None:
            raise RDSClientError("GlobalClusterNotFoundFault", f"The global cluster '{wanted}' does not exist.")
        chosen = next((member for member in world.members if member.db_cluster_arn == target), None)
        if chosen is None:
            raise DBClusterNotFoundError(target)
        if chosen.is_writer:
            raise InvalidDBClusterStateFault(f"{target} is the primary cluster of {wanted} already.")
        for member in world.members:
            member.is_writer = member is chosen
        return ActionResult({"GlobalCluster": world})

    def failover_global_cluster(response: Any) -> Any:
        # Without either word AWS switches over.
        if response.params.get("AllowDataLoss") and response.params.get("Switchover"):
            raise InvalidParameterCombination("AllowDataLoss and Switchover can't be specified together.")
        return change_writer(response)

    def switchover_global_cluster(response: Any) -> Any:
        return change_writer(response)

    add_operations(RDSResponse, failover_global_cluster, switchover_global_cluster)


def _with_parameters(response: Any, added: dict[str, Any], operation: Any) -> Any:
    """Run an operation with more parameters than it was asked with."""
    response.params.update(added)
    try:
        return operation(response)
    finally:
        for name in added:
            del response.params[name]


def _cluster_endpoints() -> None:
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import RDSClientError
    from moto.rds.responses import RDSResponse

    def create_db_cluster_endpoint(response: Any) -> Any:
        name, cluster = response.params["DBClusterEndpointIdentifier"], response.params["DBClusterIdentifier"]
        endpoint = {
            "DBClusterEndpointIdentifier": name,
            "DBClusterIdentifier": cluster,
            "DBClusterEndpointResourceIdentifier": f"cluster-endpoint-{uuid.uuid4().hex[:26].upper()}",
            "DBClusterEndpointArn": f"arn:aws:rds:{response.region}:{response.current_account}:cluster-endpoint:{name}",
            "Endpoint": f"{name}.cluster-custom-emulated.{response.region}.rds.amazonaws.com",
            "Status": "available",
            "EndpointType": "CUSTOM",
            "CustomEndpointType": response.params.get("EndpointType"),
            "StaticMembers": list(response.params.get("StaticMembers") or []),
            "ExcludedMembers": list(response.params.get("ExcludedMembers") or []),
        }
        store(response.backend, "cluster_endpoints")[name] = endpoint
        arn = str(endpoint["DBClusterEndpointArn"])
        response.backend.add_tags_to_resource(arn, response.params.get("Tags") or [])
        return ActionResult(endpoint)

    def describe_db_cluster_endpoints(response: Any) -> Any:
        wanted = response.params.get("DBClusterEndpointIdentifier")
        endpoints = [
            endpoint
            for name, endpoint in store(response.backend, "cluster_endpoints").items()
            if wanted in (None, name)
        ]
        return ActionResult({"DBClusterEndpoints": endpoints})

    def delete_db_cluster_endpoint(response: Any) -> Any:
        endpoints = store(response.backend, "cluster_endpoints")
        name = response.params["DBClusterEndpointIdentifier"]
        if name not in endpoints:
            raise RDSClientError("DBClusterEndpointNotFoundFault", f"{name} is not a cluster endpoint.")
        return ActionResult(endpoints.pop(name) | {"Status": "deleting"})

    add_operations(RDSResponse, create_db_cluster_endpoint, describe_db_cluster_endpoints, delete_db_cluster_endpoint)


def _copied_backups() -> None:
    """Copies of automated backups in another region, which moto does not make."""
    from moto.core.responses import ActionResult
    from moto.rds.exceptions import RDSClientError
    from moto.rds.models import DBInstance, rds_backends
    from moto.rds.responses import RDSResponse

    def copies(backend: Any) -> dict[str, dict[str, Any]]:
        return store(backend, "copied_backups")

    def copies_of(account: str, source: str) -> list[dict[str, Any]]:
        everywhere = (copies(backend) for backend in rds_backends[account].values())
        return [copy for here in everywhere for copy in here.values() if copy["DBInstanceArn"] == source]

    def start_db_instance_automated_backups_replication(response: Any) -> Any:
        source = response.params["SourceDBInstanceArn"]
        region, name = source.split(":")[3], source.rsplit(":", 1)[1]
        instance = rds_backends[response.current_account][region].databases.get(name)
        if instance is None:
            raise RDSClientError("DBInstanceNotFound", f"DBInstance {name} not found.")
        identifier = f"ab-{uuid.uuid4().hex[:26]}"
        arn = f"arn:aws:rds:{response.region}:{response.current_account}:auto-backup:{identifier}"
        key = response.params.get("KmsKeyId")
        copy = {
            "DBInstanceArn": source,
            "DBInstanceIdentifier": name,
            "DbiResourceId": instance.dbi_resource_id,
            "DBInstanceAutomatedBackupsArn": arn,
            "BackupRetentionPeriod": int(response.params.get("BackupRetentionPeriod") or 7),
            "KmsKeyId": key,
            "Encrypted": bool(key),
            "Engine": instance.engine,
            "Region": region,
            "Status": "replicating",
        }
        copies(response.backend)[arn] = copy
        return ActionResult({"DBInstanceAutomatedBackup": copy})

    def stop_db_instance_automated_backups_replication(response: Any) -> Any:
        source = response.params["SourceDBInstanceArn"]
        here = copies(response.backend)
        found = next((arn for arn, copy in here.items() if copy["DBInstanceArn"] == source), None)
        if found is None:
            raise RDSClientError("InvalidDBInstanceState", f"{source} is not replicating to the current region.")
        return ActionResult({"DBInstanceAutomatedBackup": here.pop(found) | {"Status": "deleting"}})

    add_operations(
        RDSResponse,
        start_db_instance_automated_backups_replication,
        stop_db_instance_automated_backups_replication,
    )

    # The provider takes a copy for gone when its source no longer names it.
    def db_instance_automated_backups_replications(instance: Any) -> list[dict[str, str]]:
        name = "DBInstanceAutomatedBackupsArn"
        return [{name: copy[name]} for copy in copies_of(instance.account_id, instance.db_instance_arn)]

    added_property(DBInstance, db_instance_automated_backups_replications)

    @around(RDSResponse, "describe_db_instance_automated_backups")
    def describe_db_instance_automated_backups(original: Any, response: Any) -> Any:
        here, wanted = copies(response.backend), response.params.get("DBInstanceAutomatedBackupsArn")
        if wanted is None:
            known = original(response).result["DBInstanceAutomatedBackups"]
            name = response.params.get("DBInstanceIdentifier")
            ours = [copy for copy in here.values() if name in (None, copy["DBInstanceIdentifier"])]
            return ActionResult({"DBInstanceAutomatedBackups": [*known, *ours]})
        if wanted not in here:
            raise RDSClientError("DBInstanceAutomatedBackupNotFound", f"{wanted} not found.")
        return ActionResult({"DBInstanceAutomatedBackups": [here[wanted]]})


def _tags() -> None:
    """Keep tags of what moto cannot tag; some of it belongs to no region, so one list serves all of them."""
    from moto.rds.models import RDSBackend

    def has_none_in_moto(arn: str) -> bool:
        return ":cluster-endpoint:" in arn or ":global-cluster:" in arn

    @around(RDSBackend, "list_tags_for_resource")
    def list_tags_for_resource(original: Any, backend: Any, arn: str) -> Any:
        return _tags_of(backend.account_id, arn) if has_none_in_moto(arn) else original(backend, arn)

    @around(RDSBackend, "add_tags_to_resource")
    def add_tags_to_resource(original: Any, backend: Any, arn: str, tags: list[dict[str, str]]) -> Any:
        if not has_none_in_moto(arn):
            return original(backend, arn, tags)
        kept, changed = _tags_of(backend.account_id, arn), {tag["Key"] for tag in tags}
        kept[:] = [*(tag for tag in kept if tag["Key"] not in changed), *tags]
        return kept

    @around(RDSBackend, "remove_tags_from_resource")
    def remove_tags_from_resource(original: Any, backend: Any, arn: str, tag_keys: list[str]) -> None:
        if not has_none_in_moto(arn):
            original(backend, arn, tag_keys)
            return
        kept = _tags_of(backend.account_id, arn)
        kept[:] = [tag for tag in kept if tag["Key"] not in tag_keys]


def _tags_of(account: str, arn: str) -> list[dict[str, str]]:
    from moto.rds.models import rds_backends

    found: list[dict[str, str]] = store(rds_backends[account]["us-east-1"], "tags").setdefault(arn, [])
    return found
