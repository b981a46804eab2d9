"""Every connection that somebody demands: stated needs, and what follows from configuration and from Kubernetes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from seawall.analyze.applications import configured, workloads_of
from seawall.analyze.clients import every_client
from seawall.analyze.clusters import cluster_of, node_interfaces
from seawall.analyze.reachability import network
from seawall.analyze.reachability.hop import Path
from seawall.analyze.reachability.targets import behind, declares, endpoint_port, resolve
from seawall.analyze.selecting import selected
from seawall.facts.application import Connects
from seawall.facts.compute import Addon, Cluster, Container, Mounts, NodeGroup, Workload
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.fact import Link
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, HealthCheck, Interface, Listens, Member
from seawall.facts.pod_network import CalledBack, Service
from seawall.facts.resilience import Setting
from seawall.facts.telemetry import Scraped
from seawall.kernel.address import Address
from seawall.kernel.value import Textual, Unknown
from seawall.kernel.verdict import all_of, any_of
from seawall.readers.application.clients import Client
from seawall.readers.application.environment import URLS
from seawall.readers.application.hosts import plain_url
from seawall.readers.application.spring import spring

KUBELET: Final = 10250
"""The port on which a kubelet answers for logs, commands in pods and metrics (Kubernetes, "Ports and Protocols")."""
_SERVER: Final = r"\s*[a-z0-9-]+(?:\.[a-z0-9-]+){2,}:\d{1,5}\s*"
_SERVERS: Final = re.compile(f"{_SERVER}(?:,{_SERVER})*")
_REDIS: Final = 6379
_SENTINEL: Final = 26379
_ELSEWHERE: Final = "another object holds it"
"""Why the value of a variable is not known to the reader of its pod."""


def demanded(facts: Facts) -> tuple[Reach, ...]:
    """Every connection that must be possible, each once, with who asks for it in ``said``.

    Beside what is stated: connection strings of the files and ConfigMaps that a workload runs with, servers that an
    nginx, a Redis or a Prometheus configuration names, mounts of file systems, health checks of load balancers on a
    port of their own, the pods that are bound to a target group, what an ingress controller of the input passes on,
    scrapes by a Prometheus of the input, look-ups where the input has the DNS server, and what the API server calls.
    What a kubelet asks of pods on its own node needs nobody's leave and so is not here.
    """
    return facts.derive(_demanded)


def _demanded(facts: Facts) -> tuple[Reach, ...]:
    found: dict[Reach, None] = {}
    resolved = facts.derive(_configured)
    known = {reach.source for reach in resolved}
    for reach in facts.all(Reach):
        held_elsewhere = isinstance(reach.target, Unknown) and reach.target.why == _ELSEWHERE
        if not (held_elsewhere and reach.source in known) and not _is_asked_by_pods(facts, reach, known):
            found.setdefault(reach)
    joins = (
        _behind_sentinels,
        _connections,
        _mounts,
        _checks,
        _bindings,
        _ingresses,
        _scrapes,
        _lookups,
        _called_services,
    )
    for ways in (resolved, *(join(facts) for join in joins)):
        for reach in ways:
            found.setdefault(reach)
    return tuple(found)


def _is_asked_by_pods(facts: Facts, reach: Reach, known: set[Address]) -> bool:
    """Whether a file of some workload says it: what it asks for in the profiles that are active is asked there."""
    places = workloads_of(facts, reach.source.owner)
    return not isinstance(places, Unknown) and any(place != reach.source and place in known for place in places)


def is_file_system(facts: Facts, demand: Reach) -> bool:
    """Whether a demand is for a file system, which nodes mount for their pods."""
    target = demand.target
    return isinstance(target, Address) and any(each.kind == "file-system" for each in facts.where(Store, of=target))


# -- what applications are configured with


def _configured(facts: Facts) -> tuple[Reach, ...]:
    found: dict[Reach, None] = {}
    for source, properties in configured(facts):
        for each in spring(source, properties):
            if isinstance(each, Reach):
                found.setdefault(each)
        for name in URLS:
            url = properties.get(name.lower().replace("_", "."))
            for place in plain_url(url, f"{properties.where}: {name}") if url is not None else ():
                found.setdefault(place.reach(source, f"{properties.where}: {name}"))
        for name, value in properties.variables().items():
            for host, port in _hosts_and_ports(value):
                if _is_of_a_store(facts, source, host):
                    found.setdefault(Reach(source, host, port, said=f"{properties.where}: {name}"))
    return tuple(found)


def _hosts_and_ports(value: Textual) -> Iterator[tuple[Address, int]]:
    """The servers of a value that is nothing but a list of them, each with its port."""
    if isinstance(value, str) and _SERVERS.fullmatch(value):
        for server in value.split(","):
            host, _, port = server.strip().rpartition(":")
            yield Address.host(host), int(port)


def _is_of_a_store(facts: Facts, source: Address, host: Address) -> bool:
    """Whether a host is surely a store's: what is listed under a name that nobody knows might be for show."""
    place = resolve(facts, source, host)
    return place.definite and any(facts.where(Store, of=thing) for thing in place.things)


def _behind_sentinels(facts: Facts) -> Iterator[Reach]:
    """What Sentinels lead to: clients go on to the server that they name, and servers and Sentinels ask each other.

    Redis documentation, "High availability with Redis Sentinel". Only pods that state both ports are known to be both.
    """
    for client in every_client(facts):
        if client.mode != "sentinel":
            continue
        for pods in _pods_at(facts, client):
            if not declares(facts, pods, _REDIS, "tcp"):
                continue
            yield Reach(client.source, pods.of, _REDIS, said=f"{client.said}: the server that the Sentinels name")
            if declares(facts, pods, _SENTINEL, "tcp") and pods.replicas != 1:
                said = f"{pods.of}: servers copy each other, and Sentinels ask each other"
                yield from (Reach(pods.of, pods.of, port, said=said) for port in (_REDIS, _SENTINEL))


def _pods_at(facts: Facts, client: Client) -> Iterator[Workload]:
    for thing in resolve(facts, client.source, client.target).things:
        service = facts.one(Service, of=thing)
        if service is not None:
            yield from behind(facts, service)
        pods = facts.one(Workload, of=thing)
        if pods is not None:
            yield pods


def _connections(facts: Facts) -> Iterator[Reach]:
    """What configurations name, for each workload that mounts them."""
    mounting: dict[Address, list[Address]] = {}
    for mounts in facts.all(Mounts):
        mounting.setdefault(mounts.volume, []).append(mounts.workload)
    for connects in facts.all(Connects):
        for workload in mounting.get(connects.of, ()):
            yield Reach(workload, connects.target, connects.port, said=connects.said, by=connects.by)


def _mounts(facts: Facts) -> Iterator[Reach]:
    """File systems that stand behind a claim which a workload mounts."""
    for store in facts.all(Store):
        if store.kind != "file-system":
            continue
        ports = [own.ports for own in facts.where(Listens, of=store.of)]
        for member in facts.where(Member, of=store.of):
            for mounts in facts.where(Mounts, volume=member.member):
                for port in ports:
                    number = port if isinstance(port, Unknown) else port.first
                    yield Reach(mounts.workload, store.of, number, said=f"{mounts.volume}", by=mounts.by)


# -- what asks of itself


def _checks(facts: Facts) -> Iterator[Reach]:
    """Health checks of load balancers on a port that is not the one that requests go to."""
    for check in facts.all(HealthCheck):
        if not isinstance(check.port, int) or not isinstance(check.target, Address):
            continue
        service = facts.one(Service, of=check.target)
        if service is None or service.selector is None:
            continue
        balancers = {reach.source for reach in facts.where(Reach, target=service.of)}
        for balancer in sorted(balancers):
            if facts.where(Interface, of=balancer):
                for workload in selected(facts, service.namespace, service.selector):
                    yield Reach(balancer, workload.of, check.port, said=f"{check.of}: health check", by=check.by)


def _bindings(facts: Facts) -> Iterator[Reach]:
    """The pods that are bound to a target group by their addresses, for each load balancer that sends requests there.

    Where targets are nodes, or see the client's address, it is not the balancer that the pods' policies are asked of.
    """
    for forwards in facts.all(Forwards):
        name = forwards.by.as_kubernetes() if forwards.by else None
        service = facts.one(Service, of=forwards.to) if isinstance(forwards.to, Address) else None
        group = forwards.of
        if name is None or name.kind != "TargetGroupBinding" or group == forwards.by or service is None:
            continue
        kind = next((each for of in (forwards.by, group) for each in _said(facts, of, "target-type")), None)
        if kind != "ip" or any(each is not False for each in _said(facts, group, "keeps-client-address")):
            continue
        asked = next(_said(facts, forwards.by, "service-port"), None)
        for own in service.ports:
            if asked not in (own.name, str(own.port)):
                continue
            for workload in behind(facts, service):
                number = endpoint_port(facts, service, workload, own.port)
                if isinstance(number, int):
                    for balancer in _sending(facts, group):
                        yield Reach(balancer, workload.of, number, said=f"{forwards.by}", by=forwards.by)


def _said(facts: Facts, of: Link, key: str) -> Iterator[object]:
    return (each.value for each in facts.where(Setting, of=of) if each.key == key)


def _sending(facts: Facts, group: Link) -> list[Address]:
    """The load balancers with a listener that sends requests to a target group, sorted."""
    listeners = {forwards.of for forwards in facts.where(Forwards, to=group)}
    balancers = {member.of for of in listeners for member in facts.where(Member, member=of)}
    return sorted(of for of in balancers if isinstance(of, Address) and facts.where(Interface, of=of))


def _ingresses(facts: Facts) -> Iterator[Reach]:
    """What an ingress controller of the input passes on: the Services of Ingresses that no load balancer of AWS takes.

    Of a Service with several ports it is not in the facts which one an Ingress names.
    """
    passing: dict[str, list[Workload]] = {}
    for workload in facts.all(Workload):
        name = workload.of.as_kubernetes()
        if name is not None and dict(workload.labels).get("app.kubernetes.io/name") == "ingress-nginx":
            passing.setdefault(name.cluster, []).append(workload)
    if not passing:
        return
    taken = {forwards.to for forwards in facts.all(Forwards) if isinstance(forwards.to, Address)}
    for forwards in facts.all(Forwards):
        name = forwards.of.as_kubernetes() if isinstance(forwards.of, Address) else None
        service = facts.one(Service, of=forwards.to) if isinstance(forwards.to, Address) else None
        if name is None or name.kind != "Ingress" or forwards.of in taken or service is None or len(service.ports) != 1:
            continue
        for workload in passing.get(name.cluster, ()):
            for target, port in _passed(facts, service):
                yield Reach(workload.of, target, port, said=f"{forwards.of}", by=forwards.by)


def _passed(facts: Facts, service: Service) -> Iterator[tuple[Address, int]]:
    """Where a controller asks: of a headless service the endpoints that it reads, for its name maps no port."""
    port = service.ports[0].port
    if service.kind != "Headless":
        yield service.of, port
        return
    for workload in behind(facts, service):
        number = endpoint_port(facts, service, workload, port)
        if isinstance(number, int):
            yield workload.of, number


def _scrapes(facts: Facts) -> Iterator[Reach]:
    """What each Prometheus of the input is told to ask; one that a chart brings has OBS-113."""
    asking: dict[Address, list[Workload]] = {}
    for workload in facts.all(Workload):
        cluster = cluster_of(facts, workload.of)
        if cluster is not None and dict(workload.labels).get("app.kubernetes.io/name") == "prometheus":
            asking.setdefault(cluster.of, []).append(workload)
    if not asking:
        return
    for scraped in facts.all(Scraped):
        cluster = cluster_of(facts, scraped.of)
        for prometheus in asking.get(cluster.of, ()) if cluster is not None else ():
            for target, port in _scraped(facts, scraped):
                yield Reach(prometheus.of, target, port, said=f"{scraped.of}", by=scraped.by)


def _scraped(facts: Facts, scraped: Scraped) -> Iterator[tuple[Address, int]]:
    spaces = scraped.namespaces or tuple(sorted({workload.namespace for workload in facts.all(Workload)}))
    for space in spaces:
        if scraped.kind == "pods":
            for workload in selected(facts, space, scraped.selector):
                for name, number in _ports(facts, workload):
                    if scraped.port in (name, str(number)):
                        yield workload.of, number
            continue
        for service in facts.where(Service, namespace=space):
            if scraped.selector.matches(dict(service.labels)):
                for own in service.ports:
                    if scraped.port in (own.name, str(own.port)):
                        yield service.of, own.port


def _ports(facts: Facts, workload: Workload) -> Iterator[tuple[str, int]]:
    for container in facts.where(Container, workload=workload.of):
        yield from container.ports


def _lookups(facts: Facts) -> Iterator[Reach]:
    """Each pod's questions to the DNS server, where the input has its Service; elsewhere NET-006 asks."""
    for service in facts.where(Service, name="kube-dns"):
        name = service.of.as_kubernetes()
        if name is None or name.namespace != "kube-system":
            continue
        for workload in facts.all(Workload):
            own = workload.of.as_kubernetes()
            if own is not None and own.cluster == name.cluster and not workload.host_network:
                yield Reach(workload.of, service.of, 53, "udp", said="names are looked up", by=workload.by)
                yield Reach(workload.of, service.of, 53, "tcp", said="names are looked up", by=workload.by)


# -- what the control plane calls


def _called_services(facts: Facts) -> Iterator[Reach]:
    """Services of the input that an API server calls, with the cluster as the source."""
    for called in facts.all(CalledBack):
        if called.service is None or not called.needed or facts.one(Service, of=called.service) is None:
            continue
        cluster = cluster_of(facts, called.of)
        if cluster is not None:
            yield Reach(cluster.of, called.service, called.port, said=f"{called.of}: {called.what}", by=called.by)


def control_plane(facts: Facts) -> tuple[tuple[Cluster, int, str, Address], ...]:
    """What each control plane has to reach on its nodes: port, what for, and what says so.

    Kubelets, and the ports of pods that a chart or add-on brings, which may lie on any node.
    """
    return facts.derive(_control_plane)


def _control_plane(facts: Facts) -> tuple[tuple[Cluster, int, str, Address], ...]:
    found: dict[tuple[Cluster, int, str, Address], None] = {}
    for cluster in facts.all(Cluster):
        if facts.where(NodeGroup, cluster=cluster.of):
            found[cluster, KUBELET, "kubelets", cluster.of] = None
    for called in facts.all(CalledBack):
        if called.service is None and called.needed:
            owner = _owner(facts, called.of)
            if owner is not None:
                found[owner, called.port, called.what, called.of] = None
    return tuple(found)


def _owner(facts: Facts, of: Address) -> Cluster | None:
    """The cluster of an object, or of an add-on, which another fact names."""
    addon = facts.one(Addon, of=of)
    if addon is not None:
        return None if isinstance(addon.cluster, Unknown) else facts.one(Cluster, of=addon.cluster)
    return cluster_of(facts, of) if of.as_kubernetes() is not None else None


def to_nodes(facts: Facts, cluster: Cluster, port: int) -> Path | None:
    """The path from a cluster's control plane to its nodes on a port; None if nobody says where they are.

    It is the worst for kubelets, which every node has, and the best for pods of a chart, which may lie on any node.
    """
    # Of several that answer alike the first is shown: in whatever order facts come, it is the same.
    here = sorted(facts.where(Interface, of=cluster.of), key=repr)
    nodes = sorted(node_interfaces(facts, cluster), key=repr)
    if not here or not nodes:
        return None
    paths = [Path(tuple(network.hops(facts, own, node, port, "tcp"))) for own in here for node in nodes]
    verdicts = [path.verdict for path in paths]
    decisive = all_of(verdicts) if port == KUBELET else any_of(verdicts)
    return next(path for path in paths if path.verdict.answer is decisive.answer)
