"""PgBouncer's configuration inside ConfigMaps: which servers stand behind the names that clients ask for.

Format: PgBouncer's documentation, config.md, "Section [databases]".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seawall.facts.application import Connects
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads

PORT: Final = 5432
"""Where a server is asked that names no port."""
_SECTION: Final = re.compile(r"\[(?P<name>\w+)\]")
_PAIR: Final = re.compile(r"(?P<key>\w+)\s*=\s*(?:'(?P<quoted>[^']*)'|(?P<plain>[^\s']+))")
_HOST: Final = re.compile(r"[A-Za-z0-9._-]+")


@reads("v1/ConfigMap")
def pgbouncer_config_map(resource: Resource) -> Iterator[Fact]:
    """The servers of each ``pgbouncer.ini``; sockets, and hosts that are written in before it is read, say nothing."""
    body = Manifest(resource)
    data = body.block("data")
    for key in data.body:
        text = data.text(key)
        if not key.endswith("pgbouncer.ini") or not isinstance(text, str):
            continue
        section = ""
        for line in text.splitlines():
            spelled = line.strip()
            if not spelled or spelled.startswith((";", "#")):
                continue
            if match := _SECTION.fullmatch(spelled):
                section = match["name"]
            elif section == "databases":
                yield from _server(resource, f"{resource.address}.data.{key}", spelled)


def _server(resource: Resource, what: str, line: str) -> Iterator[Fact]:
    name, _, given = line.partition("=")
    said = {match["key"]: match["quoted"] or match["plain"] or "" for match in _PAIR.finditer(given)}
    port = said.get("port", str(PORT))
    for host in said.get("host", "").split(","):
        if _HOST.fullmatch(host) and port.isdecimal():
            yield Connects(resource.address, Address.host(host), int(port), f"{what}: database {name.strip()}")
