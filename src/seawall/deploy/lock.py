"""The lock of a workplace: one run at a time, and a second one learns who holds it."""

from __future__ import annotations

import fcntl
import json
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seawall.deploy.emulator.process import birth_mark
from seawall.deploy.journal import user_name
from seawall.kernel.errors import OutsideError


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lock: the process and its machine, the user, the command, and since when (ISO 8601, UTC)."""

    pid: int
    birth: str
    host: str
    user: str
    command: str
    since: str

    @classmethod
    def me(cls, command: str) -> Holder:
        """This process, about to run that command."""
        return cls(
            pid=os.getpid(),
            birth=birth_mark(os.getpid()) or "",
            host=socket.gethostname(),
            user=user_name(),
            command=command,
            since=datetime.now(UTC).isoformat(timespec="seconds"),
        )

    @property
    def is_gone(self) -> bool:
        """Whether it ran on this machine and its process no longer does; of other machines nobody can say."""
        return self.host == socket.gethostname() and birth_mark(self.pid) != self.birth

    def as_json(self) -> bytes:
        """The form in which a lock file or object holds it."""
        return json.dumps(asdict(self), indent=2).encode() + b"\n"

    def __str__(self) -> str:
        return f"`{self.command}` of {self.user} on {self.host}, process {self.pid}, since {self.since}"


def read_holder(content: bytes) -> Holder | None:
    """What a lock says of its holder, or None where it says nothing that can be understood."""
    try:
        fields = json.loads(content)
        return Holder(
            int(fields["pid"]),
            *(str(fields[name]) for name in ("birth", "host", "user", "command", "since")),
        )
    except (ValueError, KeyError, TypeError):
        return None


def held_by(holder: Holder | None, where: str, fix: str) -> OutsideError:
    """The error of a run that finds the lock taken."""
    who = str(holder) if holder else "somebody who has not said who they are"
    return OutsideError(f"another run holds the lock {where}: {who}", fix=fix)


@contextmanager
def local_lock(path: Path, command: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock file of a workplace, or raise OutsideError naming its holder.

    The lock is the system's (flock), so it goes with its process however that ends; the text in the file is
    for people. A holder that ended without clearing the text is named to ``say``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fix = "wait until it ends, or end it by its process id; the next run finishes what it began"
            raise held_by(read_holder(_text(file)), str(path), fix) from None
        left = read_holder(_text(file))
        if left is not None:
            say(f"took over the lock of a run that is gone: {left}")
        _replace(file, Holder.me(command).as_json())
        try:
            yield
        finally:
            _replace(file, b"")
    finally:
        os.close(file)


@contextmanager
def bucket_lock(client: Any, bucket: str, key: str, command: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold a lock object in a bucket, written only if there is none, or raise OutsideError naming its holder.

    ``client`` is boto3's for S3. A holder of this machine whose process is gone is replaced, on the condition
    that nobody else has replaced it meanwhile; one of another machine is never judged from here.
    """
    from botocore.exceptions import ClientError

    where = f"s3://{bucket}/{key}"
    mine = Holder.me(command).as_json()
    try:
        tag = client.put_object(Bucket=bucket, Key=key, Body=mine, IfNoneMatch="*")["ETag"]
    except ClientError as error:
        if _code(error) not in ("PreconditionFailed", "ConditionalRequestConflict"):
            raise
        found = client.get_object(Bucket=bucket, Key=key)
        holder = read_holder(found["Body"].read())
        if holder is None or not holder.is_gone:
            fix = f"wait until it ends; if you are sure that it is gone, remove {where} and run again"
            raise held_by(holder, where, fix) from None
        try:
            tag = client.put_object(Bucket=bucket, Key=key, Body=mine, IfMatch=found["ETag"])["ETag"]
        except ClientError as second:
            if _code(second) not in ("PreconditionFailed", "ConditionalRequestConflict"):
                raise
            raise held_by(None, where, "run again; somebody else took it over first") from None
        say(f"took over the lock of a run that is gone: {holder}")
    try:
        yield
    finally:
        _release(client, bucket, key, tag, say)


def _release(client: Any, bucket: str, key: str, tag: str, say: Callable[[str], None]) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        found = client.head_object(Bucket=bucket, Key=key)
        if found["ETag"] == tag:
            client.delete_object(Bucket=bucket, Key=key)
    except (BotoCoreError, ClientError) as error:
        # The run itself has ended well or badly already, and that must not be hidden behind its lock.
        say(f"the lock s3://{bucket}/{key} could not be released ({error}); remove it by hand")


def _code(error: Any) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _text(file: int) -> bytes:
    return os.pread(file, 65536, 0)


def _replace(file: int, content: bytes) -> None:
    os.ftruncate(file, 0)
    os.pwrite(file, content, 0)
    os.fsync(file)
