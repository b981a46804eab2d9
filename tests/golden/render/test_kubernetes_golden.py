"""The hand-written cluster's files, to the byte, as a person reviews them."""

from __future__ import annotations

import os
from pathlib import Path

from kubernetes_cluster import Environment, graph
from seawall.render.kubernetes.files import files

EXPECTED = Path(__file__).parent / "kubernetes_cluster"


def test_files_are_as_reviewed() -> None:
    """A change of the rendered files is seen in review; SEAWALL_UPDATE_GOLDEN=1 writes the new ones."""
    rendered = {path: content.decode() for path, content in files(Environment(), graph())}
    if os.environ.get("SEAWALL_UPDATE_GOLDEN") == "1":
        for path, content in rendered.items():
            (EXPECTED / path).parent.mkdir(parents=True, exist_ok=True)
            (EXPECTED / path).write_text(content)
    expected = {
        path.relative_to(EXPECTED).as_posix(): path.read_text() for path in EXPECTED.rglob("*") if path.is_file()
    }
    assert sorted(rendered) == sorted(expected)
    for path, content in rendered.items():
        assert content == expected[path], path
