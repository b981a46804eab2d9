"""Files that are resources of their own are written where they say."""

from __future__ import annotations

import json

import pytest
import yaml

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.render.written.files import files


def _file(path: str, body: dict[str, object]) -> Resource:
    return Resource(Address.file(path), "file/any", body)


def test_a_body_is_written_in_the_format_of_its_name() -> None:
    """YAML unless the name ends in .json, and text as it stands; each reads back as the body that it was."""
    body = {"on": ["push"], "jobs": {"test": {"steps": [{"run": "make test"}]}}}
    graph = Graph([_file("a/b.yml", body), _file("c.json", body), _file("Jenkinsfile", {"text": "pipeline {}\n"})])
    written = dict(files(None, graph))
    assert yaml.safe_load(written["a/b.yml"]) == body
    assert json.loads(written["c.json"]) == body
    assert written["Jenkinsfile"] == b"pipeline {}\n"


@pytest.mark.parametrize("path", ["/etc/passwd", "../beside", "a/../../b", ""])
def test_nothing_is_written_outside_the_folder(path: str) -> None:
    """A path that leads out of what is compiled is refused."""
    with pytest.raises(InputError, match="no path within"):
        dict(files(None, Graph([_file(path, {"text": "x"})])))
