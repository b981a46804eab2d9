"""Who reaches whom as a picture: every pair is there, and what is only perhaps open looks different."""

from __future__ import annotations

from xml.etree import ElementTree

from seawall.analyze.reachability.traffic import EVERYTHING, NOTHING, Traffic
from seawall.kernel.units import Ports
from seawall.render.reachability.dot import dot
from seawall.render.reachability.svg import svg
from seawall.render.reachability.table import Cell, Table

HTTP = Traffic.of("tcp", Ports.one(80))
DNS = Traffic.of("udp", Ports.one(53))
MANY = Traffic.union(Traffic.of("tcp", Ports.one(port)) for port in (80, 443, 8080, 9090))
TABLE = Table(
    'shop: "who" <reaches> whom',
    ("a", "b<&>", "lonely\x01"),
    ("b<&>", 'c"\\', "d"),
    (
        Cell("a", "b<&>", HTTP, HTTP, HTTP),
        Cell("a", 'c"\\', NOTHING, DNS, DNS | HTTP),
        Cell("b<&>", 'c"\\', EVERYTHING, EVERYTHING, EVERYTHING),
        Cell("b<&>", "d", MANY, MANY, MANY),
    ),
)
SPACE = {"svg": "http://www.w3.org/2000/svg"}


def test_a_cell_says_what_is_sure_what_is_so_in_places_and_what_may_be():
    """Three parts, none of them twice."""
    assert [cell.says for cell in TABLE.cells] == [
        "tcp 80", "in part udp 53; perhaps tcp 80", "everything", "tcp 80,443,8080,9090",
    ]  # fmt: skip


def test_the_grid_has_a_square_with_its_tooltip_for_every_pair():
    """Well-formed whatever things are called, and never a square outside the grid."""
    root = ElementTree.fromstring(svg(TABLE))
    squares = root.findall("svg:g", SPACE)
    assert [square.find("svg:title", SPACE).text for square in squares] == [
        f"{cell.source} to {cell.target}: {cell.says}" for cell in TABLE.cells
    ]
    width, height = float(root.get("width")), float(root.get("height"))
    for square in squares:
        box = square.find("svg:rect", SPACE)
        assert 0 < float(box.get("x")) < width - float(box.get("width"))
        assert 0 < float(box.get("y")) < height - float(box.get("height"))
    assert [square.find("svg:text", SPACE).text for square in squares] == ["80", "80…", "all", "80…"]


def test_what_is_certain_perhaps_and_everything_have_colours_of_their_own():
    """A reader sees the difference before reading."""
    root = ElementTree.fromstring(svg(TABLE))
    fills = [square.find("svg:rect", SPACE).get("fill") for square in root.findall("svg:g", SPACE)]
    assert len(set(fills[:3])) == 3
    assert fills[3] == fills[0]


def test_the_graph_has_every_end_and_an_edge_a_pair():
    """Names are quoted as Graphviz wants it; an end without a pair stands alone; what is not certain is dashed."""
    lines = dot(TABLE).splitlines()
    assert '  "lonely\x01";' in lines
    assert '  "a" -> "b<&>" [label="tcp 80"];' in lines
    assert '  "a" -> "c\\"\\\\" [label="in part udp 53; perhaps tcp 80", style=dashed];' in lines
    assert sum("->" in line for line in lines) == len(TABLE.cells)


def test_an_empty_table_is_a_picture_too():
    """Nothing reaches nothing, and nothing breaks."""
    empty = Table("nothing", (), (), ())
    ElementTree.fromstring(svg(empty))
    assert "->" not in dot(empty)
