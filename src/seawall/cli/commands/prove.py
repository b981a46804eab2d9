"""Hold every claim of the description against the facts: proven, refuted, or unknown because of something.

A claim that no analysis looks at yet is unknown and says so; unknown claims do not fail. The exit status is 1 if a
claim is refuted. What drills measured stands beside a claim, with the stand-ins it was taken with: it shows how a
runbook goes, and neither proves nor refutes what is claimed of the real thing.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli import options
from seawall.facts.isolation import Isolation
from seawall.kernel.units import Duration

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias

    from seawall.check.claims import Judgement
    from seawall.facts.resilience import Claim
    from seawall.graph.graph import Graph
    from seawall.model.platform import Platform
    from seawall.operate.drill.evidence import Measured

    Evidence: TypeAlias = Mapping[str, Sequence[Measured]]


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, where evidence is kept, and the form of the output."""
    options.inputs(parser)
    options.state_dir(parser, "where drills kept what they measured")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """Read, judge, print."""
    from seawall.check.claims import judge
    from seawall.cli.input import load_graph
    from seawall.readers.read import facts_of

    platform, graph = load_graph(chosen.inputs, chosen.environment, chosen.cluster)
    judged = list(judge(facts_of(graph)))
    evidence = _evidence(chosen.state_dir, platform, graph)
    if chosen.format == "json":
        import json

        print(json.dumps(_document(judged, evidence), indent=2))
    else:
        print(_text(judged, evidence))
    return 1 if any(one.verdict.refuted for one in judged) else 0


def _evidence(root: Path, platform: Platform | None, graph: Graph) -> Evidence:
    """What drills of the platform measured, by claim; nothing is read where none was ever played."""
    if platform is None or not root.is_dir():
        return {}
    from seawall.operate.drill.evidence import measured

    return measured(root, platform, graph)


def _of(one: Judgement, evidence: Evidence) -> Sequence[tuple[Measured, float]]:
    """What was measured of a claim, each with the seconds that are claimed."""
    if not isinstance(one.claim.value, Duration):
        return ()
    seconds = one.claim.value.seconds
    return [(found, seconds) for found in evidence.get(f"{one.claim.subject}.{one.claim.measure}", ())]


def _text(judged: list[Judgement], evidence: Evidence) -> str:
    if not judged:
        return "nothing is claimed; say what is promised under `claims:`"
    lines: list[str] = []
    for one in judged:
        lines.append(f"{one.verdict.answer!s:<8} {_said(one.claim)}")
        lines += [f"           {line}" for line in one.lines]
        measured = _of(one, evidence)
        lines += [f"           {found.line(claimed)}" for found, claimed in measured]
        if measured:
            from seawall.operate.drill.evidence import with_what

            lines.append(f"           {with_what([found for found, _ in measured])}")
    return "\n".join(lines)


def _said(claim: Claim) -> str:
    """A claim in words: a list's entry says all there is, anything else has its value."""
    whole = claim.value is True or isinstance(claim.value, Isolation)
    return f"{claim.subject} {claim.measure}" + ("" if whole else f" {claim.value}")


def _document(judged: list[Judgement], evidence: Evidence) -> dict[str, object]:
    claims = [
        {
            "subject": one.claim.subject,
            "measure": one.claim.measure,
            "value": str(one.claim.value),
            "verdict": str(one.verdict.answer),
            "evidence": list(one.lines),
            "measured": [
                {
                    "scenario": found.scenario,
                    "at": found.at,
                    "fault": found.fault,
                    "value": found.value if math.isfinite(found.value) else None,
                    "unit": found.unit,
                    "runs": found.runs,
                    "within": found.value <= claimed,
                    "same_description": found.same,
                    "short": found.short,
                    "settings": dict(found.settings),
                    "standins": dict(found.standins),
                }
                for found, claimed in _of(one, evidence)
            ],
        }
        for one in judged
    ]
    return {"schema_version": 1, "claims": claims}
