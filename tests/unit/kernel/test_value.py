"""Values that are not known yet keep their reasons and cannot be mistaken for an answer."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, Unknown, attribute_path, is_known, map_holes, map_leaves, refs, text

A = Address.terraform("r", "s", "aws_vpc.a")
refs_ = st.builds(Ref, st.just(A), st.sampled_from(["id", "arn"]))
pieces = st.lists(st.one_of(st.text(max_size=3), refs_, st.builds(Unknown, st.text(max_size=3))), max_size=6)
bodies = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=3), refs_),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=3)),
    max_leaves=10,
)


@pytest.mark.parametrize("value", [Ref(A, "id"), Unknown("a.b"), Text(("a", Ref(A, "id")))])
def test_a_hole_is_not_a_condition(value):
    """`if multi_az` on an unknown would be a silent pass, so it raises."""
    with pytest.raises(TypeError, match="truth value"):
        bool(value)


@given(pieces)
def test_text_is_in_its_simplest_form(parts):
    """No empty pieces, no neighbouring strings, and joining again changes nothing."""
    joined = text(*parts)
    inner = joined.parts if isinstance(joined, Text) else (joined,)
    strings = [isinstance(piece, str) for piece in inner]
    assert not any(one and other for one, other in itertools.pairwise(strings))
    assert "" not in inner or inner == ("",)
    assert text(joined) == joined
    assert "".join(str(piece) for piece in parts) == str(joined)


@given(bodies)
def test_a_body_in_which_nothing_changes_stays_the_same_object(body):
    """What is remembered of a body would be lost if rebuilding it made a copy."""
    assert map_leaves(body, lambda leaf: leaf) is body


@given(bodies)
def test_changing_holes_is_changing_those_leaves(body):
    """map_holes says what map_leaves says with a change that leaves everything else alone, and shares as it does."""

    def change(leaf):
        return "x" if isinstance(leaf, Ref) else leaf

    assert map_holes(body, change) == map_leaves(body, change)
    assert map_holes(body, lambda hole: hole) is body


@given(bodies)
def test_settling_every_reference_leaves_none(body):
    """map_leaves reaches every leaf, however deep."""
    settled = map_leaves(body, lambda leaf: "x" if isinstance(leaf, Ref) else leaf)
    assert is_known(settled)
    assert not list(refs(settled))


def test_attribute_paths_have_one_spelling():
    """identity[0].oidc[0].issuer and identity.0.oidc.0.issuer are the same attribute."""
    assert attribute_path("identity[0].oidc[0].issuer") == "identity.0.oidc.0.issuer"
    assert attribute_path('a["k"].b') == "a.k.b"
