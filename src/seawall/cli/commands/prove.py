"""Hold every claim of the description against the facts: proven, refuted, or unknown because of something.

A claim that no analysis looks at yet is unknown and says so; unknown claims do not fail. The exit status is 1 if a
claim is refuted.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seawall.cli import options

if TYPE_CHECKING:
    from seawall.check.claims import Judgement


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT and the form of the output."""
    options.inputs(parser)
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """Read, judge, print."""
    from seawall.check.claims import judge
    from seawall.cli.input import load_graph
    from seawall.readers.read import facts_of

    _, graph = load_graph(chosen.inputs, chosen.environment, chosen.cluster)
    judged = list(judge(facts_of(graph)))
    if chosen.format == "json":
        import json

        print(json.dumps(_document(judged), indent=2))
    else:
        print(_text(judged))
    return 1 if any(one.verdict.refuted for one in judged) else 0


def _text(judged: list[Judgement]) -> str:
    if not judged:
        return "nothing is claimed; say what is promised under `claims:`"
    lines: list[str] = []
    for one in judged:
        lines.append(f"{one.verdict.answer!s:<8} {one.claim.subject} {one.claim.measure} {one.claim.value}")
        lines += [f"           {line}" for line in one.lines]
    return "\n".join(lines)


def _document(judged: list[Judgement]) -> dict[str, object]:
    claims = [
        {
            "subject": one.claim.subject,
            "measure": one.claim.measure,
            "value": str(one.claim.value),
            "verdict": str(one.verdict.answer),
            "evidence": list(one.lines),
        }
        for one in judged
    ]
    return {"schema_version": 1, "claims": claims}
