"""Runs one backup and dies by SIGKILL at a given moment of it: ``python backup_killed.py JOB FOLDER STEP STATE``.

STATE is a state of the step's events; or, of stores that are folders, ``sent`` or ``shown`` for the moment after the
first has taken the first bytes of the dump, or has shown it; or ``taken``, when the first store of a cloud has all of
it. With STEP ``-`` it runs to its end and prints its peak memory in KiB.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

from seawall.operate.copies import backup, folder, uploads
from seawall.operate.copies.job import read_job
from seawall.operate.runbook import StepEvent


def die() -> None:
    """End at once, as a power cut would."""
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run it."""
    job, place, step, state = sys.argv[1:]

    def report(event: StepEvent) -> None:
        if (event.step, event.state) == (step, state):
            die()

    if state == "shown":
        commit = folder._File.commit

        def shown(self: folder._File) -> None:
            commit(self)
            if "dump.sql" in self._path.name:
                die()

        folder._File.commit = shown  # type: ignore[method-assign]
    if state == "sent":
        write = folder._File.write

        def sent(self: folder._File, piece: bytes) -> None:
            write(self, piece)
            if "dump.sql" in self._path.name:
                die()

        folder._File.write = sent  # type: ignore[method-assign]
    if state == "taken":
        end = uploads.Blocks.end

        def taken(self: uploads.Blocks) -> None:
            end(self)
            if self.size > 1:
                die()

        uploads.Blocks.end = taken  # type: ignore[method-assign]
    backup.backup(read_job(job), Path(place), report=report)
    # Unlike getrusage, this knows nothing of the process that started this one.
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    print(next(line.split()[1] for line in status if line.startswith("VmHWM:")))


if __name__ == "__main__":
    main()
