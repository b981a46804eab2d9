"""SQL packed into what is stored, and unpacked again: gzip, encrypted where a key is given, and counted either way.

``Pack`` finds out while it packs what a manifest says; ``unpack`` gives nothing as whole that differs from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.census import CensusError, census
from seawall.operate.copies.job import Engine
from seawall.operate.copies.manifest import Manifest
from seawall.operate.copies.sealing import ALGORITHM, BrokenSealError, Sealer, unsealed

LEVEL = 1
"""Of isal: a tenth of the processor time of ``gzip -6`` for a tenth more bytes (197 MB of SQL, measured)."""
_GZIP = 31
_YIELD = 2**16
_INFLATE = 2**20


class BadCopy(Exception):
    """What is stored is not what its manifest says; the words say where they part."""


class Pack:
    """The stored bytes of SQL pieces, made as they are asked for, once.

    When the last piece has been given, what was found out is there: ``rows`` maps ``database.table`` (PostgreSQL:
    ``database.schema.table``) to its rows, ``schema`` is the digest of the definitions, ``plain_size`` and
    ``plain_sha256`` are of the SQL, ``size`` and ``sha256`` of what was given, ``server`` is the server's version.
    Raises OutsideError where the SQL does not end as a whole dump does, or is none that can be counted.
    """

    def __init__(self, pieces: Iterable[bytes], engine: Engine, *, key: bytes | None = None) -> None:
        self._pieces, self._key = pieces, key
        self._census = census(engine)
        self._plain, self._stored = hashlib.sha256(), hashlib.sha256()
        self.plain_size = self.size = 0
        self.complete = False

    @property
    def rows(self) -> Mapping[str, int]:
        """Rows of each table so far."""
        return self._census.rows

    @property
    def schema(self) -> str:
        """SHA-256 of the definitions so far."""
        return self._census.schema

    @property
    def plain_sha256(self) -> str:
        """SHA-256 of the SQL so far."""
        return self._plain.hexdigest()

    @property
    def sha256(self) -> str:
        """SHA-256 of what was given so far."""
        return self._stored.hexdigest()

    @property
    def server(self) -> str:
        """The server's version, as the dump says it."""
        return self._census.server

    def __iter__(self) -> Iterator[bytes]:
        sealer = Sealer(self._key) if self._key is not None else None
        pending: list[bytes] = []
        length = 0
        for packed in self._packed():
            sealed = packed if sealer is None else sealer.feed(packed)
            if sealed:
                pending.append(sealed)
                length += len(sealed)
            if length >= _YIELD:
                yield self._given(b"".join(pending))
                pending, length = [], 0
        if sealer is not None:
            pending.append(sealer.end())
        yield self._given(b"".join(pending))
        self.complete = True

    def _packed(self) -> Iterator[bytes]:
        packer = _isal().compressobj(LEVEL, wbits=_GZIP)
        try:
            for piece in self._pieces:
                self.plain_size += len(piece)
                self._plain.update(piece)
                self._census.feed(piece)
                yield packer.compress(piece)
            whole = self._census.close()
        except CensusError as error:
            raise OutsideError("the dump cannot be counted", str(error)) from None
        if not whole:
            raise OutsideError("the dump is not whole: it does not end as its program ends one")
        yield packer.flush()

    def _given(self, piece: bytes) -> bytes:
        self.size += len(piece)
        self._stored.update(piece)
        return piece


def unpack(pieces: Iterable[bytes], manifest: Manifest, key: bytes | None = None) -> Iterator[bytes]:
    """The SQL of a stored copy, in pieces of at most 1 MiB, each counted.

    Raises BadCopy as soon as anything differs from the manifest, at the latest at the end: whoever uses the pieces
    before then must be able to throw away what came of them.
    """
    counted = census("postgresql" if manifest.engine == "postgresql" else "mysql")
    plain = hashlib.sha256()
    size = 0
    try:
        for piece in _inflated(_genuine(_checked(pieces, manifest), manifest, key)):
            size += len(piece)
            if size > manifest.plain_size:
                raise BadCopy(f"its SQL is longer than {manifest.plain_size} bytes")
            plain.update(piece)
            counted.feed(piece)
            yield piece
        whole = counted.close()
    except (CensusError, BrokenSealError) as error:
        raise BadCopy(str(error)) from None
    if size != manifest.plain_size:
        raise BadCopy(f"its SQL has {size} bytes and not {manifest.plain_size}")
    if plain.hexdigest() != manifest.plain_sha256:
        raise BadCopy("the checksum of its SQL is another")
    if not whole:
        raise BadCopy("its SQL does not end as a whole dump does")
    if dict(counted.rows) != dict(manifest.rows):
        differ = sorted(set(counted.rows.items()) ^ set(manifest.rows.items()))
        raise BadCopy(f"its rows are not those of its manifest: {', '.join(sorted({name for name, _ in differ}))}")
    if counted.schema != manifest.schema:
        raise BadCopy("its definitions are not those of its manifest")


def _checked(pieces: Iterable[bytes], manifest: Manifest) -> Iterator[bytes]:
    """What is stored, up to what the manifest says; at its end the checksum is right."""
    stored = hashlib.sha256()
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > manifest.size:
            raise BadCopy(f"it is longer than {manifest.size} bytes")
        stored.update(piece)
        yield piece
    if size != manifest.size:
        raise BadCopy(f"it has {size} bytes and not {manifest.size}")
    if stored.hexdigest() != manifest.sha256:
        raise BadCopy("its checksum is another")


def _genuine(pieces: Iterable[bytes], manifest: Manifest, key: bytes | None) -> Iterator[bytes]:
    if not manifest.encryption:
        yield from pieces
    elif manifest.encryption.get("algorithm") != ALGORITHM:
        raise BadCopy(f"it is encrypted with {manifest.encryption.get('algorithm')}, which nobody here knows")
    elif key is None:
        raise BadCopy(f"it is encrypted, and its key was not given: {manifest.encryption.get('key')}")
    else:
        yield from unsealed(pieces, key)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    isal = _isal()
    unpacker = isal.decompressobj(wbits=_GZIP)
    try:
        for piece in pieces:
            rest = piece
            # A few bytes may be gigabytes of SQL: no more of it at once than this.
            while rest and not unpacker.eof:
                plain = unpacker.decompress(rest, _INFLATE)
                rest = unpacker.unconsumed_tail
                if plain:
                    yield plain
            if unpacker.eof and (rest or unpacker.unused_data):
                raise BadCopy("something follows the end of its gzip stream")
        while not unpacker.eof:
            plain = unpacker.decompress(b"", _INFLATE)
            if not plain:
                raise BadCopy("its gzip stream is cut off")
            yield plain
    except isal.error as error:
        raise BadCopy(f"its gzip stream is damaged: {error}") from None


def _isal() -> Any:
    try:
        from isal import isal_zlib
    except ImportError:
        raise OutsideError("isal is not here, which packs copies", fix="pip install seawall[agent]") from None
    return isal_zlib
