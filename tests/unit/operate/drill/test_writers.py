"""Writers write each number once, note what came of it, and never keep a failure of their own to themselves."""

from __future__ import annotations

import random
import threading
from types import SimpleNamespace

import pytest

from seawall.facts.resilience import Claim
from seawall.kernel.units import Duration
from seawall.operate.drill import measure
from seawall.operate.drill.events import Events
from seawall.operate.drill.promises import promised
from seawall.operate.drill.stage import until
from seawall.operate.drill.writers import Writers


class Gone(Exception):
    """The server has gone."""


class Store:
    """What sessions write to: it can be away, and then takes nothing."""

    def __init__(self):
        self.away = False
        self.numbers = []
        self.lock = threading.Lock()

    def connect(self):
        """A session."""
        if self.away:
            raise Gone
        return self

    def write(self, number):
        """Keep a number."""
        if self.away:
            raise Gone
        with self.lock:
            self.numbers.append(number)
        return number % 10 != 0

    def close(self):
        """A server that has gone cannot be hung up on."""
        if self.away:
            raise Gone


def writing(store, **more):
    """Four quick writers."""
    options = {"lost": (Gone,), "clients": 4, "rate": 2000, "chance": random.Random(1), "events": Events()} | more
    return Writers("writes", store.connect, **options)


def test_numbers_are_written_once_and_what_is_acknowledged_is_known():
    """Each number is sent once; those that were not acknowledged count as failed, though they may be there."""
    store = Store()
    writers = writing(store).start()
    until(lambda: len(store.numbers) > 40, what="some writes")
    requests = writers.stop()
    assert sorted(store.numbers) == sorted(request.number for request in requests)
    assert len(set(store.numbers)) == len(store.numbers)
    assert {request.number for request in requests if request.failed} == {one for one in store.numbers if one % 10 == 0}
    loss = measure.loss(requests, set(store.numbers), 0.0)
    assert (loss.rows, loss.extra) == (0, sum(one % 10 == 0 for one in store.numbers))


def test_a_server_that_was_away_is_written_to_again():
    """Failures are noted while it is away, and the first acknowledgement after it is what recovery is measured by."""
    store, events = Store(), Events()
    writers = writing(store, events=events).start()
    until(lambda: len(store.numbers) > 8, what="some writes")
    store.away = True
    at = events.now()
    until(lambda: any(one.failed and one.sent > at for one in writers.requests), what="a failure")
    assert not writers.acknowledged_since(events.now())
    store.away = False
    until(lambda: writers.acknowledged_since(at), what="a write")
    assert measure.first_write(writers.stop(), at) > 0


def test_an_error_that_means_no_loss_ends_the_drill():
    """A writer that stopped for a reason of its own would look like one that was served."""
    writers = Writers(
        "ends early", lambda: 1 / 0, lost=(Gone,), clients=1, rate=100, chance=random.Random(1), events=Events()
    ).start()
    until(lambda: not any(thread.name == "ends early 0" for thread in threading.enumerate()), what="its end")
    with pytest.raises(ZeroDivisionError):
        writers.stop()


def test_promises_are_those_of_the_description():
    """In seconds, by subject and measure; what is not promised is no limit."""
    claims = (Claim("zone_loss", "rto", Duration(180.0)),)
    setting = SimpleNamespace(graph=SimpleNamespace(claims=claims))
    assert promised(setting, "zone_loss", "rto") == 180.0
    assert promised(setting, "zone_loss", "rpo") is None
