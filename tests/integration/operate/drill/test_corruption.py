"""Damaged copies are never restored, on real servers; and the secrets of a play stay where they belong."""

from __future__ import annotations

import json
import random
from dataclasses import replace

import pytest

from seawall.cli.input import load_graph
from seawall.operate.drill import evidence
from seawall.operate.drill.damage import DAMAGES
from seawall.operate.drill.leaks import forms
from seawall.operate.drill.play import play
from seawall.operate.drill.scenario import Setting, scenarios
from seawall.operate.drill.scenarios import backup_corruption
from seawall.readers.read import facts_of

pytestmark = pytest.mark.needs("mariadb", "azurite", "nginx", "agent", "drill")


def setting():
    """PetClinic with little data, a few visitors, quick probes, and names that nobody keeps."""
    platform, graph = load_graph(["petclinic"], None)
    return Setting(
        platform, graph, facts_of(graph), random.Random(0), True, 2, 40, probe=0.1, ttl=0.0, fault="corrupt-backup"
    )


def test_no_damaged_copy_is_restored_and_no_secret_gets_out(monkeypatch, tmp_path):
    """Six ways of damage are refused, the copy before them is taken, with none good nothing is; and nothing leaks."""
    monkeypatch.setattr(backup_corruption, "_SHORT_WAYS", len(DAMAGES))
    planted: list[str] = []
    scenario = scenarios()["backup-corruption"]

    def watched(stage, setting, events):
        outcome = scenario.play(stage, setting, events)
        planted.extend(stage.secrets)
        return outcome

    here = setting()
    (run,) = play(replace(scenario, play=watched), here, seed=3)
    assert run.outcome.failures == ()
    measures = {measure.name: measure for measure in run.outcome.measures}
    assert measures["copies refused"].value == len(DAMAGES)
    assert measures["copies refused"].kept
    said = [event.what for event in run.events]
    assert sorted(way for what in said for way in DAMAGES if what.endswith(f" is damaged: {way}")) == sorted(DAMAGES)
    assert any(what.startswith("refused: there is no copy") for what in said)
    # It is as old as the copies that were refused make it.
    assert measures["RPO"].value > len(DAMAGES) * 1.0
    # The account's key, the administrator's password and the agent's, at the least.
    assert len(planted) >= 3
    place = evidence.place(tmp_path, here.platform)
    written = evidence.keep(place, evidence.Played(scenario, here, 3, _now(), (run,), (0.0, 0.0, 0.0)))
    for file in written:
        content = file.read_bytes()
        assert not any(form in content for form in forms(planted)), file.name
    assert json.loads(written[0].read_text())["runs"][0]["kept"] is True


def _now():
    from datetime import UTC, datetime

    return datetime.now(UTC)
