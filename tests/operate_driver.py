"""Runs runbooks of the cases in processes of their own, and kills them where it is told to.

As a program it reads requests from standard input, one JSON object a line, forks for each, and prints how the child
ended: negative is the signal that killed it. What is killed is what the product runs; only the moment is rigged here.
A request: ``{"case": NAME, "folder": PATH, "step": NAME or "", "moment": "before" | "after" | "between" | "during"}``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from operate_cases import CASES, Case
from seawall.kernel.errors import SeawallError
from seawall.operate.runbook import Doing, Runbook, Step, StepEvent, run

MOMENTS = ("before", "after", "between")
"""Before a step acts; when it has acted and nobody has looked or written it down; when it is written down."""


def die() -> NoReturn:
    """End as a power cut would end it."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL was survived")


def rigged(book: Runbook, name: str, moment: str, delay: float) -> Runbook:
    """The runbook, with a step that kills."""

    def act(original: Callable[[Doing], None]) -> Callable[[Doing], None]:
        def acting(doing: Doing) -> None:
            if moment == "before":
                die()
            over = threading.Event()
            if moment == "during":
                threading.Thread(target=lambda: over.wait(delay) or die(), daemon=True).start()
            original(doing)
            over.set()
            if moment == "after":
                die()

        return acting

    def changed(step: Step) -> Step:
        return replace(step, act=act(step.act)) if step.name == name else step

    return replace(book, steps=tuple(map(changed, book.steps)))


def carry_out(case: Case, folder: Path, name: str, moment: str, delay: float) -> int:
    """Run it in this process."""

    def report(event: StepEvent) -> None:
        case.seen(folder, event)
        if moment == "between" and event.step == name and event.state in ("done", "already"):
            die()

    try:
        book = rigged(case.book(folder), name, moment, delay)
        run(book, folder / "operations", report=report, approve=lambda question: True)
    except SeawallError as error:
        print(error, file=sys.stderr)
        return error.status
    return 0


def main() -> None:
    """Fork for each request: imports are paid for once, and each run is a process of its own."""
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if child == 0:
            status = 70
            try:
                where = Path(request["folder"])
                rig = request.get("step", ""), request.get("moment", ""), float(request.get("delay", 0))
                status = carry_out(CASES[request["case"]], where, *rig)
            finally:
                sys.stderr.flush()
                os._exit(status)
        _, ended = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(ended), flush=True)


if __name__ == "__main__":
    main()
