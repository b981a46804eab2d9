"""What comes of a play that restores from a copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from seawall.operate.drill import from_copy
from seawall.operate.drill.events import Events
from seawall.operate.drill.from_copy import Region
from seawall.operate.drill.load import Request


def test_a_copy_that_was_whole_as_home_was_lost_is_known_by_its_manifest(monkeypatch):
    """Its agent was lost between the copy's last byte and saying so; it is in the store, and may be restored."""
    said = SimpleNamespace(manifest=SimpleNamespace(name="db/1"))
    unsaid = SimpleNamespace(name="db/2", began=datetime.now(UTC) - timedelta(seconds=5))
    listed = [SimpleNamespace(name=one.name, manifest=one) for one in (unsaid, said.manifest)]
    monkeypatch.setattr(from_copy, "found", lambda store, component: listed)
    events = Events()
    region = SimpleNamespace(
        copying=SimpleNamespace(made=(said,)), store=None, job=SimpleNamespace(component="db"), events=events
    )
    assert Region.copied(region, "db/1", 3.0) is said
    found = Region.copied(region, "db/2", 3.0)
    assert (found.manifest, found.ended) == (unsaid, 3.0)
    assert found.began == pytest.approx(events.now() - 5, abs=2)


@pytest.mark.parametrize(
    ("fault", "sent", "missed"),
    [("kill", 11.0, True), ("partition", 11.0, False), ("freeze", 16.9, False), ("partition", 17.5, True)],
)
def test_a_page_is_missed_only_where_somebody_could_have_seen_it(monkeypatch, fault, sent, missed):
    """Home is lost at 10 s and found lost 6 s later; whoever asks one that hangs waits, and sees no page before."""
    monkeypatch.setattr(from_copy, "_checks", lambda region: SimpleNamespace(ttl=0.0))
    monkeypatch.setattr(from_copy, "recovery", lambda setting: SimpleNamespace(page=True))
    region = SimpleNamespace(setting=SimpleNamespace(fault=fault), front=None)
    asked = [Request("GET", "/", 0, sent, sent + 0.1, 502)]
    said = from_copy._failures(region, SimpleNamespace(began=0.0), 10.0, 6.0, asked, frozenset(), None, 8.0, 0)
    assert (list(said) == ["nobody saw the maintenance page"]) is missed
