"""The package itself: its version and its entry."""

from __future__ import annotations

import tomllib
from importlib import metadata

import prerequisites
import seawall


def test_version_is_the_installed_one() -> None:
    """What `seawall.__version__` says is what the package was installed as."""
    assert seawall.__version__ == metadata.version("seawall")


def test_version_has_one_source() -> None:
    """pyproject.toml reads the version from the package and states none of its own."""
    project = tomllib.loads((prerequisites.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" in project["project"]["dynamic"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/seawall/__init__.py"


def test_types_are_published() -> None:
    """A program that imports Seawall gets its types."""
    assert (prerequisites.ROOT / "src" / "seawall" / "py.typed").is_file()
