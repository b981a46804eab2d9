"""Rendered Terraform read back: the law facts(graph) = facts(ingest(render(graph)))."""

from __future__ import annotations

from pathlib import Path

import pytest

import handmade
from platforms import PLATFORMS
from roundtrip import assert_same_bodies, assert_same_facts, terraform_part, write
from seawall.ingest.terraform_json import terraform_json


@pytest.mark.parametrize("name", PLATFORMS)
def test_bodies_survive_tf_json(name: str, tmp_path: Path) -> None:
    """Our own output is read back exactly: every reference, across stacks too, and every character of text."""
    platform, graph = PLATFORMS[name]()
    write(platform, graph, tmp_path)
    assert_same_bodies(terraform_part(graph), {resource.address: resource for resource in terraform_json(tmp_path)})


@pytest.mark.parametrize("name", PLATFORMS)
def test_facts_survive_tf_json(name: str, tmp_path: Path) -> None:
    """What is checked is what ships: the facts of the graph are those of its files."""
    platform, graph = PLATFORMS[name]()
    write(platform, graph, tmp_path)
    assert_same_facts(graph, terraform_json(tmp_path))


def test_meta_arguments_survive_tf_json(tmp_path: Path) -> None:
    """Within a stack depends_on and lifecycle come back; a dependency on another stack is the order of the stacks."""
    graph = handmade.graph()
    write(handmade.Described(), graph, tmp_path)
    for back in terraform_json(tmp_path):
        meta = dict(graph[back.address].meta)
        stack = back.address.partition(":")[0]
        if "depends_on" in meta:
            meta["depends_on"] = tuple(named for named in meta["depends_on"] if named.startswith(f"{stack}:"))
        assert dict(back.meta) == meta
