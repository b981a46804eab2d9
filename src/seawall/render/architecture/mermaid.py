"""The diagram as Mermaid, which forges and editors draw from the text itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from seawall.render.architecture.arrows import Arrow
from seawall.render.architecture.boxes import Box


def flowchart(root: Box, arrows: Iterable[Arrow]) -> list[str]:
    """The lines of a flowchart: subgraphs within subgraphs, and an arrow wherever one thing speaks to another."""
    numbers = {box.id: f"n{number}" for number, box in enumerate(root.all())}
    lines = ["flowchart LR"]
    for box in root.inside:
        lines += _lines(box, numbers, "  ")
    ends: dict[object, str] = {}
    for box in root.all():
        if box.of is not None and not box.inside:
            ends.setdefault(box.of.owner, numbers[box.id])
    for source, target, word in arrows:
        lines.append(f'  {ends[source]} -->|"{_text(word)}"| {ends[target]}')
    return lines


def _lines(box: Box, numbers: dict[str, str], indent: str) -> Iterator[str]:
    label = _text(box.label) + (f"<br/>{_text(box.detail)}" if box.detail else "")
    if box.level == "thing" or not box.inside:
        yield f'{indent}{numbers[box.id]}["{label}"]'
        return
    yield f'{indent}subgraph {numbers[box.id]}["{label}"]'
    for inner in box.inside:
        yield from _lines(inner, numbers, indent + "  ")
    yield f"{indent}end"


def _text(words: str) -> str:
    return words.replace("&", "#amp;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
