"""Laws that hold for every reader of AWS, tried on one body or more of every type."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

from seawall.facts.data import Limit
from seawall.facts.fact import NOBODY
from seawall.facts.resilience import Setting
from seawall.facts.settings import KEYS
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown
from seawall.readers.read import read, read_one
from seawall.readers.registry import links, readers
from seawall.readers.settle import settle
from unit.readers.aws.conftest import REFERENCE

ELSE = Address.terraform("eu-west-1", "else", "aws_thing.x")
STRANGE: dict[str, Any] = {
    "an unknown": Unknown("somewhere.x"),
    "a reference": Ref(ELSE, "id"),
    "a text with a hole": Text(("a", Ref(ELSE, "name"))),
    "null": None,
    "a number": 5,
    "a string": "strange",
    "an empty list": [],
    "an empty object": {},
    "a list of strings": ["strange"],
}


def resources(bodies: dict[str, Any]) -> Iterator[Resource]:
    """The bodies as resources, their references left as the text that they are."""
    for type, named in bodies.items():
        for name, body in named.items():
            yield Resource(Address.terraform("r", "s", f"{type}.{name}"), type, body, region="r")


def test_every_body_names_bodies_of_the_corpus_alone(bodies: dict[str, Any]) -> None:
    """The corpus is one module that Terraform takes: what a body refers to is there."""
    there = {f"{type}.{name}" for type, named in bodies.items() for name in named}
    named = {match[1] for match in REFERENCE.finditer(json.dumps(bodies)) if match[1].startswith("aws_")}
    assert len(named) > 50
    assert named <= there


def test_every_type_that_is_read_has_a_body(bodies: dict[str, Any]) -> None:
    """The laws below are tried on every type, because each has a body in the corpus."""
    read_types = {type for type in readers() if type.startswith("aws_")}
    older_names = {type.replace("aws_alb", "aws_lb") for type in read_types}
    untried = older_names - bodies.keys()
    assert untried == {
        # Read by the reader of a type that is in the corpus.
        "aws_default_network_acl",
        "aws_default_route_table",
        "aws_ec2_transit_gateway_peering_attachment_accepter",
        "aws_iam_group",
        "aws_iam_group_policy",
        "aws_iam_group_policy_attachment",
        "aws_iam_policy_attachment",
        "aws_iam_user_policy",
        "aws_instance",
        "aws_internet_gateway_attachment",
        "aws_kms_replica_key",
    }


def test_absent_null_and_empty_read_alike(bodies: dict[str, Any]) -> None:
    """A body with the nulls and empty values that a plan fills in says what the body without them says."""
    every_name = {name for named in bodies.values() for body in named.values() for name in body}
    for empty in (None, "", [], {}):
        for resource in resources(bodies):
            stuffed = {**dict.fromkeys(every_name, empty), **resource.body}
            other = Resource(resource.address, resource.type, stuffed, region=resource.region)
            assert set(read_one(other)) == set(read_one(resource)), resource.address


def test_no_argument_is_too_strange_to_read(bodies: dict[str, Any]) -> None:
    """Whatever stands in an argument, at the top or within a block, a reader states facts and never raises."""
    failures = []
    for resource in resources(bodies):
        for path in paths(resource.body):
            for what, value in STRANGE.items():
                body = copy.deepcopy(resource.body)
                put(body, path, value)
                odd = Resource(resource.address, resource.type, body, region=resource.region)
                try:
                    hash(tuple(read_one(odd)))
                except Exception as error:
                    failures.append(f"{resource.type} with {what} at {path}: {error!r}")
    assert not failures, "\n".join(failures)


def test_no_policy_document_is_too_strange_to_settle() -> None:
    """Whatever stands in the blocks of a policy document, it is settled or left as it is, and never raises."""
    blocks = {
        "source_policy_documents": ["{}"],
        "statement": [
            {
                "sid": "one",
                "effect": "Allow",
                "actions": ["s3:GetObject"],
                "resources": ["*"],
                "principals": [{"type": "AWS", "identifiers": ["*"]}],
                "condition": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}],
            }
        ],
        "override_policy_documents": ["{}"],
    }
    document, policy = Address("r/s:data.aws_iam_policy_document.x"), Address("r/s:aws_iam_policy.x")
    for path in paths(blocks):
        for value in STRANGE.values():
            body = copy.deepcopy(blocks)
            put(body, path, value)
            graph = settle(
                Graph(
                    [
                        Resource(document, "data.aws_iam_policy_document", body),
                        Resource(policy, "aws_iam_policy", {"name": "x", "policy": Ref(document, "json")}),
                    ]
                )
            )
            assert any(type(fact).__name__ == "Identifier" for fact in read(graph))


def paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every argument, however deep."""
    if above:
        yield above
    if isinstance(value, dict):
        for name, item in value.items():
            yield from paths(item, (*above, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from paths(item, (*above, number))


def put(body: Any, path: tuple[Any, ...], value: Any) -> None:
    """Set one argument."""
    for word in path[:-1]:
        body = body[word]
    body[path[-1]] = value


def test_a_single_block_may_stand_without_its_list(bodies: dict[str, Any]) -> None:
    """A block reads alike as an object and as a list of one object; Terraform's JSON takes both."""

    def unwrapped(value: Any) -> Any:
        if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
            return unwrapped(value[0])
        if isinstance(value, dict):
            return {name: unwrapped(item) for name, item in value.items()}
        return value

    listed, plain = (
        {resource.address: set(read_one(resource)) for resource in settle(Graph(resources(found)))}
        for found in (bodies, {t: {n: unwrapped(b) for n, b in named.items()} for t, named in bodies.items()})
    )
    assert plain == listed


def test_settings_are_of_the_closed_list(bodies: dict[str, Any]) -> None:
    """No reader states a setting that the vocabulary does not know, and every fact says who says it."""
    facts = read(Graph(resources(bodies)))
    assert {setting.key for setting in facts.all(Setting)} <= KEYS.keys()
    assert all(fact.by != NOBODY for fact in facts)
    assert facts.all(Limit)


def test_links_name_attributes_of_types_that_are_read_or_made(bodies: dict[str, Any]) -> None:
    """A declared link leads to a type that the corpus has, by an attribute that its bodies have."""
    for type, attributes in links().items():
        if not type.startswith("aws_"):
            continue
        for target in attributes.values():
            if target.type in bodies:
                assert any(target.attr in body for body in bodies[target.type].values()), (type, target)
