"""Take a platform down: its stacks in reverse order, then the emulator if nothing else is up in it.

With --target aws what goes is shown and agreed first. Killed or failed, run it again: it goes on.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from seawall.cli import deployment as shared


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, target, stacks and consent."""
    shared.arguments(parser, stacks=True)
    parser.add_argument("--yes", action="store_true", help="on aws: do not ask")
    parser.add_argument("--kubeconfig", type=Path, metavar="FILE", help="delete the manifests from this cluster")


def run(chosen: argparse.Namespace) -> int:
    """Consent, destroy, say what is left."""
    from seawall.cli.progress import Teller
    from seawall.deploy.down import down

    deployment = shared.deployment(chosen)
    platform = deployment.platform
    if deployment.on_aws:
        from seawall.cli.commands.plan import show

        show(deployment, chosen.stack, destroy=True)
        stacks = ", ".join(chosen.stack) if chosen.stack else "every stack"
        question = f"Destroy {stacks} of {platform.name} {platform.environment} on AWS?"
        shared.consent(question, given=chosen.yes)
    cloud = deployment.cloud(start=False)
    with Teller() as teller:
        result = down(
            deployment.rendered, deployment.place, cloud, teller, only=chosen.stack, kubeconfig=chosen.kubeconfig
        )
    if result.nothing_up:
        print(f"{platform.name} {platform.environment}: nothing was up")
        return 0
    gone = sum(counts.destroyed for counts in result.stacks.values())
    print(f"{platform.name} {platform.environment}: {gone} resources destroyed in {result.seconds:.0f} s")
    if result.emulator_ended:
        print("the emulator was ended; nothing else was up in it")
    for left in result.leftovers:
        print(f"left behind: {left}")
    return 1 if result.leftovers else 0
