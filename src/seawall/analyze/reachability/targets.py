"""What a demand's target is: pods behind a name, a thing with an interface, or a host that nobody in the input has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seawall.analyze.reachability.pods import named_port, protocol_of
from seawall.analyze.selecting import selected
from seawall.analyze.texts import fits
from seawall.analyze.unread import unread
from seawall.facts.compute import Container, Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Hostname, Interface, Protocol, Record
from seawall.facts.pod_network import Service
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.kernel.verdict import Answer

OWNED_DOMAINS = (".rds.amazonaws.com", ".cache.amazonaws.com", ".kafka.amazonaws.com")
"""Domains under which a host is a store of somebody's account: one that fits none of those of the input is a no."""


_DEEPEST = 5
"""How many other names may stand one behind the other."""


@dataclass(frozen=True, slots=True)
class Found:
    """A target: ``things`` it may be, or why it is none; ``definite`` says that it cannot be anything else."""

    things: tuple[Address, ...]
    definite: bool
    says: str
    missing: tuple[Unknown, ...] = ()


def resolve(facts: Facts, source: Address, target: Address | Textual) -> Found:
    """Find out what a target is; a host name is compared with the names that things are known by."""
    match target:
        case Address() if target.startswith("host:"):
            return _host(facts, source, str(target).removeprefix("host:"))
        case Address():
            service = facts.one(Service, of=target)
            if service is not None and service.kind == "ExternalName":
                return _elsewhere(facts, source, service, _DEEPEST)
            return Found((target,), True, f"{target}")
        case Ref():
            return Found((target.to,), True, f"{target} is {target.to}")
        case Unknown():
            return Found((), False, f"{target.what} is unknown", (target,))
        case _:
            return _host(facts, source, target)


def _host(facts: Facts, source: Address, host: Textual, depth: int = _DEEPEST) -> Found:
    if isinstance(host, str):
        named = _short_name_of_pod(facts, source, host) or _cluster_name(source, host)
        service = facts.one(Service, of=named.service) if named else None
        if service is not None and service.kind == "ExternalName":
            return _elsewhere(facts, source, service, depth)
        if named is not None and service is not None:
            if named.pod is not None and not _names_pod(facts, service, named.pod):
                return Found((), True, f"{service.of} gives no pod the name {host}")
            return Found((service.of,), True, f"{host} is {service.of}")
    fitting: list[Address] = []
    possible: list[Address] = []
    for name in _named_like(facts, host):
        answer = fits(host, name.pattern) if not isinstance(name.pattern, Unknown | Ref) else Answer.REFUTED
        if answer is Answer.PROVEN:
            fitting.append(name.of)
        elif answer is Answer.UNKNOWN:
            possible.append(name.of)
    if fitting:
        fitting = sorted(set(fitting))
        named_so = facts.one(Service, of=fitting[0])
        if named_so is not None and named_so.kind == "ExternalName":
            return _elsewhere(facts, source, named_so, depth)
        return Found(tuple(fitting), True, f"{host} is {fitting[0]}")
    if possible:
        possible = sorted(set(possible))
        why = Unknown(f"host {host}", why=f"it may be {possible[0]}, but its name has parts that are not known")
        return Found(tuple(possible), False, why.why, (why,))
    things = facts.derive(led_to, host) if isinstance(host, str) else ()
    simple = all(each.routing == "simple" for each in facts.where(Record, name=host))
    if things and simple and all(_is_private(facts, thing) for thing in things):
        return Found(things, True, f"{host} is a record that leads to {things[0]}")
    domain = next((each for each in OWNED_DOMAINS if isinstance(host, str) and host.endswith(each)), None)
    if domain is not None and domain in facts.derive(_owned) and not unread(facts):
        return Found((), True, f"no store of the input has the name {host}")
    why = Unknown(f"host {host}", why="it is the name of nothing in the input")
    return Found((), False, f"nobody in the input has the name {host}", (why,))


def _owned(facts: Facts) -> frozenset[str]:
    """The domains under which the input has a store; of the others it may just not hold the estate's stores."""
    return frozenset(
        domain
        for name in facts.all(Hostname)
        for domain in OWNED_DOMAINS
        if str(name.pattern.parts[-1] if isinstance(name.pattern, Text) else name.pattern).endswith(domain)
    )


def _elsewhere(facts: Facts, source: Address, service: Service, depth: int) -> Found:
    """What a service stands for that is another name for somebody outside the cluster."""
    name = service.external_name
    if isinstance(name, Unknown) or depth == 0 or not name:
        why = name if isinstance(name, Unknown) else Unknown(f"{service.of}.spec.externalName", why="it leads nowhere")
        return Found((), False, f"{service.of} is another name for {name}", (why,))
    found = _host(facts, source, name, depth - 1)
    return Found(found.things, found.definite, f"{service.of} is another name: {found.says}", found.missing)


def _is_private(facts: Facts, thing: Address) -> bool:
    """Whether a thing is reached within networks; a public one is reached over the internet even from beside it."""
    own = facts.where(Interface, of=thing)
    return bool(own) and all(each.public is False for each in own)


def led_to(facts: Facts, host: str) -> tuple[Address, ...]:
    """The things that a name of the input's zones leads to, through aliases and other names of the same zones.

    Of a record that fails over all parts count; a name at the end that is no record is compared with things' own.
    """
    found: dict[Address, None] = {}
    waiting, seen = [host.lower().rstrip(".")], set[str]()
    while waiting:
        name = waiting.pop(0)
        if name in seen:
            continue
        seen.add(name)
        records = [each for each in facts.where(Record, name=name) if each.type in ("A", "AAAA", "CNAME")]
        if not records and len(seen) > 1:
            found.update((each.of, None) for each in _named_like(facts, name) if _fits(name, each))
        for target in (target for record in records for target in record.targets):
            if isinstance(target, Address):
                found[target] = None
            elif isinstance(target, Ref):
                found[target.to] = None
            elif isinstance(target, str):
                waiting.append(target.lower().rstrip("."))
    return tuple(found)


def _fits(host: str, name: Hostname) -> bool:
    return not isinstance(name.pattern, Unknown | Ref) and fits(host, name.pattern) is Answer.PROVEN


def _named_like(facts: Facts, host: Textual) -> Iterator[Hostname]:
    """The names that a host could be: those of its first label, and those whose first label is not known whole."""
    index = facts.derive(_by_first_label)
    label = _first_label(host)
    if label is None:
        yield from facts.all(Hostname)
    else:
        yield from index.get(label, ())
        yield from index.get(None, ())


def _by_first_label(facts: Facts) -> dict[str | None, list[Hostname]]:
    index: dict[str | None, list[Hostname]] = {}
    for name in facts.all(Hostname):
        index.setdefault(_first_label(name.pattern), []).append(name)
    return index


def _first_label(name: Textual) -> str | None:
    """What stands before the first dot, if it is known whole."""
    first = name.parts[0] if isinstance(name, Text) else name
    if isinstance(first, str) and "." in first:
        return first.partition(".")[0]
    return name if isinstance(name, str) else None


@dataclass(frozen=True, slots=True)
class _ClusterName:
    """A host name as the cluster's DNS takes it: the service it names, and the single pod behind it, if it "
    "names one."""

    service: Address
    pod: str | None


def _cluster_name(source: Address, host: str) -> _ClusterName | None:
    name = source.as_kubernetes()
    if name is None:
        return None
    whole = host.removesuffix(".")
    words = whole.removesuffix(".cluster.local").removesuffix(".svc").split(".")
    pod = words.pop(0) if len(words) == 3 and whole.endswith((".svc", ".svc.cluster.local")) else None
    if len(words) > 2:
        return None
    namespace = words[1] if len(words) == 2 else name.namespace
    return _ClusterName(Address.kubernetes(name.cluster, "Service", namespace, words[0]), pod)


def _short_name_of_pod(facts: Facts, source: Address, host: str) -> _ClusterName | None:
    """The pod that a name without ``.svc`` means, as a search list completes it: ``db-0.db``, ``db-0.db.shop``.

    Source: https://kubernetes.io/docs/concepts/services-networking/dns-pod-service/#namespaces-of-services
    """
    name, words = source.as_kubernetes(), host.split(".")
    if name is None or len(words) not in (2, 3):
        return None
    namespace = words[2] if len(words) == 3 else name.namespace
    service = facts.one(Service, of=Address.kubernetes(name.cluster, "Service", namespace, words[1]))
    return _ClusterName(service.of, words[0]) if service is not None and _names_pod(facts, service, words[0]) else None


def _names_pod(facts: Facts, service: Service, pod: str) -> bool:
    """Whether a headless service gives a pod of that name a name: one of a StatefulSet, numbered from 0."""
    of, _, number = pod.rpartition("-")
    return service.kind == "Headless" and any(
        workload.controller == "StatefulSet"
        and workload.of.rpartition("/")[2] == of
        and number.isdecimal()
        and (not isinstance(workload.replicas, int) or int(number) < workload.replicas)
        for workload in behind(facts, service)
    )


def behind(facts: Facts, service: Service) -> tuple[Workload, ...]:
    """The workloads whose pods a service's selector means; of one that is another name it means nobody."""
    if service.selector is None or service.kind == "ExternalName":
        return ()
    return selected(facts, service.namespace, service.selector)


def pod_port(
    facts: Facts, service: Service, pods: Workload, port: int, protocol: Protocol | None = None
) -> int | str | None:
    """The pods' port that is asked by a service's name: a number, a name that no container has, or None if none is.

    A headless service's name is that of its pods, and nothing maps ports on the way; its own port is that of nobody
    where it stands for another one of the pods, and no container has it.
    Source: https://kubernetes.io/docs/concepts/services-networking/service/#headless-services
    """
    mapped = endpoint_port(facts, service, pods, port, protocol)
    if service.kind != "Headless" or mapped == port:
        return mapped
    return port if mapped is None or declares(facts, pods, port, protocol) else None


def endpoint_port(
    facts: Facts, service: Service, pods: Workload, port: int, protocol: Protocol | None = None
) -> int | str | None:
    """The pods' port behind a service's port: a number, a name that no container has, or None if the service has none.

    The demand may name the service's port; a port that the service does not have, or not for this protocol, is
    nobody's. A name is that of a port of the same protocol. Whoever reads the service's endpoints himself, as load
    balancers and ingress controllers do, asks there, whatever kind of service it is.
    """
    for own in service.ports:
        if own.port != port or protocol not in (None, own.protocol):
            continue
        if isinstance(own.target, int):
            return own.target
        return next(iter(named_port(facts, pods, own.target, own.protocol)), own.target)
    return None


def declares(facts: Facts, pods: Workload, port: int, protocol: Protocol | None = None) -> bool:
    """Whether a container of these pods says that it listens on a port."""
    return any(number == port and protocol in (None, spoken) for spoken, number in declared(facts, pods))


def declared(facts: Facts, pods: Workload) -> tuple[tuple[Protocol, int], ...]:
    """The ports on which the containers of pods say that they listen, each with its protocol, sorted."""
    return tuple(
        sorted(
            {
                (protocol_of(container, place), number)
                for container in facts.where(Container, workload=pods.of)
                if not container.init or container.stays
                for place, (_, number) in enumerate(container.ports)
            }
        )
    )
