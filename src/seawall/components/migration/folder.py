"""The folder of migrations that a description names, read and judged before anything is made of it."""

from __future__ import annotations

import re
from pathlib import Path

from seawall.components.scope import Scope
from seawall.kernel.errors import InputError

LARGEST = 900_000
"""Bytes of all files together: a ConfigMap holds 1 MiB.

Source: Kubernetes documentation, "ConfigMaps", read 2026-11-21.
"""
_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql")
# The BEGIN of a function's body has no semicolon.
_TRANSACTION = re.compile(
    r"^\s*(BEGIN|COMMIT|ROLLBACK|START\s+TRANSACTION)(\s+(WORK|TRANSACTION))?\s*;", re.IGNORECASE | re.MULTILINE
)


def migrations(scope: Scope, folder: str) -> dict[str, str]:
    """The files of a folder beside the description, by name and in their order.

    Raises InputError for a folder elsewhere, and for files that could not be applied one after the other.
    """
    beside = scope.platform.document.folder
    if beside is None:
        raise InputError(
            f"{scope.name} names the folder {folder}, and the description lies in no file",
            fix="write the description to a file beside that folder",
            origin=scope.origin,
        )
    root = (beside / folder).resolve()
    if not root.is_relative_to(beside) or root == beside:
        raise _refused(scope, f"the folder {folder} does not lie beside the description", "name one that does")
    if not root.is_dir():
        raise _refused(scope, f"there is no folder {folder} beside the description", "make it, or name another")
    found: dict[str, str] = {}
    for path in sorted(root.glob("*.sql")):
        found[path.name] = _read(scope, path, root)
    if not found:
        raise _refused(scope, f"the folder {folder} holds no migration", "write 0001_first.sql")
    numbers = [name[:4] for name in found]
    twice = next((number for number in numbers if numbers.count(number) > 1), None)
    if twice is not None:
        raise _refused(scope, f"two files of {folder} are numbered {twice}", "give the newer one the next number")
    if sum(len(text.encode()) for text in found.values()) > LARGEST:
        raise _refused(scope, f"the files of {folder} are larger than {LARGEST:,} bytes", "a ConfigMap holds no more")
    return found


def _read(scope: Scope, path: Path, root: Path) -> str:
    if not _NAME.fullmatch(path.name):
        raise _refused(scope, f"{path.name} is no name of a migration", "number it, for example 0001_tenants.sql")
    if not path.resolve().is_relative_to(root):
        raise _refused(scope, f"{path.name} leads out of its folder", "put the file itself there")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(scope, f"{path.name} cannot be read: {error}", "write it as UTF-8 text") from None
    if _TRANSACTION.search(text):
        raise _refused(
            scope,
            f"{path.name} begins or ends a transaction",
            "take that out: every migration runs in one, with the line that says it has been applied",
        )
    return text


def _refused(scope: Scope, what: str, fix: str) -> InputError:
    return InputError(f"{scope.name}: {what}", fix=fix, origin=scope.origin)
