"""What is known of a copy: written beside it once it is whole, so that a copy without a manifest is none.

A copy of ``petclinic-db`` taken at 2026-11-22 03:00:05 UTC is two objects:
``petclinic-db/20261122T030005Z/dump.sql.gz`` (``.enc`` at its end where it is encrypted) and
``petclinic-db/20261122T030005Z/manifest.json``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Self

VERSION = 1
MANIFEST = "manifest.json"
DUMP = "dump.sql.gz"
LONGEST = 4 * 2**20
"""Bytes above which a manifest is not read: it would be no manifest of ours."""
_STAMP = re.compile(r"\d{8}T\d{6}Z")
_COMPONENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class BadManifest(Exception):
    """This is no manifest, or one that contradicts itself; the words say why."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was written, from which database, and what it must come to when it is read again.

    ``began`` is the moment of the snapshot (before the dump began), ``ended`` when its last byte was written; both
    UTC. ``rows`` maps ``database.table`` to the rows counted in the stream; ``schema`` is the SHA-256 of the
    statements that define it. ``plain_size`` (bytes) and ``plain_sha256`` are of the SQL, ``size`` and ``sha256`` of
    the object as it is stored. ``encryption`` is empty, or names algorithm and key (never the key itself). ``tools``
    are the versions of the programs that made it.
    """

    platform: str
    component: str
    engine: str
    server: str
    databases: tuple[str, ...]
    began: datetime
    ended: datetime
    rows: Mapping[str, int]
    schema: str
    plain_size: int
    plain_sha256: str
    size: int
    sha256: str
    tools: Mapping[str, str]
    encryption: Mapping[str, str]
    version: int = VERSION

    @property
    def name(self) -> str:
        """The copy's name in its store: component and moment."""
        return copy_name(self.component, self.began)

    @property
    def dump(self) -> str:
        """The name of the object that holds the dump."""
        return f"{self.name}/{DUMP}{'.enc' if self.encryption else ''}"

    def as_bytes(self) -> bytes:
        """As it is stored: JSON, the same to the byte for the same manifest."""
        document = asdict(self) | {"began": _iso(self.began), "ended": _iso(self.ended)}
        return json.dumps(document, indent=1, sort_keys=True).encode() + b"\n"

    @classmethod
    def read(cls, content: bytes, name: str) -> Self:
        """Read one that lay under the copy's name ``name``. Raises BadManifest for whatever is not one of ours."""
        if len(content) > LONGEST:
            raise BadManifest(f"it is {len(content)} bytes long; no manifest is")
        try:
            document = json.loads(content)
        except (ValueError, RecursionError):
            raise BadManifest("it is not JSON") from None
        found = cls(**_fields(document))
        if found.name != name:
            raise BadManifest(f"it is of {found.name}, and lies under {name}")
        return found


def copy_name(component: str, began: datetime) -> str:
    """The name of a copy: ``petclinic-db/20261122T030005Z``."""
    return f"{component}/{began.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def is_copy_name(name: str) -> bool:
    """Whether an object's folder is named as a copy's is."""
    component, _, stamp = name.partition("/")
    return bool(_COMPONENT.fullmatch(component) and _STAMP.fullmatch(stamp))


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def _fields(document: Any) -> dict[str, Any]:
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise BadManifest(f"it is not of version {VERSION}")
    wanted = set(Manifest.__dataclass_fields__)
    if set(document) != wanted:
        # Names of theirs are not repeated: whatever stands there would reach a terminal.
        missing = ", ".join(sorted(wanted - set(document))) or "none"
        raise BadManifest(f"its fields differ: {missing} missing, {len(set(document) - wanted)} unknown")
    fields = dict(document)
    for key in ("platform", "component", "engine", "server"):
        _require(_is_words(fields[key]), key)
    _require(bool(_COMPONENT.fullmatch(fields["component"])), "component")
    for key in ("schema", "plain_sha256", "sha256"):
        _require(isinstance(fields[key], str) and bool(_SHA256.fullmatch(fields[key])), key)
    for key in ("plain_size", "size"):
        _require(_is_count(fields[key]), key)
    databases = fields["databases"]
    _require(isinstance(databases, list) and all(map(_is_words, databases)), "databases")
    fields["databases"] = tuple(databases)
    rows = fields["rows"]
    _require(isinstance(rows, dict) and all(map(_is_count, rows.values())), "rows")
    for key in ("tools", "encryption"):
        _require(isinstance(fields[key], dict) and all(isinstance(one, str) for one in fields[key].values()), key)
    _require(all(map(str.isprintable, fields["encryption"].values())), "encryption")
    for key in ("began", "ended"):
        try:
            moment = datetime.fromisoformat(fields[key])
            _require(moment.tzinfo is not None, key)
            fields[key] = moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            _require(False, key)
    _require(fields["began"] <= fields["ended"], "ended, which is before it began")
    return fields


def _is_words(value: Any) -> bool:
    # What is shown to somebody must not move a cursor, and must have a spelling in UTF-8.
    return isinstance(value, str) and bool(value) and value.isprintable()


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise BadManifest(f"it has no usable {what}")
