"""What Terraform and boto3 need around them to speak to the emulator and to nothing else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from seawall.deploy.emulator.process import Emulator

REGION_FOR_GLOBAL_SERVICES = "us-east-1"


def environment(emulator: Emulator, user: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the whole environment of a child process whose AWS is the emulator.

    ``user`` is the environment to start from, this process's own by default; every AWS_* variable of it is
    left out, so that neither real credentials nor a real profile can reach the child.
    """
    user = os.environ if user is None else user
    kept = {name: value for name, value in user.items() if not _is_replaced(name)}
    return kept | {
        "AWS_ENDPOINT_URL": emulator.url,
        "AWS_ACCESS_KEY_ID": "emulator",
        "AWS_SECRET_ACCESS_KEY": "emulator",
        "AWS_REGION": REGION_FOR_GLOBAL_SERVICES,
        "AWS_DEFAULT_REGION": REGION_FOR_GLOBAL_SERVICES,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "CHECKPOINT_DISABLE": "1",
        # S3 Control puts the account's number before the host: 123456789012.127.0.0.1 resolves nowhere. As a
        # proxy the emulator receives the request all the same. Go never asks a proxy for 127.0.0.1 itself,
        # and an address in NO_PROXY exempts exactly that address there (golang.org/x/net/http/httpproxy), not
        # the prefixed host.
        "HTTP_PROXY": emulator.url,
        "NO_PROXY": ",".join(["127.0.0.1", "localhost", *_exempt_hosts(user)]),
    }


def provider_override(aliases: Iterable[str] = ()) -> dict[str, Any]:
    """Return the body of ``_emulator_override.tf.json``: the provider settings the emulator needs, and only
    those.

    ``aliases`` names the aliased configurations of the root module beside the default one. Terraform merges
    an override into the configuration of the same alias, so region and tags stay as shipped.
    """
    settings: dict[str, Any] = {
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
        "s3_use_path_style": True,
        # 25 by default: with that many, an error of the emulator looks like a hang. A connection that breaks
        # while an answer is read happens twice in a row, so that two are too few.
        "max_retries": 5,
    }
    return {"provider": {"aws": [settings, *({"alias": alias, **settings} for alias in aliases)]}}


# What keeps a resource from being deleted, or leaves something of it behind when it is.
_PROTECTIONS: dict[str, dict[str, Any]] = {
    "aws_db_instance": {
        "deletion_protection": False,
        "skip_final_snapshot": True,
        "delete_automated_backups": True,
    },
    "aws_rds_cluster": {"deletion_protection": False, "skip_final_snapshot": True},
    "aws_rds_global_cluster": {"deletion_protection": False},
    "aws_lb": {"enable_deletion_protection": False},
    "aws_dynamodb_table": {"deletion_protection_enabled": False},
    "aws_efs_file_system": {"lifecycle": {"prevent_destroy": False}},
    "aws_s3_bucket": {"force_destroy": True},
    "aws_secretsmanager_secret": {"recovery_window_in_days": 0},
    "aws_route53_zone": {"force_destroy": True},
    "aws_ecr_repository": {"force_delete": True},
}


def protections_lifted(documents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the ``resource`` part of the override: nothing in the emulator is worth keeping from ``down``.

    ``documents`` are the root module's files. Terraform merges arguments, so all others stay as shipped.
    """
    lifted: dict[str, Any] = {}
    for document in documents:
        for type, resources in document.get("resource", {}).items():
            if type in _PROTECTIONS:
                lifted.setdefault(type, {}).update(dict.fromkeys(resources, _PROTECTIONS[type]))
    return lifted


def backend_settings() -> dict[str, bool]:
    """Return the arguments of Terraform's S3 backend that the emulator needs beside bucket, key and
    region."""
    return {
        "use_path_style": True,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
        "skip_requesting_account_id": True,
    }


def write_provider_override(stack_folder: Path, aliases: Iterable[str] = ()) -> Path:
    """Write the override file into a stack's folder, beside the files that ship, and return its path."""
    import json

    path = stack_folder / "_emulator_override.tf.json"
    path.write_text(json.dumps(provider_override(aliases), indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return path


def _is_replaced(name: str) -> bool:
    return name.upper().startswith("AWS_") or name.upper() in {"HTTP_PROXY", "NO_PROXY", "REQUEST_METHOD"}


def _exempt_hosts(user: Mapping[str, str]) -> list[str]:
    """Keep what the user's own HTTPS proxy must not be asked for; ``*`` would exempt the emulator's prefixed
    hosts."""
    listed = user.get("NO_PROXY") or user.get("no_proxy") or ""
    return [host for host in (entry.strip() for entry in listed.split(",")) if host and host != "*"]
