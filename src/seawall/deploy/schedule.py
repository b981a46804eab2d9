"""Doing one thing per stack in the order of their dependencies, a few side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Result = TypeVar("Result")
_SIGNALS_WAIT = 0.2
AT_ONCE = 3
"""Terraform runs side by side; each takes about 550 MB and waits for AWS most of the time."""


@dataclass(slots=True)
class Outcome(Generic[Result]):
    """What came of it: results and errors by stack, and the stacks not begun with those they would come after."""

    done: dict[str, Result] = field(default_factory=dict)
    failed: dict[str, Exception] = field(default_factory=dict)
    held_back: dict[str, tuple[str, ...]] = field(default_factory=dict)


def in_order(
    after: Mapping[str, tuple[str, ...]],
    work: Callable[[str], Result],
    *,
    stop: threading.Event,
    at_once: int = AT_ONCE,
) -> Outcome[Result]:
    """Call ``work`` for every stack once all that it comes after are done.

    After a failure nothing new begins, and what runs is waited for. KeyboardInterrupt sets ``stop``, waits for
    what runs and is raised again.
    """
    outcome: Outcome[Result] = Outcome()
    waiting = {stack: {above for above in needs if above in after} for stack, needs in after.items()}
    running: dict[Future[Result], str] = {}
    # A thread lives until the pool is left, hence longer than any child it started (see child.py).
    with ThreadPoolExecutor(at_once, thread_name_prefix="stack") as pool:
        try:
            while True:
                ready = [stack for stack, needs in waiting.items() if needs <= outcome.done.keys()]
                while ready and len(running) < at_once and not outcome.failed and not stop.is_set():
                    stack = ready.pop(0)
                    del waiting[stack]
                    running[pool.submit(work, stack)] = stack
                if not running:
                    break
                _collect(running, outcome)
        except KeyboardInterrupt:
            stop.set()
            raise
    for stack, needs in waiting.items():
        outcome.held_back[stack] = tuple(sorted(needs - outcome.done.keys()))
    return outcome


def _collect(running: dict[Future[Result], str], outcome: Outcome[Result]) -> None:
    # A wait without an end is not woken by a signal that another thread received.
    ended, _ = wait(running, timeout=_SIGNALS_WAIT, return_when=FIRST_COMPLETED)
    for future in ended:
        stack = running.pop(future)
        try:
            outcome.done[stack] = future.result()
        except Exception as error:  # whatever it was, the other stacks that run are waited for first
            outcome.failed[stack] = error
