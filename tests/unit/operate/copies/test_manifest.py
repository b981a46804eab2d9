"""Manifests as somebody else may have written them: refused in words, never by a crash that hides the good ones."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from copies_by_hand import JOB, NOW, put
from seawall.operate.copies.catalogue import newest, oldest_allowed
from seawall.operate.copies.folder import Folder
from seawall.operate.copies.manifest import BadManifest, Manifest

HOSTILE: list[dict[str, Any]] = [
    {"began": "0001-01-01T00:00:00+14:00"},
    {"ended": "9999-12-31T23:59:59-14:00"},
    {"began": "2026-11-22T00:00:00"},
    {"platform": "\ud800"},
    {"platform": "\x1b[2J"},
    {"server": "\x1b]0;x\x07"},
    {"databases": ["shop\nrm"]},
    {"encryption": {"algorithm": "\x1b[2J"}},
    {"plain_size": True},
    {"size": -1},
    {"rows": {"shop.t": "400"}},
    {"\x1b[2J": 1},
]


def _spoilt(folder: Path, change: dict[str, Any]) -> Path:
    made = put(folder, NOW)
    path = folder / made.name / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    return path


@pytest.mark.parametrize("change", HOSTILE)
def test_a_hostile_manifest_is_refused_in_words_that_can_be_shown(tmp_path: Path, change: dict[str, Any]) -> None:
    """Moments beyond the calendar, half letters and terminal codes: refused, and none of it is repeated."""
    path = _spoilt(tmp_path, change)
    with pytest.raises(BadManifest) as refused:
        Manifest.read(path.read_bytes(), f"{path.parent.parent.name}/{path.parent.name}")
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("change", HOSTILE)
def test_one_hostile_manifest_does_not_hide_the_good_copy_before_it(tmp_path: Path, change: dict[str, Any]) -> None:
    """Whoever can write one object of a store cannot keep the others from being restored."""
    good = put(tmp_path, NOW - timedelta(hours=1))
    _spoilt(tmp_path, change)
    assert newest(Folder(tmp_path), JOB, not_older_than=oldest_allowed(JOB), as_of=NOW).name == good.name
