"""Serving from a copy somewhere else, and coming back: for a standby that follows copies and is not replicated to.

Whatever was written after the copy's snapshot is lost when home is lost, so a person says yes to that moment by name.
A move that is planned loses nothing: the place that serves is closed first, and copied then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from seawall.kernel.errors import OutsideError
from seawall.kernel.verdict import Verdict, proven, refuted
from seawall.operate.failover.loss import Loss, words
from seawall.operate.failover.site import Chosen, Herald, Names, Site
from seawall.operate.runbook import Doing, Runbook, Step, part

PATIENCE = 900.0
"""Seconds that an application is given to become healthy, and names to be followed."""


def failover(
    subject: str,
    home: Site,
    standby: Site,
    names: Names,
    herald: Herald,
    *,
    although_it_answers: bool = False,
    patience: float = PATIENCE,
    every: float = 0.1,
) -> Runbook:
    """The standby takes over from a home that is lost.

    It is refused while home answers, unless ``although_it_answers``: then it counts as lost, as one does that answers
    its health check and serves nobody. ``every`` is how often (s) a place is asked while it is waited for, for at most
    ``patience`` seconds.
    """
    book = "failover"
    loss = Loss(home.name, home.answers, although_it_answers=although_it_answers)
    return Runbook(
        book,
        subject,
        (
            _Decision(subject, home, standby, loss).step(),
            # Before anything is served elsewhere: if it came back by itself, it would take writes that are lost later.
            replace(_leave(names, home), ready=lambda doing: loss.still()),
            *part("restore", standby.restoring(_copy)),
            *_serving(standby, names, patience, every),
            _tell(book, herald, lambda doing: f"{subject} serves from {standby.name}, from the copy {_copy(doing)}"),
        ),
        {"to": standby.name, "planned": False, "although_it_answers": although_it_answers},
    )


def move(
    book: str,
    subject: str,
    source: Site,
    target: Site,
    names: Names,
    herald: Herald,
    *,
    rest: bool,
    patience: float = PATIENCE,
    every: float = 0.1,
) -> Runbook:
    """Move from the place that serves to the other and lose nothing: ``failback``, or a ``failover`` that is planned.

    ``rest`` says that the source takes up a standby's part afterwards. From the closing on until the target serves,
    visitors see the maintenance page.
    """
    question = (
        f"Show visitors of {subject} the maintenance page, copy what {source.name} holds to {target.name}, and serve "
        f"from {target.name}? What {target.name} holds by itself is kept aside."
    )
    steps = [
        _agree(question, target),
        Step(
            "close",
            f"let {source.name} take no more writes; visitors see the maintenance page",
            lambda doing: source.close(),
            lambda doing: source.closed(),
        ),
        _note("closed", f"write down when {source.name} took its last write", lambda doing: _iso(datetime.now(UTC))),
        *part("copy", source.copying()),
        _choose(target),
        Step(
            "set-aside",
            f"keep what {target.name}'s database holds under another name",
            lambda doing: target.set_aside(),
            lambda doing: proven("the restore has begun") if "restoring" in doing.kept else target.aside(),
        ),
        # Once the restore has begun, what lies there is the copy, and is not set aside by a later run.
        _note("restoring", f"write down that {target.name}'s database is empty", lambda doing: target.name),
        *part("restore", target.restoring(_copy)),
        _leave(names, source),
        *_serving(target, names, patience, every),
    ]
    if rest:
        steps.append(
            Step(
                "rest",
                f"let {source.name} follow the copies again",
                lambda doing: source.rest(),
                lambda doing: source.resting(),
            )
        )
    told = f"{subject} serves from {target.name} again" if rest else f"{subject} serves from {target.name}"
    steps.append(_tell(book, herald, lambda doing: f"{told}; nothing was lost"))
    return Runbook(book, subject, tuple(steps), {"to": target.name, "planned": True})


class _Decision:
    """What is looked at before home is given up, and the question that a person is asked about it.

    All of it is one step: who says no, or is killed before, is asked anew by the next run, about what is so then.
    """

    def __init__(self, subject: str, home: Site, standby: Site, loss: Loss) -> None:
        self._subject, self._home, self._standby, self._loss = subject, home, standby, loss
        self._copy: Chosen | None = None

    def step(self) -> Step:
        says = f"make sure that {self._home.name} is lost, and choose the copy that {self._standby.name} begins from"
        return Step("decide", says, self._decide, lambda doing: _kept(doing, "copy", "nobody has decided"),
                    self._ready, self._question)  # fmt: skip

    def _ready(self, doing: Doing) -> Verdict:
        lost = self._loss.may_be_given_up()
        return self._standby.usable() if lost.proven else lost

    def _question(self, doing: Doing) -> str:
        self._copy = copy = self._standby.newest()
        return (
            f"{self._loss.doubt}Lose what was written to {self._subject} after {copy.began:%Y-%m-%d %H:%M:%S} UTC "
            f"({_ago(self._loss.at - copy.began)}), and serve from {self._standby.name}?"
        )

    def _decide(self, doing: Doing) -> None:
        assert self._copy is not None
        doing.keep(copy=self._copy.name, copy_began=_iso(self._copy.began), lost=_iso(self._loss.at))
        doing.say(f"the copy {self._copy.name}")


def _choose(site: Site) -> Step:
    def choose(doing: Doing) -> None:
        found = site.newest()
        # The name of a copy knows whole seconds.
        if found.began < datetime.fromisoformat(doing.text("closed")).replace(microsecond=0):
            raise OutsideError(
                f"the newest copy, {found.name}, was begun before the last write was taken",
                fix="run it again; a new copy is made",
            )
        doing.keep(copy=found.name, copy_began=_iso(found.began))
        doing.say(found.name)

    return Step(
        "choose",
        f"choose the newest good copy that {site.name} can restore",
        choose,
        lambda doing: _kept(doing, "copy", "no copy is chosen"),
    )


def _agree(question: str, target: Site) -> Step:
    return Step(
        "agree",
        "agree to it, and to the maintenance page meanwhile",
        lambda doing: doing.keep(agreed=True),
        lambda doing: _kept(doing, "agreed", "nobody has agreed"),
        lambda doing: target.usable(),
        question,
    )


def _leave(names: Names, site: Site) -> Step:
    return Step(
        "leave",
        f"lead nobody to {site.name} any more, even if it answers again",
        lambda doing: names.leave(site.name),
        lambda doing: names.left(site.name),
    )


def _serving(site: Site, names: Names, patience: float, every: float) -> tuple[Step, ...]:
    def wait(asked: Callable[[], Verdict]) -> Callable[[Doing], None]:
        def act(doing: Doing) -> None:
            end = time.monotonic() + patience
            while not (said := asked()).proven and time.monotonic() < end:
                doing.say(words(said))
                time.sleep(every)

        return act

    return (
        Step(
            "start", f"start the application at {site.name}", lambda doing: site.start(), lambda doing: site.running()
        ),
        Step("healthy", f"wait until {site.name} is healthy", wait(site.healthy), lambda doing: site.healthy()),
        Step(
            "switch",
            f"lead visitors to {site.name}",
            lambda doing: names.switch(site.name),
            lambda doing: names.lead_to(site.name),
            lambda doing: site.healthy(),
        ),
        Step(
            "outside",
            f"wait until the public name is answered by {site.name}",
            wait(lambda: names.serves(site.name)),
            lambda doing: names.serves(site.name),
        ),
    )


def _tell(book: str, herald: Herald, told: Callable[[Doing], str]) -> Step:
    def event(doing: Doing) -> str:
        # A copy is restored once, so its name tells this event from every other.
        return f"{book} {_copy(doing)}"

    return Step(
        "tell",
        "tell people",
        lambda doing: herald.tell(event(doing), told(doing)),
        lambda doing: herald.told(event(doing)),
    )


def _note(name: str, says: str, value: Callable[[Doing], str]) -> Step:
    return Step(
        f"note-{name}",
        says,
        lambda doing: doing.keep(**{name: value(doing)}),
        lambda doing: _kept(doing, name, "it is not written down"),
    )


def _copy(doing: Doing) -> str:
    return doing.text("copy")


def _kept(doing: Doing, name: str, lacking: str) -> Verdict:
    return proven(f"{name}: {doing[name]}") if name in doing.kept else refuted(lacking)


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _ago(span: timedelta) -> str:
    """A span of time as people say it: ``4 h 12 min``."""
    seconds = max(0, int(span.total_seconds()))
    units: Sequence[tuple[int, str]] = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
    for number, (size, unit) in enumerate(units):
        if seconds >= size:
            smaller = units[number + 1 : number + 2]
            rest = [f"{seconds % size // small} {name}" for small, name in smaller if seconds % size // small]
            return " ".join([f"{seconds // size} {unit}", *rest])
    return "0 s"
