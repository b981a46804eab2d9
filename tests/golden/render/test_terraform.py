"""What the Terraform renderer writes, to the byte."""

from __future__ import annotations

import os
from pathlib import Path

import handmade
from seawall.render.terraform.files import files

EXPECTED = Path(__file__).parent / "handmade"


def test_every_file_is_written_as_it_was_agreed() -> None:
    """The rendered root modules are the golden ones, to the byte and file for file.

    To accept a change, delete the folder beside this test, run with SEAWALL_ACCEPT=1 and read the difference.
    """
    rendered = dict(files(handmade.Described(), handmade.graph()))
    if os.environ.get("SEAWALL_ACCEPT"):
        for name, content in rendered.items():
            (EXPECTED / name).parent.mkdir(parents=True, exist_ok=True)
            (EXPECTED / name).write_bytes(content)
    expected = {path.relative_to(EXPECTED).as_posix(): path.read_bytes() for path in EXPECTED.rglob("*.json")}
    assert rendered == expected


def test_rendering_does_not_depend_on_the_order_of_the_graph() -> None:
    """The same resources in another order give the same bytes, so that a difference always means a change."""
    graph = handmade.graph()
    turned = type(graph)(reversed(list(graph)))
    assert dict(files(handmade.Described(), turned)) == dict(files(handmade.Described(), graph))
