"""Laws of checking that hold for every input: the order in which things are read means nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from random import Random
from typing import TypeVar

import pytest

from seawall.check import page
from seawall.check.engine import examine
from seawall.check.registry import modules
from seawall.cli.input import load_platform
from seawall.components.expand import expand
from seawall.facts.fact import Demand, Fact
from seawall.facts.facts import Facts
from seawall.kernel.value import Unknown
from seawall.readers.read import read
from seawall.readers.settle import settle
from unit.check import estate

T = TypeVar("T")

# Seeds rather than Hypothesis: a shuffle does not shrink to anything that a person would rather read.
SEEDS = range(3)


@pytest.mark.parametrize("id", list(modules()))
def test_the_order_of_facts_changes_no_finding(id: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Facts are a set: however they are ordered, every rule finds the same, in the same words and the same order."""
    for case in page.cases(id):
        graph, as_of = estate.graph_of(case, tmp_path_factory.mktemp("case"))
        statements = list(read(settle(graph)))
        expected = examine(graph, Facts(statements), as_of=as_of).findings
        # Of the rules that are silent one other order is asked: whoever listens to order does so where it has to speak.
        speak = sorted({id, *(finding.rule for finding in expected)})
        for seed in SEEDS:
            shuffled = list(statements)
            Random(seed).shuffle(shuffled)
            found = examine(graph, Facts(shuffled), select=speak if seed else (), as_of=as_of).findings
            assert found == expected, (case.title, seed)


def test_the_order_of_facts_changes_nothing_of_a_whole_platform() -> None:
    """The same for a platform of which some kinds of facts are missing, so that rules have something to say."""
    graph = settle(expand(load_platform("petclinic", None)))
    everything = list(read(graph))
    kinds = sorted({type(statement) for statement in everything}, key=lambda kind: kind.__name__)
    Random(0).shuffle(kinds)
    found = 0
    for number, missing in enumerate(_few(kinds)):
        statements = [statement for statement in everything if type(statement) not in missing]
        expected = examine(graph, Facts(statements), as_of=estate.AS_OF).findings
        shuffled = list(statements)
        Random(number).shuffle(shuffled)
        assert examine(graph, Facts(shuffled), as_of=estate.AS_OF).findings == expected, missing
        found += len(expected)
    assert found > len(kinds)


def _few(everything: Sequence[T]) -> Iterator[Sequence[T]]:
    """Some at a time: each alone would examine a whole platform a hundred times over."""
    for place in range(0, len(everything), 5):
        yield everything[place : place + 5]


def _may_be_unknown(annotation: str) -> bool:
    return any(word in annotation for word in ("Known[", "Link", "Textual", "Peer")) and "tuple[" not in annotation


def _with_holes(statement: Fact | Demand) -> Iterator[tuple[str, Fact | Demand]]:
    """The statement with each field that may be unknown made so, one at a time."""
    for field in fields(statement):
        if field.name != "by" and _may_be_unknown(str(field.type)):
            hole = Unknown(f"{statement.by}.{field.name}")
            yield field.name, replace(statement, **{field.name: hole})


def test_no_rule_stumbles_over_what_is_not_known() -> None:
    """Whatever field of whatever fact is unknown before apply, every rule ends, and says so only by a verdict."""
    graph = settle(expand(load_platform("petclinic", None)))
    everything = list(read(graph))
    holed: dict[tuple[str, str], tuple[int, Fact | Demand]] = {}
    for place, statement in enumerate(everything):
        for name, changed in _with_holes(statement):
            # One of a kind is enough: a platform has hundreds of tags, and the second has nothing new to say.
            holed.setdefault((type(statement).__name__, name), (place, changed))
    assert len(holed) > 100
    fields_tried = list(holed)
    Random(0).shuffle(fields_tried)
    for few in _few(fields_tried):
        statements = list(everything)
        for key in few:
            place, changed = holed[key]
            statements[place] = changed
        examine(graph, Facts(statements), as_of=estate.AS_OF)
