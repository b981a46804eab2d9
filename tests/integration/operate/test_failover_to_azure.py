"""The command has PetClinic's standby take over: its machine is played by its own scripts, Route 53 by the emulator."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from azure_machine import NEW, OLD, FakeMachine
from seawall.cli.input import reference_platforms
from seawall.cli.main import main
from seawall.deploy.emulator import process
from seawall.deploy.emulator.clients import client
from seawall.kernel.verdict import Verdict, proven, refuted
from seawall.operate.failover import azure

pytestmark = pytest.mark.needs("emulator")
HOME = "www-ap-northeast-2.petclinic.example"


@pytest.fixture
def route53(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Route 53 with home's health check; whatever speaks to AWS speaks to it."""
    emulator = process.start(tmp_path / "emulator")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ENDPOINT_URL", emulator.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "emulator")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "emulator")
    found = client(emulator, "route53", "us-east-1")
    found.create_health_check(
        CallerReference="home", HealthCheckConfig={"Type": "HTTPS", "FullyQualifiedDomainName": HOME, "Port": 443}
    )
    yield found
    process.stop(tmp_path / "emulator")


def test_the_standby_takes_over_once(
    tmp_path: Path, route53: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused while home answers; then restored, promoted and told, with home held; and not done again."""
    described = tmp_path / "platform.yaml"
    shipped = (reference_platforms()["petclinic"] / "platform.yaml").read_text("utf-8")
    described.write_text(f"prefix: mine\n{shipped}", encoding="utf-8")
    machine = FakeMachine(tmp_path / "machine", NEW, OLD)
    home_answers = [True]

    def held() -> bool:
        (check,) = route53.list_health_checks()["HealthChecks"]
        return bool(check["HealthCheckConfig"].get("Inverted"))

    def asked(url: str, expects: str) -> Verdict:
        host = url.split("/")[2]
        standby = machine.has("ready") if host.startswith("www-koreacentral") else machine.has("promoted") and held()
        well = home_answers[0] if host == HOME else standby
        return proven(f"{host} answers 200") if well else refuted(f"{host} answers 503")

    monkeypatch.setattr(azure, "command_line", machine.az)
    for place in (azure.Home, azure.AzureSite):
        monkeypatch.setattr(place.__init__, "__defaults__", (asked,))
    monkeypatch.setattr(azure.Route53.__init__, "__defaults__", (asked,))
    words = ["failover", str(described), "--state-dir", str(tmp_path / "state"), "--target", "aws", "--format", "json"]

    assert main([*words, "--yes"]) == 3
    assert f"{HOME} answers 200" in capsys.readouterr().err
    assert (machine.told, held()) == (0, False)

    home_answers[0] = False
    assert main([*words, "--dry-run"]) == 0
    said = capsys.readouterr()
    assert f"the newest copy: {NEW}, of 2026-11-22 18:00:05 UTC" in said.err
    assert json.loads(said.out)["would"][0] == "decide"
    assert (machine.deeds, held()) == ([], False)

    assert main([*words, "--yes"]) == 0, capsys.readouterr().err
    said = capsys.readouterr()
    ran = json.loads(said.out)
    assert "Lose what was written to petclinic-production after 2026-11-22 18:00:05 UTC" in said.err
    assert "petclinic-production serves from azure" in said.err
    assert (machine.has("promoted"), held()) == (True, True)
    assert ran["kept"]["copy"] == NEW
    assert machine.deeds == ["restored"]

    # It serves: a second failover finds everything so, and restores nothing over what is written there now.
    assert main([*words, "--yes"]) == 0, capsys.readouterr().err
    assert machine.deeds == ["restored"]
