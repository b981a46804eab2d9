"""The path of each workload to the APIs of AWS that it calls: an endpoint that answers for the API, or the internet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.analyze.clusters import cluster_of, pod_interfaces
from seawall.analyze.permissions.needed import needs
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
from seawall.facts.network import Gateway
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
                yield _path(facts, workload, service, need.call.said)


def _path(facts: Facts, workload: Workload, service: str, said: str) -> ApiPath:
    places = [subnet for interface in pod_interfaces(facts, workload) for subnet in subnets(facts, interface)[0]]
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
            path = reach(facts, Reach(workload.of, gateway.of, _HTTPS))
            return ApiPath(workload.of, service, gateway.of, path, said)
    path = to_internet(facts, Reach(workload.of, _INTERNET, _HTTPS))
    if places and all(by_endpoint(facts, subnet, service).proven for subnet in places):
        gate = next((each.of for each in facts.all(Gateway) if _is_gate(each, networks, service)), None)
        policies = tuple(hop for hop in path.hops if hop.kind == "egress policy")
        through = () if gate is None else tuple(_through(facts, workload, gate))
        return ApiPath(workload.of, service, gate, Path((*policies, *through)), said)
    return ApiPath(workload.of, service, None, path, said)


def _is_gate(gateway: Gateway, networks: set[Link], service: str) -> bool:
    """Whether it is an endpoint for a service by which a network's route tables lead there."""
    named = gateway.service.partition("amazonaws.")[2].partition(".")[2] if isinstance(gateway.service, str) else ""
    return gateway.kind == "gateway-endpoint" and gateway.place in networks and named == service


def _through(facts: Facts, workload: Workload, gate: Address) -> Iterator[Hop]:
    """What groups and lists of the places of pods do with what is for a gateway endpoint."""
    traffic = Traffic.of("tcp", Ports.one(_HTTPS))
    for interface in pod_interfaces(facts, workload):
        verdict = to_endpoint(facts, interface, gate).ask(traffic)
        let = {"proven": "let", "refuted": "do not let", "unknown": "may let"}[verdict.answer.value]
        yield Hop("exit", verdict, f"groups and lists of {interface.of} {let} {traffic} out to {gate}")
