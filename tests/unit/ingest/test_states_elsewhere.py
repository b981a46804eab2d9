"""Where a state lies: told where that is another region or cloud than what it is of."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.cli.input import load_graph
from seawall.facts.resilience import StateElsewhere
from seawall.readers.read import facts_of

GROUP = 'resource "azurerm_resource_group" "dr" {\n  name     = "dr"\n  location = "koreacentral"\n}\n'


def lying(folder: Path, region: str, more: str = "") -> list[tuple[object, object, bool]]:
    """The states elsewhere of a root module in eu-west-1 with a backend in that region."""
    backend = (
        f'terraform {{\n  backend "s3" {{\n    bucket = "b"\n    key    = "k"\n    region = "{region}"\n  }}\n}}\n'
    )
    bucket = 'provider "aws" {\n  region = "eu-west-1"\n}\nresource "aws_s3_bucket" "b" {\n  bucket = "b"\n}\n'
    (folder / "main.tf").write_text(backend + bucket + more)
    facts = facts_of(load_graph([str(folder)], None)[1])
    return [(each.region, each.lies, each.of_azure) for each in facts.all(StateElsewhere)]


@pytest.mark.parametrize(
    ("region", "more", "told"),
    [
        ("eu-west-1", "", []),
        ("us-west-2", "", [("eu-west-1", "us-west-2", False)]),
        ("eu-west-1", GROUP, [("eu-west-1", "eu-west-1", True)]),
    ],
)
def test_where_a_state_lies(tmp_path: Path, region: str, more: str, told: list[tuple[object, object, bool]]) -> None:
    """The region is read as it is written, and nothing is said of a state that lies where all that it is of does."""
    assert lying(tmp_path, region, more) == told
