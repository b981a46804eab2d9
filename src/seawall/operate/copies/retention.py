"""How long copies stay: old ones go, but for the newest good one, and what never became a copy goes after hours.

The rules of the stores themselves do not do it alone: Azure's life cycle knows no newest good copy, and Azurite and a
folder have none. A manifest goes before its dump, so that a removal that is cut short leaves no copy that looks whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from seawall.kernel.units import Duration
from seawall.operate.copies.catalogue import AHEAD
from seawall.operate.copies.manifest import DUMP, LONGEST, MANIFEST, BadManifest, Manifest, is_copy_name
from seawall.operate.copies.store import Entry, Missing, Store

ORPHAN = timedelta(hours=6)
"""Age at which a dump without manifest is one that nobody will finish: the manifest follows it at once."""
UPLOAD = timedelta(days=2)
"""Age at which an upload that has not ended is one that nobody will end: longer than any copy takes."""
_STAMP = "%Y%m%dT%H%M%SZ"


@dataclass(slots=True)
class _Kept:
    """What lies under one copy's name."""

    name: str
    began: datetime
    entries: dict[str, Entry] = field(default_factory=dict)

    @property
    def written(self) -> datetime:
        return max(entry.written for entry in self.entries.values())

    @property
    def complete(self) -> bool:
        return MANIFEST in self.entries and self.dump is not None

    @property
    def dump(self) -> Entry | None:
        return self.entries.get(DUMP) or self.entries.get(f"{DUMP}.enc")

    def objects(self) -> Iterator[str]:
        """Names in the order in which they must go."""
        for last in sorted(self.entries, key=lambda part: (part != MANIFEST, part)):
            yield f"{self.name}/{last}"


def superfluous(store: Store, platform: str, component: str, keep: Duration, now: datetime) -> tuple[str, ...]:
    """The objects of a platform's component that are to be removed, in that order.

    Copies that began longer than ``keep`` ago, but for the newest good one and whatever is younger than it; where no
    copy is good, none is old, and one that is still to come is none. Besides, what lies under a copy's name, is none,
    and was last written ORPHAN ago. Another platform's copies, and what is not named as a copy's objects are, are left
    alone.
    """
    copies = sorted(_copies(store, component), key=lambda copy: copy.began)
    candidates = (copy for copy in reversed(copies) if (copy.began - now).total_seconds() <= AHEAD)
    newest = next((copy for copy in candidates if copy.complete and _good(store, copy, platform)), None)
    found: list[str] = []
    for copy in copies:
        if copy.complete:
            old = (now - copy.began).total_seconds() > keep.seconds
            if newest is not None and copy.began < newest.began and old and not _others(store, copy, platform):
                found += copy.objects()
        elif now - copy.written > ORPHAN:
            found += copy.objects()
    return tuple(found)


def _copies(store: Store, component: str) -> list[_Kept]:
    found: dict[str, _Kept] = {}
    for entry in store.entries(f"{component}/"):
        name, _, part = entry.name.rpartition("/")
        if not is_copy_name(name) or part not in (MANIFEST, DUMP, f"{DUMP}.enc"):
            continue
        try:
            began = datetime.strptime(name.partition("/")[2], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            continue
        found.setdefault(name, _Kept(name, began)).entries[part] = entry
    return list(found.values())


def _good(store: Store, copy: _Kept, platform: str) -> bool:
    """Whether its manifest is one of this platform's, and its dump as long as that says."""
    manifest = manifest_of(store, copy.name)
    if manifest is None or manifest.platform != platform:
        return False
    dump = copy.entries.get(manifest.dump.rpartition("/")[2])
    return dump is not None and dump.size == manifest.size


def _others(store: Store, copy: _Kept, platform: str) -> bool:
    """Whether it is another platform's, which keeps its copies in the same place."""
    manifest = manifest_of(store, copy.name)
    return manifest is not None and manifest.platform != platform


def manifest_of(store: Store, name: str) -> Manifest | None:
    """The manifest of the copy of that name, or None where there is none that can be read as one."""
    content = bytearray()
    try:
        for piece in store.get(f"{name}/{MANIFEST}"):
            content += piece
            if len(content) > LONGEST:
                return None
        return Manifest.read(bytes(content), name)
    except (Missing, BadManifest):
        return None
