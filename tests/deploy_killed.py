"""Runs `up` or `down` on the fake AWS and kills itself at the N-th line of the journal.

As a program: `python tests/deploy_killed.py WORLD PLACE up|down N`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

import deploy_platform
from fake_cloud import fake_cloud
from seawall.deploy.down import down
from seawall.deploy.journal import Journal
from seawall.deploy.up import up
from seawall.deploy.workplace import Workplace


def main(world: Path, root: Path, command: str, at: int) -> None:
    """Run until the line is written, and not an instruction further."""
    lines = 0
    write = Journal.write

    def counted(journal: Journal, what: str, **fields: Any) -> None:
        nonlocal lines
        write(journal, what, **fields)
        lines += 1
        if lines == at:
            os.kill(os.getpid(), signal.SIGKILL)

    Journal.write = counted  # type: ignore[method-assign]
    cloud = fake_cloud(world, "tiny-terraform-state-eu-west-1", FAKE_SECONDS="0.05")
    place = Workplace(root, "tiny", "test", "aws")
    (up if command == "up" else down)(deploy_platform.rendered(), place, cloud)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
