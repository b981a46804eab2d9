"""Every shipped platform comes up on the emulator and goes again, in its own regions and in no other.

`make platforms` runs every environment of every platform, which takes an hour.  By default, and so in CI, it is
PocketBank's production alone: PetClinic has a journey of its own, and what genai-demo and pingvas have over two regions
comes up in tests/integration/deploy/test_storage.py and tests/integration/emulator/test_stores_on_the_emulator.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest
import yaml

from seawall.cli.input import load_graph, reference_platforms
from seawall.deploy.emulator import process
from seawall.deploy.emulator.lacking import without_lacking
from seawall.deploy.emulator.leftovers import leftovers
from seawall.kernel.address import Address

pytestmark = pytest.mark.needs("terraform", "aws-provider", "kubectl", "emulator")
EVERY = bool(os.environ.get("SEAWALL_EVERY_ENVIRONMENT"))
# Regions in which no platform has anything; a mistaken region has to be somewhere.
ELSEWHERE = ("eu-north-1", "sa-east-1", "us-east-2")


def journeys():
    """Platform and environment of each journey."""
    for name, folder in reference_platforms().items():
        environments = yaml.safe_load((folder / "platform.yaml").read_text())["environments"]
        for environment, said in environments.items():
            if EVERY or (said.get("default") and name == "pocketbank"):
                yield pytest.param(name, environment, id=f"{name}-{environment}")


@pytest.fixture
def seawall(tmp_path, terraform_environment):
    """Runs a command in a new user's empty folder; whatever happens, no emulator is left."""

    def run(*words):
        command = [sys.executable, "-m", "seawall", *words]
        done = subprocess.run(
            command, cwd=tmp_path, env=terraform_environment, capture_output=True, text=True, timeout=1800, check=False
        )
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    yield run
    subprocess.run([sys.executable, "-m", "seawall", "emulator", "stop"], cwd=tmp_path, check=False, timeout=60)


@pytest.mark.parametrize(("name", "environment"), list(journeys()))
def test_a_platform_comes_up_in_its_regions_and_goes(name, environment, seawall, tmp_path):
    """Up; every second plan empty; every resource there when asked through boto3 in its region; nothing left behind."""
    words = (name, "--environment", environment)
    said = seawall("up", *words)
    assert f"{name} {environment} is up on the emulator" in said

    plan = json.loads(seawall("plan", *words, "--format", "json"))
    assert [stack["stack"] for stack in plan["stacks"] if stack["changes"]] == []
    assert plan["after"] == []

    verdicts = [run["verdict"] for run in json.loads(seawall("validate", *words, "--format", "json"))["runs"]]
    assert verdicts.count("refuted") == 0
    assert verdicts.count("proven") > len(verdicts) / 2

    _, graph = load_graph([name], environment)
    _lies_in_its_regions(without_lacking(graph).graph, process.find(tmp_path / ".seawall"))

    gone = seawall("down", *words)
    assert "the emulator was ended" in gone
    assert "left behind" not in gone


def _lies_in_its_regions(graph, emulator):
    """Each region of the description holds something that its API lists, and no other region does."""
    terraform = [one for one in graph if one.is_terraform and not one.is_data_source and one.type.startswith("aws_")]
    regions = {one.region for one in terraform if _is_regional(one)}
    for region in sorted(regions):
        assert _held_by(emulator, region), region
    for region in ELSEWHERE:
        assert region not in regions
        assert _held_by(emulator, region) == []


def _held_by(emulator, region):
    """What a region's own APIs list; a global database is listed by every region's."""
    lines = [line for line in leftovers(emulator, [region]) if line.startswith(f"{region}:")]
    return [line for line in lines if "global database" not in line]


def _is_regional(resource):
    """Whether a region's own listing shows it: roles, zones and distributions lie in none."""
    assert isinstance(resource.address, Address)
    return resource.type in ("aws_vpc", "aws_acm_certificate", "aws_backup_vault", "aws_sns_topic", "aws_kms_key")
