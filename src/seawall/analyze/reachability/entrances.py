"""What the internet reaches: public addresses with what guards them, and what stands behind load balancers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from seawall.analyze.clusters import cluster_of
from seawall.analyze.fleets import interfaces, nodes_of
from seawall.analyze.reachability import network
from seawall.analyze.reachability.fronts import entered, passed_on
from seawall.analyze.reachability.groups import not_here, nowhere, permits
from seawall.analyze.reachability.hop import Kind
from seawall.analyze.reachability.on_nodes import on_nodes
from seawall.analyze.reachability.places import INTERNET, listed, public_of, side, subnets
from seawall.analyze.reachability.public_buckets import used_by_all
from seawall.analyze.reachability.public_policies import any_action, policy_by, service_of
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.targets import behind, endpoint_port, led_to
from seawall.analyze.reachability.traffic import ALL_OPEN, EVERYTHING, SHUT, Open, Traffic
from seawall.facts.compute import Cluster, NodePool
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.fact import NOBODY, Fact, Known, Link
from seawall.facts.facts import Facts
from seawall.facts.fronts import Accelerates, Balances, Front, Passes
from seawall.facts.identity import Identifier, Statement
from seawall.facts.network import (
    Carries,
    Filtered,
    Forwards,
    Interface,
    Listens,
    Member,
    Origin,
    Permit,
    Protocol,
    Subnet,
)
from seawall.facts.pod_network import Service
from seawall.facts.resilience import Setting, Tagged
from seawall.kernel.address import Address
from seawall.kernel.units import ANYWHERE, ANYWHERE_6, Cidr, Ports
from seawall.kernel.value import Text, Unknown, refs
from seawall.kernel.verdict import Answer, Verdict

_ANYBODY: Final = (ANYWHERE, ANYWHERE_6)
# Ranges that no router of the internet carries: RFC 1918, RFC 6598, RFC 3927, RFC 4193.
_PRIVATE: Final = tuple(
    Cidr.parse(spelling)
    for spelling in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "fc00::/7")
)
_EPHEMERAL: Final = Ports(1024, 65535)
_DEEPEST: Final = 6
"""How many things may stand one behind the other: distribution, balancer, Ingress, Service, pods."""


@dataclass(frozen=True, slots=True)
class Exposure:
    """A thing that the internet reaches, on what, from whose addresses, and what stands in front of it.

    ``who`` is a range of addresses, ``0.0.0.0/0`` for anybody, or a list of them by its address (CloudFront's).
    ``through`` are the things in front, the outermost first, empty where nothing is; ``says`` are the reasons in words,
    and ``by`` the resources that let it through. What is only perhaps so has an ``open`` that is not sure.
    """

    thing: Address
    open: Open
    who: Cidr | Address
    through: tuple[Address, ...]
    says: tuple[str, ...]
    by: tuple[Address, ...] = ()

    @property
    def anybody(self) -> bool:
        """Whether every address of the internet is meant."""
        return isinstance(self.who, Cidr) and self.who.prefix == 0


def exposed(facts: Facts) -> tuple[Exposure, ...]:
    """Everything that the internet reaches for certain or perhaps, things that answer themselves first.

    A thing may be there several times: for other addresses, or by another way.
    """
    return facts.derive(_exposed)


def exposures_of(facts: Facts, thing: Address) -> tuple[Exposure, ...]:
    """The ways by which the internet reaches a thing."""
    return facts.derive(_by_thing).get(thing, ())


def _by_thing(facts: Facts) -> dict[Address, tuple[Exposure, ...]]:
    found: dict[Address, list[Exposure]] = {}
    for each in exposed(facts):
        found.setdefault(each.thing, []).append(each)
    return {thing: tuple(ways) for thing, ways in found.items()}


def _exposed(facts: Facts) -> tuple[Exposure, ...]:
    outer = [
        *_interfaces(facts),
        *_clusters(facts),
        *_distributions(facts),
        *_fronts(facts),
        *_ingresses(facts),
        *_stores(facts),
        *_switched(facts),
        *_by_policies(facts),
    ]
    found: dict[Exposure, None] = dict.fromkeys(each for each in outer if each.open.may)
    waiting = list(found)
    while waiting:
        each = waiting.pop(0)
        if len(each.through) >= _DEEPEST:
            continue
        for further in _behind(facts, each):
            if further.open.may and further not in found:
                found[further] = None
                waiting.append(further)
    return tuple(found)


# -- what has a public address of its own


def _interfaces(facts: Facts) -> Iterator[Exposure]:
    """Things with public addresses: what their groups let in from outside, where the way there and back is open."""
    machines = (each.of for each in facts.all(Carries) if isinstance(each.of, Address))
    pools = (each.of for each in facts.all(NodePool))
    for of in dict.fromkeys((*(interface.of for interface in facts.all(Interface)), *machines, *pools)):
        if _is_template(facts, of):
            continue
        for own in interfaces(facts, of):
            interface = _found_by_tags(facts, _given_by_subnet(facts, own))
            if interface.public is not False:
                yield from _interface(facts, interface)


def _given_by_subnet(facts: Facts, interface: Interface) -> Interface:
    """The interface of a thing, with the public address that its subnet, somebody else or one of its members gives it.

    The servers of a database's cluster say themselves whether they are public, and are where their cluster is.
    """
    public = public_of(facts, interface)
    if public is False:
        members = (each.member for each in facts.where(Member, of=interface.of))
        said = [store.public for member in members for store in facts.where(Store, of=member)]
        public = True if True in said else next((each for each in said if isinstance(each, Unknown)), public)
    return replace(interface, public=public)


def _found_by_tags(facts: Facts, interface: Interface) -> Interface:
    """The interface of a balancer that a cluster's controller makes, in the subnets that are tagged for it.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/network-load-balancing.html, on public subnets.
    """
    cluster = cluster_of(facts, interface.of) if interface.of.as_kubernetes() is not None else None
    if cluster is None or interface.public is not True or not isinstance(interface.subnets, Unknown):
        return interface
    networks = {subnet.network for own in facts.where(Interface, of=cluster.of) for subnet in subnets(facts, own)[0]}
    tagged = {tag.of for tag in facts.where(Tagged, key="kubernetes.io/role/elb")}
    found = tuple(subnet.of for subnet in facts.all(Subnet) if subnet.of in tagged and subnet.network in networks)
    return replace(interface, subnets=tuple(sorted(found))) if found else interface


def doors(facts: Facts, thing: Address) -> tuple[Interface, ...]:
    """The interfaces of a thing, with the public addresses and the subnets that others than itself give it."""
    return tuple(_found_by_tags(facts, _given_by_subnet(facts, own)) for own in interfaces(facts, thing))


def _is_template(facts: Facts, of: Address) -> bool:
    """Whether this is what others are made from, which is nowhere by itself."""
    named = of.as_terraform()
    return named is not None and named.type in ("aws_launch_template", "aws_launch_configuration")


def _interface(facts: Facts, interface: Interface) -> Iterator[Exposure]:
    place = facts.derive(_outside_way, interface)
    listening = _listened(facts, interface.of)
    for who, by, let in _let_in(facts, interface):
        opened = let.both(listening).both(place)
        if opened.may:
            where = "has a public address" if interface.public is True else "may have a public address"
            heard = let.both(listening)
            lets = f"{'let' if heard.sure else 'may let'} {_spelled(who)} in on {heard.may}"
            yield Exposure(
                interface.of,
                opened,
                who,
                (),
                (f"{interface.of} {where}", f"its groups {lets}"),
                by,
            )


def _reason(value: object) -> Unknown:
    return value if isinstance(value, Unknown) else Unknown("public", why="the input does not say")


def _spelled(who: Cidr | Address) -> str:
    if isinstance(who, Cidr):
        return "anybody" if who.prefix == 0 else str(who)
    return str(who)


def _let_in(facts: Facts, interface: Interface) -> Iterator[tuple[Cidr | Address, tuple[Address, ...], Open]]:
    """Whom from outside the groups of an interface let in, and on what; without groups everybody on everything."""
    own = side(facts, interface)
    guarding: tuple[Link, ...] = (*own.groups, *own.doubts) if own.guarded else _around(facts, interface)
    if not guarding and not own.guarded:
        # A network load balancer without groups, and a thing of Azure's without a group, refuse nobody by themselves.
        yield ANYWHERE, (), ALL_OPEN
        return
    open_to: dict[Cidr | Address, list[tuple[Address, Open]]] = {}
    for group in guarding:
        if isinstance(group, Unknown):
            open_to.setdefault(ANYWHERE, []).append((interface.of, Open.doubtful(EVERYTHING, group)))
            continue
        for permit, means in permits(facts, group, "ingress"):
            for who, doubts in _from_outside(facts, permit):
                opened = Open.doubtful(means.may, *means.because, *doubts) if doubts else means
                open_to.setdefault(who, []).append((permit.by, opened))
        if not_here(group):
            open_to.setdefault(ANYWHERE, []).append((interface.of, Open.doubtful(EVERYTHING, nowhere(group))))
    for who in sorted(open_to, key=lambda one: (not isinstance(one, Cidr), str(one))):
        together = SHUT
        for _, part in open_to[who]:
            together = together.either(part)
        yield who, tuple(dict.fromkeys(by for by, _ in open_to[who])), together


def _around(facts: Facts, interface: Interface) -> tuple[Link, ...]:
    """Groups that guard a whole subnet, as Azure has them."""
    if isinstance(interface.subnets, Unknown):
        return (interface.subnets,)
    return tuple(
        each.of
        for subnet in interface.subnets
        for each in facts.where(Member, member=subnet)
        if not isinstance(each.of, Unknown) and facts.where(Permit, group=each.of)
    )


def _from_outside(facts: Facts, permit: Permit) -> Iterator[tuple[Cidr | Address, tuple[Unknown, ...]]]:
    """Whom outside a permit means, each with what would have to be known to be sure of it.

    They are ranges that the internet carries; of a prefix list those that it holds, and where some of these are not
    known the list itself, as AWS's own are.
    """
    if isinstance(permit.peer, Unknown):
        yield ANYWHERE, (permit.peer,)
        return
    members = listed(facts, permit.peer) if isinstance(permit.peer, Address) else ((permit.peer,), (), False)
    known, missing, internet = members or ((), (), False)
    for cidr in known:
        if not any(own.contains(cidr) for own in _PRIVATE):
            yield cidr, ()
    if missing and isinstance(permit.peer, Address):
        yield permit.peer, () if internet else missing


def _listened(facts: Facts, of: Address) -> Open:
    """What a thing listens on; everything where nobody says."""
    listening = facts.where(Listens, of=of)
    if not listening:
        return ALL_OPEN
    together = SHUT
    for each in listening:
        if isinstance(each.ports, Unknown):
            together = together.either(Open.doubtful(Traffic.of(each.protocol), each.ports))
        else:
            together = together.either(Open.known(Traffic.of(each.protocol, each.ports)))
    return together


def _outside_way(facts: Facts, interface: Interface) -> Open:
    """What gets from the internet to an interface by address, routes and lists, whatever its groups say."""
    if interface.subnets == ():
        return ALL_OPEN if interface.public is True else Open.doubtful(EVERYTHING, _reason(interface.public))
    return network.inward(facts, replace(interface, groups=(), guarded=False))


def shut_by(facts: Facts, thing: Address, traffic: Traffic) -> tuple[Kind, Address, str] | None:
    """What first keeps the internet from a thing that has an interface: its address, the way there, or its groups."""
    for interface in doors(facts, thing):
        if interface.public is False:
            return "entrance", interface.by, f"{thing} has no public address"
        if not (_outside_way(facts, interface).may & traffic):
            said = f"no route and list of the subnets of {thing} let {traffic} in from the internet"
            return "route", interface.by, said
        let = [part.may & traffic for _, _, part in _let_in(facts, interface)]
        if not any(let):
            named = ", ".join(str(group) for group in side(facts, interface).groups) or "what guards its subnet"
            return "ingress group", interface.by, f"no rule of {named} lets {traffic} in from outside"
    return None


# -- what is public by its own setting


def _clusters(facts: Facts) -> Iterator[Exposure]:
    """The public endpoint of a cluster's API, with the ranges that it takes."""
    https = Open.known(Traffic.of("tcp", Ports.one(443)))
    for cluster in facts.all(Cluster):
        says = f"{cluster.of} has a public endpoint"
        if isinstance(cluster.api_cidrs, Unknown):
            yield Exposure(
                cluster.of, Open.doubtful(https.sure, cluster.api_cidrs), ANYWHERE, (), (says,), (cluster.by,)
            )
            continue
        for spelling in cluster.api_cidrs or ():
            yield Exposure(cluster.of, https, Cidr.parse(spelling), (), (f"{says} for {spelling}",), (cluster.by,))


def _distributions(facts: Facts) -> Iterator[Exposure]:
    """Distributions of CloudFront are there for everybody while they are on, by HTTP and HTTPS."""
    web = Traffic.of("tcp", Ports.one(80)) | Traffic.of("tcp", Ports.one(443))
    for of in dict.fromkeys(origin.of for origin in facts.all(Origin)):
        off = next((each.value for each in _said(facts, of, "switched-off")), False)
        if off is not True:
            opened = Open.doubtful(web, off) if isinstance(off, Unknown) else Open.known(web)
            yield Exposure(of, opened, ANYWHERE, (), (f"{of} is a distribution, which everybody reaches",), (of,))


def _fronts(facts: Facts) -> Iterator[Exposure]:
    """Fronts that their provider has answer everybody, such as APIs."""
    for front in facts.all(Front):
        opened = entered(facts, front)
        if opened.may:
            says = f"{front.of} is there for everybody" if opened.sure else f"{front.of} may be there for everybody"
            yield Exposure(front.of, opened, ANYWHERE, (), (says,), (front.by,))


def _ingresses(facts: Facts) -> Iterator[Exposure]:
    """Ingresses that bring no load balancer along: whoever answers for their class may be reached from anywhere."""
    web = Traffic.of("tcp", Ports.one(80)) | Traffic.of("tcp", Ports.one(443))
    for of in dict.fromkeys(each.of for each in facts.all(Forwards)):
        named = of.as_kubernetes() if isinstance(of, Address) and "//" not in of else None
        if named is None or named.kind != "Ingress" or not isinstance(of, Address) or facts.where(Forwards, to=of):
            continue
        why = Unknown(f"{of}.spec.ingressClassName", why="who answers for it, and whom, is not in the input")
        says = f"{of} may be answered for to anybody"
        yield Exposure(of, Open.doubtful(web, why), ANYWHERE, (), (says,), (facts.where(Forwards, of=of)[0].by,))


def _stores(facts: Facts) -> Iterator[Exposure]:
    """Stores that are outside any network and say themselves that they are public, or whose policy does."""
    https = Traffic.of("tcp", Ports.one(443))
    for store in facts.all(Store):
        if store.kind != "bucket":
            continue
        verdict = used_by_all(facts, store)
        if verdict.refuted:
            continue
        holes = [each for each in verdict.because if isinstance(each, Unknown)]
        opened = Open.known(https) if verdict.proven else Open.doubtful(https, *holes)
        by = tuple(dict.fromkeys(each.by for each in verdict.because if isinstance(each, Fact) and each.by != NOBODY))
        may = "has" if verdict.proven else "may have"
        yield Exposure(
            store.of,
            opened,
            ANYWHERE,
            (),
            (f"{store.of} {may} objects that are everybody's to read, list or change",),
            by or (store.by,),
        )


_SWITCHES: Final = {
    "public-url": ("answers everybody by a URL", "may answer everybody by a URL"),
    "shared-with-all": (
        "is shared with everybody who has an account of AWS",
        "may be shared with everybody who has an account of AWS",
    ),
}
"""Settings of functions, and of images and snapshots, that alone let in everybody, and what is said of that."""


def _switched(facts: Facts) -> Iterator[Exposure]:
    """What one setting of its own opens to everybody."""
    https = Traffic.of("tcp", Ports.one(443))
    for key, (surely, perhaps) in _SWITCHES.items():
        for setting in facts.where(Setting, key=key):
            if setting.value is False or isinstance(setting.of, Unknown):
                continue
            hole = setting.value if isinstance(setting.value, Unknown) else None
            opened = Open.known(https) if hole is None else Open.doubtful(https, hole)
            says = f"{setting.of} {surely if hole is None else perhaps}"
            yield Exposure(setting.of, opened, ANYWHERE, (), (says,), (setting.by,))


_ACTIONS: Final = {
    "sqs": ("sqs:SendMessage", "sqs:ReceiveMessage"),
    "sns": ("sns:Publish", "sns:Subscribe"),
}
"""What a stranger may do by API to a thing of a service whose policy lets him."""
_ENDPOINT: Final = ("es:ESHttpGet", "es:ESHttpPost", "es:ESHttpPut")


def _by_policies(facts: Facts) -> Iterator[Exposure]:
    """Things outside of networks whose own policy lets in whoever asks."""
    for setting in facts.where(Setting, key="public-endpoint"):
        if setting.value is not False and isinstance(setting.of, Address):
            yield from _by_policy(facts, setting.of, any_action(facts, setting.of, _ENDPOINT, everything=True), setting)
    for holder in dict.fromkeys(each.holder for each in facts.all(Statement) if each.kind == "resource"):
        actions = _ACTIONS.get(service_of(facts, holder)) if isinstance(holder, Address) else None
        if actions is not None and isinstance(holder, Address):
            yield from _by_policy(facts, holder, any_action(facts, holder, actions), None)


def _by_policy(facts: Facts, of: Address, verdict: Verdict, setting: Setting | None) -> Iterator[Exposure]:
    if verdict.refuted:
        return
    https = Traffic.of("tcp", Ports.one(443))
    holes = [each for each in verdict.because if isinstance(each, Unknown)]
    if setting is not None and isinstance(setting.value, Unknown):
        holes.append(setting.value)
    by = tuple(dict.fromkeys(each.by for each in verdict.because if isinstance(each, Fact) and each.by != NOBODY))
    let = "lets" if not holes else "may let"
    opened = Open.doubtful(https, *holes) if holes else Open.known(https)
    yield Exposure(of, opened, ANYWHERE, (), (f"the policy of {of} {let} anybody in",), by or policy_by(facts, of))


# -- what stands behind


def _behind(facts: Facts, front: Exposure) -> Iterator[Exposure]:
    through = (*front.through, front.thing)
    for origin in facts.where(Origin, of=front.thing):
        yield from _origin(facts, front, origin, through)
        yield from _signed_for(facts, front, origin, through)
    yield from _on_nodes(facts, front, through)
    for passes in facts.where(Passes, of=front.thing):
        service = facts.one(Service, of=passes.to) if isinstance(passes.to, Address) else None
        if service is not None:  # of a route of the Gateway API
            yield from _pods(facts, front, service, through)
    for each in passed_on(facts, front.thing):
        if each.thing not in through:
            opened = each.open if each.through else each.open.both(_asked_from_outside(facts, each.thing))
            if not front.open.sure:
                opened = Open.doubtful(opened.may, *front.open.because)
            if not opened.may:
                continue
            says = (*front.says, each.says)
            yield Exposure(each.thing, opened, front.who, (*through, *each.through), says, (each.by,))
    for balances in facts.where(Balances, of=front.thing):
        yield from _balanced(facts, front, balances, through)
    yield from _accelerated(facts, front, through)
    for to in dict.fromkeys(_forwarded(facts, front.thing)):
        yield from _forwarded_to(facts, front, to, through)


def _origin(facts: Facts, front: Exposure, origin: Origin, through: tuple[Address, ...]) -> Iterator[Exposure]:
    """What a distribution fetches from: reached by whoever reaches the distribution, if its own doors let it in."""
    targets: tuple[Link, ...] = () if origin.target is None else (origin.target,)
    if not targets and isinstance(origin.host, str):
        targets = facts.derive(led_to, origin.host) or facts.derive(_balancers_named, origin.host)
    for target in targets:
        if isinstance(target, Unknown) or not _answers(facts, target):
            continue
        says = f"{front.thing} fetches from {target} as {origin.id}"
        opened = _listened(facts, target).both(_as_fetched(origin))
        if origin.protocol not in ("s3", "vpc"):
            opened = opened.both(_for_distributions(facts, target))
        yield Exposure(target, opened, front.who, through, (*front.says, says), (origin.by,))


def _signed_for(facts: Facts, front: Exposure, origin: Origin, through: tuple[Address, ...]) -> Iterator[Exposure]:
    """A function whose URL asks for a signature, where that lets distributions in: they sign for whoever asks them.

    Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-lambda.html
    """
    named = {each.to for each in refs(origin.host)}
    for url in facts.where(Setting, key="public-url"):
        if url.value is True or url.by not in named or not isinstance(url.of, Address):
            continue
        policy = [each for each in facts.where(Statement, holder=url.of) if each.kind == "resource" and each.allow]
        let = next((each for each in policy if ("Service", _CLOUDFRONT) in each.principals), None)
        if let is not None:
            says = f"{front.thing} fetches from {url.of} as {origin.id}, and signs for whoever asks"
            yield Exposure(
                url.of,
                Open.known(_as_fetched(origin).may),
                front.who,
                through,
                (*front.says, says),
                (origin.by, let.by),
            )


_CLOUDFRONT: Final = "cloudfront.amazonaws.com"


def _on_nodes(facts: Facts, front: Exposure, through: tuple[Address, ...]) -> Iterator[Exposure]:
    """The pods that answer whoever reaches the nodes of a group."""
    nodes = front.thing
    if nodes_of(facts, nodes) is None or front.through:
        return
    outside = (front.who,) if isinstance(front.who, Cidr) and not front.anybody else INTERNET
    for each in on_nodes(facts, nodes, front.open, outside):
        yield Exposure(
            each.pods, each.open, front.who, (*through, *each.through), (*front.says, each.says), (*front.by, each.by)
        )


def _asked_from_outside(facts: Facts, thing: Address) -> Open:
    """What a thing with an interface lets in that comes over the internet from a service whose addresses are its own.

    It is sure where anybody is let in; else some addresses may be, and they may be the service's.
    """
    doors = [_given_by_subnet(facts, own) for own in facts.where(Interface, of=thing)]
    if not doors:
        return ALL_OPEN
    found = SHUT
    for door in doors:
        for way in _interface(facts, door):
            found = found.either(way.open if way.anybody else Open.doubtful(way.open.may, *_whose(way.who)))
        may = _outside_way(facts, door).both(_listened(facts, thing)) if door.public is not False else SHUT
        if not door.guarded and may.may:
            why = Unknown(f"{thing}", why="whether the service's addresses are among those let in is not in the input")
            found = found.either(Open.doubtful(may.may, why))
    return found


def _whose(who: Cidr | Address) -> tuple[Unknown, ...]:
    return (Unknown(f"{who}", why="whether the service's addresses are among them is not in the input"),)


def _answers(facts: Facts, thing: Address) -> bool:
    """Whether a thing is one that answers, and not an address that belongs to another."""
    return any(facts.where(kind, of=thing) for kind in (Interface, Store, Origin))


def _for_distributions(facts: Facts, target: Address) -> Open:
    """What a thing with a public address lets CloudFront's own addresses in on; a bucket has no such doors."""
    ways = [each for interface in facts.where(Interface, of=target) for each in _interface(facts, interface)]
    if not facts.where(Interface, of=target):
        return ALL_OPEN
    together = SHUT
    for each in ways:
        if each.anybody or of_cloudfront(facts, each.who):
            together = together.either(each.open)
        elif not of_aws(facts, each.who):
            why = Unknown(f"{each.who}", why="whether CloudFront's addresses are among them is not in the input")
            together = together.either(Open.doubtful(each.open.may, why))
    return together


def of_cloudfront(facts: Facts, who: Cidr | Address) -> bool:
    """Whether these are the addresses by which CloudFront fetches, which nobody else has."""
    if isinstance(who, Cidr):
        return False
    return any("cloudfront.origin-facing" in str(each.value) for each in facts.where(Identifier, of=who))


def of_aws(facts: Facts, who: Cidr | Address) -> bool:
    """Whether these are addresses of one service of AWS alone, which no customer's machine or gateway has.

    Names that begin so are AWS's own (Amazon VPC User Guide, "AWS-managed prefix lists").
    """
    if isinstance(who, Cidr):
        return False
    return any(str(each.value).startswith("com.amazonaws.") for each in facts.where(Identifier, of=who))


def _balancers_named(facts: Facts, host: str) -> tuple[Address, ...]:
    """The load balancers whose host name it is: their own name, and behind it what AWS makes up."""
    label, _, rest = host.partition(".")
    if not rest.endswith("elb.amazonaws.com"):
        return ()
    named = [each for each in facts.where(Identifier, attr="name") if facts.where(Interface, of=each.of)]
    return tuple(
        sorted({each.of for each in named if isinstance(each.value, str) and label.rpartition("-")[0] == each.value})
        or sorted({each.of for each in named if each.value == label})
    )


def _as_fetched(origin: Origin) -> Open:
    plain, secure = (Traffic.of("tcp", Ports.one(port)) for port in (80, 443))
    match origin.protocol:
        case "http-only":
            return Open.known(plain)
        case "https-only" | "s3":
            return Open.known(secure)
        case _:
            return Open.known(plain | secure)


def _forwarded(facts: Facts, thing: Address) -> Iterator[Link | Text | str]:
    """Where requests to a thing go: by its own rules, or those of its listeners."""
    for of in (thing, *(member.member for member in facts.where(Member, of=thing))):
        for forwards in facts.where(Forwards, of=of):
            yield forwards.to


def _forwarded_to(
    facts: Facts, front: Exposure, to: Link | Text | str, through: tuple[Address, ...]
) -> Iterator[Exposure]:
    if not isinstance(to, Address) or to in through:
        return
    service = facts.one(Service, of=to)
    if service is not None:
        yield from _pods(facts, front, service, through)
        return
    if facts.where(Forwards, of=to):  # an Ingress, which is a list of rules and no thing that listens
        yield from _behind(facts, Exposure(to, front.open, front.who, through, front.says, front.by))
        return
    for member in facts.where(Member, of=to):  # a target group
        for target in _holders(facts, member.member):
            says = f"{front.thing} sends requests to {target} in {to}"
            for who, opened in _to_member(facts, front, to, member, target, through):
                yield Exposure(target, opened, who, (*through, to), (*front.says, says), (member.by,))


def _balanced(facts: Facts, front: Exposure, balances: Balances, through: tuple[Address, ...]) -> Iterator[Exposure]:
    """Machines that packets are passed on to as they came: their own groups have to let the client in.

    Source: https://learn.microsoft.com/azure/load-balancer/load-balancer-overview
    """
    came = front.open.both(_on(balances.protocol, balances.front))
    if not came.may or isinstance(balances.pool, Unknown):
        return
    back = _on(balances.protocol, balances.back)
    for card, target in _in_pool(facts, balances.pool):
        for own in facts.where(Interface, of=card):
            for way in _interface(facts, replace(own, public=True)):
                opened = way.open.both(back).both(_unless_closed(facts, front.thing, own))
                if not came.sure:
                    opened = Open.doubtful(opened.may, *came.because, *opened.because)
                says = f"{front.thing} passes on to {target} what comes to {balances.front}"
                who = way.who if front.anybody else front.who
                if opened.may and (way.anybody or front.anybody or way.who == front.who):
                    yield Exposure(target, opened, who, through, (*front.says, says), (balances.by, *way.by))


def _accelerated(facts: Facts, front: Exposure, through: tuple[Address, ...]) -> Iterator[Exposure]:
    """What an accelerator leads to: by the network's gateway, whatever its tables say, as the client or in its place.

    Source: https://docs.aws.amazon.com/global-accelerator/latest/dg/preserve-client-ip-address.html
    """
    listeners = [each.member for each in facts.where(Member, of=front.thing)]
    for each in (way for listener in listeners for way in facts.where(Accelerates, of=listener)):
        if not isinstance(each.to, Address) or each.to in through or not isinstance(each.of, Address):
            continue
        asked = _overridden(_listened(facts, each.of), each.others).both(_listened(facts, each.to))
        for own in doors(facts, each.to):
            for who, by, let in _let_by_accelerator(facts, each, own):
                opened = let.both(asked)
                lists = [acl.acl for place in subnets(facts, own)[0] for acl in facts.where(Filtered, of=place.of)]
                doubts = [] if front.open.sure else [*front.open.because]
                doubts += [Unknown(f"{acl}", why="what it lets in from an accelerator is not asked") for acl in lists]
                if doubts:
                    opened = Open.doubtful(opened.may, *dict.fromkeys((*doubts, *opened.because)))
                says = f"{front.thing} passes on to {each.to} whatever its network's tables say"
                yield Exposure(each.to, opened, who, through, (*front.says, says), (each.by, *by))


def _let_by_accelerator(
    facts: Facts, accelerates: Accelerates, own: Interface
) -> Iterator[tuple[Cidr | Address, tuple[Address, ...], Open]]:
    """Whom the groups of an endpoint let in: the client where it sees him, else addresses that the accelerator has."""
    keeps = accelerates.keeps
    if keeps is None:  # unless told otherwise all but balancers of packets see the client
        kinds = {each.key for each in facts.where(Setting, of=accelerates.to)}
        keeps = "deletion-protection" not in kinds or "idle-timeout" in kinds
    if keeps is True or not side(facts, own).guarded:
        yield from _let_in(facts, own)
        return
    why = Unknown(f"{accelerates.to}", why="whether its groups let in an accelerator's own addresses is not asked")
    yield ANYWHERE, (), Open.doubtful(EVERYTHING, why)


def _overridden(asked: Open, others: Known[tuple[tuple[int, int], ...]]) -> Open:
    """What a thing is asked on, for what a listener takes."""
    if isinstance(others, Unknown):
        return Open.doubtful(EVERYTHING, others)
    found = asked
    for front, back in others:
        for protocol in _SPOKEN:
            if asked.may & Traffic.of(protocol, Ports.one(front)):
                found = found.either(Open.known(Traffic.of(protocol, Ports.one(back))))
    return found


def _on(protocol: Protocol, ports: Known[Ports]) -> Open:
    if isinstance(ports, Unknown):
        return Open.doubtful(Traffic.of(protocol), ports)
    return Open.known(Traffic.of(protocol, ports))


def _in_pool(facts: Facts, pool: Address) -> Iterator[tuple[Address, Address]]:
    """The interfaces of a pool, by name or by address, each with itself and with the machine that it belongs to."""
    for member in facts.where(Member, of=pool):
        for card in dict.fromkeys(_holders(facts, member.member)):
            carrying = (each.of for each in facts.where(Carries, interface=card) if isinstance(each.of, Address))
            for target in (card, *carrying):
                yield card, target


def _unless_closed(facts: Facts, balancer: Address, own: Interface) -> Open:
    """What a balancer lets through by itself: one that is closed nothing to whom no group guards."""
    subnet_of = own.subnets if isinstance(own.subnets, tuple) else ()
    if any(facts.where(Filtered, of=of) for of in (own.of, *subnet_of)):
        return ALL_OPEN
    closed = next((each.value for each in _said(facts, balancer, "secure-by-default")), False)
    if isinstance(closed, Unknown):
        return Open.doubtful(EVERYTHING, closed)
    return SHUT if closed else ALL_OPEN


def _holders(facts: Facts, member: Link | Cidr) -> Iterator[Address]:
    """The thing that is a member, or whose address is one, and the machine that it belongs to."""
    if isinstance(member, Unknown):
        return
    own = [member] if isinstance(member, Address) else []
    stated = _address(member)
    if stated is not None:
        own = [each.of for each in facts.all(Interface) if stated in each.addresses] or own
    for of in own:
        yield of
        yield from (each.of for each in facts.where(Carries, interface=of) if isinstance(each.of, Address))


def _address(member: Link | Cidr) -> Cidr | None:
    """The address that a member is, where it is written as one."""
    if isinstance(member, Cidr):
        return member
    if not isinstance(member, Address) or not member.is_outside:
        return None
    try:
        return Cidr.parse(member.removeprefix("outside:"))
    except ValueError:
        return None


def _to_member(
    facts: Facts, front: Exposure, group: Address, member: Member, target: Address, through: tuple[Address, ...]
) -> Iterator[tuple[Cidr | Address, Open]]:
    """What gets to one of the targets of a group, on the port that it is asked on, and from whom."""
    port = next((each.value for of in (member.by, group) for each in _said(facts, of, "target-port")), None)
    number = port if isinstance(port, int) else None
    by_balancer = _towards(facts, through, target, number)
    keeps = next((each.value for each in _said(facts, group, "keeps-client-address")), False)
    if keeps is False or number is None:
        yield front.who, by_balancer
        return
    # Who asks is the client: it is he whom the target's groups have to let in, or the balancer by a group of its own.
    asked = {spoken for spoken, _ in front.open.may.parts()}
    spoken: list[Protocol] = [each for each in _SPOKEN if each in asked] or ["tcp"]
    wanted = Open.known(Traffic.union(Traffic.of(each, Ports.one(number)) for each in spoken))
    balancer = next((each for each in reversed(through) if facts.where(Interface, of=each)), None)
    if balancer is None or any(own.groups for own in facts.where(Interface, of=balancer)):
        yield front.who, by_balancer
    elif isinstance(keeps, Unknown):
        yield front.who, Open.doubtful(by_balancer.may, keeps)
    for own in interfaces(facts, target):
        for who, _, let in _let_in(facts, own):
            if front.anybody or who == front.who:
                narrowed: Cidr | Address | None = who
            else:
                narrowed = front.who if isinstance(who, Cidr) and who.prefix == 0 else None
            if narrowed is not None:
                let = let.both(wanted)
                yield narrowed, Open.doubtful(let.may, keeps) if isinstance(keeps, Unknown) else let


_SPOKEN: Final[tuple[Protocol, ...]] = ("tcp", "udp")


def _said(facts: Facts, of: object, key: str) -> Iterator[Setting]:
    return (each for each in facts.where(Setting, of=of) if each.key == key)


def _pods(facts: Facts, front: Exposure, service: Service, through: tuple[Address, ...]) -> Iterator[Exposure]:
    for workload in behind(facts, service):
        for own in service.ports:
            port = endpoint_port(facts, service, workload, own.port)
            if isinstance(port, int):
                says = f"{service.of} forwards {own.port} to {port} of {workload.of}"
                yield Exposure(
                    workload.of,
                    _towards(facts, through, workload.of, port),
                    front.who,
                    (*through, service.of),
                    (*front.says, says),
                    (service.by,),
                )


def _towards(facts: Facts, through: tuple[Address, ...], target: Address, port: int | None) -> Open:
    """What the balancer that stands in front gets through to a target; only the port that it speaks to is asked."""
    wanted = EVERYTHING if port is None else Traffic.of("tcp", Ports.one(port))
    balancer = next((each for each in reversed(through) if facts.where(Interface, of=each)), None)
    if port is None or balancer is None:
        what = ("port", "the target group says it") if port is None else ("ingress", "who asks it is not in the input")
        return Open.doubtful(wanted, Unknown(f"{target}.{what[0]}", why=what[1]))
    path = reach(facts, Reach(balancer, target, port))
    if path.verdict.answer is Answer.PROVEN:
        return Open.known(wanted)
    return SHUT if path.verdict.refuted else Open.doubtful(wanted, *path.missing)
