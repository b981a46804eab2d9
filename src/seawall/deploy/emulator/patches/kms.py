"""KMS: moto forgets the period of rotation, and takes AWS's keys and replicas for what they are not.

Seen from the provider: rotation_period_in_days of an aws_kms_key plans a change for ever; after an aws_kms_replica_key
the primary says that it is a replica, and the second plan ends in an error; a replica with tags is waited for in
vain, because it has none. A key that AWS makes for a service (alias/aws/rds ...) says that a customer manages it, so
it looks like something left over.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Keep the period; say who manages a key; give the replica a configuration of its own."""
    _rotation()
    _managers()
    _replicas()


def _rotation() -> None:
    from moto.kms.models import KmsBackend
    from moto.kms.responses import KmsResponse

    def key_of(response: Any) -> Any:
        backend: KmsBackend = response.kms_backend
        return backend.keys[backend.get_key_id(response._get_param("KeyId"))]

    @around(KmsResponse, "enable_key_rotation")
    def enable_key_rotation(original: Any, response: Any) -> Any:
        answer = original(response)
        key_of(response).rotation_period_in_days = response._get_param("RotationPeriodInDays") or 365
        return answer

    @around(KmsResponse, "get_key_rotation_status")
    def get_key_rotation_status(original: Any, response: Any) -> str:
        status = json.loads(original(response))
        if status["KeyRotationEnabled"]:
            status["RotationPeriodInDays"] = getattr(key_of(response), "rotation_period_in_days", 365)
        return json.dumps(status)


def _managers() -> None:
    from moto.kms.models import KmsBackend

    @around(KmsBackend, "create_alias")
    def create_alias(original: Any, backend: Any, target_key_id: str, alias_name: str) -> Any:
        alias = original(backend, target_key_id, alias_name)
        if alias_name.startswith("alias/aws/"):
            backend.keys[backend.get_key_id(target_key_id)].key_manager = "AWS"
        return alias


def _replicas() -> None:
    from moto.kms.models import kms_backends
    from moto.kms.responses import KmsResponse

    @around(KmsResponse, "replicate_key")
    def replicate_key(original: Any, response: Any) -> str:
        original(response)
        backend = kms_backends[response.current_account][response._get_param("ReplicaRegion")]
        replica = backend.keys[response.kms_backend.get_key_id(response._get_param("KeyId"))]
        # moto's copy is shallow: the replica would share all of this with the primary.
        replica.multi_region_configuration = copy.deepcopy(replica.multi_region_configuration)
        replica.multi_region_configuration["MultiRegionKeyType"] = "REPLICA"
        replica.aliases, replica.grants, replica.rotations = {}, {}, []
        replica.description = response._get_param("Description") or ""
        replica.policy = response._get_param("Policy") or replica.generate_default_policy()
        tags = response._get_param("Tags") or []
        if tags:
            backend.tagger.tag_resource(replica.id, tags)
        body = {"ReplicaKeyMetadata": replica.to_dict()["KeyMetadata"], "ReplicaPolicy": replica.policy}
        return json.dumps(body | {"ReplicaTags": tags})
