"""Secrets by where they are: fetched when they are needed, held in memory, put into no message.

``secretsmanager:ARN`` is AWS's; ``file:PATH`` is a file that nobody but its owner may read; ``iam:USER`` is a user of
RDS without a password, who logs in with a token of fifteen minutes that the role of this process may sign.
"""

from __future__ import annotations

import base64
import json
import os
import resource
import stat
from pathlib import Path

from seawall.kernel.errors import InputError, OutsideError
from seawall.operate.copies.aws import asked, client
from seawall.operate.copies.credentials import Credentials
from seawall.operate.copies.job import Database

KEY_BYTES = 32
_LONGEST = 65_536


def credentials(database: Database) -> Credentials:
    """Who logs in to this database; InputError for a secret of another form, OutsideError where there is none."""
    _leave_no_core()
    where = database.secret
    if where.startswith("iam:"):
        return Credentials(where[4:], _token(database, where[4:]))
    try:
        said = json.loads(_read(where, database.region))
        user, password = said["username"], said["password"]
        if not (isinstance(user, str) and isinstance(password, str) and user and password):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        raise InputError(
            f"{where} does not hold who logs in", fix='it is JSON: {"username": "...", "password": "..."}'
        ) from None
    if any(character in user + password for character in "\0\r\n"):
        raise InputError(f"{where} holds a line break, which no client of a database takes")
    return Credentials(user, password)


def key(name: str, region: str = "") -> bytes:
    """The key of that name, 32 bytes, kept as base64. Raises as ``credentials`` does."""
    _leave_no_core()
    try:
        found = base64.b64decode(_read(name, region).strip(), validate=True)
    except ValueError:
        found = b""
    if len(found) != KEY_BYTES:
        raise InputError(f"{name} holds no key: {KEY_BYTES} bytes in base64", fix="openssl rand -base64 32")
    return found


def _leave_no_core() -> None:
    """Have a crash of this process, or of a client that it starts from now on, write no memory to a disk."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))


def _read(where: str, region: str) -> str:
    if where.startswith("file:"):
        return _file(Path(where[5:]))
    if where.startswith("secretsmanager:"):
        name = where.removeprefix("secretsmanager:")
        with asked(f"give the secret {name}"):
            found = client("secretsmanager", region or _region(name)).get_secret_value(SecretId=name)
        text = found.get("SecretString")
        return text if isinstance(text, str) else bytes(found["SecretBinary"]).decode(errors="replace")
    raise InputError(f"{where!r} names no secret", fix="secretsmanager:ARN, file:PATH or iam:USER")


def _file(path: Path) -> str:
    try:
        file = os.open(path, os.O_RDONLY)
        with os.fdopen(file, "rb") as opened:
            # Asked of the open file, so that it cannot be another by now.
            known = os.fstat(file)
            # A cluster gives a pod its secrets by way of its group, as files of root.
            others = 0o077 if known.st_uid == os.geteuid() else 0o037
            if not stat.S_ISREG(known.st_mode) or known.st_mode & others:
                raise InputError(f"{path} may be read by others than its owner", fix=f"chmod 600 {path}")
            return opened.read(_LONGEST).decode()
    except OSError as error:
        raise OutsideError(f"the secret {path} cannot be read", error.strerror or "") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not text") from None


def _token(database: Database, user: str) -> str:
    region = database.region
    with asked(f"sign a token for {user} of {database.host}"):
        rds = client("rds", region)
        return str(
            rds.generate_db_auth_token(
                DBHostname=database.host, Port=database.port, DBUsername=user, Region=region or None
            )
        )


def _region(name: str) -> str:
    parts = name.split(":")
    return parts[3] if len(parts) > 3 and parts[0] == "arn" else ""
