"""What the standby's machine is told and asked through Azure is run by a real shell, with the machine's own scripts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from azure_machine import NEW, OLD, FakeMachine
from operate_world import World, WorldHerald
from seawall.cli.input import load_platform
from seawall.kernel.errors import OutsideError
from seawall.kernel.verdict import Verdict, proven, refuted
from seawall.operate.failover import azure
from seawall.operate.failover.from_copy import failover
from seawall.operate.runbook import run


class FakeRoute53:
    """The health checks of an account; one of them is home's."""

    def __init__(self) -> None:
        self.checks: list[dict[str, Any]] = [
            {"Id": "1", "HealthCheckConfig": {"FullyQualifiedDomainName": "somebody.example"}},
            {"Id": "2", "HealthCheckConfig": {"FullyQualifiedDomainName": "www-ap-northeast-2.petclinic.example"}},
        ]
        self.updates: list[dict[str, Any]] = []

    def get_paginator(self, operation: str) -> FakeRoute53:
        assert operation == "list_health_checks"
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return [{"HealthChecks": self.checks[:1]}, {"HealthChecks": self.checks[1:]}]

    def update_health_check(self, HealthCheckId: str, **values: Any) -> None:
        self.updates.append({"Id": HealthCheckId, **values})
        next(check for check in self.checks if check["Id"] == HealthCheckId)["HealthCheckConfig"] |= values


@pytest.fixture(scope="module")
def standby() -> azure.Standby:
    """PetClinic's."""
    return azure.of(load_platform("petclinic", None))


def test_the_names_are_those_that_are_rendered(standby: azure.Standby) -> None:
    """The machine is found by the names that its description gives it."""
    assert standby.machine == "petclinic-production-recovery"
    assert standby.public == "www.petclinic.example"
    assert standby.home_own == "www-ap-northeast-2.petclinic.example"
    assert standby.own == "www-koreacentral.petclinic.example"


def test_the_standby_takes_over(tmp_path: Path, standby: azure.Standby) -> None:
    """Home is held first, the newest copy restored and started, and promoted last; three words to the machine do."""
    fake, names = FakeMachine(tmp_path / "machine", NEW, OLD), FakeRoute53()
    machine = azure.Machine(standby, fake.az)

    def ask(url: str, expects: str) -> Verdict:
        host = url.split("/")[2]
        well = {
            standby.home_own: False,
            standby.own: fake.has("ready"),
            standby.public: fake.has("promoted") and bool(names.updates),
        }[host]
        return proven(url) if well else refuted(url)

    world = World.fresh(tmp_path)
    asked: list[str] = []

    def approve(question: str) -> bool:
        asked.append(question)
        return True

    book = failover(
        "petclinic-production",
        azure.Home(standby, ask),
        azure.AzureSite(standby, machine, ask),
        azure.Route53(standby, machine, names, ask),
        WorldHerald(world),
        every=0.01,
    )
    ran = run(book, tmp_path / "operations", approve=approve)
    assert ran.kept["copy"] == NEW
    assert "after 2026-11-22 18:00:05 UTC" in asked[0]
    assert names.updates == [{"Id": "2", "Disabled": True, "Inverted": True}]
    assert fake.has("promoted")
    assert fake.deeds == ["restored"]
    assert fake.told == 3


def test_without_a_copy_nothing_is_begun(tmp_path: Path, standby: azure.Standby) -> None:
    """A standby that sees no copy cannot take over, and nobody is asked."""
    machine = azure.Machine(standby, FakeMachine(tmp_path / "machine").az)
    assert azure.AzureSite(standby, machine).usable().refuted


def test_a_script_that_fails_is_told(tmp_path: Path, standby: azure.Standby) -> None:
    """Azure calls every script a success; we do not."""
    machine = azure.Machine(standby, FakeMachine(tmp_path / "machine", NEW).az)
    with pytest.raises(OutsideError, match="ended 1"):
        machine.tell("/opt/standby/promote.sh")


def test_an_answer_that_is_none_is_unknown(standby: azure.Standby) -> None:
    """Whoever is not logged in to Azure learns it, and nothing is taken for refuted."""

    def az(arguments: Sequence[str]) -> str:
        return "Please run 'az login'"

    said = azure.AzureSite(standby, azure.Machine(standby, az)).running()
    assert said.unknown


def test_coming_back_is_said_to_be_done_by_hand() -> None:
    """What this program cannot do it does not pretend to; it says who does what, with the names."""
    said = str(azure.by_hand(load_platform("petclinic", None)))
    assert "systemctl stop standby-restore.timer" in said
    assert "www-ap-northeast-2.petclinic.example" in said
