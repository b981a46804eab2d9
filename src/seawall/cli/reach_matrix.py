"""What ``reach --matrix`` prints: who reaches whom, as text, JSON or a table for a picture, and what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from seawall.analyze.reachability.ends import called
from seawall.analyze.reachability.entrances import Exposure, exposed, exposures_of
from seawall.analyze.reachability.from_internet import INTERNET
from seawall.analyze.reachability.matrix import Matrix, matrix
from seawall.analyze.reachability.over_internet import over_internet
from seawall.analyze.reachability.traffic import NOTHING, Traffic
from seawall.cli.reach import VERSION, screen
from seawall.cli.reach_exposed import traffic_document
from seawall.facts.facts import Facts
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown
from seawall.render.reachability.table import Cell, Table


@dataclass(frozen=True, slots=True)
class Pair:
    """What gets through between two ends, as a cell has it, and what would have to be known of what only may."""

    sure: Traffic
    partly: Traffic
    may: Traffic
    because: tuple[Unknown, ...] = ()

    def how(self, traffic: Traffic) -> Literal["everywhere", "in part", "perhaps"]:
        """How this part of it gets through."""
        if self.sure.contains(traffic):
            return "everywhere"
        return "in part" if self.partly.contains(traffic) else "perhaps"

    def by(self, way: Exposure) -> Pair:
        """The same with what comes in by another way."""
        sure = self.sure | way.open.sure if way.anybody else self.sure
        because = tuple(dict.fromkeys((*self.because, *way.open.because)))
        return Pair(sure, self.partly | way.open.sure, self.may | way.open.may, because)


@dataclass(frozen=True, slots=True)
class Grid:
    """Who reaches whom: sources and targets by address with the name that each is shown by; only pairs that may."""

    sources: Mapping[Address, str]
    targets: Mapping[Address, str]
    pairs: Mapping[tuple[Address, Address], Pair]

    def table(self, title: str) -> Table:
        """The same by names."""
        cells = (
            Cell(self.sources[source], self.targets[target], pair.sure, pair.partly, pair.may)
            for (source, target), pair in self.pairs.items()
        )
        return Table(title, tuple(self.sources.values()), tuple(self.targets.values()), tuple(cells))


def grid(facts: Facts) -> Grid:
    """Who reaches whom among everything of the input and the internet."""
    whole = matrix(facts)
    pairs = {
        (cell.source, cell.target): Pair(cell.every.sure, cell.some.sure, cell.some.may, cell.some.because)
        for cell in whole.cells()
        if cell.source != cell.target and cell.some.may
    }
    # What stands behind a balancer or a distribution the internet reaches all the same.
    for way in exposed(facts):
        if way.thing in whole.targets:
            pair = pairs.get((INTERNET, way.thing), Pair(NOTHING, NOTHING, NOTHING))
            pairs[INTERNET, way.thing] = pair.by(way)
    _over_internet(facts, whole, pairs)
    names = called(dict.fromkeys((*whole.sources, *whole.targets)))
    return Grid(
        {source: names[source] for source in whole.sources}, {target: names[target] for target in whole.targets}, pairs
    )


def _over_internet(facts: Facts, whole: Matrix, pairs: dict[tuple[Address, Address], Pair]) -> None:
    """Add what gets from one end to another by the internet, where the one gets out and the other is reached."""
    targets = [target for target in whole.targets if exposures_of(facts, target)]
    for source in whole.sources if targets else ():
        for target in targets if source != INTERNET else ():
            found = over_internet(facts, source, target)
            if found.may:
                own = pairs.get((source, target), Pair(NOTHING, NOTHING, NOTHING))
                because = tuple(dict.fromkeys((*own.because, *found.because)))
                pairs[source, target] = Pair(
                    own.sure | found.sure, own.partly | found.sure, own.may | found.may, because
                )


# --- As it is


def matrix_text(table: Table) -> str:
    """Sources with what they reach; those that reach the same stand together."""
    certain = sum(cell.certain for cell in table.cells)
    whole = len(table.rows) * len(table.columns)
    lines = [
        f"{len(table.rows)} sources, {len(table.columns)} targets: {certain} pairs open, "
        f"{len(table.cells) - certain} in part or perhaps, {whole - len(table.cells)} shut"
    ]
    for names, reached in _alike(table):
        lines += ["", ", ".join(names)]
        width = min(max(map(len, reached), default=0), 60)
        lines += [f"  {target:<{width}}  {says}" for target, says in reached.items()] or ["  nothing"]
    return screen(lines)


EACH_OTHER = "each other"


def _alike(table: Table) -> Iterator[tuple[list[str], dict[str, str]]]:
    """Sources that reach the same things alike, and each other alike, with what that is."""
    reached: dict[str, dict[str, str]] = {name: {} for name in table.rows}
    for cell in table.cells:
        reached[cell.source][cell.target] = cell.says
    groups = _grouped(reached, lambda _name, own: own)
    alone = {names[0]: reached[names[0]] for names in groups if len(names) == 1}
    # Of those that reach each other each lacks itself. With what it reaches most put there, rows are the same only
    # where every one of them reaches every other just so.
    meshes = {names[0]: names for names in _grouped(alone, _with_itself)}
    for names in groups:
        if len(names) > 1:
            yield names, reached[names[0]]
        elif names[0] in meshes:
            mesh = meshes[names[0]]
            own = reached[names[0]]
            if len(mesh) > 1:
                each_other = {EACH_OTHER: own[mesh[1]]} if mesh[1] in own else {}
                own = each_other | {target: says for target, says in own.items() if target not in mesh}
            yield mesh, own


def _with_itself(name: str, own: Mapping[str, str]) -> dict[str, str]:
    return {**own, name: Counter(own.values()).most_common(1)[0][0]} if own else {}


def _grouped(
    reached: Mapping[str, dict[str, str]], row: Callable[[str, dict[str, str]], dict[str, str]]
) -> list[list[str]]:
    found: dict[frozenset[tuple[str, str]], list[str]] = {}
    for name, own in reached.items():
        found.setdefault(frozenset(row(name, own).items()), []).append(name)
    return list(found.values())


def matrix_document(grid: Grid) -> dict[str, Any]:
    """Everything that may get through, by source, and what does so to several targets alike said once."""
    alike: dict[tuple[Address, Pair], list[Address]] = {}
    for (source, target), pair in grid.pairs.items():
        alike.setdefault((source, pair), []).append(target)
    return {
        "schema_version": VERSION,
        "sources": list(grid.sources),
        "targets": list(grid.targets),
        "pairs": [
            {
                "from": source,
                "to": targets,
                "sure": traffic_document(pair.sure),
                "partly": traffic_document(pair.partly),
                "may": traffic_document(pair.may),
                "because": [{"what": each.what, "why": each.why} for each in pair.because],
            }
            for (source, pair), targets in alike.items()
        ],
    }


# --- Against another


@dataclass(frozen=True, slots=True)
class Difference:
    """What opens or closes between two ends, and how it is open on the side that has it."""

    does: Literal["opens", "closes"]
    source: str
    target: str
    traffic: Traffic
    how: Literal["everywhere", "in part", "perhaps"]


def differences(before: Grid, after: Grid) -> Iterator[Difference]:
    """What opens and what closes from one input to another, sorted; ends of one address or one name are the same."""
    found: list[Difference] = []
    olds = {
        (_called(source, before.sources, after.sources), _called(target, before.targets, after.targets)): pair
        for (source, target), pair in before.pairs.items()
    }
    news = {(after.sources[source], after.targets[target]): pair for (source, target), pair in after.pairs.items()}
    for source, target in dict.fromkeys([*olds, *news]):
        old, new = (pairs.get((source, target), Pair(NOTHING, NOTHING, NOTHING)) for pairs in (olds, news))
        if opened := new.may - old.may:
            found.append(Difference("opens", source, target, opened, new.how(opened)))
        if closed := old.may - new.may:
            found.append(Difference("closes", source, target, closed, old.how(closed)))
    yield from sorted(found, key=lambda each: (each.does != "opens", each.source, each.target))


def _called(address: Address, own: Mapping[Address, str], after: Mapping[Address, str]) -> str:
    """What an end of the earlier input is called: as the later one calls it, if it has it by address or by name."""
    name = own[address]
    return after.get(address) or (name if name in after.values() else str(address))


def differences_text(found: Sequence[Difference]) -> str:
    """A line a difference."""
    if not found:
        return "no difference: who reaches whom is the same"
    lines: list[str] = []
    for each in found:
        how = "" if each.how == "everywhere" else f"{each.how} "
        lines.append(f"{each.does:<6} {each.source} -> {each.target}  {how}{each.traffic}")
    opens = sum(each.does == "opens" for each in found)
    return screen([*lines, "", f"{opens} open, {len(found) - opens} close"])


def differences_document(found: Sequence[Difference]) -> dict[str, Any]:
    """Every difference."""
    return {
        "schema_version": VERSION,
        "differences": [
            {
                "does": each.does,
                "from": each.source,
                "to": each.target,
                "traffic": traffic_document(each.traffic),
                "how": each.how,
            }
            for each in found
        ],
    }
