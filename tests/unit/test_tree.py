"""Laws of the tree as a whole, read from the files that are tracked."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import prerequisites

# Each needle is put together here, so that this file does not hold it.
MACHINE_PATHS = tuple(f"/{folder}/" for folder in ("wo" + "rk", "ro" + "ot", "fa" + "rm"))
INDEX_ADDRESSES = tuple(
    "".join(parts)
    for parts in (
        ("pypi.org", "/simple"),
        ("index", "-url"),
        ("index", "_url"),
        ("files.python", "hosted.org"),
        ("registry.npm", "js.org"),
        ("--find", "-links"),
    )
)


def tracked() -> list[Path]:
    """List the tracked files that are on disk."""
    listing = subprocess.run(
        ["git", "ls-files", "-z"], cwd=prerequisites.ROOT, capture_output=True, text=True, check=True
    ).stdout
    files = [prerequisites.ROOT / name for name in listing.split("\0") if name]
    return [file for file in files if file.is_file()]


@pytest.mark.needs("git")
@pytest.mark.parametrize("needle", MACHINE_PATHS + INDEX_ADDRESSES)
def test_no_file_holds_a_place_of_one_machine(needle: str) -> None:
    """What is tracked works anywhere: no path of a machine, no address of a package index."""
    files = tracked()
    assert files, "git lists no file at all"
    holding = [str(file.relative_to(prerequisites.ROOT)) for file in files if needle.encode() in file.read_bytes()]
    assert holding == []
