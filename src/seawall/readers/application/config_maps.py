"""Configuration that a cluster holds: plain values for environments, and application files for whoever mounts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.application import Configuration, Entry, Involves
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.errors import InputError
from seawall.kernel.value import SECRET, Ref, Text, Textual, Unknown, text
from seawall.readers.application.documents import NAME, documents
from seawall.readers.kubernetes.containers import sensitive
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads

LONGEST: Final = 2_000
"""Characters of a value that anybody sets as an environment variable; what is longer is a file of some other format."""
LARGEST: Final = 1_000_000
"""Characters of a ConfigMap, says Kubernetes: more than 1 MiB is refused."""
_HOLE: Final = 0xE000
"""Holes travel through YAML as characters of Unicode's private use area."""


@reads("v1/ConfigMap")
def config_map(resource: Resource) -> Iterator[Fact]:
    """The values of a ConfigMap, and the documents of each Spring Boot file in it, which is ``CONFIGMAP//FILE``."""
    body = Manifest(resource)
    data = body.block("data")
    for key, given in data.body.items():
        if given is None:  # to the API server it is not there
            continue
        value = data.text(key)
        if NAME.fullmatch(key):
            yield from _file(resource, key, value)
        elif sensitive(key) and value != "":
            yield Entry(resource.address, key, Unknown(f"{resource.address}.data.{key}", why=SECRET))
        elif not _is_file(value):
            yield Entry(resource.address, key, value)


def _is_file(value: Textual) -> bool:
    """Whether a value is the text of some file rather than what anybody sets as an environment variable."""
    written = "".join(part for part in _parts(value) if isinstance(part, str))
    return len(written) > LONGEST or "\n" in written.strip()


def _parts(value: Textual) -> tuple[str | Ref | Unknown, ...]:
    return value.parts if isinstance(value, Text) else (value,)


def _file(resource: Resource, key: str, value: Textual) -> Iterator[Fact]:
    of = resource.address.implied(key)
    parts = _parts(value)
    holes = [part for part in parts if not isinstance(part, str)]
    written = ""
    number = 0
    for part in parts:
        if isinstance(part, str):
            written += "".join(" " if _HOLE <= ord(character) < 0xF900 else character for character in part)
        else:
            written += chr(_HOLE + number)
            number += 1
    if len(parts) == 1 and holes:
        yield Involves(of, "*", "*", f"{resource.address}.data.{key} is {value}")
        return
    try:
        found = documents(written, str(of)) if len(written) <= LARGEST else []
    except InputError as error:
        yield Involves(of, "*", "*", f"{resource.address}.data.{key} cannot be read: {error.problems[0].what}")
        return
    for order, document in enumerate(found):
        properties = tuple((name, _with_holes(each, holes)) for name, each in document["properties"].items())
        yield Configuration(of, document["profile"], properties, order)


def _with_holes(value: Textual, holes: list[Ref | Unknown]) -> Textual:
    if not isinstance(value, str):
        return value
    return text(*(holes[ord(each) - _HOLE] if _HOLE <= ord(each) < _HOLE + len(holes) else each for each in value))
