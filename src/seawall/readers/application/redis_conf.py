"""Redis's own configuration: whom a replica copies, and which master a Sentinel watches.

The directives are those of the files that Redis ships, ``redis.conf`` and ``sentinel.conf``.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from seawall.facts.application import Connects
from seawall.facts.fact import Fact
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.kubernetes.objects import Manifest
from seawall.readers.registry import reads

_LOCAL: Final = ("127.0.0.1", "localhost", "::1")


@reads("v1/ConfigMap")
def redis_config_map(resource: Resource) -> Iterator[Fact]:
    """The other servers that each Redis or Sentinel configuration of a ConfigMap names, for whoever mounts it."""
    body = Manifest(resource)
    data = body.block("data")
    for key in data.body:
        if not key.endswith(".conf"):
            continue
        text = data.text(key)
        if not isinstance(text, str):
            continue
        what = f"{resource.address}.data.{key}"
        for line in text.splitlines():
            match line.split():
                case ["replicaof" | "slaveof", host, port] if port.isdecimal() and host not in _LOCAL:
                    yield Connects(resource.address, Address.host(host), int(port), f"{what}: replicaof")
                case ["sentinel", "monitor", _, host, port, _] if port.isdecimal() and host not in _LOCAL:
                    yield Connects(resource.address, Address.host(host), int(port), f"{what}: sentinel monitor")
                case _:
                    pass
