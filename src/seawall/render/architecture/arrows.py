"""Who speaks to whom: what stands in front to what it passes on to, and every pod to what it needs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from seawall.analyze.reachability.targets import behind, resolve
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Origin, Record
from seawall.facts.pod_network import Service
from seawall.kernel.address import Address
from seawall.render.words import said


class Arrow(NamedTuple):
    """From one thing to another, with a word on it."""

    source: Address
    target: Address
    word: str


def arrows(facts: Facts, drawn: frozenset[Address]) -> list[Arrow]:
    """Every arrow between two things that are drawn, one a pair, sorted."""
    words: dict[tuple[Address, Address], set[str]] = {}
    for source, target, word in (*_needs(facts), *_passes(facts), *_names(facts)):
        ends = source.owner, target.owner
        if ends[0] in drawn and ends[1] in drawn and ends[0] != ends[1]:
            words.setdefault(ends, set()).add(word)
    return sorted(Arrow(*ends, ", ".join(sorted(said, key=_by_number))) for ends, said in words.items())


def _by_number(word: str) -> tuple[int, str]:
    return (int(word), "") if word.isdecimal() else (0, word)


def _needs(facts: Facts) -> Iterator[tuple[Address, Address, str]]:
    for demand in facts.all(Reach):
        for thing in resolve(facts, demand.source, demand.target).things:
            for target in _workloads(facts, thing):
                yield demand.source, target, said(demand.port)


def _passes(facts: Facts) -> Iterator[tuple[Address, Address, str]]:
    for fact in facts.all(Forwards):
        if isinstance(fact.of, Address) and isinstance(fact.to, Address):
            for target in _workloads(facts, fact.to):
                yield fact.of, target, said(fact.path)


def _names(facts: Facts) -> Iterator[tuple[Address, Address, str]]:
    """From a distribution to what its origins are: by themselves, or by the records of their name, level by level."""
    for origin in facts.all(Origin):
        if isinstance(origin.target, Address):
            yield origin.of, origin.target, origin.id
        waiting, seen = [origin.host], set()
        while waiting:
            host = waiting.pop(0)
            for record in facts.where(Record, name=host) if host not in seen else ():
                for target in filter(lambda each: isinstance(each, str), record.targets):
                    # A name, unless it is the address of something: of a name there is another record, of that none.
                    waiting.append(target)
                    yield origin.of, Address(str(target)), record.part.lower() or "origin"
            seen.add(host)


def _workloads(facts: Facts, thing: Address) -> tuple[Address, ...]:
    """The workloads behind a service; the thing itself if it is none."""
    service = facts.one(Service, of=thing)
    return (thing,) if service is None else tuple(load.of for load in behind(facts, service))
