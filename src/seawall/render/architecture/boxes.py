"""What lies in what: regions, networks, zones, subnets, and clusters, namespaces, workloads, as nested boxes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from seawall.analyze.reachability.places import subnets
from seawall.analyze.stores import cluster_of
from seawall.facts.compute import Autoscaler, Cluster, NodeGroup, NodePool, Workload
from seawall.facts.data import Store
from seawall.facts.facts import Facts
from seawall.facts.network import Gateway, Guards, Interface, Network, Origin, Subnet
from seawall.facts.pod_network import Namespace
from seawall.kernel.address import Address
from seawall.render.words import kind, name, said

Level: TypeAlias = Literal["platform", "region", "network", "zone", "subnet", "cluster", "namespace", "group", "thing"]


@dataclass(frozen=True, slots=True)
class Box:
    """A thing, or what holds things; ``id`` tells it from all others, ``detail`` is a second line."""

    id: str
    level: Level
    label: str
    detail: str = ""
    of: Address | None = None
    inside: tuple[Box, ...] = ()

    def all(self) -> Iterator[Box]:
        """This box and every one within it."""
        yield self
        for box in self.inside:
            yield from box.all()


def platform(facts: Facts, title: str, regions: Iterable[str]) -> Box:
    """Everything: what is everywhere, then each region, those that only keep something last."""
    used = [*(fact.region for fact in facts.all(Network)), *(fact.region for fact in facts.all(Store))]
    listed = dict.fromkeys([*regions, *sorted(place for place in used if isinstance(place, str) and place)])
    inside = (_everywhere(facts), *(_region(facts, place) for place in listed))
    return Box("platform", "platform", title, inside=tuple(box for box in inside if box.inside))


def _everywhere(facts: Facts) -> Box:
    distributions = dict.fromkeys(origin.of for origin in facts.all(Origin))
    things = tuple(_thing(address, "everywhere", _guarded(facts, address)) for address in distributions)
    return Box("everywhere", "region", "everywhere", "no region", inside=things)


def _guarded(facts: Facts, address: Address) -> str:
    return f"{kind(address)}, behind a firewall" if facts.where(Guards, of=address) else kind(address)


def _region(facts: Facts, place: str) -> Box:
    networks = [fact for fact in facts.all(Network) if fact.region == place]
    clusters = [fact for fact in facts.all(Cluster) if fact.region == place]
    placed = {fact.of for fact in facts.all(Interface) if fact.subnets}
    kept = [
        store
        for store in facts.all(Store)
        if store.region == place and store.of not in placed and store.kind not in ("logs", "registry", "volume")
        and store.of.as_terraform() is not None and not _within(facts, store.of) and cluster_of(facts, store) is None
    ]  # fmt: skip
    inside = [
        *(_network(facts, fact) for fact in networks),
        *(_cluster(facts, fact) for fact in clusters),
    ]
    if kept:
        things = tuple(_thing(store.of, place, said(store.engine)) for store in kept)
        inside.append(Box(f"{place}/kept", "group", "stores outside the network", inside=things))
    cloud = "Azure " if any(box.of is not None and _is_azure(box.of) for each in inside for box in each.all()) else ""
    return Box(place, "region", f"{cloud}{place}", inside=tuple(inside))


def _within(facts: Facts, store: Address) -> bool:
    """Whether a store's own members lie in subnets, so that it is drawn there."""
    return any(fact.of.owner == store for fact in facts.all(Interface))


def _network(facts: Facts, network: Network) -> Box:
    zones: dict[str, list[Subnet]] = {}
    for subnet in facts.where(Subnet, network=network.of):
        zones.setdefault(said(subnet.zone) if subnet.zone else "", []).append(subnet)
    inside: list[Box] = []
    for zone, subnets_there in sorted(zones.items()):
        drawn = tuple(_subnet(facts, subnet) for subnet in subnets_there)
        # Azure's subnets lie in every zone.
        inside += [Box(f"{network.of}/{zone}", "zone", zone, inside=drawn)] if zone else drawn
    return Box(
        str(network.of), "network", f"network {name(network.of)}", said(network.cidrs), network.of, tuple(inside)
    )


def _subnet(facts: Facts, subnet: Subnet) -> Box:
    gateways = [fact.of for fact in facts.where(Gateway, place=subnet.of)]
    carrying = [fact.of for fact in facts.all(Interface) if subnet in subnets(facts, fact)[0] and kind(fact.of)]
    things = tuple(_thing(address, str(subnet.of)) for address in dict.fromkeys([*gateways, *carrying]))
    return Box(str(subnet.of), "subnet", name(subnet.of), said(subnet.cidr), subnet.of, things)


def _cluster(facts: Facts, cluster: Cluster) -> Box:
    called = said(cluster.name)
    groups = tuple(
        Box(
            f"{group.of}/nodes",
            "thing",
            f"nodes {name(group.of)}",
            f"{said(group.least)}..{said(group.most)} {said(group.types)}, {said(group.capacity)}",
            group.of,
        )
        for group in facts.where(NodeGroup, cluster=cluster.of)
    )
    # Whatever lies in a namespace says that there is one.
    once = {each.of: each for each in facts.where(Namespace, cluster=called)}.values()
    namespaces = tuple(box for each in once if (box := _namespace(facts, each)) is not None)
    pools = tuple(
        Box(f"{pool.of}/nodes", "thing", f"nodes {name(pool.of)}", f"as pods need them, {said(pool.types)}", pool.of)
        for pool in facts.all(NodePool)
        if (place := pool.of.as_kubernetes()) is not None and place.cluster == called
    )
    return Box(f"{cluster.of}/cluster", "cluster", called, f"Kubernetes {said(cluster.version)}", None,
               (*groups, *pools, *namespaces))  # fmt: skip


def _namespace(facts: Facts, namespace: Namespace) -> Box | None:
    workloads = tuple(
        Box(str(load.of), "thing", name(load.of), _pods(facts, load), load.of)
        for load in facts.where(Workload, namespace=namespace.of)
    )
    return Box(str(namespace.of), "namespace", namespace.name, inside=workloads) if workloads else None


def _pods(facts: Facts, load: Workload) -> str:
    scaled = facts.one(Autoscaler, target=load.of)
    number = said(load.replicas) if scaled is None else f"{said(scaled.least)}..{said(scaled.most)}"
    return f"{load.controller}, {number} pod{'s' * (number != '1')}"


def _is_azure(address: Address) -> bool:
    found = address.as_terraform()
    return found is not None and found.type.startswith("azurerm_")


def _thing(address: Address, place: str, detail: str = "") -> Box:
    sort, called = detail or kind(address), name(address)
    if called == "main":  # there is one of it, and its sort says all
        called, sort = sort, ""
    return Box(f"{place}/{address}", "thing", called, sort, address)
