"""What gets through between any two ends, all layers together: policies, groups, routes, lists, and who listens.

This is the one semantics that a path spells out hop by hop and a matrix holds for everybody.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import reduce

from seawall.analyze.clusters import pod_interfaces
from seawall.analyze.fleets import interfaces
from seawall.analyze.reachability import groups, network
from seawall.analyze.reachability.placement import Whereabouts, may_share_node, ranges_of
from seawall.analyze.reachability.places import ranges, side
from seawall.analyze.reachability.pod_policies import FREE, Reached, itself, pod_policies
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, SHUT, Open, Traffic
from seawall.facts.compute import Workload
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Interface, Listens, Outside
from seawall.facts.pod_network import PodGroups
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown


def between(facts: Facts, source: Address, target: Address) -> Reached:
    """What gets through from one end to another, each a workload or a thing with an interface."""
    here, there = facts.one(Workload, of=source), facts.one(Workload, of=target)
    found = policies(facts, here or source, there or target)
    if not found.some.may:
        return found
    found = found.both(beneath(facts, here or source, there or target))
    if here is not None and source == target:
        return itself(here, found)
    return found if there is not None else found.both(listening(facts, target))


def policies(facts: Facts, source: Workload | Address, target: Workload | Address) -> Reached:
    """What the NetworkPolicies of both ends let through, of which a thing that is no pod has none."""
    if isinstance(source, Workload) and isinstance(target, Workload) and together(source, target):
        return pod_policies(facts, source).between(source, target)
    found = FREE
    if isinstance(source, Workload) and asked_of(facts, target):
        found = pod_policies(facts, source).reached(source, "egress", whereabouts(facts, target))
    if isinstance(target, Workload):
        found = found.both(pod_policies(facts, target).reached(target, "ingress", whereabouts(facts, source)))
    return found


def together(one: Workload, other: Workload) -> bool:
    """Whether two workloads are in one cluster, as their addresses say."""
    here, there = one.of.as_kubernetes(), other.of.as_kubernetes()
    return here is not None and there is not None and here.cluster == there.cluster


def asked_of(facts: Facts, target: Workload | Address) -> bool:
    """Whether pods' policies are asked of connections to a thing: files are mounted by the node, not by its pods."""
    if isinstance(target, Workload):
        return True
    return not any(store.kind == "file-system" for store in facts.where(Store, of=target))


def whereabouts(facts: Facts, end: Workload | Address) -> Whereabouts:
    """The addresses at which an end may be."""
    return ranges_of(facts, end) if isinstance(end, Workload) else facts.derive(_whereabouts, end)


def _whereabouts(facts: Facts, thing: Address) -> Whereabouts:
    own = interfaces(facts, thing)
    if not own:
        return Whereabouts.of((), (nowhere(thing),))
    parts = [ranges(facts, interface) for interface in own]
    return Whereabouts.of(
        dict.fromkeys(cidr for found, _ in parts for cidr in found),
        dict.fromkeys(reason for _, gone in parts for reason in gone),
    )


def nowhere(end: Address) -> Unknown:
    """Of a thing that no part of the input puts into a network."""
    return Unknown(f"{end}", why="the input does not say where it is in the network")


def places_of(facts: Facts, end: Workload | Address) -> tuple[Interface, ...]:
    """Where an end is in the network; () where the input does not say."""
    return facts.derive(pod_interfaces, end) if isinstance(end, Workload) else facts.derive(interfaces, end)


def beneath(
    facts: Facts, source: Workload | Address, target: Workload | Address, through: Callable[[], Reached] | None = None
) -> Reached:
    """What groups, routes and lists let through between two ends.

    ``through`` is asked for what these let through between the places of the two, by whoever has that already.
    """
    here, there = places_of(facts, source), places_of(facts, target)
    if isinstance(source, Workload) and isinstance(target, Workload) and together(source, target):
        if not here or not there:
            # With manifests alone the question is what these say; of a network of nodes there is nothing to ask.
            return FREE
        found = through() if through else across(facts, here, there)
        return found.or_at_times(ALL_OPEN) if side_by_side(facts, source, target) else found
    if not here or not there:
        if there and facts.one(Outside, of=address_of(source)):
            return Reached(SHUT, SHUT)
        missing = nowhere(address_of(target) if here else address_of(source))
        doubt = Open.doubtful(EVERYTHING, missing)
        return Reached(doubt, doubt)
    return through() if through else across(facts, here, there)


def address_of(end: Workload | Address) -> Address:
    """The address of an end."""
    return end.of if isinstance(end, Workload) else end


def alone(source: Workload, target: Workload) -> bool:
    """Whether it is one pod that reaches itself, which it does without a network."""
    return source.of == target.of and source.replicas == 1


def side_by_side(facts: Facts, source: Workload, target: Workload) -> bool:
    """Whether pods of two workloads may talk on one node, where no group of the network stands between them.

    Pods with groups of their own have an interface of their own, whose groups stand between them everywhere.
    """
    if any(facts.where(PodGroups, namespace=each.namespace) for each in (source, target)):
        return False
    return may_share_node(facts, source, target)


def across(facts: Facts, here: Iterable[Interface], there: Iterable[Interface]) -> Reached:
    """What the network lets through between interfaces: every one and every one, or some one and some one."""
    pairs = [(one, other) for one in here for other in there]
    if not any(_may_pass(facts, one, other) for one, other in pairs):
        return Reached(SHUT, SHUT)
    some = reduce(Open.either, (network.somewhere(facts, one, other) for one, other in pairs))
    if not some.may:
        return Reached(SHUT, SHUT)
    return Reached(reduce(Open.both, (network.between(facts, one, other) for one, other in pairs)), some)


def _may_pass(facts: Facts, here: Interface, there: Interface) -> bool:
    one, other = side(facts, here), side(facts, there)
    return groups.may_pass(facts, other, "ingress", one) and groups.may_pass(facts, one, "egress", other)


def listening(facts: Facts, thing: Address) -> Reached:
    """The traffic that a thing answers, where the input says all of it."""
    return facts.derive(_listening, thing)


def _listening(facts: Facts, thing: Address) -> Reached:
    stated = facts.where(Listens, of=thing)
    if not stated or any(isinstance(own.ports, Unknown) for own in stated):
        return FREE
    heard = Open.known(
        Traffic.union(Traffic.of(own.protocol, own.ports) for own in stated if not isinstance(own.ports, Unknown))
    )
    return Reached(heard, heard)
