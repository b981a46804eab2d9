"""What is shipped: the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import prerequisites


@pytest.mark.needs("git", "hatchling")
def test_wheel_holds_every_file_of_the_package(tmp_path: Path) -> None:
    """Platforms, schemas and rule pages are installed with the code: none is left out."""
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=prerequisites.ROOT, capture_output=True, text=True, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    shipped = {f"src/{name}" for name in zipfile.ZipFile(wheel).namelist()}
    listing = ["git", "ls-files", "-z", "src/seawall"]
    tracked = subprocess.run(listing, cwd=prerequisites.ROOT, capture_output=True, text=True, check=True).stdout
    present = {name for name in tracked.split("\0") if name and (prerequisites.ROOT / name).is_file()}
    assert present
    assert present - shipped == set()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in shipped)
