"""Let another place take over: the second region, or the standby that is restored from copies.

Home must be lost; while it answers, --planned moves without losing anything. Every step is looked at before it is done,
so a run that was cut short goes on where it was. The same steps lie in the second region as a state machine.
"""

from __future__ import annotations

import argparse

from seawall.cli import deployment as shared
from seawall.cli import operation


def arguments(parser: argparse.ArgumentParser) -> None:
    """INPUT, where to, and how sure one is that home is lost."""
    operation.arguments(parser)
    parser.add_argument(
        "--to", metavar="PLACE", help="the site or cloud that takes over; needed where there are several"
    )
    parser.add_argument("--planned", action="store_true", help="both are well: move, and lose nothing")
    parser.add_argument(
        "--although-it-answers",
        action="store_true",
        help="take home as lost though its health check answers; what is written there from now on is lost",
    )


def run(chosen: argparse.Namespace) -> int:
    """Choose the place, and carry the runbook out."""
    from seawall.cli.takeover import failover
    from seawall.kernel.errors import InputError

    if chosen.planned and chosen.although_it_answers:
        raise InputError("--planned loses nothing, and --although-it-answers does", fix="say one of them")
    return failover(chosen, shared.deployment(chosen))
