"""Networks: subnets, routes, filters, interfaces, names, certificates, and what stands in front of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from seawall.facts.fact import Fact, Known, Link
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr, Ports
from seawall.kernel.value import Text, Textual, Unknown

Direction: TypeAlias = Literal["ingress", "egress"]
Protocol: TypeAlias = Literal["tcp", "udp", "icmp", "sctp", "any"]
Peer: TypeAlias = Cidr | Address | Unknown
"""Who is meant by a permit: a range, a group or prefix list by its address, or nobody knows."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Network(Fact):
    """A private network (VPC, VNet) with its address ranges."""

    of: Address
    cidrs: Known[tuple[Cidr, ...]]
    region: Known[str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NetworkRange(Fact):
    """A network has this range as well."""

    of: Link
    cidr: Known[Cidr]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TakenOver(Fact):
    """What a network came with is that resource now, and lets through nothing but what is stated since."""

    of: Link
    to: Address


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subnet(Fact):
    """A range of a network in one zone; ``cidr6`` is its range of IPv6, None if it has none.

    ``gives_public`` says that instances which do not say otherwise get a public address in it.
    """

    of: Address
    network: Link
    cidr: Known[Cidr]
    zone: Known[str]
    cidr6: Known[Cidr] | None = None
    gives_public: Known[bool] = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Routed(Fact):
    """A subnet, or an attachment to a transit gateway, uses that route table; of a network or gateway: its default."""

    of: Link
    table: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Route(Fact):
    """A route of a table; the longest prefix wins. ``via`` is None for the local route and a blackhole."""

    table: Link
    destination: Peer
    via: Link | None
    kind: Literal[
        "local", "internet", "egress-only", "nat", "peering", "transit", "vpn", "endpoint", "blackhole", "unknown"
    ]  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Gateway(Fact):
    """A way out of a network: ``place`` is its network or subnet, ``service`` the API that an endpoint serves.

    ``ready`` says whether it works as it stands: a peering has to be accepted. ``public`` is false of a NAT gateway
    that leads into private networks alone.
    """

    of: Address
    kind: Literal[
        "internet", "egress-only", "nat", "peering", "transit", "vpn", "gateway-endpoint", "interface-endpoint"
    ]  # fmt: skip
    place: Link
    peer: Link | None = None
    service: Known[str] = ""
    ready: Known[bool] = True
    public: Known[bool] = True


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Accepted(Fact):
    """The other side of a peering has accepted it."""

    of: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Transit(Fact):
    """A transit gateway: whether attachments use its default table, tell it their ranges, and may name groups."""

    of: Address
    associates: Known[bool] = True
    propagates: Known[bool] = True
    references: Known[bool] = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Attached(Fact):
    """A network, or another transit gateway, is attached to a transit gateway, in these subnets.

    ``associates`` and ``propagates`` say whether the gateway's default table is used, None if the gateway says so.
    """

    of: Address
    gateway: Link
    place: Link
    subnets: Known[tuple[Link, ...]] = ()
    associates: Known[bool] | None = None
    propagates: Known[bool] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Propagates(Fact):
    """An attachment tells its ranges to a table of a transit gateway."""

    of: Link
    table: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Filtered(Fact):
    """A subnet, or an interface, uses that access-control list; of a network: its default."""

    of: Link
    acl: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class AclRule(Fact):
    """A rule of an access-control list; the lowest order that matches decides. Stateful: answers need no rule.

    Of ICMP ``ports`` are types, and ``code`` the only one of several codes of its type that it is for.
    """

    acl: Link
    direction: Direction
    order: Known[int]
    allow: Known[bool]
    protocol: Known[Protocol]
    ports: Known[Ports]
    peer: Peer
    stateful: bool = False
    code: Known[int] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Permit(Fact):
    """A stateful group lets this traffic through; of ICMP types, or a ``code`` alone of several that its type has."""

    group: Link
    direction: Direction
    protocol: Known[Protocol]
    ports: Known[Ports]
    peer: Peer
    code: Known[int] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PerhapsNone(Fact):
    """How many there are of a thing is not known, and so whether there is any; what it says holds if there is."""

    of: Address
    count: Unknown


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class GroupOf(Fact):
    """A stateful group belongs to a network, within which its name means something."""

    group: Address
    network: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Interface(Fact):
    """Where a thing is in the network: its subnets, its groups, and whether it has a public address.

    ``public`` is None where its subnet says so, as of an instance that does not say otherwise. ``addresses`` are its
    private ones where they are stated, ``ipv6`` says whether it has one of IPv6. One that is ``guarded`` and names no
    group has its network's default one; one that is not is guarded by none at all.
    """

    of: Address
    subnets: Known[tuple[Link, ...]]
    groups: Known[tuple[Link, ...]]
    public: Known[bool] | None = False
    addresses: tuple[Cidr, ...] = ()
    ipv6: Known[bool] = False
    guarded: bool = True


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Carries(Fact):
    """A machine has that network interface, which is a thing of its own."""

    of: Link
    interface: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Wears(Fact):
    """An interface has that group besides those that it names itself."""

    of: Link
    group: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Seen(Fact):
    """An interface, or the machine that it belongs to, has a public address besides."""

    of: Link


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Outside(Fact):
    """A thing runs in a network of its provider's: it gets out to the internet, and into no private network."""

    of: Address


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Member(Fact):
    """A thing belongs to a group of things: a subnet to a subnet group, an instance to its cluster."""

    of: Link
    member: Link | Cidr


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PrefixList(Fact):
    """A list of ranges, which are its members; ``internet`` says that none of them is of a private network."""

    of: Address
    internet: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Listens(Fact):
    """A thing accepts connections there; ``tls`` says whether it offers or insists on encryption."""

    of: Link
    protocol: Protocol
    ports: Known[Ports]
    tls: Known[Literal["none", "optional", "required"]] = "none"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Hostname(Fact):
    """A name under which a thing is reached; ``attr`` is the attribute that holds it, ``pattern`` its shape."""

    of: Address
    attr: str
    pattern: Textual
    role: Literal["writer", "reader", "node", "configuration", "any"] = "any"


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Record(Fact):
    """A name in a zone; ``part`` is its share of a routing policy (PRIMARY, a weight, a region)."""

    of: Address
    zone: Link
    name: Textual
    type: str
    targets: tuple[Textual | Address, ...]
    ttl: Known[int] | None
    routing: Literal["simple", "failover", "weighted", "latency", "geolocation", "other"] = "simple"
    part: str = ""
    health: Link | None = None
    follows_target: Known[bool] = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HealthCheck(Fact):
    """Something is asked at intervals whether it is well; ``of`` is the check, or the target group that asks.

    ``fixed`` says that an address is asked, whatever the name means that is sent with the question.
    """

    of: Address
    target: Textual | Address
    protocol: str
    port: Known[int] | None
    path: Known[str]
    interval: Known[int]
    threshold: Known[int]
    sni: Known[bool] = True
    fixed: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Certificate(Fact):
    """A certificate for these names, in that region, by that authority."""

    of: Address
    names: tuple[Textual, ...]
    region: Known[str]
    authority: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Presents(Fact):
    """A listener or distribution shows that certificate for these names; ``policy`` is its lowest TLS policy."""

    of: Link
    certificate: Link
    names: tuple[Textual, ...] = ()
    policy: Known[str] = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Forwards(Fact):
    """Requests for this host, path and these methods go there, with this share of the weight.

    ``action`` names what shares them where a thing has several rules of the same host and path: ``actions.NAME``.
    """

    of: Link
    to: Link | Text | str
    host: Textual = "*"
    path: Textual = "/*"
    methods: tuple[str, ...] = ()
    weight: Known[int] = 100
    action: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class OriginGroup(Fact):
    """A distribution falls back from one origin to the next on these statuses."""

    of: Address
    id: str
    members: tuple[str, ...]
    on: tuple[int, ...]
    attempts: int = 3
    timeout: int = 10


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Origin(Fact):
    """A distribution fetches from that host under this id; ``target`` is whose host it is, where that is known.

    It asks for every path below ``folder``, tries ``attempts`` times to connect, ``connects`` seconds each, and waits
    ``answers`` seconds for an answer, which it asks for as often; after ``gives_up`` seconds in all it does not go on.
    """

    of: Address
    id: str
    host: Textual
    target: Link | None = None
    protocol: str = "https-only"
    attempts: Known[int] = 3
    connects: Known[int] = 10
    answers: Known[int] = 30
    folder: Textual = ""
    gives_up: Known[int] | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Guards(Fact):
    """A web firewall stands in front of a thing."""

    firewall: Link
    of: Link
    scope: Literal["regional", "global"]
    region: Known[str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class LimitsBody(Fact):
    """A rule of a web firewall compares a body's size; ``oversize`` says what it makes of one longer than it sees."""

    firewall: Address
    rule: str
    operator: str
    size: Known[int]
    oversize: Known[str]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class FirewallRule(Fact):
    """A rule of a web firewall: a managed set by its name, or a rate with limit and window in seconds."""

    firewall: Address
    order: int
    kind: str
    action: str
    limit: Known[int] | None = None
    window: Known[int] | None = None
