"""Whatever policies there are, what is offered opens the path, and is the least of it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.analyze.reachability.opening import smallest
from seawall.analyze.reachability.reach import reach
from seawall.facts.compute import Workload
from seawall.facts.demands import Reach
from seawall.facts.facts import Facts
from seawall.facts.pod_network import Isolates, Namespace, PodPeer, PolicyPermit, RangePeer, Selector
from seawall.kernel.address import Address
from seawall.kernel.units import ALL_PORTS, Cidr, Ports
from seawall.readers.read import read_one

SPACES = ("one", "two")
APPS = ("a", "b", "c")
PORTS = (80, 443)


def _pods(space, app):
    of = Address(f"c/Deployment/{space}/{app}")
    account = Address(f"c/ServiceAccount/{space}/default")
    return Workload(of, Address(f"c/Namespace/{space}"), (("app", app),), account, "Deployment", 2)


PODS = [_pods(space, app) for space in SPACES for app in APPS]
BASE = [
    *PODS,
    *(
        Namespace(Address(f"c/Namespace/{space}"), "c", space, (("kubernetes.io/metadata.name", space),))
        for space in SPACES
    ),
]
selectors = st.sampled_from([Selector(), *(Selector((("app", app),)) for app in APPS)])
peers = st.one_of(
    st.none(),
    st.just(RangePeer(Cidr.parse("10.0.0.0/8"))),
    st.builds(PodPeer, selectors, st.one_of(st.none(), st.just(Selector()))),
)
ports = st.sampled_from([ALL_PORTS, *(Ports.one(port) for port in PORTS), Ports(81, 442)])
directions = st.sampled_from(["ingress", "egress"])


@st.composite
def policies(draw):
    """A few policies of either namespace, each about some of its pods in some direction, with what it permits."""
    found = []
    for number in range(draw(st.integers(0, 5))):
        space = draw(st.sampled_from(SPACES))
        policy = Address(f"c/NetworkPolicy/{space}/p{number}")
        direction = draw(directions)
        found.append(Isolates(policy, Address(f"c/Namespace/{space}"), draw(selectors), direction))
        for _ in range(draw(st.integers(0, 2))):
            found.append(
                PolicyPermit(policy, direction, draw(st.sampled_from(["tcp", "any"])), draw(ports), draw(peers))
            )
    return found


@settings(max_examples=60, deadline=None)
@given(policies(), st.sampled_from(PODS), st.sampled_from(PODS), st.sampled_from(PORTS))
def test_what_is_offered_opens_the_path_and_nothing_of_it_can_be_left_out(made, source, target, port):
    """Open with all of it, shut without any one part; and nothing is offered for a path that is open."""
    facts, demand = Facts([*BASE, *made]), Reach(source.of, target.of, port)
    opening = smallest(facts, demand)
    said = [list(read_one(change.resource)) for change in opening.changes]
    with_all = facts.and_also(statement for each in said for statement in each)
    assert reach(with_all, demand).verdict.answer is opening.verdict.answer
    assert not opening.verdict.refuted, opening.left
    for without in range(len(said)):
        others = (statement for number, each in enumerate(said) if number != without for statement in each)
        assert reach(facts.and_also(others), demand).verdict.refuted
    if reach(facts, demand).verdict.proven:
        assert opening.changes == ()
