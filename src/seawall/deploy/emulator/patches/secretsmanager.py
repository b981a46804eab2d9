"""Secrets Manager: moto encrypts every copy of a secret with AWS's own key, whatever it was told.

Seen from the provider: the replica of an aws_secretsmanager_secret with a key of its own plans a change for ever.
"""

from __future__ import annotations

from typing import Any

from seawall.deploy.emulator.grafting import around


def apply() -> None:
    """Keep the key that a copy was asked for."""
    from moto.secretsmanager.models import FakeSecret

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
