"""Settling gives what a body says its one spelling, before readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown, text
from seawall.readers import settle as settling
from seawall.readers.settle import settle

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"


def address(path: str, region: str = SEOUL) -> Address:
    """The address of a resource."""
    return Address.terraform(region, "test", path)


def resource(path: str, body: Mapping[str, Any], region: str = SEOUL) -> Resource:
    """A resource of the type that its path begins with."""
    type = path.rsplit(".", 1)[0]
    return Resource(address(path, region), type, body, region=region)


def settled(*resources: Resource) -> Mapping[Address, Mapping[str, Any]]:
    """The settled bodies of a graph of these resources."""
    return {each.address: each.body for each in settle(Graph(resources))}


ROLE = resource("aws_iam_role.was", {"name": "petclinic-was"})
CLUSTER = resource("aws_eks_cluster.main", {"name": "petclinic", "version": "1.36"})


@pytest.mark.parametrize(
    "said",
    ["petclinic-was", Ref(ROLE.address, "name"), Ref(address("aws_iam_role_policy.first"), "role")],
    ids=["by its name", "by a reference", "by a reference to a name"],
)
def test_every_way_to_name_a_thing_is_one(said: Any) -> None:
    """A declared link is a Ref to what it names, however it was written."""
    first = resource("aws_iam_role_policy.first", {"role": "petclinic-was", "policy": "{}"})
    second = resource("aws_iam_role_policy.second", {"role": said, "policy": "{}"})
    assert settled(ROLE, first, second)[second.address]["role"] == Ref(ROLE.address, "name")


def test_a_name_with_a_hole_links_too() -> None:
    """A name that is not known as a whole links to the resource whose name has the same hole."""
    name = text("role-", Unknown("random.x"))
    role = resource("aws_iam_role.was", {"name": name})
    profile = resource("aws_iam_instance_profile.x", {"role": name})
    assert settled(role, profile)[profile.address]["role"] == Ref(role.address, "name")


def test_an_ambiguous_name_stays() -> None:
    """Two resources of one name in one region: nobody can say which is meant, so the name stays."""
    twins = [resource(f"aws_iam_role.{name}", {"name": "twin"}) for name in "ab"]
    profile = resource("aws_iam_instance_profile.x", {"role": "twin"})
    assert settled(*twins, profile)[profile.address]["role"] == "twin"


def test_names_are_those_of_a_region() -> None:
    """The same name in two regions means the one in the region of whoever says it."""
    groups = [resource("aws_db_subnet_group.db", {"name": "petclinic"}, region=region) for region in (SEOUL, TOKYO)]
    db = resource("aws_db_instance.db", {"db_subnet_group_name": "petclinic"}, region=TOKYO)
    found = settled(*groups, db)[db.address]["db_subnet_group_name"]
    assert found == Ref(address("aws_db_subnet_group.db", TOKYO), "name")


def test_links_within_blocks_and_lists() -> None:
    """A link is found along its path, whether a block stands in a list or alone."""
    group = resource("aws_elasticache_user_group.g", {"user_group_id": "apps"})
    cache = resource("aws_elasticache_replication_group.c", {"user_group_ids": ["apps", "others"]})
    bucket = resource("aws_s3_bucket.logs", {"bucket": "logs"})
    listed = resource("aws_lb.a", {"access_logs": [{"bucket": "logs"}]})
    alone = resource("aws_lb.b", {"access_logs": {"bucket": "logs"}})
    bodies = settled(group, cache, bucket, listed, alone)
    assert bodies[cache.address]["user_group_ids"] == [Ref(group.address, "user_group_id"), "others"]
    assert bodies[listed.address]["access_logs"] == [{"bucket": Ref(bucket.address, "bucket")}]
    assert bodies[alone.address]["access_logs"] == {"bucket": Ref(bucket.address, "bucket")}


def test_text_is_followed_as_far_as_bodies_answer() -> None:
    """The issuer behind an identity provider's URL is the cluster's, wherever it is spelled."""
    issuer = Ref(CLUSTER.address, "identity.0.oidc.0.issuer")
    provider = resource("aws_iam_openid_connect_provider.eks", {"url": issuer})
    url = Ref(provider.address, "url")
    role = resource("aws_iam_role.was", {"name": "x", "assume_role_policy": text('{"', url, ':sub": "s"}')})
    bodies = settled(CLUSTER, provider, role)
    assert bodies[role.address]["assume_role_policy"] == Text(('{"', issuer, ':sub": "s"}'))


def test_a_lone_reference_to_an_id_stays_and_other_values_are_looked_up() -> None:
    """Ids and ARNs are what facts join by; an argument is only another spelling of its value."""
    subnet = resource("aws_subnet.a", {"vpc_id": Ref(address("aws_vpc.main"), "id"), "cidr_block": "10.0.0.0/24"})
    other = resource(
        "aws_thing.x",
        {
            "role_arn": Ref(ROLE.address, "arn"),
            "vpc": Ref(subnet.address, "vpc_id"),
            "subnet": Ref(subnet.address, "id"),
            "version": Ref(CLUSTER.address, "version"),
            "cluster": Ref(CLUSTER.address, "id"),
            "absent": Ref(CLUSTER.address, "platform_version"),
        },
    )
    assert settled(ROLE, CLUSTER, subnet, other)[other.address] == {
        "role_arn": Ref(ROLE.address, "arn"),
        "vpc": Ref(address("aws_vpc.main"), "id"),
        "subnet": Ref(subnet.address, "id"),
        "version": "1.36",
        "cluster": "petclinic",
        "absent": Ref(CLUSTER.address, "platform_version"),
    }


def test_an_account_of_a_cluster_gets_its_cluster_s_name() -> None:
    """What needs the name as text, such as an address within the cluster, gets it from a reference."""
    body = {"cluster_name": Ref(CLUSTER.address, "name"), "namespace": "n", "service_account": "s"}
    association = resource("aws_eks_pod_identity_association.x", body)
    addon = resource("aws_eks_addon.x", {"cluster_name": "petclinic", "addon_name": "vpc-cni"})
    bodies = settled(CLUSTER, association, addon)
    assert bodies[association.address]["cluster_name"] == "petclinic"
    assert bodies[addon.address]["cluster_name"] == Ref(CLUSTER.address, "name")


def test_numbers_and_flags_within_a_string_are_spelled_as_terraform_does() -> None:
    """A number or a truth value that a string holds by reference reads as Terraform would write it."""
    db = resource("aws_db_instance.db", {"port": 3306, "multi_az": True, "tags": {"a": "b"}})
    said = text(Ref(db.address, "port"), "/", Ref(db.address, "multi_az"), "/", Ref(db.address, "tags"))
    other = resource("aws_thing.x", {"said": said})
    assert settled(db, other)[other.address]["said"] == text("3306/true/", Ref(db.address, "tags"))


def test_a_policy_document_is_what_it_spells() -> None:
    """A reference to a document's JSON becomes the document, its sources and variables resolved."""
    base = resource(
        "data.aws_iam_policy_document.base",
        {"statement": [{"sid": "read", "actions": ["s3:GetObject"], "resources": ["*"]}]},
    )
    whole = resource(
        "data.aws_iam_policy_document.whole",
        {
            "source_policy_documents": [Ref(base.address, "json")],
            "statement": {
                "effect": "Deny",
                "not_actions": ["iam:*"],
                "resources": [text(Ref(address("aws_s3_bucket.b"), "arn"), "/&{aws:username}")],
                "principals": [{"type": "AWS", "identifiers": ["1"]}, {"type": "AWS", "identifiers": ["2"]}],
                "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}],
            },
        },
    )
    policy = resource("aws_iam_policy.p", {"name": "p", "policy": Ref(whole.address, "json")})
    assert settled(base, whole, policy)[policy.address]["policy"] == {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Sid": "read", "Action": ["s3:GetObject"], "Resource": ["*"]},
            {
                "Effect": "Deny",
                "NotAction": ["iam:*"],
                "Resource": [text(Ref(address("aws_s3_bucket.b"), "arn"), "/${aws:username}")],
                "Principal": {"AWS": ["1", "2"]},
                "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
            },
        ],
    }


def test_region_and_partition_are_known() -> None:
    """What a data source answers from the provider's own settings is text, as in a plan."""
    here, there = resource("data.aws_region.now", {}), resource("data.aws_partition.now", {})
    arn = text("arn:", Ref(there.address, "partition"), ":sqs:", Ref(here.address, "name"), ":x")
    other = resource("aws_thing.x", {"arn": arn})
    assert settled(here, there, other)[other.address]["arn"] == f"arn:aws:sqs:{SEOUL}:x"


def test_a_circle_of_references_ends_and_changes_nothing() -> None:
    """Bodies that answer only with each other answer nothing; those beside the circle are still answered."""
    a, b = address("aws_thing.a"), address("aws_thing.b")
    graph = Graph(
        [
            resource("aws_thing.a", {"name": text("x", Ref(b, "name")), "alias": Ref(a, "alias")}),
            resource("aws_thing.b", {"name": text("y", Ref(a, "name"))}),
            resource("aws_thing.c", {"name": Ref(CLUSTER.address, "name"), "other": Ref(a, "name")}),
            CLUSTER,
        ]
    )
    after = settle(graph)
    assert after[a] is graph[a]
    assert after[b] is graph[b]
    assert after[address("aws_thing.c")].body == {"name": "petclinic", "other": Ref(a, "name")}


def test_a_chain_without_end_ends() -> None:
    """A chain of thousands of references, which nobody writes in earnest, is followed only so far."""
    chain = [
        resource(f"aws_thing.n{number}", {"name": text("x", Ref(address(f"aws_thing.n{number + 1}"), "name"))})
        for number in range(3000)
    ]
    assert len(settle(Graph(chain))) == 3000


def test_what_says_nothing_new_stays_the_same_object() -> None:
    """A graph that is settled already is returned as it is, and a part of a body that stays is shared."""
    plain = resource("aws_vpc.main", {"cidr_block": "10.0.0.0/16", "tags": {"Name": "x"}})
    half = resource("aws_thing.x", {"same": {"deep": ["kept"]}, "name": Ref(CLUSTER.address, "name")})
    graph = Graph([plain, half, CLUSTER])
    after = settle(graph)
    assert after[plain.address] is plain
    assert after[half.address].body["same"] is half.body["same"]
    assert settle(after) is after


NAMES = st.sampled_from("abcdef")
LEAVES = st.one_of(
    st.text("xyz", max_size=2),
    st.builds(
        lambda name, attr: Ref(address(f"aws_iam_role.{name}"), attr), NAMES, st.sampled_from(["name", "arn", "path"])
    ),
)
VALUES = st.one_of(LEAVES, st.lists(LEAVES, min_size=1, max_size=3).map(lambda parts: text(*parts)))
BODIES = st.dictionaries(st.sampled_from(["name", "path", "description"]), VALUES, max_size=3)


@given(st.dictionaries(NAMES, BODIES, min_size=1))
def test_settling_ends_and_settles(bodies: dict[str, dict[str, Any]]) -> None:
    """Whatever refers to whatever, settling ends; doing it again changes nothing; plain bodies are untouched."""
    graph = Graph(resource(f"aws_iam_role.{name}", body) for name, body in bodies.items())
    once = settle(graph)
    for each in graph:
        if all(isinstance(value, str) for value in each.body.values()):
            assert once[each.address] is each
    assert {each.address: each.body for each in settle(once)} == {each.address: each.body for each in once}


def test_the_work_grows_with_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice the graph is twice the work: each body is walked once and each name looked up in an index."""
    counts = {}
    for size in (100, 200):
        walked = 0

        def counting(value: Any, change: Any, original: Any = settling.map_holes) -> Any:
            nonlocal walked
            walked += 1
            return original(value, change)

        roles = [resource(f"aws_iam_role.r{n}", {"name": f"role-{n}"}) for n in range(size)]
        policies = [
            resource(
                f"aws_iam_role_policy.r{n}",
                {"role": f"role-{n}", "policy": text("{", Ref(address(f"aws_iam_role.r{n}"), "name"), "}")},
            )
            for n in range(size)
        ]
        with monkeypatch.context() as patch:
            patch.setattr(settling, "map_holes", counting)
            settle(Graph([*roles, *policies]))
        counts[size] = walked
    assert counts[100] > 0
    assert counts[200] <= 2 * counts[100] + 10
