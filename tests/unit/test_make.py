"""The Makefile, which is the first thing that a newcomer types."""

from __future__ import annotations

import re
import subprocess

import pytest

import prerequisites


@pytest.mark.needs("make")
def test_bare_make_teaches_every_target() -> None:
    """`make` alone lists each target with what it does, so that none has to be looked up in the file."""
    text = (prerequisites.ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    assert targets is not None
    run = subprocess.run(["make"], cwd=prerequisites.ROOT, capture_output=True, text=True, check=True)
    explained = dict(re.findall(r"^  make (\w+) +(\S.*)$", run.stdout, re.MULTILINE))
    assert set(targets[1].split()) == set(explained)
