"""How long the emulator lives: as long as somebody's platform is up in it, or a run uses it.

Several platforms of one working folder share it. Whoever runs holds a shared lock; ending it takes the lock alone,
so nobody's emulator is taken away between its start and the first state in it.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from seawall.deploy.emulator import process, surroundings
from seawall.deploy.states import States
from seawall.deploy.target import Cloud, emulator
from seawall.deploy.workplace import Workplace

_FILE = "emulator.users"


@contextmanager
def used(place: Workplace, cloud: Cloud) -> Iterator[Cloud]:
    """Keep the emulator from being ended by another run meanwhile, and yield it.

    Had it been ended since it was started, it is started again; for AWS itself there is nothing to do.
    """
    if cloud.emulator is None:
        yield cloud
        return
    with _file(place.root) as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield emulator(place.root, start=True) or cloud


def end_if_unused(root: Path, cloud: Cloud) -> bool:
    """End the emulator unless a state is left in it or another run uses it; return whether it was ended."""
    if cloud.emulator is None:
        return False
    with _file(root) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        if States(cloud).any_left(surroundings.REGION_FOR_GLOBAL_SERVICES):
            return False
        return process.stop(root)


@contextmanager
def _file(root: Path) -> Iterator[int]:
    root.mkdir(parents=True, exist_ok=True)
    file = os.open(root / _FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        yield file
    finally:
        os.close(file)
