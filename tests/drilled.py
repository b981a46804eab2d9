"""One short play of a scenario on a shipped platform, for tests of what comes of it."""

from __future__ import annotations

import random

from seawall.cli.input import load_graph
from seawall.operate.drill.play import play
from seawall.operate.drill.scenario import Setting, scenarios
from seawall.readers.read import read


def setting(name, fault="kill", **more):
    """What a short play of a shipped platform is played with."""
    platform, graph = load_graph([name], None)
    return Setting(platform, graph, read(graph), random.Random(1), short=True, fault=fault, **more)


def drilled(scenario, of, seed=7):
    """The outcome of one play, and its measures by name; nothing but a time may have missed its limit.

    How long things take is this machine's business, and that of whatever else runs on it.
    """
    (run,) = play(scenarios()[scenario], of, 1, seed=seed)
    measured = {one.name: one for one in run.outcome.measures}
    assert run.outcome.failures == ()
    assert [one for one in measured.values() if one.kept is False and one.unit != "s"] == []
    return run.outcome, {name: one.value for name, one in measured.items()}
