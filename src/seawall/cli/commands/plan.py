"""Show what `up` would do: the stacks whose inputs exist are planned, the others named with what they wait for.

Nothing is changed and no state is locked.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from seawall.cli import deployment as shared

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from seawall.cli.deployment import Deployment
    from seawall.deploy.plan import PlanResult
    from seawall.kernel.address import Address

_SIGNS = {"create": "+", "update": "~", "delete": "-", "replace": "±", "read": "?", "move": ">", "import": "<"}


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, stacks."""
    shared.arguments(parser, stacks=True)
    parser.add_argument("--destroy", action="store_true", help="show what `down` would do")
    parser.add_argument(
        "--no-secrets", action="store_true", help="leave out stacks that read a secret's value while they are planned"
    )
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run(chosen: argparse.Namespace) -> int:
    """Plan and print."""
    deployment = shared.deployment(chosen)
    result = _planned(
        deployment,
        chosen.stack,
        destroy=chosen.destroy,
        digests=chosen.format == "json",
        secrets=not chosen.no_secrets,
    )
    if chosen.format == "json":
        import json

        print(json.dumps(_document(result, deployment.left_out), indent=2))
    else:
        print(_text(result, deployment.left_out))
    return 0


def show(deployment: Deployment, stacks: Sequence[str], *, destroy: bool = False) -> None:
    """Plan and print, for a command that asks for consent to it."""
    print(_text(_planned(deployment, stacks, destroy=destroy), deployment.left_out))


def _planned(
    deployment: Deployment, stacks: Sequence[str], *, destroy: bool, digests: bool = False, secrets: bool = True
) -> PlanResult:
    from seawall.cli.progress import Teller
    from seawall.deploy.plan import plan

    cloud = deployment.cloud(start=True)
    assert cloud is not None  # a cloud that may be started is always there
    with Teller() as teller:
        return plan(
            deployment.rendered,
            deployment.place,
            cloud,
            teller,
            only=stacks,
            destroy=destroy,
            digests=digests,
            secrets=secrets,
        )


def _text(result: PlanResult, left_out: Mapping[Address, str]) -> str:
    lines: list[str] = []
    for stack, planned in result.stacks.items():
        counts = planned.counts
        lines.append(f"{stack}: +{counts.added} ~{counts.changed} -{counts.destroyed}")
        lines += [f"  {_SIGNS.get(action, action)} {address}" for address, action in sorted(planned.actions.items())]
    lines += [f"{stack}: after {', '.join(above)}" for stack, above in result.after.items()]
    lines += [f"{stack}: {why}" for stack, why in result.left_out.items()]
    lines += [f"{address}: not on the emulator: {why}" for address, why in left_out.items()]
    if result.is_empty:
        lines.append("everything is as described")
    return "\n".join(lines)


def _document(result: PlanResult, lacking: Mapping[Address, str]) -> dict[str, object]:
    stacks = [
        {
            "stack": stack,
            "changes": planned.changes,
            "added": planned.counts.added,
            "changed": planned.counts.changed,
            "destroyed": planned.counts.destroyed,
            "actions": dict(sorted(planned.actions.items())),
            "digest": planned.digest,
        }
        for stack, planned in result.stacks.items()
    ]
    after = [{"stack": stack, "after": list(above)} for stack, above in result.after.items()]
    left_out = [{"stack": stack, "why": why} for stack, why in result.left_out.items()]
    return {
        "schema_version": 1,
        "stacks": stacks,
        "after": after,
        "left_out": left_out,
        "lacking": [{"address": address, "why": why} for address, why in lacking.items()],
    }
