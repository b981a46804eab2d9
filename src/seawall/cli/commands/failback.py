"""Let home take over again from the place that took over from it; both are well, and nothing is lost.

With a second region its stores change hands; with a standby that was restored from a copy visitors see the maintenance
page while its data is copied home. A run that was cut short goes on where it was.
"""

from __future__ import annotations

import argparse

from seawall.cli import deployment as shared
from seawall.cli import operation


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, and which place gives back."""
    operation.arguments(parser)
    parser.add_argument(
        "--from", dest="to", metavar="PLACE", help="the site or cloud that gives back; needed where there are several"
    )


def run(chosen: argparse.Namespace) -> int:
    """Choose the place, and carry the runbook out."""
    from seawall.cli.takeover import failback

    return failback(chosen, shared.deployment(chosen))
