"""The packages of functions: their sources as a zip that is the same, byte for byte, wherever it is made."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

# The first moment that a zip can name.
_ALWAYS = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Package:
    """A function's code: the file's name, its content, and the hash by which AWS tells one version from another."""

    name: str
    content: bytes

    @property
    def hash(self) -> str:
        """SHA-256 of the content in base64, as Lambda writes it."""
        return base64.b64encode(hashlib.sha256(self.content).digest()).decode()


def package(name: str, more: Mapping[str, str] | None = None) -> Package:
    """The sources of a folder of ``seawall/lambdas``; ``more`` (file name -> text) goes into it as well.

    Nothing of when and where it is made is in it: no date, no owner, one order, no compression that differs between
    releases of zlib.
    """
    folder = resources.files("seawall.lambdas") / name
    files = {
        entry.name: entry.read_text(encoding="utf-8")
        for entry in folder.iterdir()
        if entry.is_file() and not entry.name.endswith(".pyc")
    } | dict(more or {})
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for file in sorted(files):
            entry = zipfile.ZipInfo(file, _ALWAYS)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[file])
    return Package(f"{name}.zip", buffer.getvalue())
