"""Traffic as a set of protocols and ports, and what a layer lets through: what it does for certain and what it may."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from seawall.facts.network import Protocol
from seawall.kernel.units import ALL_PORTS, Ports
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, refuted, unknown

_PORTS: Final = 65536
# Every port of every protocol has its place on one line of numbers, so that a set of traffic is a list of spans.
# The last stretch is every protocol without a name here: only a permit of any protocol means it.
_LINES: Final[tuple[Protocol, ...]] = ("tcp", "udp", "sctp", "icmp")
_END: Final = (len(_LINES) + 1) * _PORTS


@dataclass(frozen=True, slots=True)
class Traffic:
    """A set of protocols and ports: ``spans`` are ascending, apart from each other, first and last included."""

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, protocol: Protocol, ports: Ports = ALL_PORTS) -> Traffic:
        """A protocol on a range of ports; of ``any`` protocol it is everything, for ports then mean nothing."""
        if protocol == "any":
            return EVERYTHING
        start = _LINES.index(protocol) * _PORTS
        return cls(((start + ports.first, start + ports.last),))

    @classmethod
    def union(cls, parts: Iterable[Traffic]) -> Traffic:
        """What any of these lets through."""
        spans = sorted(span for part in parts for span in part.spans)
        joined: list[tuple[int, int]] = []
        for first, last in spans:
            if joined and first <= joined[-1][1] + 1:
                if last > joined[-1][1]:
                    joined[-1] = (joined[-1][0], last)
            else:
                joined.append((first, last))
        return cls(tuple(joined))

    def __or__(self, other: Traffic) -> Traffic:
        if self.spans == other.spans or not other.spans:
            return self
        return Traffic.union((self, other)) if self.spans else other

    def __and__(self, other: Traffic) -> Traffic:
        if self.spans == other.spans or other is EVERYTHING:
            return self
        if self is EVERYTHING:
            return other
        found: list[tuple[int, int]] = []
        mine, theirs = self.spans, other.spans
        here = there = 0
        while here < len(mine) and there < len(theirs):
            first = max(mine[here][0], theirs[there][0])
            last = min(mine[here][1], theirs[there][1])
            if first <= last:
                found.append((first, last))
            if mine[here][1] < theirs[there][1]:
                here += 1
            else:
                there += 1
        return Traffic(tuple(found))

    def __sub__(self, other: Traffic) -> Traffic:
        return self & other.rest()

    def rest(self) -> Traffic:
        """All other traffic."""
        found: list[tuple[int, int]] = []
        start = 0
        for first, last in self.spans:
            if start < first:
                found.append((start, first - 1))
            start = last + 1
        if start < _END:
            found.append((start, _END - 1))
        return Traffic(tuple(found))

    def __bool__(self) -> bool:
        return bool(self.spans)

    def contains(self, other: Traffic) -> bool:
        """Whether it has all traffic of the other."""
        return (self & other).spans == other.spans

    def parts(self) -> tuple[tuple[Protocol, Ports], ...]:
        """The set as protocols with ranges of ports; everything is one part, of ``any``."""
        if self.spans == EVERYTHING.spans:
            return (("any", ALL_PORTS),)
        found: list[tuple[Protocol, Ports]] = []
        for place, protocol in enumerate(_LINES):
            start = place * _PORTS
            for first, last in self.spans:
                low, high = max(first, start), min(last, start + _PORTS - 1)
                if low <= high:
                    found.append((protocol, Ports(low - start, high - start)))
        return tuple(found)

    def __str__(self) -> str:
        if not self.spans:
            return "nothing"
        if self.spans == EVERYTHING.spans:
            return "everything"
        words: dict[str, list[str]] = {}
        for protocol, ports in self.parts():
            words.setdefault(protocol, []).append("" if ports == ALL_PORTS else str(ports))
        return ", ".join(f"{protocol} {','.join(ports)}".rstrip() for protocol, ports in words.items()) or "other"


NOTHING: Final = Traffic()
EVERYTHING: Final = Traffic(((0, _END - 1),))


@dataclass(frozen=True, slots=True)
class Open:
    """What gets through a layer: ``sure`` for certain, ``may`` perhaps (all that is sure and more).

    ``because`` are the values that would have to be known to tell, empty where both are the same.
    """

    sure: Traffic
    may: Traffic
    because: tuple[Unknown, ...] = field(default=())

    @classmethod
    def known(cls, traffic: Traffic) -> Open:
        """This, and nothing else."""
        return cls(traffic, traffic)

    @classmethod
    def doubtful(cls, traffic: Traffic, *because: Unknown) -> Open:
        """Perhaps this."""
        return cls(NOTHING, traffic, because)

    def both(self, other: Open) -> Open:
        """What gets through one layer and then another."""
        return _open(self.sure & other.sure, self.may & other.may, (*self.because, *other.because))

    def either(self, other: Open) -> Open:
        """What gets through the one or the other."""
        return _open(self.sure | other.sure, self.may | other.may, (*self.because, *other.because))

    def ask(self, traffic: Traffic) -> Verdict:
        """Whether all of this traffic gets through: proven, refuted if some certainly does not, else unknown."""
        if self.sure.contains(traffic):
            return proven()
        return unknown(*self.because) if self.may.contains(traffic) else refuted()


def _open(sure: Traffic, may: Traffic, because: tuple[Unknown, ...]) -> Open:
    return Open(sure, may, tuple(dict.fromkeys(because)) if sure.spans != may.spans else ())


ALL_OPEN: Final = Open.known(EVERYTHING)
SHUT: Final = Open.known(NOTHING)
