"""Where a platform is brought into being: the embedded emulator, or AWS itself.

Both run the same files. A target says in which environment Terraform runs, which override file lies beside the
shipped files, and how AWS is asked; nothing else differs.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seawall.deploy.emulator import process
from seawall.deploy.emulator.process import Emulator
from seawall.deploy.rendered import StackFiles
from seawall.kernel.errors import InputError, OutsideError

OVERRIDE_FILE = "_emulator_override.tf.json"
PROVIDERS = frozenset({"aws", "terraform"})
"""The providers whose stacks are applied; the others are rendered and checked against their schema only."""


@dataclass(frozen=True, slots=True)
class Cloud:
    """An AWS that answers: the environment of its child processes, and the emulator where it is one."""

    environment: Mapping[str, str] = field(repr=False)
    emulator: Emulator | None = None

    @property
    def world(self) -> str:
        """What tells this AWS from a later one of the same name: an emulator's successor is empty."""
        return f"emulator {self.emulator.pid} {self.emulator.started}" if self.emulator else "aws"

    def client(self, service: str, region: str) -> Any:
        """A boto3 client for a service in a region. Raises OutsideError where boto3 is not installed."""
        try:
            import boto3
            from botocore.config import Config
        except ImportError:
            raise OutsideError("boto3 is not installed", fix='pip install "seawall[aws]"') from None
        if self.emulator is not None:
            from seawall.deploy.emulator.clients import client

            return client(self.emulator, service, region)
        retries = {"max_attempts": 5, "mode": "standard"}
        return boto3.Session().client(service, region_name=region, config=Config(retries=retries))

    def override(self, stack: StackFiles) -> bytes | None:
        """What must lie beside a stack's files for this AWS and no other, or None."""
        if self.emulator is None:
            return None
        from seawall.deploy.emulator import surroundings

        settings = surroundings.backend_settings()
        # An override of a provider that the stack does not configure is an error.
        body = surroundings.provider_override(stack.aliases) if "aws" in stack.providers else {}
        body["terraform"] = {"backend": {"s3": _backend_arguments(stack) | settings}}
        states = {name: {"config": config | settings} for name, config in _remote_state_arguments(stack).items()}
        if states:
            body["data"] = {"terraform_remote_state": states}
        if lifted := surroundings.protections_lifted(_documents(stack)):
            body["resource"] = lifted
        return json.dumps(body, indent=2, sort_keys=True).encode() + b"\n"


def emulator(root: Path, *, start: bool) -> Cloud | None:
    """The working folder's emulator, started where there is none if ``start``; None where nothing is up."""
    from seawall.deploy.emulator import surroundings

    running = process.start(root) if start else process.find(root)
    return Cloud(surroundings.environment(running), running) if running else None


def aws(region: str = "") -> Cloud:
    """AWS itself, with the ordinary chain of credentials. Raises OutsideError where it finds none.

    ``region`` is asked whether they are good; by default the user's own, which may be the one that is lost.
    """
    cloud = Cloud(dict(os.environ))
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        cloud.client("sts", region or os.environ.get("AWS_REGION") or "us-east-1").get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        raise OutsideError(
            "AWS does not accept the credentials found",
            str(error),
            fix="log in (`aws sso login`) or set AWS_PROFILE; the ordinary credential chain is used",
        ) from None
    return cloud


def require_global_names(prefix: str | None, domain: str | None) -> None:
    """On AWS names are shared with the whole world: raises InputError unless the description states its own."""
    missing = [name for name, value in (("prefix", prefix), ("domain", domain)) if not value]
    if missing:
        raise InputError(
            f"--target aws needs {' and '.join(missing)} in the description",
            fix="state `prefix:` (it makes bucket names unique) and `domain:` (one that you own)",
        )


def _documents(stack: StackFiles) -> list[dict[str, Any]]:
    return [json.loads(content) for content in stack.files.values()]


def _backend_arguments(stack: StackFiles) -> dict[str, Any]:
    """An override replaces a backend block whole, so what ships is repeated in it."""
    for document in _documents(stack):
        found = document.get("terraform", {}).get("backend", {}).get("s3")
        if found:
            return dict(found)
    return {}


def _remote_state_arguments(stack: StackFiles) -> dict[str, dict[str, Any]]:
    return {
        name: dict(body.get("config", {}))
        for document in _documents(stack)
        for name, body in document.get("data", {}).get("terraform_remote_state", {}).items()
    }
