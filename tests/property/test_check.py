"""Laws of checking that hold for every input: the order in which things are read means nothing."""

from __future__ import annotations

from random import Random

import pytest

from seawall.check import page
from seawall.check.engine import examine
from seawall.check.registry import modules
from seawall.cli.input import load_platform
from seawall.components.expand import expand
from seawall.facts.facts import Facts
from seawall.readers.read import read
from seawall.readers.settle import settle
from unit.check import estate

# Seeds rather than Hypothesis: a shuffle does not shrink to anything that a person would rather read.
SEEDS = range(3)


@pytest.mark.parametrize("id", list(modules()))
def test_the_order_of_facts_changes_no_finding(id: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Facts are a set: however they are ordered, every rule finds the same, in the same words and the same order."""
    for case in page.cases(id):
        graph, as_of = estate.graph_of(case, tmp_path_factory.mktemp("case"))
        statements = list(read(settle(graph)))
        expected = examine(graph, Facts(statements), as_of=as_of).findings
        for seed in SEEDS:
            shuffled = list(statements)
            Random(seed).shuffle(shuffled)
            assert examine(graph, Facts(shuffled), as_of=as_of).findings == expected, (case.title, seed)


def test_the_order_of_facts_changes_nothing_of_a_whole_platform() -> None:
    """The same for a platform of which some kind of fact is missing, so that rules have something to say."""
    graph = settle(expand(load_platform("petclinic", None)))
    everything = list(read(graph))
    kinds = sorted({type(statement) for statement in everything}, key=lambda kind: kind.__name__)
    found = 0
    for number, kind in enumerate(kinds):
        statements = [statement for statement in everything if not isinstance(statement, kind)]
        expected = examine(graph, Facts(statements), as_of=estate.AS_OF).findings
        shuffled = list(statements)
        Random(number).shuffle(shuffled)
        assert examine(graph, Facts(shuffled), as_of=estate.AS_OF).findings == expected, kind.__name__
        found += len(expected)
    assert found > len(kinds)
