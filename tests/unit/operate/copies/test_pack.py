"""What is packed comes back as it was, and nothing else is taken for it: cut, flipped, swapped or put together."""

from __future__ import annotations

import gzip
import hashlib
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from seawall.kernel.errors import OutsideError
from seawall.operate.copies.manifest import Manifest
from seawall.operate.copies.pack import BadCopy, Pack, unpack
from seawall.operate.copies.sealing import BrokenSealError, Sealer, unsealed

pytestmark = pytest.mark.needs("agent")
KEY = bytes(range(32))
SQL = (
    b"CREATE TABLE `t` (\n  `a` int\n);\nINSERT INTO `t` VALUES "
    + b",".join(
        b"(%d,'%s')" % (number, hashlib.sha256(b"%d" % number).hexdigest().encode()) for number in range(20_000)
    )
    + b";\n-- Dump completed on 2026-11-22\n"
)


def pieces(content: bytes, size: int = 50_000) -> Iterator[bytes]:
    """The content in pieces."""
    for at in range(0, len(content), size):
        yield content[at : at + size]


def packed(sql: bytes = SQL, key: bytes | None = None) -> tuple[bytes, Manifest]:
    """What is stored, and the manifest of it."""
    pack = Pack(pieces(sql), "mysql", key=key)
    stored = b"".join(pack)
    moment = datetime(2026, 11, 22, 3, tzinfo=UTC)
    encryption = {"algorithm": "AES-256-GCM", "key": "file:/key"} if key else {}
    manifest = Manifest(
        "shop-production", "shop-db", "mysql", "db:3306", ("shop",), moment, moment, dict(pack.rows), pack.schema,
        pack.plain_size, pack.plain_sha256, pack.size, pack.sha256, {}, encryption,
    )  # fmt: skip
    return stored, manifest


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "sealed"])
def test_what_is_packed_comes_back_to_the_byte(key: bytes | None) -> None:
    """Sizes, checksums and rows are those of what went in, and unpacking gives it back whatever the pieces are."""
    stored, manifest = packed(key=key)
    assert manifest.rows == {"t": 20_000}
    assert (manifest.plain_size, manifest.size) == (len(SQL), len(stored))
    assert manifest.sha256 == hashlib.sha256(stored).hexdigest()
    for size in (997, len(stored)):
        assert b"".join(unpack(pieces(stored, size), manifest, key)) == SQL
    if key is None:
        assert gzip.decompress(stored) == SQL, "any gzip reads it"
    else:
        assert b"INSERT" not in stored
        assert stored != packed(key=key)[0], "two copies share no nonce"


@pytest.mark.parametrize("key", [None, KEY], ids=["plain", "sealed"])
def test_no_damage_is_taken_for_a_copy(key: bytes | None) -> None:
    """Bits flipped, ends cut off or put on, and pieces changed about: each is refused, with and without a key."""
    stored, manifest = packed(key=key)
    chance = random.Random(7)
    damaged = [stored[: chance.randrange(len(stored))] for _ in range(15)]
    for _ in range(15):
        at, bit = chance.randrange(len(stored)), 1 << chance.randrange(8)
        damaged.append(stored[:at] + bytes([stored[at] ^ bit]) + stored[at + 1 :])
    damaged += [b"", stored + b"x", stored + stored, stored[:9000] + stored[10_000:11_000] + stored[10_000:]]
    for one in damaged:
        with pytest.raises(BadCopy):
            list(unpack(pieces(one), manifest, key))


def test_a_manifest_of_another_copy_is_refused() -> None:
    """Every figure of the manifest is held against what is stored."""
    stored, manifest = packed()
    other = packed(SQL.replace(b"(1,", b"(2,", 1))[0]
    with pytest.raises(BadCopy):
        list(unpack(pieces(other), manifest))
    for changed in (
        replace(manifest, rows={"t": 19_999}),
        replace(manifest, rows={"t": 20_000, "u": 0}),
        replace(manifest, schema="0" * 64),
        replace(manifest, plain_sha256="0" * 64),
        replace(manifest, plain_size=manifest.plain_size - 1),
        replace(manifest, plain_size=manifest.plain_size + 1),
        replace(manifest, sha256="0" * 64),
        replace(manifest, size=manifest.size + 1),
        replace(manifest, encryption={"algorithm": "AES-256-GCM", "key": "file:/key"}),
        replace(manifest, encryption={"algorithm": "ROT13", "key": "file:/key"}),
    ):
        with pytest.raises(BadCopy):
            list(unpack(pieces(stored), changed))


def test_a_bomb_is_given_up_at_the_size_of_the_manifest() -> None:
    """A stream that unpacks to far more than it should is not unpacked to its end."""
    bomb = gzip.compress(b"-" * 50_000_000, 1)
    _, manifest = packed()
    manifest = replace(manifest, size=len(bomb), sha256=hashlib.sha256(bomb).hexdigest())
    sizes: list[int] = []
    with pytest.raises(BadCopy, match="longer"):
        sizes.extend(map(len, unpack([bomb], manifest)))
    assert sum(sizes) <= manifest.plain_size


def test_half_a_dump_gives_no_pack() -> None:
    """SQL that stops before its last line is refused, though it would be valid gzip."""
    with pytest.raises(OutsideError, match="not whole"):
        list(Pack(pieces(SQL[:-40]), "mysql"))


def test_what_the_source_raises_is_raised_on() -> None:
    """A source that fails ends the pack with its own error, and the pack is not complete."""

    def failing() -> Iterator[bytes]:
        yield SQL[:1000]
        raise OutsideError("the server went away")

    pack = Pack(failing(), "mysql")
    with pytest.raises(OutsideError, match="went away"):
        list(pack)
    assert not pack.complete


def test_sealed_pieces_cannot_be_left_out_or_changed_about() -> None:
    """Whole pieces dropped, doubled, exchanged or cut at their edges break the seal; so does another key."""
    sealer = Sealer(KEY)
    plain = random.Random(3).randbytes(3 * 2**20 + 5)
    sealed = sealer.feed(plain) + sealer.end()
    assert b"".join(unsealed([sealed], KEY)) == plain
    head, length = 15, 2**20 + 16
    parts = [sealed[:head]] + [sealed[at : at + length] for at in range(head, len(sealed), length)]
    assert len(parts) == 5
    for order in ([0, 1, 2, 3], [0, 2, 1, 3, 4], [0, 1, 1, 2, 3, 4], [0, 1, 2, 4], [0, 4], [0], []):
        with pytest.raises(BrokenSealError):
            list(unsealed([b"".join(parts[number] for number in order)], KEY))
    with pytest.raises(BrokenSealError):
        list(unsealed([sealed], bytes(32)))
    for size in (0, 2**20, 2**20 + 1):
        sealer = Sealer(KEY)
        assert len(b"".join(unsealed([sealer.feed(bytes(size)) + sealer.end()], KEY))) == size
