"""Bring a platform up: check it, then apply it stack by stack with Terraform.

On the emulator (the default) everything AWS is made against an embedded emulator on this machine; manifests are
built and checked but there is no cluster to apply them to. With --target aws the plan is shown and agreed first.
Killed or failed, run it again: it goes on from where it was.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from seawall.cli import deployment as shared
from seawall.cli import options

if TYPE_CHECKING:
    from seawall.cli.deployment import Deployment


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, stacks and consent."""
    shared.arguments(parser, stacks=True)
    options.as_of(parser)
    parser.add_argument("--yes", action="store_true", help="on aws: do not ask")
    parser.add_argument("--kubeconfig", type=Path, metavar="FILE", help="apply the manifests to this cluster")
    parser.add_argument(
        "--stacks-only", action="store_true", help="leave the manifests to Argo CD, which applies what is promoted"
    )


def run(chosen: argparse.Namespace) -> int:
    """Check, consent, apply, sum up."""
    from datetime import date

    from seawall.check.claims import judge
    from seawall.check.engine import examine
    from seawall.check.formats.text import render as findings
    from seawall.cli.progress import Teller
    from seawall.cli.summary import of_up
    from seawall.deploy.up import up
    from seawall.kernel.finding import Severity
    from seawall.readers.read import facts_of

    deployment = shared.deployment(chosen)
    platform = deployment.platform
    facts = facts_of(deployment.graph)
    as_of = chosen.as_of or date.today()
    report = examine(deployment.graph, facts, waivers=platform.waivers, as_of=as_of)
    if report.reaching(Severity.HIGH):
        print(findings(report, colour=sys.stdout.isatty()), end="")
        print("seawall: not brought up: mend these, or waive them in the description", file=sys.stderr)
        return 1
    _require_terraform(deployment)
    if deployment.on_aws:
        from seawall.cli.commands.plan import show

        show(deployment, chosen.stack)
        shared.consent(f"Apply this to AWS for {platform.name} {platform.environment}?", given=chosen.yes)
    cloud = deployment.cloud(start=True)
    assert cloud is not None  # a cloud that may be started is always there
    with Teller() as teller:
        result = up(
            deployment.rendered,
            deployment.place,
            cloud,
            teller,
            only=chosen.stack,
            kubeconfig=chosen.kubeconfig,
            stacks_only=chosen.stacks_only,
        )
    print(of_up(deployment, result, report, list(judge(facts))))
    return 0


def _require_terraform(deployment: Deployment) -> None:
    """Where Terraform is missing, leave the compiled files to look at before saying so."""
    import os

    from seawall.deploy import terraform
    from seawall.deploy.workplace import write_files
    from seawall.kernel.errors import OutsideError

    try:
        terraform.find(os.environ)
    except OutsideError:
        deployment.place.make()
        write_files(deployment.place.out, deployment.rendered.files)
        print(f"compiled and checked, not brought up; the files are in {deployment.place.out}", flush=True)
        raise
