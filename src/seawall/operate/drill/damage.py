"""How copies are damaged in a store: each is found out, at the latest when the copy's last byte has been read."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Final

from seawall.operate.copies.manifest import MANIFEST, Manifest
from seawall.operate.copies.store import Target

Damage = Callable[[Target, Manifest, Manifest, random.Random], None]
"""Damages the first copy in the store; the second is another one, older and good."""


def cut(store: Target, copy: Manifest, other: Manifest, chance: random.Random) -> None:
    """Half of the dump is there, as an upload leaves it that nobody watched."""
    _write(store, copy.dump, _read(store, copy.dump)[: copy.size // 2])


def flip(store: Target, copy: Manifest, other: Manifest, chance: random.Random) -> None:
    """One bit of the dump is another, as a disk leaves it."""
    content = bytearray(_read(store, copy.dump))
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    _write(store, copy.dump, bytes(content))


def swap(store: Target, copy: Manifest, other: Manifest, chance: random.Random) -> None:
    """The dump is another copy's, as a script leaves it that copies by hand."""
    _write(store, copy.dump, _read(store, other.dump))


def stale(store: Target, copy: Manifest, other: Manifest, chance: random.Random) -> None:
    """An older copy lies under this one's name, whole: what was written since would be lost without a word."""
    _write(store, copy.dump, _read(store, other.dump))
    _write(store, f"{copy.name}/{MANIFEST}", _read(store, f"{other.name}/{MANIFEST}"))


def forge(store: Target, copy: Manifest, other: Manifest, chance: random.Random) -> None:
    """The manifest promises a row more than there is."""
    name = f"{copy.name}/{MANIFEST}"
    said = json.loads(_read(store, name))
    table = sorted(said["rows"])[chance.randrange(len(said["rows"]))]
    said["rows"][table] += 1
    _write(store, name, json.dumps(said).encode())


def orphan(store: Target, copy: Manifest, other: Manifest, chance: random.Random) -> None:
    """The manifest is gone."""
    store.remove(f"{copy.name}/{MANIFEST}")


DAMAGES: Final[Mapping[str, Damage]] = {
    "cut short": cut,
    "a bit flipped": flip,
    "another copy's dump": swap,
    "an older copy under its name": stale,
    "a manifest that promises more": forge,
    "no manifest": orphan,
}


def kept(store: Target, copy: Manifest) -> Mapping[str, bytes]:
    """The objects of a copy as they are, to be put back."""
    return {name: _read(store, name) for name in (copy.dump, f"{copy.name}/{MANIFEST}")}


def put_back(store: Target, objects: Mapping[str, bytes]) -> None:
    """Make the objects what they were."""
    for name, content in objects.items():
        _write(store, name, content)


def _read(store: Target, name: str) -> bytes:
    return b"".join(store.get(name))


def _write(store: Target, name: str, content: bytes) -> None:
    store.remove(name)
    store.put(name, [content])
