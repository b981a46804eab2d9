"""Sets of addresses as sorted spans on one line of numbers, and what is let through to each of them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from typing import Final, TypeAlias

from seawall.analyze.reachability.traffic import EVERYTHING, NOTHING, Traffic
from seawall.kernel.units import Cidr

Span: TypeAlias = tuple[int, int]
"""First and last address, both included."""

# Every address has its place on one line: those of IPv4 first, those of IPv6 after them.
_SIX: Final = 1 << 32
_END: Final = _SIX + (1 << 128)


@dataclass(frozen=True, slots=True)
class Addresses:
    """A set of addresses of either version: ``spans`` are ascending and apart from each other."""

    spans: tuple[Span, ...] = ()

    @classmethod
    def of(cls, ranges: Iterable[Cidr], excepts: Iterable[Cidr] = ()) -> Addresses:
        """Ranges less exceptions."""
        return cls(_without(_joined(map(_span, ranges)), _joined(map(_span, excepts))))

    @classmethod
    def union(cls, parts: Iterable[Addresses]) -> Addresses:
        """The addresses that any of these holds."""
        return cls(_joined(span for part in parts for span in part.spans))

    def overlaps(self, other: Addresses) -> bool:
        """Whether the two share an address."""
        here = there = 0
        while here < len(self.spans) and there < len(other.spans):
            mine, theirs = self.spans[here], other.spans[there]
            if mine[0] <= theirs[1] and theirs[0] <= mine[1]:
                return True
            if mine[1] < theirs[1]:
                here += 1
            else:
                there += 1
        return False

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __str__(self) -> str:
        """The ranges of which it is made, separated by commas."""
        return ", ".join(str(part) for span in self.spans for part in _ranges(span))


EVERY_ADDRESS: Final = Addresses(((0, _END - 1),))
EVERY_IPV4: Final = Addresses(((0, _SIX - 1),))


def _span(cidr: Cidr) -> Span:
    start = cidr.first if cidr.version == 4 else _SIX + cidr.first
    return start, start + cidr.size - 1


def _ranges(span: Span) -> Iterator[Cidr]:
    """The fewest ranges that make up a span, each as large as its place allows."""
    first, last = span
    while first <= last:
        version, start, bits = (4, 0, 32) if first < _SIX else (6, _SIX, 128)
        prefix = bits
        while prefix and (step := 1 << bits - prefix + 1) <= last - first + 1 and not (first - start) % step:
            prefix -= 1
        yield Cidr(version, first - start, prefix)
        first += 1 << bits - prefix


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            if last > found[-1][1]:
                found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return tuple(found)


def _without(spans: tuple[Span, ...], holes: tuple[Span, ...]) -> tuple[Span, ...]:
    if not holes:
        return spans
    found: list[Span] = []
    number = 0
    for first, last in spans:
        start = first
        while number < len(holes) and holes[number][1] < start:
            number += 1
        place = number
        while place < len(holes) and holes[place][0] <= last:
            if start < holes[place][0]:
                found.append((start, holes[place][0] - 1))
            start = holes[place][1] + 1
            place += 1
        if start <= last:
            found.append((start, last))
    return tuple(found)


class ByAddress:
    """What is let through to or from each address: a step function, built once and asked by bisection.

    A policy set with a thousand ranges costs the sorting of their ends, and a question the steps that it touches.
    """

    __slots__ = ("_starts", "_traffic")

    def __init__(self, permits: Iterable[tuple[Traffic, Addresses]]) -> None:
        # Permits of the same traffic are one set of addresses, of which most policies have no more than a few.
        together: dict[Traffic, list[Addresses]] = {}
        for traffic, addresses in permits:
            together.setdefault(traffic, []).append(addresses)
        layers = [(traffic, Addresses.union(parts).spans) for traffic, parts in together.items()]
        events = merge(*(_events(number, spans) for number, (_, spans) in enumerate(layers)))
        self._starts: list[int] = [0]
        self._traffic: list[Traffic] = [NOTHING]
        open_now: set[int] = set()
        known: dict[frozenset[int], Traffic] = {frozenset(): NOTHING}
        for place, group in groupby(events, key=lambda event: event[0]):
            for _, number, opens in group:
                if opens:
                    open_now.add(number)
                else:
                    open_now.discard(number)
            key = frozenset(open_now)
            if key not in known:
                known[key] = Traffic.union(layers[number][0] for number in key)
            if place == self._starts[-1]:
                self._traffic[-1] = known[key]
            else:
                self._starts.append(place)
                self._traffic.append(known[key])

    def every(self, addresses: Addresses) -> Traffic:
        """What is let through to each of these addresses; everything if there are none."""
        found = EVERYTHING
        for traffic in self._within(addresses):
            found &= traffic
        return found

    def some(self, addresses: Addresses) -> Traffic:
        """What is let through to one or another of these addresses."""
        return Traffic.union(self._within(addresses))

    def _within(self, addresses: Addresses) -> Iterator[Traffic]:
        found: dict[Traffic, None] = {}
        for first, last in addresses.spans:
            place = bisect_right(self._starts, first) - 1
            while place < len(self._starts) and self._starts[place] <= last:
                found[self._traffic[place]] = None
                place += 1
        return iter(found)


def _events(number: int, spans: tuple[Span, ...]) -> Iterator[tuple[int, int, bool]]:
    """Where a set begins and where it has ended; an end sorts before a beginning at the same place."""
    for first, last in spans:
        yield first, number, True
        yield last + 1, number, False
