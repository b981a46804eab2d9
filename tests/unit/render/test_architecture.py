"""ARCHITECTURE.md and its drawing say what the resources say, of every platform in every environment."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from platforms import shipped
from seawall.cli.input import reference_platforms
from seawall.facts.compute import Workload
from seawall.facts.network import Subnet
from seawall.readers.read import facts_of
from seawall.render.architecture import boxes
from seawall.render.architecture.boxes import Box
from seawall.render.architecture.drawing import _place, svg
from seawall.render.architecture.files import DRAWING, PAGE, files
from seawall.render.architecture.mermaid import flowchart
from seawall.render.words import table

ENVIRONMENTS = [
    (name, environment)
    for name, folder in reference_platforms().items()
    for environment in yaml.safe_load((folder / "platform.yaml").read_text())["environments"]
]


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_the_page_names_everything_that_lies_somewhere(name, environment):
    """Every subnet, workload and stack is in it, in the text and in the drawing, and it is the same every time."""
    platform, graph = shipped(name, environment)
    made = dict(files(platform, graph))
    assert dict(files(platform, graph)) == made
    page, drawing = made[PAGE].decode(), made[DRAWING].decode()
    facts = facts_of(graph)
    for subnet in facts.all(Subnet):
        assert f"| {subnet.cidr} |" in page
        assert str(subnet.cidr) in drawing
    root = boxes.platform(facts, "x", platform.regions)
    drawn = {box.of for box in root.all()}
    assert {load.of for load in facts.all(Workload)} <= drawn
    regions = {box.id for box in root.inside}
    assert set(platform.regions) <= regions
    for head in ("Network", "Identities", "Stacks", "Alarms", "Recovery"):
        assert f"\n## {head}\n" in page
    ElementTree.fromstring(drawing)


@pytest.mark.parametrize(("name", "environment"), ENVIRONMENTS)
def test_the_diagram_is_well_formed(name, environment):
    """Each node is said once, subgraphs end, and every arrow leads from one node to another."""
    platform, graph = shipped(name, environment)
    page = dict(files(platform, graph))[PAGE].decode()
    lines = page.split("```mermaid\n")[1].split("\n```")[0].splitlines()
    nodes = re.findall(r'^\s*(?:subgraph )?(n\d+)\["', "\n".join(lines), re.MULTILINE)
    assert len(nodes) == len(set(nodes))
    assert sum("subgraph" in line for line in lines) == sum(line.strip() == "end" for line in lines)
    arrows = [re.fullmatch(r'\s*(n\d+) -->\|"[^"]*"\| (n\d+)', line) for line in lines if "-->" in line]
    assert arrows
    assert all(arrow and {arrow[1], arrow[2]} <= set(nodes) for arrow in arrows)


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), max_size=20)
LEVELS = st.sampled_from(["region", "network", "zone", "subnet", "cluster", "namespace", "group"])
BOXES = st.recursive(
    st.builds(lambda label, detail: ("thing", label, detail, ()), WORDS, WORDS),
    lambda inside: st.tuples(LEVELS, WORDS, WORDS, st.lists(inside, min_size=1, max_size=4).map(tuple)),
    max_leaves=20,
)


def built(shape, number):
    """A box of a drawn shape, everything in it numbered."""
    level, label, detail, inside = shape
    made = tuple(built(each, f"{number}.{index}") for index, each in enumerate(inside))
    return Box(str(number), level, label, detail, None, made)


@given(BOXES)
def test_boxes_hold_what_they_hold_and_never_overlap(shape):
    """Whatever the boxes, each lies within the one that holds it and beside all its neighbours."""
    waiting = [_place(built(shape, 0))]
    while waiting:
        outer = waiting.pop()
        for number, one in enumerate(outer.inside):
            assert one.x >= 0
            assert one.x + one.width <= outer.width + 0.01
            assert one.y >= 0
            assert one.y + one.height <= outer.height + 0.01
            for other in outer.inside[:number]:
                apart = one.x >= other.x + other.width or other.x >= one.x + one.width
                assert apart or one.y >= other.y + other.height or other.y >= one.y + one.height
        waiting += outer.inside


@given(BOXES)
def test_no_name_breaks_the_drawing_or_the_diagram(shape):
    """Quotes, brackets and markup in names are text: the SVG stays XML, the diagram keeps its lines."""
    root = Box("p", "platform", "p", inside=(built(shape, 1),))
    ElementTree.fromstring(svg(root))
    for line in flowchart(root, [])[1:]:
        assert line.count('"') in (0, 2)


def test_a_table_keeps_its_columns_whatever_stands_in_it():
    """A bar, a line break or markup in a cell stays in the cell."""
    lines = table(("a", "b"), [("x|y", "<b>\n\\")])
    assert lines == ["| a | b |", "| --- | --- |", "| x\\|y | &lt;b> \\\\ |", ""]
    assert table(("a",), []) == ["None.", ""]
