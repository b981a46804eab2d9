"""Spring Boot's configuration files as resources: flat properties by profile, secrets left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from seawall.graph.resource import Resource
from seawall.ingest.folders import files_below
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.readers.application.documents import NAME, documents

MAX_BYTES: Final = 1_000_000
"""Configuration is written by hand; anything larger is a mistake."""


def is_spring_file(path: Path) -> bool:
    """Whether the name is one under which Spring Boot looks for its configuration."""
    return NAME.fullmatch(path.name) is not None


def spring_files(path: Path) -> Iterator[Path]:
    """The files of that kind in a folder, at any depth, or the file itself."""
    for file in files_below(path) if path.is_dir() else (path,):
        if is_spring_file(file):
            yield file


def spring_file(path: Path, shown_as: str | None = None) -> Resource:
    """One file as a resource of type ``file/spring``; its body has ``documents`` of ``profile`` and ``properties``.

    InputError if it cannot be read, is too large, or is neither YAML nor properties.
    """
    name = shown_as or str(path)
    try:
        if path.stat().st_size > MAX_BYTES:
            raise InputError(f"the file is larger than {MAX_BYTES:,} bytes", origin=Origin(name))
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}", origin=Origin(name)) from None
    except UnicodeDecodeError as error:
        raise InputError(f"this is not UTF-8 text (byte {error.start})", origin=Origin(name)) from None
    return spring_text(text, name)


def spring_text(text: str, file: str) -> Resource:
    """The text of a file, whose name says its format and perhaps its profile, as a resource."""
    body = {"documents": documents(text, file)}
    return Resource(Address.file(file), "file/spring", body, Origin(file, 1))
