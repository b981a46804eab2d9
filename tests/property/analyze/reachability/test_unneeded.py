"""What nothing asks for can go: without any of it, every demand is answered as before."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analyze.reachability.demanded import demanded
from seawall.analyze.reachability.reach import reach
from seawall.analyze.reachability.unneeded import unneeded
from seawall.facts.compute import Container, Workload
from seawall.facts.data import Store
from seawall.facts.demands import Reach
from seawall.facts.fact import Demand, Fact
from seawall.facts.facts import Facts
from seawall.facts.network import AclRule, Filtered, Interface, Listens, Network, Permit, Routed, Subnet
from seawall.facts.pod_network import Isolates, PodPeer, PolicyPermit, Selector
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, ANYWHERE, Cidr, Ports

VPC, SUBNET, ACL = Address("r/n:aws_vpc.main"), Address("r/n:aws_subnet.a"), Address("r/n:aws_vpc.main//default-acl")
GROUPS = tuple(Address(f"r/n:aws_security_group.g{number}") for number in range(3))
THINGS = tuple(Address(f"r/n:aws_instance.t{number}") for number in range(3))
PORTS = (22, 443, 3306)
SPACE = Address("c/Namespace/shop")
PODS = tuple(Address(f"c/Deployment/shop/p{number}") for number in range(3))

NETWORK: tuple[Fact, ...] = (
    Network(VPC, (Cidr.parse("10.0.0.0/16"),), "r"),
    Subnet(SUBNET, VPC, Cidr.parse("10.0.1.0/24"), "a"),
    Routed(VPC, VPC.implied("main")),
    Filtered(VPC, ACL),
    *(AclRule(ACL, way, 100, True, "any", ALL_PORTS, ANYWHERE) for way in ("ingress", "egress")),
)


@st.composite
def networks(draw: st.DrawFn) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Things with a group each, the rules of these groups apart, and who needs whom."""
    found: list[Fact | Demand] = list(NETWORK)
    for thing, group in zip(THINGS, GROUPS, strict=True):
        found.append(Interface(thing, (SUBNET,), (group,)))
        found += (Listens(thing, "tcp", Ports.one(port)) for port in PORTS)
    found.append(Store(THINGS[0], "database", "mysql", "", "r"))
    for source in THINGS:
        found.append(Reach(source, draw(st.sampled_from(THINGS)), draw(st.sampled_from(PORTS))))
    rules = [
        Permit(
            draw(st.sampled_from(GROUPS)),
            draw(st.sampled_from(("ingress", "egress"))),
            "tcp",
            Ports.one(draw(st.sampled_from(PORTS))),
            draw(st.sampled_from(GROUPS)),
            by=Address(f"r/n:rule.r{number}"),
        )
        for number in range(draw(st.integers(1, 6)))
    ]
    return tuple(found), tuple(rules)  # type: ignore[arg-type]


@st.composite
def clusters(draw: st.DrawFn) -> tuple[tuple[Fact, ...], tuple[Fact, ...]]:
    """Workloads of one namespace, a policy for each of some of them, what these permit apart, and who needs whom."""
    found: list[Fact | Demand] = []
    account = Address("c/ServiceAccount/shop/default")
    for number, of in enumerate(PODS):
        found.append(Workload(of, SPACE, (("app", f"p{number}"),), account, "Deployment", 1))
        found.append(Container(of, "c", "x:1.0", ports=tuple((f"n{port}", port) for port in PORTS)))
    for _ in range(draw(st.integers(1, 3))):
        found.append(Reach(draw(st.sampled_from(PODS)), draw(st.sampled_from(PODS)), draw(st.sampled_from(PORTS))))
    permits: list[Fact] = []
    for number in range(len(PODS)):
        policy, way = Address(f"c/NetworkPolicy/shop/n{number}"), draw(st.sampled_from(("ingress", "egress")))
        found.append(Isolates(policy, SPACE, Selector((("app", f"p{number}"),)), way))  # type: ignore[arg-type]
        for _ in range(draw(st.integers(0, 2))):
            peer = PodPeer(Selector((("app", f"p{draw(st.integers(0, 2))}"),)))
            port = draw(st.sampled_from(PORTS))
            ports = draw(st.sampled_from((Ports.one(port), f"n{port}")))
            permits.append(PolicyPermit(policy, way, "tcp", ports, peer, by=policy))  # type: ignore[arg-type]
    return tuple(found), tuple(permits)  # type: ignore[arg-type]


def verdicts(facts: Facts) -> list[str]:
    """What every demand of some facts is answered."""
    return [reach(facts, demand).verdict.answer for demand in demanded(facts)]


@settings(max_examples=60)
@given(networks())
def test_rules_that_nothing_asks_for_can_go(estate: tuple[tuple[Fact, ...], tuple[Fact, ...]]) -> None:
    """Groups without the rules that are found answer every demand as with them."""
    rest, rules = estate
    gone = {each.by for each in unneeded(Facts((*rest, *rules)))}
    kept = [rule for rule in rules if rule.by not in gone]
    assert verdicts(Facts((*rest, *kept))) == verdicts(Facts((*rest, *rules)))


@settings(max_examples=60)
@given(clusters())
def test_permits_that_nothing_asks_for_can_go(estate: tuple[tuple[Fact, ...], tuple[Fact, ...]]) -> None:
    """Policies without the permits that are found answer every demand as with them."""
    rest, permits = estate
    said = {each.says for each in unneeded(Facts((*rest, *permits)))}
    assert all("NetworkPolicy" in each for each in said)
    for permit in permits:
        found = unneeded(Facts((*rest, permit)))
        if found:
            assert verdicts(Facts(rest)) == verdicts(Facts((*rest, permit)))
