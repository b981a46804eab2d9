"""AWS on a stage: an emulator of the drill's own, which ends with it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from seawall.deploy.emulator.process import Emulator
from seawall.deploy.emulator.surroundings import environment
from seawall.deploy.target import Cloud
from seawall.operate.drill.stage import Stage, listens, until


def start(stage: Stage, name: str = "aws") -> Cloud:
    """Start an empty emulator and wait until it answers."""
    folder = stage.folder(name)
    state = folder / "emulator.json"
    source = str(Path(__file__).resolve().parents[4])
    process = stage.start(
        name,
        [sys.executable, "-P", "-m", "seawall.deploy.emulator", "--state-file", str(state)],
        folder=folder,
        environment={"PYTHONPATH": os.pathsep.join(filter(None, [source, os.environ.get("PYTHONPATH")]))},
    )
    until(state.exists, process, seconds=60, what="the emulator's state")
    found = json.loads(state.read_text(encoding="utf-8"))
    until(lambda: listens(found["port"]), process, what="the emulator's answer")
    emulator = Emulator(pid=int(found["pid"]), port=int(found["port"]), started=str(found["started"]))
    return Cloud(environment(emulator), emulator)
