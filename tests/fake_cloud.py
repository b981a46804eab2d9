"""An AWS that is a folder: an S3 with conditional writes, and the fake Terraform on PATH. No network, no process."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seawall.deploy.rendered import StackFiles
from seawall.deploy.target import Cloud

FAKE = Path(__file__).parent / "fake_terraform.py"


@dataclass(frozen=True, slots=True)
class FakeCloud(Cloud):
    """Stands for AWS itself, so that the lock and the journal go into the bucket."""

    folder: Path = field(default_factory=Path)

    def client(self, service: str, region: str) -> Any:
        """The fake S3; nothing else is asked of it."""
        assert service == "s3"
        return FakeS3(self.folder / "buckets")

    def override(self, stack: StackFiles) -> bytes | None:
        """AWS needs none."""
        return None

    def calls(self) -> list[Mapping[str, Any]]:
        """What Terraform was called with, in order."""
        path = self.folder / "calls.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def things(self) -> list[str]:
        """What was made, imported and destroyed, in order."""
        path = self.folder / "things"
        return path.read_text().splitlines() if path.exists() else []

    def behave(self, **told: str) -> None:
        """Tell the fake Terraform how to behave: `behave(data_apply="die")`."""
        behaviour = {name.replace("_", " "): how for name, how in told.items()}
        (self.folder / "behave.json").write_text(json.dumps(behaviour))


def fake_cloud(folder: Path, *buckets: str, **environment: str) -> FakeCloud:
    """A fake AWS in a folder with these buckets; `environment` is added to what Terraform sees."""
    programs = folder / "programs"
    programs.mkdir(parents=True, exist_ok=True)
    program = programs / "terraform"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I -S "{FAKE}" "$@"\n')
    program.chmod(0o755)
    for bucket in buckets:
        (folder / "buckets" / bucket).mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join([str(programs), os.environ.get("PATH", "")])
    own = {"PATH": path, "FAKE_WORLD": str(folder), "HOME": os.environ.get("HOME", "/")}
    return FakeCloud(own | environment, None, folder)


class FakeS3:
    """The calls that Seawall makes of S3, on files; conditional writes as S3 documents them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def head_bucket(self, Bucket: str) -> None:
        """Fail where there is no such folder."""
        if not (self._folder / Bucket).is_dir():
            raise _error("404")

    def put_object(
        self, Bucket: str, Key: str, Body: bytes, IfNoneMatch: str = "", IfMatch: str = ""
    ) -> dict[str, str]:
        """Write it, if the condition holds."""
        path = self._folder / Bucket / Key
        if IfNoneMatch == "*" and path.exists():
            raise _error("PreconditionFailed")
        if IfMatch and (not path.exists() or _tag(path.read_bytes()) != IfMatch):
            raise _error("PreconditionFailed")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(Body)
        return {"ETag": _tag(Body)}

    def get_object(self, Bucket: str, Key: str) -> dict[str, Any]:
        """Read it."""
        path = self._folder / Bucket / Key
        if not path.is_file():
            raise _error("NoSuchKey")
        content = path.read_bytes()
        return {"Body": io.BytesIO(content), "ETag": _tag(content)}

    def head_object(self, Bucket: str, Key: str) -> dict[str, str]:
        """Its tag."""
        return {"ETag": self.get_object(Bucket, Key)["ETag"]}

    def delete_object(self, Bucket: str, Key: str) -> None:
        """Remove it."""
        (self._folder / Bucket / Key).unlink(missing_ok=True)

    def get_paginator(self, operation: str) -> FakeS3:
        """Only listing is paged."""
        assert operation == "list_objects_v2"
        return self

    def paginate(self, Bucket: str, Prefix: str = "") -> Iterator[dict[str, Any]]:
        """Everything on one page."""
        base = self._folder / Bucket
        keys = sorted(str(path.relative_to(base)) for path in base.rglob("*") if path.is_file())
        yield {"Contents": [{"Key": key} for key in keys if key.startswith(Prefix)]}


def _tag(content: bytes) -> str:
    return f'"{hashlib.md5(content).hexdigest()}"'


def _error(code: str) -> Exception:
    from botocore.exceptions import ClientError

    return ClientError({"Error": {"Code": code, "Message": code}}, "operation")
