"""The loss of a cache's primary, with petclinic's own Sentinels on this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drilled import drilled, setting
from seawall.cli.input import load_graph
from seawall.operate.drill.scenario import scenarios

pytestmark = pytest.mark.needs("redis", "drill")


def test_a_partition_loses_nothing_that_a_replica_was_waited_for():
    """No acknowledged write is lost on either side; writers who do not wait lose some, so a loss would be seen."""
    outcome, measured = drilled("cache-primary-loss", setting("petclinic", "partition"))
    assert measured["acknowledged writes lost"] == 0
    assert measured["lost without WAIT"] > 0
    assert measured["acknowledged writes"] > 20
    assert measured["failover"] > 1.0  # as long as the primary has to be silent; the rest is the machine's business
    assert outcome.settings["down-after-milliseconds"] == "1000"


def test_a_primary_that_is_killed_is_replaced():
    """After the second of silence that the Sentinels wait for; nobody's acknowledged write is lost."""
    _, measured = drilled("cache-primary-loss", setting("petclinic", "kill"))
    assert measured["failover"] > 1.0
    assert measured["acknowledged writes lost"] == 0


def test_what_elasticache_does_is_not_played():
    """A platform without Sentinels of its own is refused with the reason."""
    of = setting("petclinic")
    _, graph = load_graph(["genai-demo"], None)
    assert scenarios()["cache-primary-loss"].applies(of) == ""
    assert "ElastiCache" in scenarios()["cache-primary-loss"].applies(replace(of, graph=graph))
