"""Tiers of any name, what each may reach, and the access-control lists that say so once more."""

from __future__ import annotations

import itertools
from ipaddress import ip_address, ip_network
from shutil import copytree

import hypothesis
import hypothesis.strategies as st
import pytest

import descriptions
from seawall.analyze.reachability.reach import reach
from seawall.cli.input import load_graph, reference_platforms
from seawall.components.expand import expand
from seawall.facts.demands import Reach
from seawall.kernel.errors import InputError
from seawall.kernel.verdict import Answer
from seawall.readers.read import facts_of

TIERS = "{public: [10.0.1.0/24, 10.0.2.0/24], web: [10.0.11.0/24, 10.0.12.0/24], " \
    "was: [10.0.21.0/24, 10.0.22.0/24], data: [10.0.31.0/24, 10.0.32.0/24]}"  # fmt: skip


def network(more: str) -> str:
    """The frame of a description whose network says more."""
    return descriptions.FRAME.replace("network: {cidr: 10.0.0.0/16, zones: 2", f"network: {{cidr: 10.0.0.0/16, {more}")


def graph(more: str):
    """The graph of that frame."""
    return expand(descriptions.platform(network(more)))


def test_tiers_have_any_name_and_share_the_table_of_their_zone():
    """Two private tiers are two sets of subnets with one way out a zone, and balancers find both."""
    found = graph(f"zones: [a, c], subnets: {TIERS}")
    subnets = {resource.address.as_terraform().name: resource for resource in found.of_type("aws_subnet")}
    assert sorted(subnets) == sorted(f"{tier}_{zone}" for tier in ("public", "web", "was", "data") for zone in "ac")
    tables = {
        resource.address.as_terraform().name: resource.body["route_table_id"].to.as_terraform().name
        for resource in found.of_type("aws_route_table_association")
    }
    assert tables["web_a"] == tables["was_a"] == "private_a"
    assert tables["web_c"] == tables["was_c"] == "private_c"
    assert tables["data_a"] == tables["data_c"] == "data"
    inside = {name for name, subnet in subnets.items() if "kubernetes.io/role/internal-elb" in subnet.body["tags"]}
    assert inside == {"web_a", "web_c", "was_a", "was_c"}


def test_each_store_may_have_a_tier_of_its_own_that_knows_the_network_alone():
    """Whoever needs one store is let out to its tier and to no other's, and neither tier has a way out."""
    tiers = "{public: [10.0.1.0/24], web: [10.0.2.0/24], data: [10.0.3.0/24], data-dev: [10.0.4.0/24]}"
    stores = """
  here: {kind: cache, place: managed, class: cache.t4g.small}
  there: {kind: cache, place: managed, class: cache.t4g.small, tier: data-dev}
  app: {kind: service, image: app, port: 8080, needs: [there]}
"""
    text = network(f"zones: [a], subnets: {tiers}")
    found = expand(descriptions.platform(text + ("" if "components:" in text else "\ncomponents:") + stores))
    tables = {
        resource.address.as_terraform().name: resource.body["route_table_id"].to.as_terraform().name
        for resource in found.of_type("aws_route_table_association")
    }
    assert tables["data_a"] == tables["data_dev_a"] == "data"
    groups = {
        group.address.as_terraform().name: [ref.to.as_terraform().name for ref in group.body["subnet_ids"]]
        for group in found.of_type("aws_elasticache_subnet_group")
    }
    assert groups == {"here": ["data_a"], "there": ["data_dev_a"]}
    policies = [each.body["spec"] for each in found if each.type.endswith("/NetworkPolicy")]
    blocks = [
        peer["ipBlock"]["cidr"]
        for spec in policies
        for rule in spec.get("egress", ())
        for peer in rule.get("to", ())
        if "ipBlock" in peer and {"protocol": "TCP", "port": 6379} in rule["ports"]
    ]
    assert blocks == ["10.0.4.0/24"]


def test_private_means_the_first_private_tier_where_none_is_called_so():
    """A cluster that names no tier lies in the first one that is private."""
    found = graph(f"zones: [a, c], subnets: {TIERS}")
    cluster = descriptions.named(found, "aws_eks_cluster", "main")
    places = {ref.to.as_terraform().name for ref in cluster.body["vpc_config"][0]["subnet_ids"]}
    assert places == {"web_a", "web_c"}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("zones: 1, subnets: {public: [10.0.1.0/24], data: [10.0.2.0/24]}", "no tier is private"),
        ("zones: 2, subnets: {public: [10.0.1.0/24]}", "no tier is private"),
        ("zones: 2, subnets: {web: [10.0.1.0/24]}", "web has 1 subnets for 2 zones"),
        ("zones: 1, subnets: {web: [10.0.1.0/24], was: [10.0.1.0/25]}", "overlap"),
        ("zones: 1, subnets: {Web: [10.0.1.0/24]}", "Web"),
        (
            "zones: 6, access_lists: true, subnets: {"
            + ", ".join(
                f"{tier}: [{', '.join(f'10.0.{16 * number + zone}.0/24' for zone in range(6))}]"
                for number, tier in enumerate(("web", "was", "jobs", "data"))
            )
            + "}",
            "AWS allows 20",
        ),
    ],
)
def test_a_mistake_is_told_with_its_place(more, said):
    """What cannot be a network is refused before anything is made, with file and line."""
    with pytest.raises(InputError, match=said) as caught:
        graph(more)
    assert "platform.yaml:" in str(caught.value)


def test_a_tier_that_is_not_there_is_told_with_those_that_are():
    """Whoever is put into an unknown tier learns which there are."""
    text = network("zones: 2, subnets: {web: [10.0.1.0/24, 10.0.2.0/24]}") + (
        "edge: {}\ncomponents: {app: {kind: service, image: app, port: 8080, expose: {host: www.shop.example}}}\n"
    )
    with pytest.raises(InputError, match="tier public, which the network does not have") as caught:
        expand(descriptions.platform(text))
    assert "name one of web" in str(caught.value)
    assert "platform.yaml:" in str(caught.value)


def test_lists_are_made_only_when_asked_for():
    """Groups and policies guard by themselves; a second, stateless guard is a choice."""
    assert list(graph("zones: 2").of_type("aws_network_acl")) == []
    assert len(list(graph("zones: 2, access_lists: true").of_type("aws_network_acl"))) == 2


# -- what the lists let through, judged by an evaluator that knows nothing of ours ------------------------------------


def lets(found, subnet, direction, protocol, port, peer):
    """Whether a subnet's list lets a packet through: the lowest number that matches decides, else no."""
    (acl,) = [
        acl for acl in found.of_type("aws_network_acl")
        if subnet in {ref.to.as_terraform().name for ref in acl.body["subnet_ids"]}
    ]  # fmt: skip
    for rule in sorted(acl.body[direction], key=lambda rule: rule["rule_no"]):
        if rule["protocol"] not in ("-1", protocol) or ip_address(peer) not in ip_network(rule["cidr_block"]):
            continue
        if rule["protocol"] == "icmp" or rule["from_port"] <= port <= rule["to_port"]:
            return rule["action"] == "allow"
    return False


def connects(found, source, target, port, protocol="tcp", client=40000):
    """Whether a connection between two (subnet, address) passes both lists forth and back; None is the internet."""
    ways = []
    for (own, _), (_, other), direction, back in (
        (source, target, "egress", "ingress"),
        (target, source, "ingress", "egress"),
    ):
        if own is not None:
            # Forth the packet is for the target's port, back it is for the client's.
            forth_port, back_port = port, client
            ways.append(lets(found, own, direction, protocol, forth_port, other))
            ways.append(lets(found, own, back, protocol, back_port, other))
    return all(ways)


@st.composite
def networks(draw):
    """A network of one to three zones with private tiers of any name, with lists."""
    zones = draw(st.integers(1, 3))
    private = draw(
        st.lists(st.sampled_from(["private", "web", "was", "batch-jobs"]), min_size=1, max_size=3, unique=True)
    )
    tiers = draw(st.permutations(["public", *private, *draw(st.sampled_from([["data"], ["data", "data-dev"], []]))]))
    first = draw(st.integers(0, 200))
    ranges = {
        tier: [f"10.0.{first + 4 * number + zone}.0/24" for zone in range(zones)] for number, tier in enumerate(tiers)
    }
    said = ", ".join(f"{tier}: [{', '.join(cidrs)}]" for tier, cidrs in ranges.items())
    return graph(f"zones: {zones}, access_lists: true, subnets: {{{said}}}"), ranges, private


@hypothesis.settings(max_examples=25, deadline=None)
@hypothesis.given(networks(), st.integers(1024, 65535), st.integers(1024, 65535))
def test_lists_let_through_what_a_cluster_lives_on_and_nothing_to_the_data(drawn, client, store):
    """Visitors, balancer, kubelets, DNS, webhooks, NAT and stores work both ways; SSH and strangers do not."""
    found, ranges, private = drawn
    at = {
        tier: [
            (f"{tier.replace('-', '_')}_{letter}", cidr.replace(".0/24", ".9"))
            for letter, cidr in zip("abc", own, strict=False)
        ]
        for tier, own in ranges.items()
    }
    inside = [place for tier in private for place in at[tier]]
    stores = [place for tier in ("data", "data-dev") for place in at.get(tier, ())]
    visitor = (None, "203.0.113.7")
    for balancer in at["public"]:
        assert connects(found, visitor, balancer, 443, client=client)
        assert connects(found, visitor, balancer, 80, client=client)
        assert not connects(found, visitor, balancer, 22, client=client)
        for pod in inside:
            for port in (80, 8080, 10250):
                assert connects(found, balancer, pod, port, client=client)
            # A packet for the internet passes the NAT gateway's list twice: from the node, and out again.
            assert lets(found, balancer[0], "ingress", "tcp", 443, pod[1])
            assert lets(found, balancer[0], "egress", "tcp", client, pod[1])
            assert not connects(found, balancer, (None, visitor[1]), 25, client=client)
        assert connects(found, balancer, visitor, 443, client=client)
        for data in stores:
            assert not connects(found, balancer, data, store, client=client)
    for node in inside:
        assert connects(found, node, visitor, 443, client=client)
        assert not connects(found, node, visitor, 25, client=client)
        assert not connects(found, visitor, node, 443, client=client)
        for data in stores:
            assert connects(found, node, data, store, client=client)
            assert not connects(found, node, data, 22, client=client)
            assert not connects(found, data, node, 443, client=client)
    for one, other in itertools.permutations(inside, 2):
        for protocol, port in (("udp", 53), ("tcp", 53), ("tcp", 443), ("tcp", 10250), ("tcp", 9443)):
            assert connects(found, one, other, port, protocol, client=client)
    for data in stores:
        assert not connects(found, visitor, data, store, client=client)
        assert not connects(found, data, visitor, 443, client=client)
    for one, other in itertools.product(at.get("data", ()), at.get("data-dev", ())):
        assert not connects(found, one, other, store, client=client)
        assert not connects(found, other, one, store, client=client)


@pytest.mark.parametrize("name", sorted(reference_platforms()))
def test_every_demand_of_a_platform_is_still_met_with_lists(name, tmp_path):
    """Turning the lists on takes no path away that a platform needs."""
    text = (reference_platforms()[name] / "platform.yaml").read_text()
    assert text.count("\nnetwork:\n") == 1
    # What lies beside a description is found beside it.
    copytree(reference_platforms()[name], tmp_path, dirs_exist_ok=True)
    verdicts = []
    for said in ("false", "true"):
        path = tmp_path / f"{said}.yaml"
        path.write_text(
            text.replace("  access_lists: true\n", "").replace("\nnetwork:\n", f"\nnetwork:\n  access_lists: {said}\n")
        )
        _, found = load_graph([str(path)], None)
        assert bool(list(found.of_type("aws_network_acl"))) is (said == "true")
        facts = facts_of(found)
        verdicts.append(
            {
                (d.source, d.target, d.port, d.protocol): reach(facts, d).verdict.answer
                for d in found.demands
                if isinstance(d, Reach)
            }
        )
    without, with_lists = verdicts
    assert with_lists == without
    assert Answer.PROVEN in with_lists.values()
    assert Answer.REFUTED not in with_lists.values()


def test_the_analysis_sees_a_list_that_lets_nobody_in():
    """A platform whose data list forgets a private tier has demands that are refuted, with the list as evidence."""
    text = network(f"zones: [a, c], access_lists: true, subnets: {TIERS}") + (
        "components:\n  db: {kind: database, engine: mysql, class: db.m7g.large}\n"
        "  app: {kind: service, image: app, port: 8080, needs: [db]}\n"
    )
    paths = []
    for forgets in ("nobody", "10.0.11."):
        found = expand(descriptions.platform(text))
        (demand,) = [d for d in found.demands if isinstance(d, Reach) and d.port == 3306]
        rules = descriptions.named(found, "aws_network_acl", "data").body["ingress"]
        rules[:] = [rule for rule in rules if not rule["cidr_block"].startswith(forgets)]
        paths.append(reach(facts_of(found), demand))
    whole, forgetful = paths
    assert whole.verdict.answer is Answer.PROVEN
    assert forgetful.verdict.answer is Answer.REFUTED
    assert "aws_network_acl.data" in str(forgetful.blocked)
