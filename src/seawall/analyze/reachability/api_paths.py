"""The path of each workload to the APIs of AWS that it calls: an endpoint that answers for the API, or the internet."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from seawall.analyze.clusters import cluster_of
from seawall.analyze.permissions.needed import needs
from seawall.analyze.reachability import layers
from seawall.analyze.reachability.api_access import by_endpoint, called_hosts
from seawall.analyze.reachability.hop import Hop, Path
from seawall.analyze.reachability.network import to_endpoint
from seawall.analyze.reachability.places import subnets
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.to_internet import to_internet
from seawall.analyze.reachability.traffic import Traffic
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.network import Gateway, Interface
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.units import Ports

_HTTPS = 443
_INTERNET = Address("internet")


@dataclass(frozen=True, slots=True)
class ApiPath:
    """A workload's path to a service of its region; ``endpoint`` is what answers for the service, None for itself.

    ``said`` is what asks for it.
    """

    workload: Address
    service: str
    endpoint: Address | None
    path: Path
    said: str


def api_paths(facts: Facts) -> tuple[ApiPath, ...]:
    """Each service that a workload of the input calls in its cluster's region, once, with the path there.

    With a gateway endpoint in the route table policies, groups and lists are asked about all of the internet, of which
    its addresses are a part, and about its prefix list.
    """
    return facts.derive(_api_paths)


def _api_paths(facts: Facts) -> tuple[ApiPath, ...]:
    return tuple(_find(facts))


def _find(facts: Facts) -> Iterator[ApiPath]:
    seen: set[tuple[Address, str]] = set()
    for need in needs(facts):
        workload = facts.one(Workload, of=need.call.source)
        cluster = cluster_of(facts, workload.of) if workload is not None else None
        if workload is None or cluster is None or need.call.region not in ("", cluster.region):
            continue
        if need.call.action.startswith("ecr:"):
            continue  # the kubelet fetches images, under no policy of the pods
        for service in called_hosts(need.call.action, follows=need.after is not None):
            if (workload.of, service) not in seen:
                seen.add((workload.of, service))
                yield _path(facts, workload.of, service, need.call.said)


_API: Final = re.compile(r"(?:.+\.)?((?:api|dkr)\.ecr|[a-z0-9-]+)\.([a-z]{2}(?:-[a-z]+)+-[0-9])\.amazonaws\.com")
_TURNED: Final = {"api.ecr": "ecr.api", "dkr.ecr": "ecr.dkr"}
"""Services whose endpoints are called otherwise than their hosts."""


def api_path(facts: Facts, source: Address, host: str) -> Path | None:
    """The path of a thing to the host of an API of AWS in its own region; None if the host is no such one.

    Whoever the host is of, by name it is the API that answers: its endpoint in the network, or itself from outside.
    """
    named = _API.fullmatch(host.lower().rstrip("."))
    if named is None or named[1] in _OF_STORES:
        return None
    places = layers.places_of(facts, facts.one(Workload, of=source) or source)
    regions = {place.region for each in places if (place := each.of.as_terraform()) is not None and place.region}
    if not places or (regions and regions != {named[2]}):
        return to_internet(facts, Reach(source, _INTERNET, _HTTPS))
    return _path(facts, source, _TURNED.get(named[1], named[1]), "asked").path


_OF_STORES: Final = ("rds", "cache", "kafka", "elb", "compute")
"""What stands there in names that are of somebody's own things."""


def _path(facts: Facts, source: Address, service: str, said: str) -> ApiPath:
    here = layers.places_of(facts, facts.one(Workload, of=source) or source)
    places = [subnet for interface in here for subnet in subnets(facts, interface)[0]]
    networks = {subnet.network for subnet in places}
    for gateway in facts.all(Gateway):
        if (
            gateway.kind != "interface-endpoint"
            or gateway.place not in networks
            or not isinstance(gateway.service, str)
        ):
            continue
        named = [each.value for each in facts.where(Setting, of=gateway.of) if each.key == "private-dns"]
        if gateway.service.partition("amazonaws.")[2].partition(".")[2] == service and True in named:
            path = reach(facts, Reach(source, gateway.of, _HTTPS))
            return ApiPath(source, service, gateway.of, path, said)
    path = to_internet(facts, Reach(source, _INTERNET, _HTTPS))
    if places and all(by_endpoint(facts, subnet, service).proven for subnet in places):
        gate = next((each.of for each in facts.all(Gateway) if _is_gate(each, networks, service)), None)
        policies = tuple(hop for hop in path.hops if hop.kind == "egress policy")
        through = () if gate is None else tuple(_through(facts, here, gate))
        return ApiPath(source, service, gate, Path((*policies, *through)), said)
    return ApiPath(source, service, None, path, said)


def _is_gate(gateway: Gateway, networks: set[Link], service: str) -> bool:
    """Whether it is an endpoint for a service by which a network's route tables lead there."""
    named = gateway.service.partition("amazonaws.")[2].partition(".")[2] if isinstance(gateway.service, str) else ""
    return gateway.kind == "gateway-endpoint" and gateway.place in networks and named == service


def _through(facts: Facts, here: Iterable[Interface], gate: Address) -> Iterator[Hop]:
    """What groups and lists of the places of pods do with what is for a gateway endpoint."""
    traffic = Traffic.of("tcp", Ports.one(_HTTPS))
    for interface in here:
        verdict = to_endpoint(facts, interface, gate).ask(traffic)
        let = {"proven": "let", "refuted": "do not let", "unknown": "may let"}[verdict.answer.value]
        yield Hop("exit", verdict, f"groups and lists of {interface.of} {let} {traffic} out to {gate}")
