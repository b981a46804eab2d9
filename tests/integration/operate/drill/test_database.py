"""The loss of a database's primary, with the standby that the platform has, on both engines."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drilled import drilled, setting
from seawall.operate.drill.stage import until

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
    assert 0.5 < measured["failover"] < 60
    assert measured["lost by a standby that nobody waits for"] > 0
    assert any(name.startswith("Aurora PostgreSQL") for name in outcome.standins)


DRILL = """
from seawall.operate.drill.servers import authority, postgresql
from seawall.operate.drill.stage import stage
with stage() as made:
    server = postgresql.start(made, "server", authority.authority(made))
    server.freeze()
    print(made.root, server.folder, server.process.pid, *server.begun(), flush=True)
    input()
"""


@pytest.mark.needs("postgresql")
def test_not_even_a_frozen_server_outlives_a_drill_that_is_killed():
    """Every process of PostgreSQL is a group of its own; all of them go with the drill, and so do its folders."""
    drill = subprocess.Popen([sys.executable, "-c", DRILL], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    root, folder, *processes = drill.stdout.readline().split()
    assert len(processes) > 3
    assert sum(map(_runs, processes)) > 3
    drill.send_signal(signal.SIGKILL)
    drill.communicate()
    until(lambda: not any(map(_runs, processes)), what="their end")
    until(lambda: not Path(root).exists() and not Path(folder).exists(), what="the folders' end")


def _runs(pid):
    """Whether it is there, and not only waiting for somebody to hear of its end."""
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    said = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False).stdout
    return bool(said) and not said.startswith("Z")
