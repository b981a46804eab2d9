"""Runs `up` or `down` of the tests' small platform as a process of its own, so that a test can kill it.

As a program: `python tests/deploy_driver.py ROOT up|down [slow] [outside]`; every event is a line on stdout.
"""

from __future__ import annotations

import sys
from pathlib import Path

import deploy_platform
from seawall.deploy import target
from seawall.deploy.down import down
from seawall.deploy.progress import Event
from seawall.deploy.up import up
from seawall.deploy.workplace import Workplace
from seawall.kernel.errors import SeawallError


def tell(event: Event) -> None:
    """Write an event at once, since the test acts on it."""
    print(event, flush=True)


def main(root: Path, command: str, *options: str) -> int:
    """Do it; an error for people ends with its own status."""
    place = Workplace(root, "tiny", "test", "emulator")
    rendered = deploy_platform.rendered(slow="slow" in options, outside="outside" in options)
    try:
        cloud = target.emulator(root, start=command == "up")
        if command == "up":
            assert cloud is not None
            up(rendered, place, cloud, tell)
        else:
            for left in down(rendered, place, cloud, tell).leftovers:
                print(f"left behind: {left}")
    except SeawallError as error:
        print(error, file=sys.stderr)
        return error.status
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
