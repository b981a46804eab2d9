"""Have the cost guard look at the budget now, or give node groups back the room that a spent budget took.

The deployed function acts, under its own role: while the budget's share is spent it holds each node group at what runs,
and below it gives back. `--restore` gives back at once, for the rest of the month; --dry-run says what would be done.
"""

from __future__ import annotations

import argparse

from seawall.cli import deployment as shared


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, and what to do."""
    shared.arguments(parser)
    parser.add_argument("--restore", action="store_true", help="give back although the budget is spent")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    parser.add_argument("--yes", action="store_true", help="agree beforehand")


def run(chosen: argparse.Namespace) -> int:
    """Call it, and print what it says."""
    from seawall.operate import cost_guard
    from seawall.operate.runbook import run

    deployment = shared.deployment(chosen)
    subject = f"{deployment.platform.name}-{deployment.platform.environment}"
    function = cost_guard.function_of(deployment.graph, subject)
    cloud = deployment.running_cloud()
    if chosen.dry_run:
        print("\n".join(cost_guard.said(cloud, function, restore=chosen.restore, dry_run=True)))
        return 0
    shared.consent(f"Have {function.body['function_name']} act?", given=chosen.yes or not deployment.on_aws)
    book = cost_guard.runbook(cloud, function, subject, restore=chosen.restore)
    said = run(book, deployment.place.folder / "operations", anew=True).kept["said"]
    assert isinstance(said, list)
    print("\n".join(said))
    return 0
