"""What the failover runbook asks for, played: home that is lost, a standby that is restored on, names, a herald.

The runbook is the very one of a bad day; only these are of the drill.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import NoReturn

from seawall.kernel.errors import OutsideError
from seawall.kernel.verdict import Verdict, proven, refuted, unknown
from seawall.operate.copies import restore
from seawall.operate.copies.catalogue import choose, oldest_allowed
from seawall.operate.copies.job import Database, Job
from seawall.operate.copies.store import Store
from seawall.operate.drill.events import Events
from seawall.operate.drill.front import Front
from seawall.operate.drill.home import Machine, served_from_outside
from seawall.operate.drill.servers.application import Application
from seawall.operate.failover.site import Chosen, CopyName
from seawall.operate.runbook import Step, StepEvent

HOME, STANDBY = "home", "standby"
RUNBOOK, OPERATOR = "runbook", "operator"
"""Lanes of events."""
PATH, EXPECTS = "/actuator/health", '"status":"UP"'
"""How the clinic says that it is well."""


class Lost:
    """Home, of which a failover asks only whether it is lost: the front's checkers say so."""

    name = HOME

    def __init__(self, front: Front, place: str) -> None:
        self._front, self._check = front, front.check_of(place)

    def answers(self) -> Verdict:
        """What the checkers agree upon."""
        return (
            proven("its health check says so") if self._front.well(self._check) else refuted("its health check fails")
        )

    def usable(self) -> Verdict:
        """Nothing of it can be worked on."""
        return unknown("it is lost")

    def _lost(self) -> NoReturn:
        raise OutsideError("home is lost", fix="a failover does nothing there")

    def newest(self) -> Chosen:
        """It restores nothing."""
        self._lost()

    def restoring(self, copy: CopyName) -> tuple[Step, ...]:
        """It restores nothing."""
        self._lost()

    def copying(self) -> tuple[Step, ...]:
        """It copies nothing any more."""
        self._lost()

    def set_aside(self) -> None:
        """It has nothing that could be reached."""
        self._lost()

    def start(self) -> None:
        """It starts nothing."""
        self._lost()

    def close(self) -> None:
        """It is closed."""
        self._lost()

    def rest(self) -> None:
        """It takes no part."""
        self._lost()

    def _nobody_knows(self) -> Verdict:
        return unknown("it is lost")

    aside = running = healthy = closed = resting = _nobody_knows


class Standby(Lost):
    """The standby: an empty database that copies are restored on, and an application that is started with what came."""

    name = STANDBY

    def __init__(
        self,
        job: Job,
        database: Database,
        stores: Sequence[Store],
        start: Callable[[], Application],
        ask: Callable[[], object],
        front: Front,
        place: str,
        damaged: Sequence[str] = (),
    ) -> None:
        """``damaged`` are copies that were found out to be so, as the catalogue spells them: never chosen again."""
        super().__init__(front, place)
        self._job, self._database, self._stores = job, database, stores
        self._start, self._ask = start, ask
        self._damaged = damaged
        self.pods: tuple[Application, ...] = ()

    def usable(self) -> Verdict:
        """Its database answers."""
        try:
            self._ask()
        except Exception as error:
            # Drivers raise what they like; the class says which, and no secret.
            return unknown(f"its database does not answer: {type(error).__name__}")
        return proven("its database answers")

    def newest(self) -> Chosen:
        """The newest good copy, those left out that were found out to be damaged."""
        copy, _ = choose(
            self._stores,
            self._job,
            not_older_than=oldest_allowed(self._job),
            as_of=datetime.now(UTC),
            without=self._damaged,
        )
        return Chosen(copy.name, copy.began)

    def restoring(self, copy: CopyName) -> tuple[Step, ...]:
        """The restore runbook's steps."""
        return restore.steps(self._job, self._database, stores=self._stores, copy=copy)

    def running(self) -> Verdict:
        """Whether its application has been started."""
        return proven("it runs") if any(pod.process.runs for pod in self.pods) else refuted("it does not run")

    def start(self) -> None:
        """Start it with what was restored."""
        self.pods = (self._start(),)

    def healthy(self) -> Verdict:
        """What its own health check answers."""
        well = bool(self.pods) and all(pod.is_well() for pod in self.pods)
        return proven("it answers that it is well") if well else refuted("it does not answer that it is well")


class Names:
    """The front's names: home's check is taken for failed, and the standby's machine lets visitors in.

    ``moved`` is where home's own names lead from then on, for a standby that has none.
    """

    def __init__(self, front: Front, home: str, standby: Standby, machine: Machine, moved: str = "") -> None:
        self._front, self._home, self._standby, self._machine = front, home, standby, machine
        self._moved = moved

    def left(self, site: str) -> Verdict:
        """Whether home's check counts as failed, whatever it finds."""
        return proven("its check counts as failed") if self._front.left(self._home) else refuted("its check is heard")

    def leave(self, site: str) -> None:
        """Take home's check for failed."""
        self._front.leave(self._home)

    def lead_to(self, site: str) -> Verdict:
        """Whether the standby's machine lets visitors in."""
        return proven("it lets visitors in") if self._machine.promoted else refuted("it answers everybody with 503")

    def switch(self, site: str) -> None:
        """Promote the standby; its check finds it well, and names follow."""
        self._machine.promote(self._standby.pods)
        if self._moved:
            self._front.move(self._home, self._moved)

    def serves(self, site: str) -> Verdict:
        """Whether the public name is answered by the service, which home is not there to do."""
        if not served_from_outside(self._front, self._front.host, PATH, EXPECTS):
            return refuted("the public name is not answered by the service")
        return proven("the public name is answered by the service")


class Herald:
    """Tells the record of events."""

    def __init__(self, events: Events) -> None:
        self._events = events
        self._told: set[str] = set()

    def told(self, event: str) -> Verdict:
        """Whether it was told."""
        return proven("it was told") if event in self._told else refuted("it was not told")

    def tell(self, event: str, words: str) -> None:
        """Tell it."""
        self._events.add(OPERATOR, words)
        self._told.add(event)


def reporter(events: Events) -> Callable[[StepEvent], None]:
    """Write down how a runbook goes: what each step came to, and its own words."""

    said = ""

    def report(event: StepEvent) -> None:
        nonlocal said
        if event.state == "said":
            # A step that waits says the same again and again.
            if said != (words := f"{event.step}: {event.detail}"):
                events.add(RUNBOOK, words)
            said = words
        elif event.state == "failed":
            events.add(RUNBOOK, f"{event.step}: failed: {event.detail}")
        elif event.state == "done":
            events.add(RUNBOOK, f"{event.step}: done in {event.seconds:.2f} s")

    return report


def agree(events: Events) -> Callable[[str], bool]:
    """Somebody who says yes at once: a person's time to decide is no part of what a drill measures."""

    def approve(question: str) -> bool:
        events.add(OPERATOR, f"yes, after 0 s: {' '.join(question.split())}")
        return True

    return approve
