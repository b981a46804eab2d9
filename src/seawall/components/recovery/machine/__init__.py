"""Shell scripts that machines and pods run, as files so that they can be read and tested as what they are."""

from __future__ import annotations

from importlib import resources


def script(name: str) -> str:
    """The text of one of the scripts beside this file."""
    return (resources.files(__name__) / name).read_text(encoding="utf-8")
