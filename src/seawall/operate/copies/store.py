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


class Upload(Protocol):
    """An object that is being written; nobody sees it before ``commit``. Methods raise OutsideError as a Store's do."""

    def write(self, piece: bytes) -> None:
        """Take the next bytes, which may be sent later; an earlier failure is raised here or by ``end``."""

    def end(self) -> int:
        """See every byte to the store, still unseen there; the number of bytes."""

    def commit(self) -> None:
        """Make the object: all of it at once. Only after ``end``."""

    def abort(self) -> None:
        """Give it up; nothing has been written under its name. Harmless after ``commit``, and it raises nothing."""


class Target(Store, Protocol):
    """A store that copies are written to: several can take one stream, and be committed once all of them have it."""

    def begin(self, name: str, *, over: bool = False) -> Upload:
        """Begin to write an object. Raises OutsideError where the store refuses.

        What is there under that name stays, and the commit is refused, unless it may be written ``over``.
        """

    def sweep(self, prefix: str, older_than: datetime) -> int:
        """Clear away what uploads that never ended have left under such names; how many there were."""
