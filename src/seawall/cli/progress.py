"""Telling a person how a long run goes: a line an event, and on a terminal one line that moves."""

from __future__ import annotations

from typing import TextIO

from seawall.cli.moving_line import MovingLine
from seawall.deploy.progress import (
    Event,
    Note,
    ResourceChanged,
    ResourceWaits,
    StackDone,
    StackFailed,
    StackHeldBack,
    StackStarted,
)


class Teller:
    """A reporter that writes to a stream, by default stderr, so that what a command prints stays clean.

    On a terminal the last line shows each running stack's state; elsewhere only what ended is said.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._line = MovingLine(stream)
        self._running: dict[str, str] = {}

    def __call__(self, event: Event) -> None:
        """Take one event."""
        match event:
            case Note(text):
                self._line.say(f"note: {text}")
            case StackStarted(stack, step):
                self._running[stack] = step
            case ResourceChanged(stack, _, action, number, total, _):
                self._running[stack] = f"{action} {number}/{total}"
            case ResourceWaits(stack, resource, _, seconds):
                head = self._running.get(stack, "").split(" (")[0]
                self._running[stack] = f"{head} ({resource} {seconds:.0f} s)"
            case StackDone(stack, added, changed, destroyed, seconds):
                self._running.pop(stack, None)
                self._line.say(f"{stack}: +{added} ~{changed} -{destroyed} in {seconds:.0f} s")
            case StackFailed(stack, why):
                self._running.pop(stack, None)
                self._line.say(f"{stack}: failed: {why}")
            case StackHeldBack(stack, after):
                self._line.say(f"{stack}: not begun" + (f", it comes after {', '.join(after)}" if after else ""))
        self._line.draw("; ".join(f"{stack} {state}" for stack, state in sorted(self._running.items())))

    def __enter__(self) -> Teller:
        return self

    def __exit__(self, *raised: object) -> None:
        """Leave the terminal as it was."""
        self._running.clear()
        self._line.clear()
