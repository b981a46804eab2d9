"""Who reaches whom as a graph in Graphviz's language; what is only perhaps open is dashed."""

from __future__ import annotations

from seawall.render.reachability.table import Table


def dot(table: Table) -> str:
    """The text of one directed graph, an edge a pair; ends that nothing reaches and that reach nothing stand alone."""
    lines = [
        f"digraph {_quoted(table.title)} {{",
        "  rankdir=LR;",
        '  node [shape=box, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    lines += [f"  {_quoted(name)};" for name in dict.fromkeys((*table.rows, *table.columns))]
    for cell in table.cells:
        style = "" if cell.certain else ", style=dashed"
        lines.append(f"  {_quoted(cell.source)} -> {_quoted(cell.target)} [label={_quoted(cell.says)}{style}];")
    return "\n".join([*lines, "}", ""])


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
    return f'"{escaped}"'
