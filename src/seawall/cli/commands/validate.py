"""Ask for everything that is up through its own service's API: is it there, as named and tagged, and well?

Proven is what was found so; refuted is what is missing or wrong; unknown is what nobody can be asked about. The exit
status is 1 if anything is refuted.

`--smoke` asks on, what is made being used: have the hosts addresses, and do they answer well; are pods ready; does each
connection that a description needs open from within the pods that need it; would AWS let each role do what is called;
has each secret its key. With `--kubeconfig` a container is added to a running pod of each workload, which asks from
there and ends.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli import deployment as shared

if TYPE_CHECKING:
    from seawall.deploy.target import Cloud
    from seawall.deploy.validate import ValidateResult
    from seawall.operate.smoke import Answered


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, stacks."""
    shared.arguments(parser, stacks=True)
    parser.add_argument("--format", choices=("text", "json"), default="text")
    parser.add_argument("--all", action="store_true", help="list what is proven, too")
    parser.add_argument("--smoke", action="store_true", help="use what is made: hosts, pods, connections, permissions")
    parser.add_argument("--kubeconfig", type=Path, metavar="FILE", help="the cluster that --smoke asks, and asks from")
    parser.add_argument("--context", default="", metavar="NAME", help="one of several in it")


def run(chosen: argparse.Namespace) -> int:
    """Ask and print."""
    from seawall.cli.progress import Teller
    from seawall.deploy.validate import validate

    deployment = shared.deployment(chosen)
    cloud = deployment.running_cloud()
    with Teller() as teller:
        result = validate(deployment.rendered, deployment.place, cloud, teller, only=chosen.stack)
    answered = _smoke(chosen, deployment, cloud) if chosen.smoke else None
    if chosen.format == "json":
        import json

        print(json.dumps(_document(result, answered), indent=2))
    else:
        print(_text(result, everything=chosen.all))
        if answered is not None:
            print(_smoke_text(answered, everything=chosen.all))
    wrong = any(one.verdict.refuted for one in result.checked) or result.not_up
    return 1 if wrong or any(one.verdict.refuted for one in answered or ()) else 0


def _smoke(chosen: argparse.Namespace, deployment: shared.Deployment, cloud: Cloud) -> tuple[Answered, ...]:
    from seawall.operate.kubectl import Kubectl
    from seawall.operate.made import Made
    from seawall.operate.smoke import World, smoke
    from seawall.readers.read import facts_of

    made = Made.of(deployment.rendered, cloud)
    kubectl = Kubectl(chosen.kubeconfig, chosen.context) if chosen.kubeconfig else None
    return smoke(deployment.graph, facts_of(deployment.graph), World(cloud, made, kubectl))


def _smoke_text(answered: tuple[Answered, ...], *, everything: bool) -> str:
    lines = [
        f"{one.verdict.answer}: {one.says}: {'; '.join(map(str, one.verdict.because))}"
        for one in answered
        if everything or not one.verdict.proven
    ]
    counts = dict.fromkeys(("proven", "refuted", "unknown"), 0)
    for one in answered:
        counts[str(one.verdict.answer)] += 1
    summary = ", ".join(f"{number} {answer}" for answer, number in counts.items())
    return "\n".join([*lines, f"{len(answered)} questions asked: {summary}"])


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


def _document(result: ValidateResult, answered: tuple[Answered, ...] | None = None) -> dict[str, object]:
    checked = [
        {
            "address": one.address,
            "verdict": str(one.verdict.answer),
            "because": [str(reason) for reason in one.verdict.because],
            "origin": one.origin.document(),
        }
        for one in result.checked
    ]
    document: dict[str, object] = {"schema_version": 1, "runs": checked, "not_up": list(result.not_up)}
    if answered is not None:
        from seawall.operate.smoke import document as questions

        document["smoke"] = questions(answered)
    return document
