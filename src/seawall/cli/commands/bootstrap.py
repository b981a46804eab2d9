"""Make the S3 buckets that hold Terraform's state on AWS: private, versioned and encrypted.

Needed once, before the first `seawall up --target aws`. Running it again changes nothing. The emulator needs none.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from seawall.cli import deployment as shared
from seawall.cli import options


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT and consent."""
    options.platform(parser)
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.set_defaults(target="aws", state_dir=Path(".seawall"))


def run(chosen: argparse.Namespace) -> int:
    """Consent, make, say what was made."""
    from seawall.deploy.bootstrap import bootstrap
    from seawall.deploy.states import buckets

    deployment = shared.deployment(chosen)
    named = [found.bucket for found in buckets(stack.backend for stack in deployment.rendered.stacks.values())]
    shared.consent(f"Make the bucket{'s' if len(named) > 1 else ''} {', '.join(named)} on AWS?", given=chosen.yes)
    cloud = deployment.cloud(start=False)
    assert cloud is not None  # AWS is always there
    for bucket, made in bootstrap(deployment.rendered, cloud).items():
        print(f"{bucket}: {'made' if made else 'was there'}")
    return 0
