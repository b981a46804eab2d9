"""Who must not reach whom: the value of a claim of isolation, as people write it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, cast

from seawall.facts.network import Protocol
from seawall.kernel.units import ALL_PORTS, Ports

_WHOLE: Final = re.compile(r"\s*(\S+)\s*->\s*(\S+)\s+(never|only\s+(?P<ports>\S.*?))\s*")
_PART: Final = re.compile(
    r"(?:(?P<protocol>tcp|udp|sctp|icmp)\b)?\s*(?:(?P<first>\d{1,5})(?:\s*-\s*(?P<last>\d{1,5}))?)?"
)


@dataclass(frozen=True, slots=True)
class Isolation:
    """Nothing that ``source`` means reaches anything that ``target`` means, but ``only`` on these ports."""

    source: str
    target: str
    only: tuple[tuple[Protocol, Ports], ...] = ()
    spelling: str = field(default="", compare=False)

    @classmethod
    def parse(cls, spelling: str) -> Isolation:
        """Read ``dev -> prod never`` or ``web -> db only 3306, udp 53, 8000-8010``; ValueError otherwise."""
        match = _WHOLE.fullmatch(spelling)
        if match is None:
            raise ValueError(f"{spelling!r} is not a claim like dev -> prod never, or web -> db only 3306")
        ports = match["ports"]
        only = tuple(_ports(part.strip()) for part in ports.split(",")) if ports else ()
        return cls(match[1], match[2], only, spelling)

    def __str__(self) -> str:
        parts = ", ".join(f"{protocol} {ports}" for protocol, ports in self.only)
        return f"{self.source} -> {self.target} {f'only {parts}' if parts else 'never'}"


def _ports(spelling: str) -> tuple[Protocol, Ports]:
    match = _PART.fullmatch(spelling)
    if match is None or not spelling:
        raise ValueError(f"{spelling!r} is not a port like 3306, 8000-8010 or udp 53")
    protocol = cast("Protocol", match["protocol"] or "tcp")
    if match["first"] is None:
        return protocol, ALL_PORTS
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if not 0 < first <= last < 65536:
        raise ValueError(f"{spelling!r} is no range of ports from 1 to 65535")
    return protocol, Ports(first, last)
