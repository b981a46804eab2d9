"""Who reaches whom: what gets through between every two ends of the input, and between each and the internet.

Ends that no policy, group, route or list tells apart are one class, and a question is answered once for two classes.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Final, NamedTuple

from seawall.analyze.clusters import places
from seawall.analyze.reachability import groups, layers, network
from seawall.analyze.reachability.enforcement import enforcement
from seawall.analyze.reachability.from_internet import INTERNET
from seawall.analyze.reachability.placement import Whereabouts
from seawall.analyze.reachability.places import INTERNET as INTERNET_ADDRESSES
from seawall.analyze.reachability.places import Side, side
from seawall.analyze.reachability.pod_policies import (
    FREE,
    PodPolicies,
    PolicySet,
    RangeSet,
    Reached,
    itself,
    pod_policies,
)
from seawall.analyze.reachability.pods import Bits
from seawall.analyze.reachability.traffic import ALL_OPEN, SHUT, Open
from seawall.facts.compute import Fleet, NodeGroup, Workload
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Direction, Gateway, Interface, Outside
from seawall.facts.pod_network import ForeignPolicy, PodGroups
from seawall.kernel.address import Address

__all__ = ["INTERNET", "Cell", "Matrix", "matrix"]

_NO_ONE: Final = Reached(SHUT, SHUT)


class Cell(NamedTuple):
    """What gets through from one end to another: from every place to every place, and from some place to some."""

    source: Address
    target: Address
    every: Open
    some: Open


def matrix(facts: Facts) -> Matrix:
    """Who reaches whom in an input, worked out once."""
    return facts.derive(Matrix)


@dataclass(frozen=True, slots=True)
class _Class:
    """Ends that nothing tells apart, by one of them: ``number`` as a workload of its cluster, -1 where it is none."""

    end: Workload | Address
    where: Whereabouts
    network: int
    room: int
    sides: tuple[int, ...] = ()
    number: int = -1


class Matrix:
    """``sources`` are workloads, instances, functions and whatever else has an interface; stores open no connections.

    ``targets`` are all of these and the stores, but for what runs in a network of its provider's, which nothing of a
    private network reaches. The internet is both.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        workloads = sorted(facts.all(Workload), key=lambda each: each.of)
        things = _things(facts)
        passive = {each.of for each in facts.all(Store)} | {each.of for each in facts.all(Gateway)}
        outside = {each.of for each in facts.all(Outside)} - set(things)
        self.sources: tuple[Address, ...] = (
            *sorted({*(each.of for each in workloads), *(of for of in things if of not in passive), *outside}),
            INTERNET,
        )
        self.targets: tuple[Address, ...] = (*sorted({*(each.of for each in workloads), *things}), INTERNET)
        self._open: list[Reached] = [FREE]
        self._ids: dict[Reached, int] = {FREE: 0}
        self._passes = [True]
        self._joined: dict[tuple[int, int], int] = {}
        self._networks: dict[Hashable, int] = {}
        self._sides: dict[Side, int] = {}
        self._interfaces: list[tuple[Interface, Side]] = []
        self._pairs: dict[tuple[int, int], int] = {}
        self._all_pairs: dict[frozenset[int], Reached] = {}
        self._own: dict[Hashable, Reached] = {}
        self._rooms: dict[Hashable, int] = {}
        self._beneath: dict[tuple[int, int, int, int], int] = {}
        self._policies: dict[str, PodPolicies] = {}
        self._classes: list[_Class] = []
        self._class_of: dict[Address, int] = {}
        self._classify({each.of: each for each in workloads}, (*things, *sorted(outside)))
        # Of each class, or cluster, what every row asks.
        self._wheres = [each.where for each in self._classes]
        self._ranged: dict[int, list[int]] = {}
        self._never_asked = [place for place, each in enumerate(self._classes) if not layers.asked_of(facts, each.end)]
        self._ends = {place: each.end for place, each in enumerate(self._classes) if isinstance(each.end, Workload)}
        self._among: dict[str, dict[int, int]] = {cluster: {} for cluster in self._policies}
        self._members: dict[str, Bits] = dict.fromkeys(self._policies, 0)
        self._hosts: dict[str, list[int]] = {cluster: [] for cluster in self._policies}
        for place, pods in self._ends.items():
            cluster, number = self._cluster(pods), self._classes[place].number
            self._among[cluster][number] = place
            self._members[cluster] |= 1 << number
            if pods.host_network:
                self._hosts[cluster].append(place)
        self._targets = [(target, self._class_of[target]) for target in self.targets]
        self._cells = self._worked_out()

    def between(self, source: Address, target: Address) -> Open:
        """What gets through wherever both ends are: what a need is held against."""
        return self._between(source, target).every

    def somewhere(self, source: Address, target: Address) -> Open:
        """What gets through from some place of the one end to some place of the other."""
        return self._between(source, target).some

    def cells(self) -> Iterator[Cell]:
        """Every pair between which something may get through, sources in their order and targets in theirs."""
        passes, opens = self._passes, [(each.every, each.some) for each in self._open]
        for source in self.sources:
            mine = self._class_of[source]
            row = self._cells[mine]
            for target, of in self._targets:
                one = row[of]
                if of == mine and source == target:
                    own = self._between(source, source)
                    if source != INTERNET and own.some.may:
                        yield Cell(source, source, own.every, own.some)
                elif passes[one]:
                    every, some = opens[one]
                    yield Cell(source, target, every, some)

    def _between(self, source: Address, target: Address) -> Reached:
        mine = self._class_of.get(source)
        if source != target and mine is not None and target in self._class_of:
            return self._open[self._cells[mine][self._class_of[target]]]
        if source != target or mine is None:
            return layers.between(self._facts, source, target)
        # Pods and nodes reach others of their own kind by another question than that of two kinds.
        pods = self._facts.one(Workload, of=source)
        key = (mine, pods is not None and pods.replicas == 1)
        if key not in self._own:
            one = self._classes[mine]
            found = layers.policies(self._facts, pods or source, pods or source)
            found = found.both(self._open[self._between_networks(one, one)])
            heard = layers.listening(self._facts, source)
            self._own[key] = itself(pods, found) if pods else found.both(heard)
        return self._own[key]

    # -- classes -------------------------------------------------------------------------------------------------------

    def _classify(self, workloads: dict[Address, Workload], things: tuple[Address, ...]) -> None:
        known: dict[Hashable, int] = {}
        told_apart = self._told_apart(workloads.values())
        for of, pods in workloads.items():
            one = self._class(pods)
            key: Hashable = (self._cluster(pods), told_apart[of], one.where, one.network, one.room)
            self._class_of[of] = known.setdefault(key, len(self._classes))
            if self._class_of[of] == len(self._classes):
                self._classes.append(one)
        for of in (*things, INTERNET):
            one = self._class(of)
            asked = layers.asked_of(self._facts, of)
            own: Hashable = (asked, one.where, one.network, layers.listening(self._facts, of))
            self._class_of[of] = known.setdefault(own, len(self._classes))
            if self._class_of[of] == len(self._classes):
                self._classes.append(one)

    def _class(self, end: Workload | Address) -> _Class:
        if end == INTERNET:
            return _Class(
                end, Whereabouts.of(INTERNET_ADDRESSES), self._networks.setdefault(INTERNET, len(self._networks)), -1
            )
        sides = tuple(dict.fromkeys(self._side(each) for each in layers.places_of(self._facts, end)))
        net = self._networks.setdefault(sides or layers.address_of(end), len(self._networks))
        where = layers.whereabouts(self._facts, end)
        if not isinstance(end, Workload):
            return _Class(end, where, net, -1, sides)
        grouped = bool(self._facts.where(PodGroups, namespace=end.namespace))
        room = (self._cluster(end), self._facts.derive(places, end), grouped, end.host_network)
        number = pod_policies(self._facts, end).pods.number[end.of]
        return _Class(end, where, net, self._rooms.setdefault(room, len(self._rooms)), sides, number)

    def _side(self, interface: Interface) -> int:
        """The number of all interfaces that differ in nothing from this one."""
        own = side(self._facts, interface)
        if own not in self._sides:
            self._sides[own] = len(self._sides)
            self._interfaces.append((interface, own))
        return self._sides[own]

    def _cluster(self, pods: Workload) -> str:
        name = pods.of.as_kubernetes()
        cluster = name.cluster if name else ""
        if cluster not in self._policies:
            self._policies[cluster] = pod_policies(self._facts, pods)
        return cluster

    def _told_apart(self, workloads: Iterable[Workload]) -> dict[Address, Hashable]:
        """What policies know of each workload: those that isolate it, and the peers of policies that it is one of."""
        own: dict[Address, list[Hashable]] = {}
        meant: dict[str, dict[tuple[int, int], None]] = {}
        for pods in workloads:
            cluster = self._cluster(pods)
            policies = self._policies[cluster]
            sets = [policies.set_of(pods, direction) for direction in _DIRECTIONS]
            foreign = [policies.foreign(pods, direction) for direction in _DIRECTIONS]
            own[pods.of] = [*map(id, sets), *foreign, enforcement(self._facts, pods)]
            for found in sets:
                for _, peers in found.pods if found is not None else ():
                    if peers.sure != policies.pods.everybody:
                        meant.setdefault(cluster, {})[peers.sure, peers.may] = None
        for cluster, every in meant.items():
            pods_of = self._policies[cluster].pods
            for number, (sure, may) in enumerate(every):
                for place in pods_of.members(may):
                    own[pods_of.workloads[place].of].append(number if sure >> place & 1 else -1 - number)
        return {of: tuple(known) for of, known in own.items()}

    # -- cells ---------------------------------------------------------------------------------------------------------

    def _worked_out(self) -> list[list[int]]:
        places = range(len(self._classes))
        outward = self._rows("egress")
        inward = list(zip(*self._rows("ingress"), strict=True))  # turned, so that it is asked by the source as well
        heard = [
            0 if each.number >= 0 else self._id(layers.listening(self._facts, layers.address_of(each.end)))
            for each in self._classes
        ]
        spots: dict[tuple[int, int], int] = {}
        spot_of = [spots.setdefault((each.network, each.room), len(spots)) for each in self._classes]
        known: dict[tuple[int, int, int, int, int], int] = {}
        found: list[list[int]] = []
        for here in places:
            row: list[int] = []
            spot = spot_of[here]
            for key in zip(outward[here], inward[here], places, spot_of, heard, strict=True):
                out, into, there, other, listened = key
                short = (out, into, spot, other, listened)
                one = known.get(short)
                if one is None:
                    one = known[short] = self._cell(out, into, here, there, listened)
                row.append(one)
            found.append(row)
        return found

    def _cell(self, out: int, into: int, here: int, there: int, listened: int) -> int:
        one = self._join(out, into)
        if not self._passes[one]:
            return self._id(_NO_ONE)
        beneath = self._between_networks(self._classes[here], self._classes[there])
        one = self._join(self._join(one, beneath), listened)
        return one if self._passes[one] else self._id(_NO_ONE)

    def _rows(self, direction: Direction) -> list[list[int]]:
        """For each class what its policies let through to or from each other one."""
        known: dict[Hashable, list[int]] = {}
        free = [0] * len(self._classes)
        rows: list[list[int]] = []
        for one in self._classes:
            own: PolicySet | None = None
            foreign: tuple[ForeignPolicy, ...] = ()
            if isinstance(one.end, Workload):
                policies = self._policies[self._cluster(one.end)]
                own, foreign = policies.set_of(one.end, direction), policies.foreign(one.end, direction)
            if not isinstance(one.end, Workload) or (own is None and not foreign):
                rows.append(free)
                continue
            # Who shares a node with whom matters only where some pods are on the network of theirs.
            room = one.room if policies.pods.host else -1
            key = (id(own), enforcement(self._facts, one.end), one.end.host_network, room, foreign)
            if key not in known:
                known[key] = self._row(one.end, policies, own, direction)
            rows.append(known[key])
        return rows

    def _row(self, pods: Workload, policies: PodPolicies, own: PolicySet | None, direction: Direction) -> list[int]:
        if own is None:
            found = [self._id(policies.amid_foreign(pods, direction, FREE))] * len(self._classes)
        else:
            found = self._row_of(pods, policies, own, direction)
        if direction == "egress":
            for place in self._never_asked:
                found[place] = 0
        for place in self._hosts[self._cluster(pods)]:
            found[place] = self._id(policies.reached(pods, direction, self._ends[place]))
        return found

    def _row_of(self, pods: Workload, policies: PodPolicies, own: PolicySet, direction: Direction) -> list[int]:
        cluster = self._cluster(pods)
        by_number = self._among[cluster]
        sure, may = [0] * len(self._classes), [0] * len(self._classes)
        for place, (_, meant) in enumerate(own.pods):
            bit = 1 << place
            for number in policies.pods.members(meant.may & self._members[cluster]):
                may[by_number[number]] |= bit
            for number in policies.pods.members(meant.sure & self._members[cluster]):
                sure[by_number[number]] |= bit
        known: dict[tuple[int, int, int], int] = {}
        found: list[int] = []
        for key in zip(sure, may, self._by_range(own.ranges), strict=True):
            one = known.get(key)
            if one is None:
                stated = own.reached(key[0], key[1], self._open[key[2]])
                judged = policies.amid_foreign(pods, direction, policies.judged(pods, stated))
                one = known[key] = self._id(judged)
            found.append(one)
        return found

    def _by_range(self, ranges: RangeSet) -> list[int]:
        """What ranges let through to or from each class."""
        found = self._ranged.get(id(ranges))
        if found is None:
            of_where = {where: self._id(ranges.reached(where)) for where in dict.fromkeys(self._wheres)}
            found = self._ranged[id(ranges)] = [of_where[where] for where in self._wheres]
        return found

    def _between_networks(self, source: _Class, target: _Class) -> int:
        key = (source.network, target.network, source.room, target.room)
        found = self._beneath.get(key)
        if found is None:
            found = self._beneath[key] = self._id(self._through(source, target))
        return found

    def _across(self, source: _Class, target: _Class) -> Reached:
        """What the network lets through between all places of two classes, each pair of sides worked out once."""
        found = set()
        for here in source.sides:
            for there in target.sides:
                key = (here, there)
                if key not in self._pairs:
                    self._pairs[key] = self._pair(here, there)
                found.add(self._pairs[key])
        alike = frozenset(found)
        if alike not in self._all_pairs:
            self._all_pairs[alike] = _together([self._open[one] for one in sorted(alike)])
        return self._all_pairs[alike]

    def _pair(self, here: int, there: int) -> int:
        """What the network lets through between two sides; most are kept apart by groups that do not mean them."""
        (one, mine), (other, theirs) = self._interfaces[here], self._interfaces[there]
        passes = groups.may_pass(self._facts, theirs, "ingress", mine)
        if not passes or not groups.may_pass(self._facts, mine, "egress", theirs):
            return self._id(_NO_ONE)
        return self._id(layers.across(self._facts, (one,), (other,)))

    def _through(self, source: _Class, target: _Class) -> Reached:
        if source.end == INTERNET and target.end == INTERNET:
            return _NO_ONE
        if target.end == INTERNET:
            if self._facts.one(Outside, of=layers.address_of(source.end)):
                return FREE
            return _all(network_outward(self._facts, layers.places_of(self._facts, source.end)), source.end)
        if source.end == INTERNET:
            return _all(network_inward(self._facts, layers.places_of(self._facts, target.end)), target.end)
        return layers.beneath(self._facts, source.end, target.end, lambda: self._across(source, target))

    def _id(self, found: Reached) -> int:
        number = self._ids.get(found)
        if number is None:
            number = self._ids[found] = len(self._open)
            self._open.append(found)
            self._passes.append(bool(found.some.may.spans))
        return number

    def _join(self, one: int, other: int) -> int:
        if not one or not other:
            return one or other
        key = (one, other)
        found = self._joined.get(key)
        if found is None:
            found = self._joined[key] = self._id(self._open[one].both(self._open[other]))
        return found


_DIRECTIONS: Final[tuple[Direction, ...]] = ("egress", "ingress")


def network_outward(facts: Facts, here: Iterable[Interface]) -> list[Reached]:
    """What gets from each of these interfaces to the internet: to all of it, and to some address of it."""
    return [Reached(network.outward(facts, each), network.outward(facts, each, every=False)) for each in here]


def network_inward(facts: Facts, there: Iterable[Interface]) -> list[Reached]:
    """What gets from the internet to each of these interfaces: from all of it, and from some address of it."""
    return [Reached(network.inward(facts, each, every=True), network.inward(facts, each)) for each in there]


def _all(parts: list[Reached], end: Workload | Address) -> Reached:
    if not parts:
        doubt = Open.doubtful(ALL_OPEN.may, layers.nowhere(layers.address_of(end)))
        return Reached(doubt, doubt)
    return _together(parts)


def _together(parts: list[Reached]) -> Reached:
    """What gets through wherever one of these holds: at every place, and at some."""
    every = reduce(Open.both, (each.every for each in parts))
    return Reached(every, reduce(Open.either, (each.some for each in parts)))


def _things(facts: Facts) -> tuple[Address, ...]:
    """Everything with an interface that is no pod and no mere way to make things, sorted."""
    none = {given.of for given in facts.all(PodGroups)}
    none |= {made.launch for made in facts.all(NodeGroup) if isinstance(made.launch, Address)}
    none |= {made.launch for made in facts.all(Fleet) if isinstance(made.launch, Address)}
    workloads = {each.of for each in facts.all(Workload)}
    return tuple(sorted({each.of for each in facts.all(Interface)} - none - workloads))
