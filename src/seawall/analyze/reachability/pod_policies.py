"""NetworkPolicy as Kubernetes defines it, as sets of traffic: what the pods of a workload may send and be sent.

A pod that no policy of a direction selects is open in it. One that some policy selects lets through what any of these
permits, and nothing else; the answers to a connection that was let through come back. A pod can always reach itself,
and the node that it lies on can always reach it. Pods on their host's network count as their node where the plug-in is
known to take them so; Kubernetes leaves it open. Sets speak of TCP, UDP and SCTP, for of no other protocol does
Kubernetes say what a policy does to it. What policies of other kinds say (of administrators, of single plug-ins) is
not read: what one of them may decide otherwise is not known.

Source: Kubernetes documentation, "Network Policies", and API reference, NetworkPolicy v1 networking.k8s.io.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from seawall.analyze.reachability.addresses import EVERY_ADDRESS, EVERY_IPV4, Addresses, ByAddress
from seawall.analyze.reachability.enforcement import amazons, enforcement
from seawall.analyze.reachability.placement import Whereabouts, may_share_node, ranges_of
from seawall.analyze.reachability.pods import Bits, Meant, Pods, holed, named_port
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, NOTHING, Open, Traffic
from seawall.analyze.runs_on import on_fargate
from seawall.facts.compute import Workload
from seawall.facts.facts import Facts
from seawall.facts.network import Direction, Protocol
from seawall.facts.pod_network import ForeignPolicy, Isolates, PodPeer, PolicyPermit, RangePeer
from seawall.kernel.address import Address
from seawall.kernel.units import Ports
from seawall.kernel.value import Unknown

Peer: TypeAlias = Workload | Whereabouts
CONNECTIONS: Final = Traffic.union((Traffic.of("tcp"), Traffic.of("udp"), Traffic.of("sctp")))
"""What Kubernetes defines policies for."""

_NO_ADDRESSES: Final = Addresses()


@dataclass(frozen=True, slots=True)
class Reached:
    """What gets through from every place to every place, and what from some place to some place.

    A need is met by the first alone; what must never be possible is ruled out by the second alone.
    """

    every: Open
    some: Open

    def both(self, other: Reached) -> Reached:
        """What gets through one layer and then another."""
        return Reached(self.every.both(other.every), self.some.both(other.some))

    def or_at_times(self, other: Open) -> Reached:
        """The same where it is at times let through differently."""
        return Reached(self.every.both(other), self.some.either(other))

    def unless(self, *because: Unknown) -> Reached:
        """The same if something that is not known is so, else everything."""
        every, some = (Open(each.sure, EVERYTHING, (*each.because, *because)) for each in (self.every, self.some))
        return Reached(_settled(every), _settled(some))

    def less(self, *because: Unknown) -> Reached:
        """The same if nothing that is not known refuses some of it."""
        every, some = (Open(NOTHING, each.may, (*each.because, *because)) for each in (self.every, self.some))
        return Reached(_settled(every), _settled(some))


FREE: Final = Reached(ALL_OPEN, ALL_OPEN)


@dataclass(frozen=True, slots=True)
class Layer:
    """What one permit lets through to or from pods and addresses, for certain and perhaps."""

    permit: PolicyPermit
    traffic: Traffic
    sure: Bits = 0
    may: Bits = 0
    addresses: Addresses = _NO_ADDRESSES
    everywhere: bool = False
    because: tuple[Unknown, ...] = ()


class RangeSet:
    """What permits of ranges let through by address; policies that permit the same ranges share one."""

    __slots__ = ("_because", "_known", "_may", "_sure")

    def __init__(self, layers: Iterable[Layer]) -> None:
        permits = [each for each in layers if each.addresses]
        doubtful = [each for each in layers if each.everywhere]
        self._sure = self._may = ByAddress((each.traffic, each.addresses) for each in permits)
        if doubtful:
            parts = [(each.traffic, each.addresses) for each in permits]
            self._may = ByAddress((*parts, *((each.traffic, EVERY_ADDRESS) for each in doubtful)))
        self._because = tuple(reason for each in doubtful for reason in each.because)
        self._known: dict[Whereabouts, Reached] = {}

    def reached(self, where: Whereabouts) -> Reached:
        """What ranges let through to or from these places."""
        found = self._known.get(where)
        if found is None:
            found = self._known[where] = self._reached(where)
        return found

    def _reached(self, where: Whereabouts) -> Reached:
        own = where.addresses
        if not own and not where.missing:
            raise ValueError("somebody who is at no address is nowhere")
        answers: list[Reached] = []
        if own:
            every = Open(self._sure.every(own), self._may.every(own), self._because)
            some = Open(self._sure.some(own), self._may.some(own), self._because)
            answers.append(Reached(_settled(every), _settled(some)))
        if where.missing:
            # Somewhere, nobody knows where: certain is only what is let through to every address.
            sure, may = self._sure.every(EVERY_IPV4), self._may.some(EVERY_ADDRESS)
            anywhere = _settled(Open(sure, may, (*where.missing, *self._because)))
            answers.append(Reached(anywhere, anywhere))
        first, *more = answers
        return first if not more else Reached(first.every.both(more[0].every), first.some.either(more[0].some))


class PolicySet:
    """What several policies together permit in one direction: ``layers`` for words, and answers worked out once.

    ``pods`` are whom they mean, by the traffic that these may send or be sent.
    """

    __slots__ = ("_known", "layers", "otherwise_open", "pods", "ranges")

    def __init__(self, layers: tuple[Layer, ...], otherwise_open: tuple[Unknown, ...], ranges: RangeSet) -> None:
        self.layers = layers
        together: dict[tuple[Traffic, tuple[Unknown, ...]], Meant] = {}
        for each in layers:
            if each.may:
                key = (each.traffic, each.because)
                known = together.get(key, _NONE)
                together[key] = Meant(known.sure | each.sure, known.may | each.may)
        self.pods = tuple(
            (traffic, Meant(meant.sure, meant.may, because)) for (traffic, because), meant in together.items()
        )
        self.otherwise_open = otherwise_open
        self.ranges = ranges
        self._known: dict[tuple[int, int, Reached], Reached] = {}

    def meaning(self, pods: Bits) -> tuple[int, int]:
        """Which traffic is for somebody of these pods for certain and which perhaps, by its place as a bit."""
        sure = may = 0
        for place, (_, meant) in enumerate(self.pods):
            if meant.may & pods:
                may |= 1 << place
                if meant.sure & pods:
                    sure |= 1 << place
        return sure, may

    def reached(self, sure: int, may: int, by_range: Reached) -> Reached:
        """What gets through to those who are meant for this traffic, and whose addresses let that through."""
        key = (sure, may, by_range)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._reached(sure, may, by_range)
        return found

    def _reached(self, sure: int, may: int, by_range: Reached) -> Reached:
        certain = Traffic.union(traffic for place, (traffic, _) in enumerate(self.pods) if sure >> place & 1)
        perhaps = Traffic.union(traffic for place, (traffic, _) in enumerate(self.pods) if may >> place & 1) | certain
        reasons = tuple(
            reason
            for place, (_, meant) in enumerate(self.pods)
            if (may & ~sure) >> place & 1
            for reason in meant.because
        )
        every, some = (
            Open(each.sure | certain, each.may | perhaps, (*each.because, *reasons))
            for each in (by_range.every, by_range.some)
        )
        found = Reached(_settled(every), _settled(some))
        return found.unless(*self.otherwise_open) if self.otherwise_open else found


_NONE: Final = Meant(0, 0)


def _settled(found: Open) -> Open:
    return found if found.sure != found.may else Open.known(found.sure)


def pod_policies(facts: Facts, workload: Workload) -> PodPolicies:
    """The policies of the cluster that a workload is in, compiled once."""
    name = workload.of.as_kubernetes()
    return facts.derive(PodPolicies, name.cluster if name else "")


def _permits(facts: Facts) -> dict[tuple[Address, Direction], list[PolicyPermit]]:
    """What each policy lets through, in whatever order facts come: sorted once for all clusters."""
    found: dict[tuple[Address, Direction], list[PolicyPermit]] = {}
    for permit in sorted(facts.all(PolicyPermit), key=str):
        found.setdefault((permit.policy, permit.direction), []).append(permit)
    return found


def _foreign(facts: Facts) -> dict[str, list[ForeignPolicy]]:
    """The policies of other kinds of each cluster, sorted."""
    found: dict[str, list[ForeignPolicy]] = {}
    for each in sorted(facts.all(ForeignPolicy), key=str):
        name = each.policy.as_kubernetes()
        found.setdefault(name.cluster if name else "", []).append(each)
    return found


def _isolating(facts: Facts) -> dict[str, list[Isolates]]:
    """The policies of each cluster, sorted."""
    found: dict[str, list[Isolates]] = {}
    for isolates in sorted(facts.all(Isolates), key=lambda each: each.policy):
        name = isolates.namespace.as_kubernetes()
        found.setdefault(name.cluster if name else "", []).append(isolates)
    return found


class PodPolicies:
    """The policies of one cluster, asked for two workloads of it or for one and addresses outside."""

    def __init__(self, facts: Facts, cluster: str) -> None:
        self._facts = facts
        self.pods = Pods(facts, cluster)
        self._permits = facts.derive(_permits)
        self._isolating: dict[Direction, list[list[tuple[Isolates, tuple[Unknown, ...]]]]] = {}
        for direction in _DIRECTIONS:
            self._isolating[direction] = [[] for _ in self.pods.workloads]
        for isolates in facts.derive(_isolating).get(cluster, ()):
            meant = self.pods.meant(isolates.pods)
            within = self.pods.within(isolates.namespace)
            for number in self.pods.members(meant.may & within):
                sure = meant.sure >> number & 1
                self._isolating[isolates.direction][number].append((isolates, () if sure else meant.because))
        self._foreign = facts.derive(_foreign).get(cluster, [])
        self._foreign_of: dict[tuple[int, Direction], tuple[ForeignPolicy, ...]] = {}
        self._sets: dict[object, PolicySet | None] = {}
        self._of: dict[tuple[int, Direction], PolicySet | None] = {}
        self._layers: dict[object, tuple[Layer, ...]] = {}
        self._ranges: dict[object, RangeSet] = {}
        self._named: dict[tuple[str, Protocol], dict[int, Bits]] = {}

    # -- what may be asked ---------------------------------------------------------------------------------------------

    def egress(self, pods: Workload, peer: Peer) -> Open:
        """What the policies of these pods let them send to a peer, wherever both are."""
        return self.reached(pods, "egress", peer).every

    def ingress(self, pods: Workload, peer: Peer) -> Open:
        """What the policies of these pods let a peer send them, wherever both are."""
        return self.reached(pods, "ingress", peer).every

    def egress_somewhere(self, pods: Workload, peer: Peer) -> Open:
        """What they let them send from some place to some place."""
        return self.reached(pods, "egress", peer).some

    def ingress_somewhere(self, pods: Workload, peer: Peer) -> Open:
        """What they let a peer send them from some place to some place."""
        return self.reached(pods, "ingress", peer).some

    def between(self, source: Workload, target: Workload) -> Reached:
        """What the policies of both sides let through between the pods of two workloads of this cluster."""
        found = self.reached(source, "egress", target).both(self.reached(target, "ingress", source))
        return found if source.of != target.of else itself(source, found)

    def reached(self, pods: Workload, direction: Direction, peer: Peer) -> Reached:
        """What the policies of these pods let through in a direction; a pod's reaching itself is left aside."""
        answer = FREE
        if self.set_of(pods, direction) is not None:
            answer = self.judged(pods, self.stated(pods, direction, peer))
            if isinstance(peer, Workload) and self.on_own_node(pods, peer):
                answer = answer.or_at_times(ALL_OPEN)
        return self.amid_foreign(pods, direction, answer) if self._foreign else answer

    def stated(self, pods: Workload, direction: Direction, peer: Peer) -> Reached:
        """What the policies of these pods permit, whoever may enforce them."""
        found = self.set_of(pods, direction)
        if found is None:
            return FREE
        if isinstance(peer, Whereabouts):
            return found.reached(0, 0, found.ranges.reached(peer))
        sure, may = found.meaning(1 << self.pods.number[peer.of])
        return found.reached(sure, may, found.ranges.reached(ranges_of(self._facts, peer)))

    def isolating(self, pods: Workload, direction: Direction) -> tuple[Isolates, ...]:
        """The policies that isolate these pods, for certain or perhaps, sorted by address."""
        return tuple(isolates for isolates, _ in self._isolating[direction][self.pods.number[pods.of]])

    def permits(self, pods: Workload, direction: Direction, peer: Peer) -> tuple[tuple[PolicyPermit, Traffic], ...]:
        """What lets traffic to or from a peer through, for certain or perhaps, policy by policy, and which traffic."""
        found = self.set_of(pods, direction)
        if found is None:
            return ()
        where = peer if isinstance(peer, Whereabouts) else ranges_of(self._facts, peer)
        bit = 0 if isinstance(peer, Whereabouts) else 1 << self.pods.number[peer.of]
        return tuple(
            (layer.permit, layer.traffic)
            for layer in found.layers
            if layer.may & bit
            or layer.everywhere
            or layer.addresses.overlaps(where.addresses)
            or (where.missing and layer.addresses)
        )

    # -- how it is worked out ------------------------------------------------------------------------------------------

    def judged(self, pods: Workload, found: Reached) -> Reached:
        """What of a policy's no is left by whatever enforces it, and by pods' being on their host's network."""
        enforced = enforcement(self._facts, pods)
        if enforced.refuted:
            return FREE
        if enforced.unknown:
            found = found.unless(*enforced.because)
        if pods.host_network:
            if amazons(self._facts, pods.of):
                return FREE
            found = found.unless(_host(pods))
        return found

    def foreign(self, pods: Workload, direction: Direction) -> tuple[ForeignPolicy, ...]:
        """The policies of other kinds that may have a say in what these pods send or are sent, sorted by address."""
        if not self._foreign:
            return ()
        number = self.pods.number[pods.of]
        if (number, direction) not in self._foreign_of:
            found = tuple(each for each in self._foreign if each.direction == direction and self._may_be_of(each, pods))
            # Of Fargate's nodes no plug-in has an agent.
            self._foreign_of[number, direction] = () if found and on_fargate(self._facts, pods) else found
        return self._foreign_of[number, direction]

    def _may_be_of(self, policy: ForeignPolicy, pods: Workload) -> bool:
        end = "nodes" if pods.host_network else "pods"
        if policy.within not in (end, "both") or policy.namespace not in (None, pods.namespace):
            return False
        own = 1 << self.pods.number[pods.of]
        if policy.namespaces is not None and not self.pods.in_namespaces(policy.namespaces).may & own:
            return False
        return policy.pods is None or pods.host_network or bool(self.pods.meant(policy.pods).may & own)

    def amid_foreign(self, pods: Workload, direction: Direction, found: Reached) -> Reached:
        """What of the answer of NetworkPolicies is left where policies of other kinds may decide otherwise."""
        every = self.foreign(pods, direction)
        if not every:
            return found
        isolated = any(not because for _, because in self._isolating[direction][self.pods.number[pods.of]])
        refusing = [
            _unread(each)
            for each in every
            if each.refuses == "anything" or (each.refuses != "nothing" and not isolated)
        ]
        if refusing:
            found = found.less(*refusing)
        allowing = [_unread(each) for each in every if each.allows]
        return found.unless(*allowing) if allowing else found

    def free_because(self, pods: Workload) -> str:
        """Why what no policy permits gets through all the same."""
        enforced = enforcement(self._facts, pods)
        if enforced.refuted:
            return enforced.where or "nothing in the cluster enforces policies"
        if pods.host_network:
            return "policies are not asked of pods on the network of their node"
        return "a pod always reaches itself"

    def on_own_node(self, pods: Workload, peer: Workload) -> bool:
        """Whether a peer may be the very node of pods, which no policy keeps from them, nor them from it."""
        return peer.host_network and not pods.host_network and may_share_node(self._facts, pods, peer)

    def set_of(self, pods: Workload, direction: Direction) -> PolicySet | None:
        """What the policies that isolate these pods permit together; None if none does."""
        number = self.pods.number[pods.of]
        if (number, direction) not in self._of:
            self._of[number, direction] = self._set_of(pods, number, direction)
        return self._of[number, direction]

    def _set_of(self, pods: Workload, number: int, direction: Direction) -> PolicySet | None:
        isolating = self._isolating[direction][number]
        if not isolating:
            return None
        sure = [isolates.policy for isolates, because in isolating if not because]
        doubtful = [(isolates.policy, because) for isolates, because in isolating if because]
        resolve = self._resolver(pods, direction, (isolates.policy for isolates, _ in isolating))
        key = (direction, tuple(sure), tuple(policy for policy, _ in doubtful), resolve)
        if key not in self._sets:
            layers = [layer for policy in sure for layer in self._layers_of(policy, direction, pods.namespace, resolve)]
            alone = not sure and len(doubtful) == 1
            for policy, because in doubtful:
                for layer in self._layers_of(policy, direction, pods.namespace, resolve):
                    layers.append(layer if alone else _doubted(layer, because))
            otherwise = () if sure else tuple(reason for _, because in doubtful for reason in because)
            ranged = tuple(each for each in layers if each.addresses or each.everywhere)
            alike = frozenset((each.traffic, each.addresses, each.everywhere, each.because) for each in ranged)
            if alike not in self._ranges:
                self._ranges[alike] = RangeSet(ranged)
            self._sets[key] = PolicySet(tuple(layers), otherwise, self._ranges[alike])
        return self._sets[key]

    def _resolver(self, pods: Workload, direction: Direction, policies: Iterable[Address]) -> _Named:
        """What the named ports of ingress rules are: the pods' own."""
        if direction == "egress":
            return ()
        names = {
            (permit.ports, permit.protocol)
            for policy in policies
            for permit in self._permits.get((policy, direction), ())
            if isinstance(permit.ports, str)
        }
        return tuple(
            sorted((name, protocol, named_port(self._facts, pods, name, protocol)) for name, protocol in names)
        )

    def _layers_of(self, policy: Address, direction: Direction, space: Address, named: _Named) -> tuple[Layer, ...]:
        key = (policy, direction, named)
        if key not in self._layers:
            self._layers[key] = tuple(
                layer
                for permit in self._permits.get((policy, direction), ())
                for layer in self._of_permit(permit, space, named)
            )
        return self._layers[key]

    def _of_permit(self, permit: PolicyPermit, space: Address, named: _Named) -> Iterator[Layer]:
        peer = permit.peer
        if permit.protocol not in _PROTOCOLS:
            return
        if isinstance(permit.ports, Ports):
            if permit.ports.first <= 65535:
                ports = Ports(permit.ports.first, min(permit.ports.last, 65535))
                yield self._layer(permit, Traffic.of(permit.protocol, ports), space)
        elif holed(permit.ports):
            why = Unknown(f"{permit.policy}.spec.{permit.direction}.ports", why=f"{permit.ports} is not known")
            yield _doubted(self._layer(permit, Traffic.of(permit.protocol), space), (why,))
        elif permit.direction == "ingress":
            own = {(name, protocol): ports for name, protocol, ports in named}[permit.ports, permit.protocol]
            if own:
                traffic = Traffic.union(Traffic.of(permit.protocol, Ports.one(port)) for port in own)
                yield self._layer(permit, traffic, space)
        elif not isinstance(peer, RangePeer):
            # A named port is that of the pods at the other end, maybe another one for each; addresses have none.
            for port, bits in self._calling(permit.ports, permit.protocol).items():
                whole = self._layer(permit, Traffic.of(permit.protocol, Ports.one(port)), space)
                meant = self._without_hosts(Meant(whole.sure & bits, whole.may & bits, whole.because))
                yield Layer(permit, whole.traffic, meant.sure, meant.may, because=meant.because)

    def _calling(self, name: str, protocol: Protocol) -> dict[int, Bits]:
        """Whose pods call which port by a name."""
        found = self._named.get((name, protocol))
        if found is None:
            found = self._named[name, protocol] = {}
            for number, workload in enumerate(self.pods.workloads):
                for port in named_port(self._facts, workload, name, protocol):
                    found[port] = found.get(port, 0) | 1 << number
        return found

    def _layer(self, permit: PolicyPermit, traffic: Traffic, space: Address) -> Layer:
        peer = permit.peer
        if peer is None:
            everybody = self.pods.everybody
            return Layer(permit, traffic, everybody, everybody, EVERY_ADDRESS)
        if isinstance(peer, Unknown):
            return Layer(permit, traffic, 0, self.pods.everybody, everywhere=True, because=(peer,))
        if isinstance(peer, RangePeer):
            return Layer(permit, traffic, addresses=Addresses.of((peer.cidr,), peer.excepts))
        meant = self.peers(peer, space)
        return Layer(permit, traffic, meant.sure, meant.may, because=meant.because)

    def peers(self, peer: PodPeer, space: Address) -> Meant:
        """Whom a peer of a policy in that namespace means."""
        meant = self.pods.meant(peer.pods)
        if peer.namespaces is None:
            own = self.pods.within(space)
            meant &= Meant(own, own)
        else:
            meant &= self.pods.in_namespaces(peer.namespaces)
        return self._without_hosts(meant)

    def _without_hosts(self, meant: Meant) -> Meant:
        """Whom pods' labels and ports mean: nobody on the host's network where the plug-in takes these for nodes."""
        host = meant.may & self.pods.host
        if not host:
            return meant
        first = self.pods.workloads[next(self.pods.members(host))]
        if amazons(self._facts, first.of):
            return Meant(meant.sure & ~host, meant.may & ~host, meant.because)
        return Meant(meant.sure & ~host, meant.may, (*meant.because, _host(first)))


_Named: TypeAlias = tuple[tuple[str, Protocol, tuple[int, ...]], ...]
_DIRECTIONS: Final[tuple[Direction, ...]] = ("ingress", "egress")
_PROTOCOLS: Final = ("tcp", "udp", "sctp", "icmp", "any")


def itself(pods: Workload, found: Reached) -> Reached:
    """What pods of one workload reach among themselves: one alone reaches itself whatever policies say."""
    return FREE if pods.replicas == 1 else found.or_at_times(ALL_OPEN)


def _unread(policy: ForeignPolicy) -> Unknown:
    return Unknown(f"{policy.policy}", why=f"what a {policy.kind} says is not read, and it may be about these pods")


def _host(pods: Workload) -> Unknown:
    why = "Kubernetes leaves open whether policies tell pods on their host's network from the node"
    return Unknown(f"{pods.of}.spec.hostNetwork", why=why)


def _doubted(layer: Layer, because: tuple[Unknown, ...]) -> Layer:
    # Ranges of a policy that only may be asked are doubtful as a whole, which says too much of no address.
    everywhere = layer.everywhere or bool(layer.addresses)
    return Layer(layer.permit, layer.traffic, 0, layer.may, _NO_ADDRESSES, everywhere, (*layer.because, *because))
