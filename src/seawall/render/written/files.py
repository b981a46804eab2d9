"""The files that a graph holds as resources of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.render.kubernetes.yaml_text import yaml_text

_PREFIX: Final = "file:"


def files(platform: object, graph: Graph) -> Iterator[tuple[str, bytes]]:
    """Path and content of every file resource: its ``text`` where it has one, else YAML, or JSON by its suffix."""
    found = sorted((one for one in graph if one.type.startswith("file/")), key=lambda one: one.address)
    for resource in found:
        path = resource.address.removeprefix(_PREFIX)
        if not path or path.startswith("/") or ".." in path.split("/"):
            raise InputError(f"{path!r} is no path within what is compiled", origin=resource.origin)
        yield path, _content(resource, path)


def _content(resource: Resource, path: str) -> bytes:
    text = resource.body.get("text")
    if isinstance(text, str):
        return text.encode()
    if path.endswith(".json"):
        import orjson

        return orjson.dumps(resource.body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return yaml_text(resource.body)
