"""What the commands that run a runbook of a platform have in common: options, locks, telling, and what is printed."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from seawall.cli import deployment as shared

if TYPE_CHECKING:
    from seawall.cli.deployment import Deployment
    from seawall.cli.steps import Steps
    from seawall.deploy.target import Cloud
    from seawall.operate.runbook import Ran, Runbook


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, dry run, consent, and what is printed."""
    shared.arguments(parser)
    parser.add_argument("--dry-run", action="store_true", help="say the steps and what is so already; change nothing")
    parser.add_argument("--yes", action="store_true", help="answer every question with yes")
    parser.add_argument("--anew", action="store_true", help="give up a run that was cut short, and begin anew")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def subject(deployment: Deployment) -> str:
    """What is operated on, as journals and questions name it: ``petclinic-production``."""
    return f"{deployment.platform.name}-{deployment.platform.environment}"


def carry_out(
    chosen: argparse.Namespace,
    deployment: Deployment,
    runbook: Runbook,
    *,
    cloud: Cloud | None = None,
    region: str = "",
) -> int:
    """Run it, or say what it would do, and print what came of it.

    Where it runs on AWS and ``region`` is one that survives, its state bucket holds a lock beside the local one.
    """
    from seawall.cli.steps import Steps
    from seawall.operate.runbook import run

    folder = deployment.place.folder / "operations"
    with Steps() as steps, _held(chosen, deployment, cloud, region, runbook, steps):
        ran = run(
            runbook,
            folder,
            report=steps,
            approve=steps.approver(given=chosen.yes),
            dry_run=chosen.dry_run,
            anew=chosen.anew,
        )
    _show(chosen, runbook, ran)
    return 0


@contextmanager
def _held(
    chosen: argparse.Namespace, deployment: Deployment, cloud: Cloud | None, region: str, runbook: Runbook, steps: Steps
) -> Iterator[None]:
    """Nobody brings the platform up or down meanwhile; on AWS nobody operates on it from another machine either."""
    from contextlib import ExitStack

    from seawall.deploy.lock import bucket_lock, local_lock

    if chosen.dry_run:
        yield
        return
    words = f"seawall {runbook.name} {runbook.subject}"
    with ExitStack() as held:
        deployment.place.make()
        held.enter_context(local_lock(deployment.place.lock, words, steps.say))
        bucket = _bucket(deployment, region)
        if deployment.on_aws and cloud is not None and bucket:
            key = f"{deployment.platform.name}/{deployment.platform.environment}/operations/lock.json"
            held.enter_context(bucket_lock(cloud.client("s3", region), bucket, key, words, steps.say))
        yield


def _bucket(deployment: Deployment, region: str) -> str:
    backends = (stack.backend for stack in deployment.rendered.stacks.values())
    return next((one.bucket for one in backends if one.kind == "s3" and one.region == region), "")


def _show(chosen: argparse.Namespace, runbook: Runbook, ran: Ran) -> None:
    from seawall.cli.steps import document
    from seawall.operate.runbook import names

    would = tuple(name for name in names(runbook.steps) if name not in ran.already) if chosen.dry_run else ()
    if chosen.format == "json":
        print(json.dumps(document(ran, runbook.subject, dry_run=chosen.dry_run, would=would), indent=2))
        return
    done = f"{len(would)} steps would be done" if chosen.dry_run else f"{len(ran.done)} steps done"
    resumed = f", going on with {ran.resumed}" if ran.resumed else ""
    print(f"{runbook.name} of {runbook.subject}: {done}, {len(ran.already)} were so already{resumed}")
    if ran.journal is not None:
        print(f"journal: {ran.journal}")
