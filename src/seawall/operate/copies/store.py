"""Where copies are kept: what a store can do, whichever cloud or folder it is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class Missing(Exception):
    """There is nothing of that name in the store."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One object of a store: its name, size in bytes, and when it was written (UTC)."""

    name: str
    size: int
    written: datetime


class Store(Protocol):
    """A flat place of named objects. Every method raises OutsideError where the store cannot be reached or refuses."""

    @property
    def place(self) -> str:
        """Where it is, without a token: ``azure:ACCOUNT/CONTAINER``, ``s3:BUCKET/PREFIX``, ``file:FOLDER``."""

    def put(self, name: str, content: Iterable[bytes]) -> int:
        """Write an object from a stream of unknown length, all or nothing; the number of bytes written.

        Whatever ``content`` raises is raised on, and then nothing has been written under that name.
        """

    def get(self, name: str) -> Iterator[bytes]:
        """The object's bytes in pieces. Raises Missing."""

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """The objects whose names begin so, in the order of their names."""

    def remove(self, name: str) -> None:
        """Remove an object; nothing happens where it is not there."""
