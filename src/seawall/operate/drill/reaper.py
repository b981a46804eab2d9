"""The process that outlives a drill by a moment: when the drill has gone, it ends its servers and removes its folders.

It reads lines from the pipe that the drill holds, ``pid N`` and ``folder PATH``, and acts when the pipe closes. It is
run as a file by a Python without any package, so it imports the standard library alone.
"""

import contextlib
import os
import shutil
import signal
import sys
import time


def reap(pids: list[int], folders: list[str]) -> None:
    """End every process group at once and remove the folders."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for folder in folders:
        for _ in range(20):
            shutil.rmtree(folder, ignore_errors=True)
            if not os.path.exists(folder):
                break
            # What was just killed may still be writing its last file.
            time.sleep(0.05)


def main() -> None:
    """Collect until the drill ends."""
    os.setsid()
    pids: list[int] = []
    folders: list[str] = []
    for line in sys.stdin:
        what, _, value = line.rstrip("\n").partition(" ")
        if what == "pid":
            pids.append(int(value))
        elif what == "gone":
            pids = [pid for pid in pids if pid != int(value)]
        elif what == "folder":
            folders.append(value)
    reap(pids, folders)


if __name__ == "__main__":
    main()
