"""Ask for everything that is up through its own service's API: is it there, as named and tagged, and well?

Proven is what was found so; refuted is what is missing or wrong; unknown is what nobody can be asked about. The exit
status is 1 if anything is refuted.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seawall.cli import deployment as shared

if TYPE_CHECKING:
    from seawall.deploy.validate import ValidateResult


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, stacks."""
    shared.arguments(parser, stacks=True)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--all", action="store_true", help="list what is proven, too")


def run(chosen: argparse.Namespace) -> int:
    """Ask and print."""
    from seawall.cli.progress import Teller
    from seawall.deploy.validate import validate

    deployment = shared.deployment(chosen)
    cloud = deployment.running_cloud()
    with Teller() as teller:
        result = validate(deployment.rendered, deployment.place, cloud, teller, only=chosen.stack)
    if chosen.format == "json":
        import json

        print(json.dumps(_document(result), indent=2))
    else:
        print(_text(result, everything=chosen.all))
    return 1 if any(one.verdict.refuted for one in result.checked) or result.not_up else 0


def _text(result: ValidateResult, *, everything: bool) -> str:
    lines: list[str] = []
    for one in result.checked:
        if one.verdict.proven and not everything:
            continue
        reasons = "; ".join(str(reason) for reason in one.verdict.because)
        lines.append(f"{one.verdict.answer}: {one.address}: {reasons}")
    lines += [f"not up: {stack}" for stack in result.not_up]
    counts = dict.fromkeys(("proven", "refuted", "unknown"), 0)
    for one in result.checked:
        counts[str(one.verdict.answer)] += 1
    summary = ", ".join(f"{number} {answer}" for answer, number in counts.items())
    return "\n".join([*lines, f"{len(result.checked)} addresses asked for: {summary}"])


def _document(result: ValidateResult) -> dict[str, object]:
    checked = [
        {
            "address": one.address,
            "verdict": str(one.verdict.answer),
            "because": [str(reason) for reason in one.verdict.because],
            "origin": one.origin.document(),
        }
        for one in result.checked
    ]
    return {"schema_version": 1, "runs": checked, "not_up": list(result.not_up)}
