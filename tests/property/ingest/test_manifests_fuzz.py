"""Whatever a manifest holds, reading it ends well or with an error for a person."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.ingest.manifests import manifests
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref, Unknown, text
from seawall.readers.read import read
from seawall.readers.registry import readers

PIECES = [
    "apiVersion: v1\n", "kind: Service\n", "kind: List\n", "items:\n", "- ", "metadata:\n",
    "  name: a\n", "---\n", "...\n", "&a ", "*a", "!!binary ", "!x ", "<<: ", "{", "}", "[", "]", ": ",
    ",", "'", '"', "|\n", ">-\n", "%YAML 1.1\n", "\t", "\n", " ", "#", "? ", "\x00", "\ud7ff", "\ufeff",
    "${a/b:aws_x.y.z}", "~", "1e3", "0o9", "0x", "\\u12",
]  # fmt: skip

texts = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join))

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.floats(allow_nan=False, allow_infinity=False)
)
FIELDS = st.sampled_from(
    [
        "template", "containers", "env", "name", "value", "valueFrom", "ports", "port", "selector",
        "matchLabels", "matchExpressions", "rules", "http", "paths", "backend", "service", "ingress",
        "egress", "from", "to", "ipBlock", "cidr", "except", "podSelector", "namespaceSelector",
        "policyTypes", "metrics", "resource", "target", "steps", "strategy", "canary", "data",
        "provider", "aws", "limits", "hard", "securityContext", "volumes", "metadata", "spec",
        "annotations", "labels", "replicas", "syncPolicy", "source", "triggers", "subjects", "roleRef",
        "securityGroups",
    ]
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4), max_leaves=25
)


@given(texts)
@example("[" * 5000)
@example("a: &a [*a]")
@example("!!str : x")
@example("%TAG ! x\n---\n!a b")
def test_texts_are_read_or_refused(written: str) -> None:
    """Any text at all gives objects or an InputError."""
    for file in ("a.yaml", "a.json"):
        with suppress(InputError):
            list(manifests(written, "c", file=file))


@given(
    st.sampled_from(sorted(name for name in readers() if "/" in name and not name.startswith("file/"))),
    values,
    st.dictionaries(FIELDS, values, max_size=4),
    st.dictionaries(st.sampled_from(["alb.ingress.kubernetes.io/listen-ports", "a"]), scalars, max_size=2),
)
def test_bodies_of_any_shape_are_read(kind: str, spec: Any, rest: dict[str, Any], notes: dict[str, Any]) -> None:
    """Whatever stands in an object's fields, its readers state what they can and never fail."""
    api, _, name = kind.rpartition("/")
    rest = {key: value for key, value in rest.items() if key != "metadata"}
    body = {"apiVersion": api, "kind": name, "metadata": {"name": "a", "annotations": notes}, **rest, "spec": spec}
    try:
        resources = list(manifests(json.dumps(body), "c", file="a.json"))
    except InputError:
        return
    assert len(read(Graph(resources))) > 0


HOLE = Ref(Address.terraform("r", "s", "aws_vpc.main"), "id")
holes = st.sampled_from([HOLE, text("a-", HOLE), text(HOLE, ",", HOLE), Unknown("a.b"), text("[", HOLE)])
bodies_with_holes = st.recursive(
    st.one_of(holes, scalars),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=4),
    max_leaves=25,
)
NOTES = st.sampled_from(
    [
        "alb.ingress.kubernetes.io/" + name
        for name in (
            "listen-ports",
            "subnets",
            "certificate-arn",
            "inbound-cidrs",
            "scheme",
            "actions.a",
            "wafv2-acl-arn",
        )
    ]
)


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(name for name in readers() if "/" in name and not name.startswith("file/"))),
    bodies_with_holes,
    st.dictionaries(FIELDS, bodies_with_holes, max_size=4),
    st.dictionaries(NOTES, st.one_of(holes, scalars), max_size=3),
)
def test_bodies_with_holes_anywhere_are_read(kind: str, spec: Any, rest: dict[str, Any], notes: dict[str, Any]) -> None:
    """A value that is not known yet may stand anywhere: it is carried along or named, never taken for a condition."""
    api, _, name = kind.rpartition("/")
    rest = {key: value for key, value in rest.items() if key != "metadata"}
    body = {"apiVersion": api, "kind": name, "metadata": {"name": "a", "annotations": notes}, **rest, "spec": spec}
    resource = Resource(Address.kubernetes("c", name, "n", "a"), kind, body)
    assert len(read(Graph([resource]))) > 0
