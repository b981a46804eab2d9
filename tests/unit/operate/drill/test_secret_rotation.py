"""When a new password reaches a service's pods is read from the platform."""

from __future__ import annotations

from platforms import shipped
from seawall.operate.drill.scenarios.secret_rotation import refreshed


def test_petclinics_password_is_no_older_than_a_minute_and_redis_own_never_changes():
    """The database's is asked for every minute; what is generated once is not taken for one that may change."""
    _, graph = shipped("petclinic")
    assert refreshed(graph, "was") == 60
    assert refreshed(graph, "sessions") is None
    assert refreshed(graph, "web") is None
