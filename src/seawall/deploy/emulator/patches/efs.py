"""EFS: moto cannot set the backup policy of a file system after its creation, nor delete its resource policy; it knows
neither replication nor the protection against it.

Seen from the provider: aws_efs_backup_policy ends in a 500, and so does destroying an aws_efs_file_system_policy; an
aws_efs_replication_configuration and the protection of an aws_efs_file_system end in a 404.
"""

from __future__ import annotations

import json
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, add_routes, around, replaced_property, store

JSON = {"Content-Type": "application/json"}


def apply() -> None:
    """Add all of them."""
    from moto.efs.exceptions import EFSError, FileSystemNotFound
    from moto.efs.models import FileSystem, efs_backends
    from moto.efs.responses import EFSResponse
    from moto.efs.urls import url_paths

    def asked_for(response: Any) -> Any:
        identifier = response._get_param("FileSystemId")
        known = response.efs_backend.file_systems_by_id
        if identifier not in known:
            raise FileSystemNotFound(identifier)
        return known[identifier]

    def put_backup_policy(response: Any) -> tuple[str, dict[str, str]]:
        system = asked_for(response)
        policy = response._get_param("BackupPolicy")
        system._seawall_backup_policy = policy  # a public attribute would appear in every answer
        return json.dumps({"BackupPolicy": policy}), JSON

    def delete_file_system_policy(response: Any) -> tuple[str, dict[str, str]]:
        asked_for(response).file_system_policy = None
        return "{}", JSON

    add_operations(EFSResponse, put_backup_policy, delete_file_system_policy)

    @replaced_property(FileSystem, "backup_policy")
    def backup_policy(original: Any, system: Any) -> Any:
        return getattr(system, "_seawall_backup_policy", None) or original(system)

    class ReplicationNotFound(EFSError):
        code = 404

    def system_in(response: Any, region: str, identifier: str) -> Any:
        known = efs_backends[response.current_account][region].file_systems_by_id
        if identifier not in known:
            raise FileSystemNotFound(identifier)
        return known[identifier]

    def replications(response: Any) -> dict[Any, Any]:
        # By source, and the same from whatever region one asks.
        found: dict[Any, Any] = store(efs_backends[response.current_account]["us-east-1"], "replications")
        return found

    def update_file_system_protection(response: Any) -> tuple[str, dict[str, str]]:
        system = asked_for(response)
        system._seawall_protection = response._get_param("ReplicationOverwriteProtection")
        return json.dumps({"ReplicationOverwriteProtection": system._seawall_protection}), JSON

    def create_replication_configuration(response: Any) -> tuple[str, dict[str, str]]:
        identifier = response._get_param("SourceFileSystemId")
        source = system_in(response, response.region, identifier)
        arn = source.file_system_arn
        destinations = []
        for wanted in response._get_param("Destinations"):
            copy = system_in(response, wanted["Region"], wanted["FileSystemId"])
            if getattr(copy, "_seawall_protection", "ENABLED") != "DISABLED":
                raise EFSError("ReplicationAlreadyExists", f"{copy.file_system_id} is protected against replication")
            copy._seawall_protection = "REPLICATING"
            destinations.append(
                {"FileSystemId": wanted["FileSystemId"], "Region": wanted["Region"], "Status": "ENABLED"}
            )
        made = {
            "SourceFileSystemId": identifier,
            "SourceFileSystemRegion": response.region,
            "SourceFileSystemArn": arn,
            "OriginalSourceFileSystemArn": arn,
            "CreationTime": 0,
            "Destinations": destinations,
        }
        replications(response)[identifier] = made
        return json.dumps(made), JSON

    def describe_replication_configurations(response: Any) -> tuple[str, dict[str, str]]:
        identifier = response._get_param("FileSystemId")
        found = [
            made
            for source, made in replications(response).items()
            if identifier in (None, source, *(copy["FileSystemId"] for copy in made["Destinations"]))
        ]
        if identifier and not found:
            raise ReplicationNotFound("ReplicationNotFound", f"{identifier} is not replicated")
        return json.dumps({"Replications": found}), JSON

    def delete_replication_configuration(response: Any) -> tuple[str, dict[str, Any]]:
        made = replications(response).pop(response._get_param("SourceFileSystemId"), None)
        for copy in made["Destinations"] if made else ():
            system_in(response, copy["Region"], copy["FileSystemId"])._seawall_protection = "DISABLED"
        return "", {"status": 204}

    add_operations(
        EFSResponse,
        update_file_system_protection,
        create_replication_configuration,
        describe_replication_configurations,
        delete_replication_configuration,
    )

    systems = "/2015-02-01/file-systems"
    add_routes(
        url_paths,
        url_paths[systems],
        f"{systems}/replication-configurations",
        f"{systems}/<file_system_id>/replication-configuration",
        f"{systems}/<file_system_id>/protection",
    )

    @around(FileSystem, "info_json")
    def info_json(original: Any, system: Any) -> Any:
        protection = getattr(system, "_seawall_protection", "ENABLED")
        return original(system) | {"FileSystemProtection": {"ReplicationOverwriteProtection": protection}}
