"""What comes of a play that restores from a copy."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from seawall.operate.drill import from_copy
from seawall.operate.drill.events import Events
from seawall.operate.drill.from_copy import Region


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
