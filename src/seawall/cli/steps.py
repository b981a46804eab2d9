"""Telling a person how a runbook goes: a line a step, and on a terminal one line that moves; and asking for consent."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

from seawall.cli.moving_line import MovingLine

if TYPE_CHECKING:
    from seawall.operate.runbook import Approver, Ran, StepEvent


class Steps:
    """A reporter of runbooks that writes to a stream, by default stderr, so that what a command prints stays clean.

    A step's own words are shown as they come on a terminal, and the last of them behind the step's line.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._line = MovingLine(stream, digits=1)
        self._words = ""

    def __call__(self, event: StepEvent) -> None:
        """Take one event."""
        where, says = f"{event.number}/{event.total} {event.step}", event.detail.rstrip(".")
        match event.state:
            case "said":
                self._words = event.detail
                self._line.draw(f"{where}: {event.detail}")
            case "begun":
                self._words = ""
                self._line.draw(f"{where}: {event.detail} ...")
            case "done":
                words = f" ({self._words})" if self._words else ""
                self.say(f"{where}: {says}: done in {event.seconds:.1f} s{words}")
            case "already":
                self.say(f"{where}: {says}: already so")
            case "would":
                self.say(f"{where}: would: {says}")
            case state:
                self.say(f"{where}: {state} after {event.seconds:.1f} s: {event.detail}")

    def __enter__(self) -> Steps:
        return self

    def __exit__(self, *raised: object) -> None:
        """Leave the terminal as it was."""
        self._line.clear()

    def approver(self, *, given: bool) -> Approver:
        """Who answers a runbook's questions: ``--yes`` for all of them, or a person at the terminal; else nobody.

        Only ``yes`` is taken as consent.
        """

        def ask(question: str) -> bool:
            if given:
                self.say(f"{question} yes (--yes)")
                return True
            if not sys.stdin.isatty():
                return False
            self._line.clear()
            print(f"{question} Only `yes` is taken as consent: ", end="", file=self._line.stream, flush=True)
            return sys.stdin.readline().strip() == "yes"

        return ask

    def say(self, text: str) -> None:
        """Say something that is no step, a line of its own."""
        self._line.say(text)


def document(ran: Ran, subject: str, *, dry_run: bool, would: tuple[str, ...] = ()) -> dict[str, object]:
    """What a runbook's command prints as JSON, as ``schemas/runbook.json`` says."""
    return {
        "schema_version": 1,
        "runbook": ran.runbook,
        "subject": subject,
        "dry_run": dry_run,
        "done": list(ran.done),
        "already": list(ran.already),
        "would": list(would),
        "kept": dict(ran.kept),
        "seconds": {step: round(seconds, 3) for step, seconds in ran.seconds.items()},
        "journal": str(ran.journal) if ran.journal else None,
        "resumed": ran.resumed or None,
    }
