"""A database's primary is lost: its standby becomes the writer, and what was acknowledged must be there.

AWS detects and promotes by itself, in its own time; what plays that here is quicker, so both are said: what was
measured, and what it comes to with the time that AWS takes. A standby that follows as it can, without being waited
for, is played too: what it loses under a partition shows that a loss would be seen.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

from seawall.operate.drill import measure
from seawall.operate.drill.events import Events
from seawall.operate.drill.load import Request
from seawall.operate.drill.measure import Loss
from seawall.operate.drill.promises import promised
from seawall.operate.drill.scenario import Measure, Outcome, Setting, scenario
from seawall.operate.drill.servers import pair
from seawall.operate.drill.servers.pair import Described, Detector, Pair
from seawall.operate.drill.stage import Stage, until
from seawall.operate.drill.writers import Writers

PROBE, FAILURES, PATIENCE = 0.3, 3, 1.0
"""Seconds between looks at the primary, how many in a row must fail, and the seconds after which a look has failed."""
_PROMOTION = "database: promotion and reconnection (s)"
_CALIBRATED = 0.1


def _applies(setting: Setting) -> str:
    found = pair.described(setting)
    if found is None:
        return "it has no database with a standby in another zone"
    return ""


def _calibrate(stage: Stage, setting: Setting, events: Events) -> Mapping[str, float]:
    """How long it takes from the primary's being taken for dead to the first write, with other probes."""
    of = pair.described(setting)
    assert of is not None
    took = []
    for number in range(1 if setting.short else 3):
        took.append(_promoted(stage, of, f"calibrated-{number}", setting, events))
    return {_PROMOTION: sorted(took)[len(took) // 2]}


def _promoted(stage: Stage, of: Described, name: str, setting: Setting, events: Events) -> float:
    made = pair.start(stage, of, name=name, parted=setting.fault == "partition", patience=PATIENCE)
    writing = writers(made, setting, events, "writes").start()
    detector = Detector(made, every=_CALIBRATED, failures=1, report=lambda what: events.add(name, what)).start(0.0)
    time.sleep(0.5)
    made.lose(setting.fault)
    at = events.now()
    until(lambda: writing.acknowledged_since(at), what="a write is acknowledged again")
    dead = next(event.at for event in events.all() if (event.lane, event.what) == (name, pair.DEAD))
    back = measure.first_write(writing.requests, at)
    assert back is not None
    detector.stop()
    writing.stop()
    made.stop()
    return at + back - dead


@scenario(
    "database-primary-loss",
    needs=dict.fromkeys(("pymysql", "pg8000", "cryptography"), "seawall[drill]"),
    needs_of=pair.needs,
    applies=_applies,
    faults=("partition", "kill", "freeze"),
    calibrate=_calibrate,
)
def play(stage: Stage, setting: Setting, events: Events) -> Outcome:
    """The primary of the database is parted from all others, killed or frozen, while clients write to it."""
    of = pair.described(setting)
    assert of is not None
    patience = PATIENCE / 2 if setting.short else PATIENCE
    made = pair.start(stage, of, parted=setting.fault == "partition", patience=patience)
    events.add("database", f"the standby {'has every commit first' if of.synchronous else 'follows as it can'}")
    fault, took, back, kept, requests = _played(made, setting, setting.fault, events)
    version = made.version()
    made.stop()
    lost = _compared(pair.start(stage, of, name="comparison", synchronous=False, parted=True), setting, events)
    promise = promised(setting, "zone_loss", "rto")
    probe = setting.probe or PROBE
    waited = _detection(probe, setting.fault, patience)
    promotion = setting.constants.get(_PROMOTION)
    measures = (
        Measure("failover", took, "s", promise, expected=None if promotion is None else waited + promotion),
        Measure("until no write fails any more", back, "s", promise),
        # Clients that hang do so while AWS promotes; after that one more attempt is enough.
        Measure("failover with AWS's own promotion at its slowest", max(back, of.takes[1] + patience), "s", promise),
        Measure("acknowledged writes lost", kept.rows, "writes", 0 if of.synchronous else None),
        Measure("acknowledged writes", kept.acknowledged, "writes", 1, at_least=True),
        Measure("lost by a standby that nobody waits for", lost.rows, "writes", 1, at_least=True),
    )
    settings: dict[str, str | int | float] = {
        "the standby is waited for": str(of.synchronous), "probe (s)": probe, "failures": FAILURES,
        "patience (s)": patience,
        "AWS takes (s)": f"{of.takes[0]:g} to {of.takes[1]:g}", **of.of.settings,
        **{f"left out: {name}": why for name, why in of.of.left_out.items()},
    }  # fmt: skip
    return Outcome(
        measures,
        standins(of, version),
        settings,
        requests=measure.failed(requests),
        marks={"fault": fault, "a write is acknowledged again": fault + took},
    )


def writers(
    made: Pair, setting: Setting, events: Events, name: str, *, first: int = 1, inside: bool = False
) -> Writers:
    """Clients of a database, who ask who the writer is whenever theirs has gone, or stay on the old primary's side."""
    return Writers(
        name,
        lambda: made.connect(inside=inside),
        lost=made.lost,
        clients=2,
        rate=setting.rate / 2,
        chance=setting.chance,
        events=events,
        first=first,
    )


def _played(
    made: Pair, setting: Setting, fault: str, events: Events
) -> tuple[float, float, float, Loss, tuple[Request, ...]]:
    """Lose the primary; when, the seconds to the first write and to where none fails any more, the loss, the writes."""
    outside = writers(made, setting, events, "writes").start()
    everybody = [outside]
    if fault == "partition":
        everybody.append(writers(made, setting, events, "writes inside", first=10**6, inside=True).start())
    every = setting.probe or PROBE
    detector = Detector(made, every=every, failures=FAILURES, report=lambda what: events.add("detector", what))
    detector.start(setting.chance.random() * every)
    time.sleep(0.5 + setting.chance.random())
    detector.waits()
    made.lose(fault)
    # From when it is over: what is sent while processes are being ended may still be answered by the last of them.
    at = events.add("fault", f"{fault} of the primary")
    until(lambda: outside.acknowledged_since(at), what="a write is acknowledged again", seconds=60)
    events.add("database", "a write is acknowledged again")
    # On the wrong side of a partition writes go on for as long as it lasts.
    time.sleep(0.3 if setting.short else 3.0)
    for each in everybody:
        each.stop()
    detector.stop()
    took, back = measure.first_write(outside.requests, at), measure.recovery(outside.requests, at)
    assert took is not None
    requests = [request for each in everybody for request in each.requests]
    kept = measure.loss(requests, made.numbers(), at)
    return at, took, back if back is not None else math.inf, kept, outside.requests


def _compared(made: Pair, setting: Setting, events: Events) -> Loss:
    """What is lost by a standby that nobody waits for, when its primary is parted from it, goes on, and then goes."""
    inside = writers(made, setting, events, "comparison", inside=True).start()
    time.sleep(0.3)
    at = events.add("comparison", "the primary is parted from its standby")
    made.lose("partition")
    time.sleep(0.5 if setting.short else 2.0)
    inside.stop()
    made.promote()
    events.add("comparison", "the standby is the writer")
    return measure.loss(inside.requests, made.numbers(), at)


def _detection(probe: float, fault: str, patience: float) -> float:
    """How long the primary is away until it is taken for dead: the mean over where in the probes' round it goes."""
    each = 0.0 if fault == "kill" else patience
    return probe * (FAILURES - 0.5) + each * FAILURES


def standins(of: Described, version: str) -> dict[str, str]:
    """What plays the database, and what does not hold of it."""
    follows = "a follower that every commit waits for" if of.synchronous else "a follower"
    return {
        of.real: version,
        "the standby in another zone": f"{follows}, a process on the same machine",
        "AWS's own detection and promotion": "a detector of the drill's",
        "the application": "clients that write rows",
    }
