"""Redis' configuration in a ConfigMap: the lines of redis.conf, and what they say of memory."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seawall.facts.application import Directive
from seawall.facts.fact import Fact
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads

_FILE: Final = re.compile(r"(?:[\w-]*[.-])?redis(?:[.-][\w-]+)*\.conf")
_SIZE: Final = re.compile(r"(\d+)([kmg]b?)?", re.IGNORECASE)
_UNITS: Final = {"": 1, "k": 1000, "kb": 1024, "m": 1000**2, "mb": 1024**2, "g": 1000**3, "gb": 1024**3}
LARGEST: Final = 1_000_000


@reads("v1/ConfigMap")
def redis_config_map(resource: Resource) -> Iterator[Fact]:
    """Each line of a file that is called like Redis' own, in its order; a file with holes in it is left alone."""
    data = Manifest(resource).block("data")
    for key in data.body:
        if not _FILE.fullmatch(str(key)):
            continue
        text = data.text(str(key))
        if isinstance(text, str) and len(text) <= LARGEST:
            yield from _directives(resource, str(key), text)


def _directives(resource: Resource, key: str, text: str) -> Iterator[Fact]:
    of = resource.address.implied(key)
    for number, line in enumerate(text.splitlines(), 1):
        words = line.split(None, 1)
        if not words or words[0].startswith("#"):
            continue
        name, value = words[0], words[1].strip() if len(words) > 1 else ""
        yield Directive(of, "redis", name, "" if _secret(name) else value, number)
        match name.lower():
            case "maxmemory-policy":
                yield Setting(of, "eviction", value.strip("\"'"))
            case "maxmemory":
                size = _SIZE.fullmatch(value)
                if size is not None:
                    yield Setting(of, "max-memory", int(size[1]) * _UNITS[(size[2] or "").lower()])


def _secret(name: str) -> bool:
    return name.lower() in ("requirepass", "masterauth", "user") or name.lower().endswith("key-file-pass")
