"""PetClinic from its description to a running platform on the emulator, and back to nothing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.needs("terraform", "aws-provider", "kubectl", "emulator")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A new user's empty folder."""
    return tmp_path_factory.mktemp("petclinic")


@pytest.fixture(scope="module")
def seawall(place, terraform_environment):
    """Runs a command there; whatever happens, no emulator is left."""

    def run(*words, status=0):
        done = subprocess.run(
            [sys.executable, "-m", "seawall", *words],
            cwd=place,
            env=terraform_environment,
            capture_output=True,
            text=True,
            timeout=900,
            check=False,
        )
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    yield run
    subprocess.run([sys.executable, "-m", "seawall", "emulator", "stop"], cwd=place, check=False, timeout=60)


def test_a_platform_comes_up_survives_a_kill_and_goes(place, seawall, terraform_environment):
    """up killed in mid-way and run again; a second plan that is empty; validate, drift and down as they promise.

    One test, because each step needs the one before and bringing PetClinic up takes minutes.
    """
    _killed_in_mid_apply(place, terraform_environment)
    said = seawall("up", "petclinic")
    assert len(said.splitlines()) <= 25
    assert "petclinic production is up on the emulator" in said
    assert "not applied: no cluster" in said

    plan = json.loads(seawall("plan", "petclinic", "--format", "json"))
    assert [stack["stack"] for stack in plan["stacks"] if stack["changes"]] == []
    assert len(plan["stacks"]) >= 6
    assert plan["after"] == []

    validated = json.loads(seawall("validate", "petclinic", "--format", "json"))
    verdicts = [one["verdict"] for one in validated["runs"]]
    assert verdicts.count("refuted") == 0
    assert verdicts.count("proven") > 100

    _change_behind_terraforms_back(place)
    drifted = json.loads(seawall("drift", "petclinic", "--format", "json", status=1))
    assert ["log_group.control_plane" in found["address"] for found in drifted["drifted"]] == [True]
    refuted = json.loads(seawall("validate", "petclinic", "--format", "json", status=1))
    assert [r["address"] for r in refuted["runs"] if r["verdict"] == "refuted"] == [drifted["drifted"][0]["address"]]

    regions = _regions_in_use(place)
    assert regions == {"ap-northeast-2", "us-east-1"}
    assert _keeps_copies_of_backups(place, "ap-northeast-1")

    gone = seawall("down", "petclinic")
    assert "the emulator was ended" in gone
    assert "left behind" not in gone
    assert "nothing is up" in seawall("emulator", "status")
    assert seawall("down", "petclinic") == "petclinic production: nothing was up\n"
    _no_secret_is_written(place)


def _killed_in_mid_apply(place, environment):
    """Start up, wait until resources are being made, and kill Seawall without warning."""
    child = subprocess.Popen(
        [sys.executable, "-m", "seawall", "up", "petclinic"],
        cwd=place,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = place / ".seawall" / "petclinic" / "production" / "emulator" / "journal"
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        said = "".join(file.read_text() for file in journal.glob("*")) if journal.is_dir() else ""
        if '"apply"' in said:
            break
        assert child.poll() is None, child.stderr.read()
        time.sleep(0.2)
    time.sleep(3)
    os.kill(child.pid, signal.SIGKILL)
    child.wait(timeout=30)
    child.stderr.close()


def _client(place, service, region):
    """A boto3 client of the emulator that runs there."""
    from seawall.deploy.emulator import process
    from seawall.deploy.emulator.clients import client

    return client(process.find(place / ".seawall"), service, region)


def _change_behind_terraforms_back(place):
    """What somebody does by hand at night."""
    _client(place, "logs", "ap-northeast-2").put_retention_policy(
        logGroupName="/aws/eks/petclinic-production/cluster", retentionInDays=1
    )


def _regions_in_use(place):
    """The regions in which the emulator holds something of ours that lies in a region."""
    found = set()
    for region in ("ap-northeast-2", "us-east-1", "us-west-2"):
        if _client(place, "acm", region).list_certificates()["CertificateSummaryList"]:
            found.add(region)
    return found


def _keeps_copies_of_backups(place, region):
    """Whether the region follows a database of another one."""
    found = _client(place, "rds", region).describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"]
    return [backup["Region"] for backup in found if backup["Status"] == "replicating"] == ["ap-northeast-2"]


def _no_secret_is_written(place):
    """No file of the run holds the password that RDS made, or a key of AWS."""
    for path in (place / ".seawall").rglob("*"):
        if path.is_file() and not path.is_symlink() and path.stat().st_size < 20_000_000:
            content = path.read_bytes()
            assert b"aws_secret_access_key" not in content.lower(), path
            assert b'"master_password"' not in content.lower(), path
