"""A folder as a store: objects are files, seen under their names once they are whole."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.store import Entry, Missing
from seawall.operate.copies.uploads import put

_PIECE = 2**18
_PART = ".part-"


class Folder:
    """A folder that only its owner may read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """``file:FOLDER``."""
        return f"file:{self._folder}"

    def begin(self, name: str, *, over: bool = False) -> _File:
        """A hidden file beside where the object will be."""
        path = self._path(name)
        try:
            # The folder may be a mount that is not there; making it would fill the disk under it.
            self._folder.stat()
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            return _File(path, self.place, over)
        except OSError as error:
            raise _failed(self.place, "cannot be written to", error) from None

    def put(self, name: str, content: Iterable[bytes]) -> int:
        """All or nothing."""
        return put(self, name, content)

    def get(self, name: str) -> Iterator[bytes]:
        """The file's bytes in pieces."""
        try:
            file = self._path(name).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise Missing(f"{self.place} has no {name}") from None
        except OSError as error:
            raise _failed(self.place, f"does not give {name}", error) from None
        return self._pieces(name, file)

    def _pieces(self, name: str, file: BinaryIO) -> Iterator[bytes]:
        with file:
            while True:
                try:
                    piece = file.read(_PIECE)
                except OSError as error:
                    raise _failed(self.place, f"does not give {name}", error) from None
                if not piece:
                    return
                yield piece

    def entries(self, prefix: str = "") -> Iterator[Entry]:
        """Files whose names begin so; what is still being written is none."""
        found: list[Entry] = []
        for path, name in self._walk():
            if name.startswith(prefix) and not path.name.startswith(_PART):
                with suppress(FileNotFoundError):
                    known = path.stat()
                    found.append(Entry(name, known.st_size, datetime.fromtimestamp(known.st_mtime, UTC)))
        yield from sorted(found, key=lambda entry: entry.name)

    def remove(self, name: str) -> None:
        """Remove the file, and its folder once that is empty."""
        path = self._path(name)
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise _failed(self.place, f"does not let go of {name}", error) from None
        for folder in path.parents:
            if folder == self._folder:
                break
            try:
                folder.rmdir()
            except OSError:
                break

    def sweep(self, prefix: str, older_than: datetime) -> int:
        """Remove parts that nobody has written to since then."""
        count = 0
        for path, name in self._walk():
            if path.name.startswith(_PART) and name.startswith(prefix):
                with suppress(FileNotFoundError):
                    if datetime.fromtimestamp(path.stat().st_mtime, UTC) < older_than:
                        path.unlink()
                        count += 1
        return count

    def _walk(self) -> Iterator[tuple[Path, str]]:
        def stop(error: OSError) -> None:
            raise _failed(self.place, "cannot be listed", error) from None

        for folder, _, files in os.walk(self._folder, onerror=stop):
            for file in files:
                path = Path(folder, file)
                yield path, path.relative_to(self._folder).as_posix()

    def _path(self, name: str) -> Path:
        if not name or any(part in ("", ".", "..") for part in name.split("/")):
            raise ValueError(f"{name!r} is no name of an object")
        return self._folder / name


class _File:
    def __init__(self, path: Path, place: str, over: bool) -> None:
        self._path, self._place, self._over = path, place, over
        self._part = path.with_name(f"{_PART}{secrets.token_hex(8)}")
        self._size = 0
        self._file: int | None = os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)

    def write(self, piece: bytes) -> None:
        assert self._file is not None
        view = memoryview(piece)
        try:
            while view:
                view = view[os.write(self._file, view) :]
        except OSError as error:
            raise _failed(self._place, "cannot be written to", error) from None
        self._size += len(piece)

    def end(self) -> int:
        assert self._file is not None
        try:
            os.fsync(self._file)
            os.close(self._file)
        except OSError as error:
            raise _failed(self._place, "cannot be written to", error) from None
        self._file = None
        return self._size

    def commit(self) -> None:
        try:
            if self._over:
                self._part.replace(self._path)
            else:
                # Unlike a rename, a link refuses what is there.
                os.link(self._part, self._path)
                self._part.unlink()
            # The new name is on the disk only once its folder is.
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except FileExistsError:
            raise OutsideError(f"{self._place} has {self._path.name} already") from None
        except OSError as error:
            raise _failed(self._place, "cannot be written to", error) from None

    def abort(self) -> None:
        with suppress(OSError):
            if self._file is not None:
                os.close(self._file)
                self._file = None
        with suppress(OSError):
            self._part.unlink(missing_ok=True)
            self._part.parent.rmdir()


def _failed(place: str, what: str, error: OSError) -> OutsideError:
    return OutsideError(f"{place} {what}", error.strerror or str(error), fix="see that it is there, ours, and has room")
