"""Any body survives being rendered and read back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.ingest.source import Source
from seawall.ingest.static_module import read_module
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, text
from seawall.render.terraform.expressions import arguments, quoted, template, traversal
from seawall.render.terraform.files import files

import handmade  # isort: skip

# Characters that mean something to templates, strings and JSON, and some that mean nothing.
_LITERAL = st.text(st.sampled_from('$%{}~"\\\n\t ab.[]*/é𝄞') | st.characters(codec="utf-8"), max_size=12)
_NAME = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True)
_REF = st.builds(
    lambda type, attr: Ref(Address(f"r/s:{type}.x"), attr),
    st.sampled_from(["aws_vpc", "data.aws_region"]),
    st.lists(_NAME | st.integers(0, 9).map(str) | st.just('k"{'), min_size=1, max_size=3)
    .map(".".join)
    .filter(lambda attr: not attr[0].isdecimal() and not attr.startswith('k"')),
)
_TEXT = st.lists(_LITERAL | _REF, max_size=5).map(lambda parts: text(*parts))
_VALUE: st.SearchStrategy[Any] = st.recursive(
    _TEXT | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_LITERAL, inner, max_size=3),
    max_leaves=8,
)


def _spell(ref: Ref) -> str:
    name = ref.to.as_terraform()
    assert name is not None
    return traversal(name.type, name.name, ref.attr)


def _back(block: dict[str, Any]) -> Any:
    content = {"//": {"seawall": {"region": "r", "stack": "s"}}, "resource": {"aws_thing": {"it": block}}}
    # Through JSON text, as a file would be, though no file is written for each example.
    written = json.dumps(content).encode()
    module = read_module("s", [Source(Path("main.tf.json"), json.loads(written), written)])
    return module.resources[0].body


@given(st.dictionaries(_NAME.filter(lambda name: name not in handmade.META), _VALUE, max_size=4))
def test_bodies_come_back(body: dict[str, Any]) -> None:
    """Whatever a body holds, references and text that looks like an expression included, it comes back the same."""
    assert _back(arguments({"of": body}, _spell)) == {"of": body}


@given(_TEXT)
def test_text_never_becomes_an_expression(value: Any) -> None:
    """A template holds exactly the holes that were meant, whatever the text around them says."""
    assert _back({"of": template(value, _spell)}) == {"of": value}


@given(_LITERAL)
def test_quoted_strings_come_back(literal: str) -> None:
    """A string literal within an expression means just the string."""
    assert _back({"of": f"${{{quoted(literal)}}}"}) == {"of": literal}


@given(st.dictionaries(_NAME, _LITERAL, max_size=3))
def test_rendering_is_deterministic(tags: dict[str, str]) -> None:
    """The same graph gives the same bytes."""
    graph = Graph([Resource(Address("r/s:aws_vpc.x"), "aws_vpc", {"tags": tags}, region="r")])
    assert list(files(handmade.Described(), graph)) == list(files(handmade.Described(), graph))
