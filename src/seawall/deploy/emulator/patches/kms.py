"""KMS: moto's replica of a multi-Region key shares its configuration with the primary.

Seen from the provider: after an aws_kms_replica_key the primary says that it is a replica, and the second
plan ends in an error.
"""

from __future__ import annotations

import copy
import json
from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Keep the period; give the replica a configuration of its own."""
    _rotation()
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


def _replicas() -> None:
    from moto.kms.models import KmsBackend

    @around(KmsBackend, "replicate_key")
    def replicate_key(original: Any, backend: Any, *args: Any, **kwargs: Any) -> Any:
        replica = original(backend, *args, **kwargs)
        if replica.multi_region:
            replica.multi_region_configuration = copy.deepcopy(replica.multi_region_configuration)
            replica.multi_region_configuration["MultiRegionKeyType"] = "REPLICA"
        return replica
