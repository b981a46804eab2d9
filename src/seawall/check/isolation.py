"""Claims of isolation: that nothing of one kind reaches anything of another, or only on some ports.

A claim is proven where no pair has a way for anything else, from any place of the one to any place of the other; it is
refuted by a pair that has one for certain, which is its witness; and unknown where a way may be there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from seawall.analyze.reachability.ends import Side, names, together, wholes
from seawall.analyze.reachability.entrances import exposures_of
from seawall.analyze.reachability.matrix import INTERNET, matrix
from seawall.analyze.reachability.over_internet import any_path, over_internet
from seawall.analyze.reachability.traffic import SHUT, Open, Traffic
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.isolation import Isolation
from seawall.facts.network import PerhapsNone
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Verdict, proven, refuted, unknown


@dataclass(frozen=True, slots=True)
class Breach:
    """A pair that a claim forbids: what gets through for certain, and what may, beside what is allowed."""

    source: Address
    target: Address
    sure: Traffic
    may: Traffic
    because: tuple[Unknown, ...]


def judged(facts: Facts, claim: Isolation) -> tuple[Verdict, tuple[str, ...]]:
    """Whether a claim holds, and the lines that show it: the witness's path where it does not."""
    sources, targets = _meant(facts, claim.source, "source"), _meant(facts, claim.target, "target")
    if isinstance(sources, Unknown) or isinstance(targets, Unknown):
        nobody = [each for each in (sources, targets) if isinstance(each, Unknown)]
        return unknown(*nobody), tuple(each.why for each in nobody)
    pairs = _pairs(sources, targets)
    if not pairs:
        same = Unknown(f"isolation.{claim.source}", why=f"{claim.source} and {claim.target} are one and the same")
        return unknown(same), (same.why,)
    breaches = list(_breaches(facts, pairs, claim))
    certain = [breach for breach in breaches if breach.sure]
    if certain:
        return _refuted(facts, certain)
    if breaches:
        because = tuple(dict.fromkeys(reason for breach in breaches for reason in breach.because))
        first = breaches[0]
        return unknown(*because), (
            f"{first.source} may reach {first.target} on {first.may}",
            *(f"not known: {each.what}: {each.why}" for each in first.because),
            *_more(len(breaches) - 1),
        )
    ends = ((claim.source, sources), (claim.target, targets))
    return proven(), (
        f"of {len(pairs)} {'pair' if len(pairs) == 1 else 'pairs'} none lets anything"
        f" {'else ' if claim.only else ''}through",
        *(f"{word} is {_listed(found)}" for word, found in ends if found != (INTERNET,)),
    )


def meant(facts: Facts, claim: Isolation) -> list[tuple[Address, Address]]:
    """The pairs that a claim is about, sources first; none where a word of it means nothing in the input."""
    sources, targets = _meant(facts, claim.source, "source"), _meant(facts, claim.target, "target")
    if isinstance(sources, Unknown) or isinstance(targets, Unknown):
        return []
    return _pairs(sources, targets)


def _pairs(sources: Sequence[Address], targets: Sequence[Address]) -> list[tuple[Address, Address]]:
    return [(source, target) for source in sources for target in targets if source != target]


_SHOWN: Final = 6
"""How many things a line lists."""


def _listed(found: Sequence[Address]) -> str:
    """What a word was taken to mean: a claim holds for no more than that."""
    return ", ".join(found[:_SHOWN]) + (f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else "")


def _meant(facts: Facts, spelling: str, side: Side) -> tuple[Address, ...] | Unknown:
    """What a word of the claim means; Unknown if that is nothing, for such a claim is no promise kept."""
    found = (INTERNET,) if spelling == INTERNET else together(facts, spelling, side)
    if found:
        return found
    import difflib

    known = (*names(facts, side), *wholes(facts, side), str(INTERNET))
    close = difflib.get_close_matches(spelling, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return Unknown(f"isolation.{spelling}", why=f"nothing in the input is called {spelling}{hint}")


def _breaches(facts: Facts, pairs: list[tuple[Address, Address]], claim: Isolation) -> Iterator[Breach]:
    allowed = Traffic.union(Traffic.of(protocol, ports) for protocol, ports in claim.only)
    for source, target in pairs:
        found = _if_there(facts, _open(facts, source, target), source, target)
        if may := found.may - allowed:
            yield Breach(source, target, found.sure - allowed, may, found.because)


def _if_there(facts: Facts, found: Open, *ends: Address) -> Open:
    """What gets through between ends that may not be there at all: nothing for certain."""
    counts = [each.count for end in ends for each in facts.where(PerhapsNone, of=end)]
    return Open.doubtful(found.may, *found.because, *counts) if counts and found.may else found


def _open(facts: Facts, source: Address, target: Address) -> Open:
    """What gets through somewhere; from the internet also what does so behind a balancer or a distribution.

    Of a thing that the input puts into no network nothing is known, but for what everybody is let into by name.
    """
    whole = matrix(facts)
    if source != INTERNET:
        keeps = source not in whole.sources and facts.one(Store, of=source) is not None
        if keeps:
            return SHUT  # a store answers, and asks nobody
        # Whoever gets out to the internet gets in wherever everybody does.
        return whole.somewhere(source, target).either(over_internet(facts, source, target))
    named = target not in whole.targets and facts.one(Store, of=target) is not None
    found = SHUT if named else whole.somewhere(source, target)
    for way in exposures_of(facts, target):
        found = found.either(way.open)
    return found


def _refuted(facts: Facts, breaches: list[Breach]) -> tuple[Verdict, tuple[str, ...]]:
    """The witness: the first pair, on the first port that gets through."""
    breach = min(breaches, key=lambda each: (each.source, each.target))
    protocol, ports = breach.sure.parts()[0]
    port = max(ports.first, 1)
    demand = Reach(breach.source, breach.target, port, "tcp" if protocol == "any" else protocol, said="isolation")
    return refuted(*breaches), (
        f"{breach.source} reaches {breach.target} on {breach.sure}; for instance {demand.protocol} {port}:",
        *dict.fromkeys(any_path(facts, demand).lines()),
        *_more(len(breaches) - 1),
    )


def _more(number: int) -> tuple[str, ...]:
    return (f"and {number} more {'pair' if number == 1 else 'pairs'}",) if number else ()
