"""Quantities with their units: address ranges, ports, durations, sizes, shares, money, estimates."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network


# A platform has few ranges, and each is said in a hundred places.
@lru_cache(maxsize=4096)
def _range(spelling: str) -> tuple[int, int, int]:
    network = ip_network(spelling)
    return network.version, int(network.network_address), network.prefixlen


@dataclass(frozen=True, slots=True, order=True)
class Cidr:
    """An address range: IP version, first address as a number, prefix length. Parse with ``Cidr.parse``."""

    version: int
    first: int
    prefix: int

    @classmethod
    def parse(cls, spelling: str) -> Cidr:
        """Read ``10.0.0.0/16``; ValueError if it is not a range or has bits set to the right of its prefix."""
        try:
            return cls(*_range(spelling))
        except ValueError as error:
            raise ValueError(f"{spelling!r} is not an address range like 10.0.0.0/16 ({error})") from None

    @property
    def bits(self) -> int:
        """Bits of an address: 32 or 128."""
        return 32 if self.version == 4 else 128

    @property
    def size(self) -> int:
        """How many addresses it holds."""
        return 1 << (self.bits - self.prefix)

    @property
    def last(self) -> int:
        """The last address, as a number."""
        # Written out, and so below: nothing is asked of a range as often as these three.
        return self.first + (1 << ((32 if self.version == 4 else 128) - self.prefix)) - 1

    def contains(self, other: Cidr) -> bool:
        """Whether every address of the other is one of this."""
        return (
            self.prefix <= other.prefix
            and self.version == other.version
            and (self.first ^ other.first) >> ((32 if self.version == 4 else 128) - self.prefix) == 0
        )

    def overlaps(self, other: Cidr) -> bool:
        """Whether they share an address."""
        prefix = self.prefix if self.prefix < other.prefix else other.prefix
        return (
            self.version == other.version
            and (self.first ^ other.first) >> ((32 if self.version == 4 else 128) - prefix) == 0
        )

    def subnet(self, prefix: int, number: int) -> Cidr:
        """The range number ``number`` (from 0) of that prefix length within this; ValueError if it is not within."""
        step = 1 << (self.bits - prefix)
        result = Cidr(self.version, self.first + number * step, prefix)
        if prefix < self.prefix or not self.contains(result):
            raise ValueError(f"{self} has no room for range {number} of length /{prefix}")
        return result

    def host(self, number: int) -> str:
        """Address number ``number`` (from 0) of this range, as text."""
        if not 0 <= number < self.size:
            raise ValueError(f"{self} has no address number {number}")
        return self._spell(self.first + number)

    def _spell(self, address: int) -> str:
        return str(IPv4Address(address) if self.version == 4 else IPv6Address(address))

    def __str__(self) -> str:
        return f"{self._spell(self.first)}/{self.prefix}"


ANYWHERE = Cidr(4, 0, 0)
ANYWHERE_6 = Cidr(6, 0, 0)


@dataclass(frozen=True, slots=True, order=True)
class Ports:
    """An unbroken range of ports, both ends included."""

    first: int
    last: int

    @classmethod
    def one(cls, port: int) -> Ports:
        """The range of a single port."""
        return cls(port, port)

    def contains(self, port: int) -> bool:
        """Whether the port is in the range."""
        return self.first <= port <= self.last

    def overlaps(self, other: Ports) -> bool:
        """Whether they share a port."""
        return self.first <= other.last and other.first <= self.last

    def __str__(self) -> str:
        if self == ALL_PORTS:
            return "any port"
        return str(self.first) if self.first == self.last else f"{self.first}-{self.last}"


ALL_PORTS = Ports(0, 65535)

_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|min|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time, in seconds."""

    seconds: float

    @classmethod
    def parse(cls, spelling: str) -> Duration:
        """Read ``30 s``, ``5 min``, ``24 h``, ``7 d`` or a sum such as ``1 h 30 min``; ValueError otherwise."""
        rest = _DURATION.sub("", spelling).strip()
        parts = _DURATION.findall(spelling)
        if rest or not parts:
            raise ValueError(f"{spelling!r} is not a duration like 30 s, 5 min, 24 h or 7 d")
        return cls(sum(float(number) * _SECONDS[unit] for number, unit in parts))

    @property
    def days(self) -> float:
        """In days."""
        return self.seconds / 86400

    def __str__(self) -> str:
        for unit in ("d", "h", "min", "s"):
            if self.seconds >= _SECONDS[unit] and self.seconds % _SECONDS[unit] == 0:
                return f"{self.seconds / _SECONDS[unit]:g} {unit}"
        return f"{self.seconds:g} s"


_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|KiB|MiB|GiB|TiB|kB|KB|MB|GB|TB|Ki|Mi|Gi|Ti|k|M|G|T)?")
_BYTES = {
    "B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "kB": 10**3, "KB": 10**3, "MB": 10**6,
    "GB": 10**9, "TB": 10**12, "Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "Ti": 2**40, "k": 10**3, "M": 10**6,
    "G": 10**9, "T": 10**12,
}  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Size:
    """An amount of storage or memory, in bytes."""

    bytes: int

    @classmethod
    def parse(cls, spelling: str) -> Size:
        """Read ``20 GiB``, ``512Mi`` or ``100 MB``; ValueError otherwise."""
        match = _SIZE.fullmatch(spelling.strip())
        if match is None:
            raise ValueError(f"{spelling!r} is not a size like 20 GiB or 512Mi")
        return cls(round(float(match[1]) * _BYTES[match[2] or "B"]))

    @property
    def gib(self) -> float:
        """In GiB."""
        return self.bytes / 2**30

    @property
    def mib(self) -> float:
        """In MiB."""
        return self.bytes / 2**20

    @property
    def quantity(self) -> str:
        """As Kubernetes writes it: ``512Mi``."""
        for suffix in ("Gi", "Mi", "Ki"):
            if self.bytes and self.bytes % _BYTES[suffix] == 0:
                return f"{self.bytes // _BYTES[suffix]}{suffix}"
        return str(self.bytes)

    def __str__(self) -> str:
        for unit in ("TiB", "GiB", "MiB", "KiB"):
            if self.bytes >= _BYTES[unit] and self.bytes % _BYTES[unit] == 0:
                return f"{self.bytes // _BYTES[unit]} {unit}"
        return f"{self.bytes} B"


@dataclass(frozen=True, slots=True, order=True)
class Cpu:
    """An amount of processor, in thousandths of a core, as Kubernetes counts it."""

    milli: int

    @classmethod
    def parse(cls, spelling: str) -> Cpu:
        """Read ``500m``, ``0.5`` or ``2``; ValueError otherwise."""
        match = re.fullmatch(r"(\d+)m|(\d+(?:\.\d+)?)", spelling.strip())
        if match is None:
            raise ValueError(f"{spelling!r} is not an amount of processor like 500m or 0.5")
        return cls(int(match[1]) if match[1] else round(float(match[2]) * 1000))

    def __str__(self) -> str:
        return f"{self.milli}m" if self.milli % 1000 else str(self.milli // 1000)


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """A part of a whole, in percent."""

    percent: Decimal

    @classmethod
    def parse(cls, spelling: str) -> Share:
        """Read ``99.9 %`` or ``70%``; ValueError otherwise."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*%", spelling.strip())
        if match is None or Decimal(match[1]) > 100:
            raise ValueError(f"{spelling!r} is not a share like 99.9 %")
        return cls(Decimal(match[1]))

    def __str__(self) -> str:
        return f"{self.percent} %"


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in one currency; amounts of different currencies do not add."""

    amount: Decimal
    currency: str = "USD"

    @classmethod
    def parse(cls, spelling: str) -> Money:
        """Read ``550 USD``; ValueError otherwise."""
        match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Z]{3})", spelling.strip())
        if match is None:
            raise ValueError(f"{spelling!r} is not an amount like 550 USD")
        try:
            return cls(Decimal(match[1]), match[2])
        except InvalidOperation:
            raise ValueError(f"{spelling!r} is not an amount like 550 USD") from None

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"{self} and {other} are of different currencies")
        return Money(self.amount + other.amount, self.currency)

    def __str__(self) -> str:
        return f"{self.amount:,.2f} {self.currency}"


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its doubt: least, expected, most, in a unit."""

    least: float
    expected: float
    most: float
    unit: str = ""

    @classmethod
    def exactly(cls, value: float, unit: str = "") -> Estimate:
        """A number without doubt."""
        return cls(value, value, value, unit)
