"""Encryption of a stream with AES-256-GCM, piece by piece, so that nothing can be cut off, swapped or put in unseen.

A sealed stream is ``SEAWALL1``, seven random bytes, and pieces of 1 MiB and a tag each. A piece's nonce is those seven
bytes, its number in four and whether it is the last in one: the STREAM construction of Hoang, Reyhanitabar, Rogaway and
Vizár ("Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015).
"""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator

ALGORITHM = "AES-256-GCM"
_MAGIC = b"SEAWALL1"
_RANDOM = 7
_PIECE = 2**20
_TAG = 16


class BrokenSealError(Exception):
    """This is not what was sealed with that key."""


class Sealer:
    """Seals one stream."""

    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)
        self._head = _MAGIC + os.urandom(_RANDOM)
        self._pending = bytearray()
        self._number = 0
        self._begun = False

    def feed(self, piece: bytes) -> bytes:
        """Take bytes and give what is sealed by now."""
        self._pending += piece
        sealed = []
        # One more byte than a piece must be there: the last one is sealed otherwise.
        while len(self._pending) > _PIECE:
            sealed.append(self._seal(bytes(memoryview(self._pending)[:_PIECE]), last=False))
            del self._pending[:_PIECE]
        return self._first() + b"".join(sealed)

    def end(self) -> bytes:
        """The rest."""
        return self._first() + self._seal(bytes(self._pending), last=True)

    def _first(self) -> bytes:
        head, self._begun = (b"" if self._begun else self._head), True
        return head

    def _seal(self, piece: bytes, *, last: bool) -> bytes:
        sealed: bytes = self._cipher.encrypt(_nonce(self._head, self._number, last), piece, self._head)
        self._number += 1
        return sealed


def unsealed(pieces: Iterable[bytes], key: bytes) -> Iterator[bytes]:
    """What was sealed, piece by piece; each is given only once it is known to be genuine. Raises BrokenSealError."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    cipher = AESGCM(key)
    pending = bytearray()
    head = b""
    number = 0
    length = _PIECE + _TAG

    def opened(last: bool) -> bytes:
        sealed = bytes(memoryview(pending)[:length])
        try:
            return cipher.decrypt(_nonce(head, number, last), sealed, head)
        except InvalidTag:
            raise BrokenSealError(f"piece {number} is not as it was sealed, or the key is another") from None

    for piece in pieces:
        pending += piece
        if not head:
            if len(pending) < len(_MAGIC) + _RANDOM:
                continue
            head = bytes(pending[: len(_MAGIC) + _RANDOM])
            if not head.startswith(_MAGIC):
                raise BrokenSealError("it does not begin as what is sealed does")
            del pending[: len(head)]
        while len(pending) > length:
            yield opened(last=False)
            del pending[:length]
            number += 1
    if not head or len(pending) < _TAG:
        raise BrokenSealError("it ends before its last piece")
    yield opened(last=True)


def _nonce(head: bytes, number: int, last: bool) -> bytes:
    return head[len(_MAGIC) :] + struct.pack(">IB", number, last)
