"""The loss of a database's primary, with the standby that the platform has, on both engines."""

from __future__ import annotations

import pytest

from drilled import drilled, setting

pytestmark = pytest.mark.needs("drill")


@pytest.mark.needs("mariadb")
def test_a_partition_loses_nothing_that_the_standby_was_waited_for():
    """Multi-AZ acknowledges nothing that its standby lacks; one that nobody waits for loses what was acknowledged."""
    outcome, measured = drilled("database-primary-loss", setting("petclinic", "partition"))
    assert measured["acknowledged writes lost"] == 0
    assert measured["acknowledged writes"] > 20
    assert measured["lost by a standby that nobody waits for"] > 0
    assert outcome.settings["max_connections"] == "170"
    # What AWS takes is said beside what was measured here.
    assert measured["failover with AWS's own promotion at its slowest"] > 120


@pytest.mark.needs("postgresql")
def test_aurora_s_stand_in_is_promoted_when_its_primary_is_killed():
    """PostgreSQL with a standby that every commit waits for: found dead, promoted, and written to again."""
    outcome, measured = drilled("database-primary-loss", setting("pingvas", "kill"))
    assert measured["acknowledged writes lost"] == 0
    assert 0.5 < measured["failover"] < 10
    assert measured["lost by a standby that nobody waits for"] > 0
    assert any(name.startswith("Aurora PostgreSQL") for name in outcome.standins)
