"""Queries over facts: exact, and honest about what might match."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seawall.facts
from seawall.facts.fact import Demand, Fact
from seawall.facts.facts import Facts
from seawall.facts.network import Filtered, Routed
from seawall.kernel.address import Address
from seawall.kernel.value import Unknown

addresses = st.sampled_from([Address.outside(name) for name in "abc"])
links = st.one_of(addresses, st.builds(Unknown, st.sampled_from(["x.id", "y.id"])))
statements = st.lists(st.one_of(st.builds(Routed, links, links), st.builds(Filtered, links, links)), max_size=12)


def vocabulary():
    """Every class of fact and demand."""
    for module in pkgutil.iter_modules(seawall.facts.__path__, "seawall.facts."):
        for value in vars(importlib.import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Fact | Demand) and value not in (Fact, Demand):
                yield value


@given(statements, addresses)
def test_where_finds_what_a_search_would(found, address):
    """The index answers as a plain loop does, and keeps kinds apart though their fields are equal."""
    facts = Facts(found)
    assert set(facts.where(Routed, of=address)) == {f for f in found if isinstance(f, Routed) and f.of == address}
    assert len(facts.all(Filtered)) == len({f for f in found if isinstance(f, Filtered)})


@given(statements, addresses)
def test_ask_names_every_doubt(found, address):
    """A fact whose key is unknown might match, and is returned beside the matches, never among them."""
    matches, doubts = Facts(found).ask(Filtered, of=address)
    assert all(fact.of == address for fact in matches)
    assert set(doubts) == {f for f in found if isinstance(f, Filtered) and isinstance(f.of, Unknown)}


def test_two_that_say_the_same_say_it_once():
    """`by` takes no part in equality."""
    a, b = Address.outside("a"), Address.outside("b")
    assert len(Facts([Routed(a, b, by=a), Routed(a, b, by=b)])) == 1


def test_a_query_by_a_field_that_does_not_exist_is_an_error():
    """A misspelt field must not look like an empty answer."""
    with pytest.raises(AttributeError, match="no field"):
        Facts([]).where(Routed, off=Address(""))


def test_what_is_derived_is_worked_out_once():
    """derive remembers, per function and arguments."""
    calls = []

    def count(facts, word):
        calls.append(word)
        return len(facts)

    facts = Facts([])
    assert facts.derive(count, "a") == facts.derive(count, "a") == 0
    assert calls == ["a"]


@pytest.mark.parametrize("kind", list(vocabulary()), ids=lambda kind: kind.__name__)
def test_every_fact_is_a_value(kind):
    """A fact is frozen, slotted, described in a sentence, and its `by` is not compared."""
    assert kind.__dataclass_params__.frozen
    assert not hasattr(kind, "__dict__") or "__dict__" not in dir(kind)
    assert kind.__doc__
    assert not kind.__doc__.startswith(f"{kind.__name__}(")
    by = next(field for field in dataclasses.fields(kind) if field.name == "by")
    assert not by.compare
