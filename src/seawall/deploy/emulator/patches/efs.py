"""EFS: moto cannot set the backup policy of a file system after its creation, nor delete its resource policy.

Seen from the provider: aws_efs_backup_policy ends in a 500, and so does destroying an aws_efs_file_system_policy.
"""

from __future__ import annotations

import json
from typing import Any

from seawall.deploy.emulator.grafting import add_operations, replaced_property

JSON = {"Content-Type": "application/json"}


def apply() -> None:
    """Add both."""
    from moto.efs.exceptions import FileSystemNotFound
    from moto.efs.models import FileSystem
    from moto.efs.responses import EFSResponse

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
