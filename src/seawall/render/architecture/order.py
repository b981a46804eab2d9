"""In which order stacks come up: each wave needs only earlier ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from seawall.graph.graph import Graph
from seawall.render.terraform.stacks import layers, stacks
from seawall.render.words import table


def section(graph: Graph) -> Iterator[str]:
    """Waves, and what each stack is made of."""
    found = stacks(graph)
    waves = layers(found)
    yield f"{len(found)} stacks in {len(waves)} waves: those of one wave come up side by side, and the last goes first."
    yield ""
    yield from table(
        ("wave", "stack", "needs", "resources"),
        (
            (
                str(number),
                str(key),
                ", ".join(map(str, found[key].upstream)) or "–",
                str(sum(not resource.is_data_source for resource in found[key].resources)),
            )
            for number, wave in enumerate(waves, 1)
            for key in sorted(wave)
        ),
    )
    yield "### Resources by type"
    yield ""
    types = Counter(resource.type for resource in graph if not resource.is_data_source)
    yield from table(("type", "number"), ((type, str(number)) for type, number in sorted(types.items())))
