"""The loss of the zone that holds both of petclinic's primaries, with its own settings on this machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drilled import drilled, setting
from seawall.cli.input import load_graph
from seawall.operate.drill.scenario import scenarios
from seawall.operate.drill.scenarios.az_loss import zones
from seawall.readers.read import read

pytestmark = pytest.mark.needs("nginx", "mariadb", "redis", "drill")


def test_nothing_acknowledged_is_lost_with_a_zone():
    """Sentinels elect, the standby is promoted, the other zone's pods serve: no visit or session kept is lost."""
    outcome, measured = drilled("az-loss", setting("petclinic", "kill"))
    assert measured["acknowledged visits lost"] == measured["acknowledged sessions lost"] == measured["RPO"] == 0
    assert measured["acknowledged visits"] > 10
    # Both had to fail over: the Sentinels alone are silent for a second.
    assert measured["first session that is kept again"] > 1.0
    assert measured["until no write fails any more"] >= measured["first session that is kept again"]
    assert 120 < measured["RTO with AWS's own promotion at its slowest"] < 180
    assert outcome.settings["pods lost"] == 1


def test_zones_are_those_of_the_platform_s_subnets():
    """What lies where is read from the facts, and a platform without what is lost is refused with the reason."""
    of = setting("petclinic")
    assert zones(of) == ["ap-northeast-2a", "ap-northeast-2b", "ap-northeast-2c"]
    platform, graph = load_graph(["pingvas"], None)
    other = replace(of, platform=platform, graph=graph, facts=read(graph))
    assert scenarios()["az-loss"].applies(of) == ""
    assert "MySQL" in scenarios()["az-loss"].applies(other)
