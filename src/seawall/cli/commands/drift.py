"""Show what somebody changed behind Terraform's back, resource by resource.

Drifted is what `up` would change back; pending is what the description says and nobody has applied yet; noticed is
what changed outside without contradicting the description. The exit status is 1 if anything drifted.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seawall.cli import deployment as shared

if TYPE_CHECKING:
    from seawall.deploy.drift import Difference, DriftResult


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, stacks."""
    shared.arguments(parser, stacks=True)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--all", action="store_true", help="list what is only noticed, too, and values whole")


def run(chosen: argparse.Namespace) -> int:
    """Compare and print."""
    from seawall.cli.progress import Teller
    from seawall.deploy.drift import drift

    deployment = shared.deployment(chosen)
    cloud = deployment.running_cloud()
    with Teller() as teller:
        result = drift(deployment.rendered, deployment.place, cloud, teller, only=chosen.stack)
    if chosen.format == "json":
        import json

        print(json.dumps(_document(result), indent=2))
    else:
        print(_text(result, everything=chosen.all))
    return 1 if result.drifted else 0


def _text(result: DriftResult, *, everything: bool) -> str:
    lines: list[str] = []
    noticed = result.noticed if everything else ()
    for title, found in (("drifted", result.drifted), ("pending", result.pending), ("noticed", noticed)):
        for difference in found:
            place = f"  ({difference.origin})" if difference.origin.file else ""
            lines.append(f"{title}: {difference.address}: {difference.action}{place}")
            for name, (there, wanted) in difference.attributes.items():
                values = (there, wanted) if everything else (_short(there), _short(wanted))
                lines.append(f"    {name}: {values[0]} -> {values[1]}")
    lines += [f"not up: {stack}" for stack in result.not_up]
    counts = f"{len(result.drifted)} drifted, {len(result.pending)} pending, {len(result.noticed)} noticed"
    return "\n".join([*lines, f"{len(result.stacks)} stacks compared: {counts}"])


def _short(value: str) -> str:
    return value if len(value) <= 60 else value[:57] + "..."


def _document(result: DriftResult) -> dict[str, object]:
    return {
        "schema_version": 1,
        "drifted": [_difference(found) for found in result.drifted],
        "pending": [_difference(found) for found in result.pending],
        "noticed": [_difference(found) for found in result.noticed],
        "not_up": list(result.not_up),
        "stacks": list(result.stacks),
    }


def _difference(found: Difference) -> dict[str, object]:
    return {
        "address": found.address,
        "action": found.action,
        "attributes": {name: {"is": there, "should_be": wanted} for name, (there, wanted) in found.attributes.items()},
        "origin": found.origin.document(),
    }
