"""Whether pods can ask for the address of a name: what their policies for egress leave of the cluster's DNS."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from seawall.analyze.reachability.hop import Hop
from seawall.analyze.reachability.pod_policies import Reached, pod_policies
from seawall.analyze.reachability.policies import permits, port_fits
from seawall.analyze.reachability.traffic import SHUT, Traffic
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.namespaces import labels_of
from seawall.facts.network import Protocol
from seawall.facts.pod_network import PodPeer, PolicyPermit, Service
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Textual, Unknown
from seawall.kernel.verdict import refuted, unknown
from seawall.readers.kubernetes.objects import namespace_address

DNS_LABELS: Final[Mapping[str, str]] = {"k8s-app": "kube-dns"}
"""The label of CoreDNS's pods, in every distribution, for the sake of the older kube-dns."""
DNS_PORT: Final = 53
_LOOKUP: Final = Traffic.of("udp", Ports.one(DNS_PORT))
_IP: Final = re.compile(r"[0-9.]+|[0-9a-fA-F]*:[0-9a-fA-F:.]*")


def is_looked_up(facts: Facts, target: Address | Textual) -> bool:
    """Whether a target is a name that somebody has to look up first: a host or a service, and no address of IP."""
    match target:
        case Unknown():
            return False
        case Address() if target.startswith("host:"):
            return _IP.fullmatch(str(target).removeprefix("host:")) is None
        case Address():
            return facts.one(Service, of=target) is not None
        case str():
            return _IP.fullmatch(target) is None
        case _:
            return True


def lookup(facts: Facts, pods: Workload) -> Iterator[Hop]:
    """The hop on which a look-up of these pods ends, or may end; nothing where their policies leave DNS open.

    Whether anything answers there is not asked: the cluster's DNS need not be among the objects of the input.
    """
    policies = pod_policies(facts, pods)
    isolating = policies.isolating(pods, "egress")
    if not isolating or pods.host_network:
        return
    given = permits(facts, isolating, "egress")
    if any(permits_dns(facts, permit, "udp", pods) for permit in given):
        return
    named = ", ".join(sorted({policy.policy for policy in isolating}))
    doubts = tuple(doubt for permit in given if (doubt := _doubt(permit)) is not None)
    said = f"{pods.of} cannot look up a name: {named} permits no udp {DNS_PORT} to the cluster's DNS"
    left = policies.amid_foreign(pods, "egress", policies.judged(pods, Reached(SHUT, SHUT)))
    verdict = left.every.ask(_LOOKUP)
    if verdict.proven:
        return
    if doubts or verdict.unknown:
        because = (*doubts, *(reason for reason in verdict.because if isinstance(reason, Unknown)))
        yield Hop("dns", unknown(*because), f"{said}, as far as is known: {because[0].what} is unknown")
        return
    yield Hop("dns", refuted(*isolating), said)


def permits_dns(facts: Facts, permit: PolicyPermit, protocol: Protocol, pods: Workload) -> bool:
    """Whether a permit of a workload's pods lets them ask DNS, as far as it is stated.

    A range may hold the address of the DNS service, or of a cache on the node; that is for its author to know.
    """
    return port_fits(facts, permit, None, DNS_PORT, protocol) and _means_dns(facts, permit, pods)


def _means_dns(facts: Facts, permit: PolicyPermit, pods: Workload) -> bool:
    if not isinstance(permit.peer, PodPeer):
        return not isinstance(permit.peer, Unknown)
    name = pods.namespace.as_kubernetes()
    if permit.peer.namespaces is None:
        return name is not None and name.name == "kube-system" and permit.peer.pods.matches(DNS_LABELS)
    return permit.peer.namespaces.matches(dns_namespace(facts, pods)) and permit.peer.pods.matches(DNS_LABELS)


def dns_namespace(facts: Facts, pods: Workload) -> Mapping[str, str]:
    """The labels of the namespace in which the cluster of these pods has its DNS; its name is always one."""
    space = labels_of(facts, namespace_address(pods.of.partition("/")[0], "kube-system"))
    return {"kubernetes.io/metadata.name": "kube-system", **space}


def _doubt(permit: PolicyPermit) -> Unknown | None:
    """Why a permit may be for DNS though it does not say so: whom it is for, or a port that only the pods number."""
    if permit.protocol not in ("udp", "any"):
        return None
    if isinstance(permit.peer, Unknown):
        return permit.peer if isinstance(permit.ports, str) or permit.ports.contains(DNS_PORT) else None
    if isinstance(permit.ports, str):
        return Unknown(
            f"{permit.policy}.ports.{permit.ports}", why="which number the pods of the cluster's DNS give it"
        )
    return None
