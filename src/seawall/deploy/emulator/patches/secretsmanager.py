"""Secrets Manager: moto encrypts every copy of a secret with AWS's own key, and does not tell a copy's policy.

Seen from the provider: the replica of an aws_secretsmanager_secret with a key of its own plans a change for ever, and
data.aws_secretsmanager_secret cannot be read where there is a copy. (AWS refuses to change a copy, not to read it.)
"""

from __future__ import annotations

import json
from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Keep the key that a copy was asked for, and answer for it with the policy of what it is a copy of."""
    from moto.secretsmanager.models import FakeSecret, ReplicaSecret, SecretsManagerBackend

    @around(FakeSecret, "create_replicas")
    def create_replicas(
        original: Any, secret: Any, replica_regions: list[dict[str, str]], force_overwrite: bool
    ) -> Any:
        replicas = original(secret, replica_regions, force_overwrite)
        keys = {wanted["Region"]: wanted.get("KmsKeyId") for wanted in replica_regions or []}
        for replica in replicas:
            if keys.get(replica.region):
                replica.config["KmsKeyId"] = keys[replica.region]
        return replicas

    @around(SecretsManagerBackend, "get_resource_policy")
    def get_resource_policy(original: Any, backend: Any, secret_id: str) -> Any:
        copy = backend.secrets.get(secret_id)
        if not isinstance(copy, ReplicaSecret):
            return original(backend, secret_id)
        policy = {} if copy.source.policy is None else {"ResourcePolicy": copy.source.policy}
        return json.dumps({"ARN": copy.arn, "Name": copy.name, **policy})
