"""The state buckets, asked directly: which stacks are up, what they put out, who holds a state's lock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from seawall.deploy.rendered import Backend
from seawall.deploy.target import Cloud
from seawall.kernel.errors import OutsideError


@dataclass(frozen=True, slots=True)
class State:
    """What a state holds: the addresses of its resources (data sources left out) and its outputs.

    A sensitive output's value is left out; ``outputs`` holds those that may be shown.
    """

    resources: tuple[str, ...]
    outputs: dict[str, Any] = field(repr=False)
    names: frozenset[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left in it."""
        return not self.resources and not self.names


@dataclass(frozen=True, slots=True)
class StateLock:
    """Terraform's own lock on a state, as its lock file says."""

    id: str
    who: str
    operation: str
    created: datetime

    def __str__(self) -> str:
        return f"{self.operation} of {self.who} since {self.created:%Y-%m-%d %H:%M:%S} UTC, lock id {self.id}"


class States:
    """Looks into the buckets that hold Terraform's states."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._clients: dict[str, Any] = {}

    def read(self, backend: Backend) -> State | None:
        """The state of a stack, or None where it has none: then the stack was never up."""
        content = self._object(backend, backend.key)
        return None if content is None else _state(content)

    def document(self, backend: Backend) -> dict[str, Any] | None:
        """A state as it lies in its bucket, or None where there is none; it can hold secrets: keep none."""
        content = self._object(backend, backend.key)
        return None if content is None else dict(json.loads(content))

    def lock(self, backend: Backend) -> StateLock | None:
        """Who holds the lock of a state, or None where nobody does."""
        content = self._object(backend, f"{backend.key}.tflock")
        if content is None:
            return None
        said = json.loads(content)
        # Go writes nanoseconds, which Python does not read.
        created = datetime.fromisoformat(str(said["Created"])[:19] + "+00:00")
        return StateLock(str(said["ID"]), str(said["Who"]), str(said["Operation"]), created)

    def forget(self, backend: Backend) -> None:
        """Remove a state that holds nothing any more; its earlier versions stay in a versioned bucket."""
        self._client(backend.region).delete_object(Bucket=backend.bucket, Key=backend.key)

    def has_bucket(self, backend: Backend) -> bool:
        """Whether the bucket is there."""
        from botocore.exceptions import ClientError

        try:
            self._client(backend.region).head_bucket(Bucket=backend.bucket)
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code")) in ("404", "NoSuchBucket"):
                return False
            raise OutsideError(
                f"the state bucket {backend.bucket} cannot be looked at",
                str(error),
                fix="bucket names are shared by all of AWS: if it is not yours, choose another `prefix:`",
            ) from None
        return True

    def make_bucket(self, backend: Backend) -> bool:
        """Make the bucket private, versioned and encrypted; return whether it was not there before.

        Whatever of it an earlier call left undone is done.
        """
        client = self._client(backend.region)
        is_new = not self.has_bucket(backend)
        if is_new:
            elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": backend.region}}
            client.create_bucket(Bucket=backend.bucket, **({} if backend.region == "us-east-1" else elsewhere))
        client.put_public_access_block(
            Bucket=backend.bucket,
            PublicAccessBlockConfiguration={
                "BlockPublicAcls": True,
                "IgnorePublicAcls": True,
                "BlockPublicPolicy": True,
                "RestrictPublicBuckets": True,
            },
        )
        client.put_bucket_versioning(Bucket=backend.bucket, VersioningConfiguration={"Status": "Enabled"})
        rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}, "BucketKeyEnabled": True}
        client.put_bucket_encryption(Bucket=backend.bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
        return is_new

    def remove_bucket(self, backend: Backend) -> bool:
        """Remove the bucket with every version in it, unless a state is left there; return whether it went."""
        client = self._client(backend.region)
        if not self.has_bucket(backend):
            return False
        if any(True for _ in self._state_keys(backend.bucket, backend.region)):
            return False
        for page in client.get_paginator("list_object_versions").paginate(Bucket=backend.bucket):
            for entry in [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]:
                client.delete_object(Bucket=backend.bucket, Key=entry["Key"], VersionId=entry["VersionId"])
        client.delete_bucket(Bucket=backend.bucket)
        return True

    def any_left(self, region: str) -> bool:
        """Whether any bucket at all holds a state: then somebody's platform is up."""
        buckets = self._client(region).list_buckets().get("Buckets", ())
        return any(True for bucket in buckets for _ in self._state_keys(bucket["Name"], region))

    def _state_keys(self, bucket: str, region: str) -> Iterator[str]:
        for page in self._client(region).get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", ()):
                if entry["Key"].endswith(".tfstate"):
                    yield entry["Key"]

    def _object(self, backend: Backend, key: str) -> bytes | None:
        from botocore.exceptions import ClientError

        try:
            found = self._client(backend.region).get_object(Bucket=backend.bucket, Key=key)
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code")) in ("NoSuchKey", "NoSuchBucket", "404"):
                return None
            raise OutsideError(f"s3://{backend.bucket}/{key} cannot be read", str(error)) from None
        content: bytes = found["Body"].read()
        return content

    def _client(self, region: str) -> Any:
        if region not in self._clients:
            self._clients[region] = self._cloud.client("s3", region)
        return self._clients[region]


def buckets(backends: Iterable[Backend]) -> tuple[Backend, ...]:
    """One backend for each bucket of S3."""
    found = {(backend.bucket, backend.region): backend for backend in backends if backend.kind == "s3"}
    return tuple(found.values())


def _state(content: bytes) -> State:
    body = json.loads(content)
    resources = [
        _address(resource, instance)
        for resource in body.get("resources", ())
        if resource.get("mode") == "managed"
        for instance in resource.get("instances", ())
    ]
    outputs = body.get("outputs", {})
    shown = {name: output.get("value") for name, output in outputs.items() if not output.get("sensitive")}
    return State(tuple(resources), shown, frozenset(outputs))


def _address(resource: dict[str, Any], instance: dict[str, Any]) -> str:
    module = f"{resource['module']}." if resource.get("module") else ""
    index = instance.get("index_key")
    key = "" if index is None else f"[{json.dumps(index)}]"
    return f"{module}{resource['type']}.{resource['name']}{key}"


def no_bucket(backend: Backend) -> OutsideError:
    """The error where a state bucket is not there yet."""
    return OutsideError(f"the state bucket {backend.bucket} does not exist", fix="make it with `seawall bootstrap`")
