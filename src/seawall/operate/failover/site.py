"""What a runbook asks of the places where a platform can serve, and of the names that lead visitors to one of them.

A drill plays them with processes on the loopback; a bad day with Azure's standby or a second region.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias

from seawall.kernel.verdict import Verdict
from seawall.operate.runbook import Doing, Step


@dataclass(frozen=True, slots=True)
class Chosen:
    """The copy that a place is to begin from: its name, and the moment of its snapshot (UTC).

    What was written after ``began`` is not in it.
    """

    name: str
    began: datetime


CopyName: TypeAlias = Callable[[Doing], str]
"""Which copy is meant; known only when the runbook runs, since an earlier step chooses it."""


class Site(Protocol):
    """A place where the platform can serve. Questions change nothing and raise nothing; what cannot be told is unknown.

    Whatever changes something may be called again after a kill, and then does what is left.
    """

    @property
    def name(self) -> str:
        """What people call it: ``home``, ``azure``."""

    def answers(self) -> Verdict:
        """Whether it serves, asked from outside past the names: refuted only after several failures in a row."""

    def usable(self) -> Verdict:
        """Whether it can be worked on: its machine and its database answer, so that a copy could be restored."""

    def newest(self) -> Chosen:
        """The newest good copy that can be restored here. Raises OutsideError where there is none."""

    def aside(self) -> Verdict:
        """Whether nothing that was written here before it was lost lies where a copy is to be restored."""

    def set_aside(self) -> None:
        """Keep what is in its database under another name: it may hold what was written last before it was lost."""

    def restoring(self, copy: CopyName) -> tuple[Step, ...]:
        """The steps that bring a copy into this place's database and prove that it is whole."""

    def copying(self) -> tuple[Step, ...]:
        """The steps that copy this place's database to where the other place finds it."""

    def running(self) -> Verdict:
        """Whether the application runs here, with what was restored."""

    def start(self) -> None:
        """Start the application with what was restored, taking writes; returns before it is healthy."""

    def healthy(self) -> Verdict:
        """Whether the application could serve: its own health check, asked once, whoever the names lead to."""

    def closed(self) -> Verdict:
        """Whether nothing can be written here any more, and visitors are shown the maintenance page."""

    def close(self) -> None:
        """Take no more writes; what was begun comes to its end first."""

    def resting(self) -> Verdict:
        """Whether it has taken up the standby's part again: it serves nobody and follows the copies."""

    def rest(self) -> None:
        """Take up the standby's part again."""


class Names(Protocol):
    """What leads visitors to a place: records of Route 53 with health checks, or an edge's upstream."""

    def left(self, site: str) -> Verdict:
        """Whether visitors are not led there, even if it answers again by itself."""

    def leave(self, site: str) -> None:
        """Lead nobody there any more, whatever its health check says; visitors see the maintenance page."""

    def lead_to(self, site: str) -> Verdict:
        """Whether visitors are led there, as far as it is ours to say; caches of names may still say otherwise."""

    def switch(self, site: str) -> None:
        """Lead visitors there from now on, as long as it is healthy."""

    def serves(self, site: str) -> Verdict:
        """Whether the public name, asked from outside, is answered by that place."""


class Herald(Protocol):
    """Who tells people what happened, once an event."""

    def told(self, event: str) -> Verdict:
        """Whether this event has been told."""

    def tell(self, event: str, words: str) -> None:
        """Tell it."""
