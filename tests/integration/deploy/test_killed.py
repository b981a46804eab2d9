"""Killed at the worst moment, run again, finished: with the real Terraform, the real provider and the emulator."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

import deploy_platform
import late_requests
import prerequisites
from seawall.deploy import child, journal, target
from seawall.deploy.drift import drift
from seawall.deploy.emulator import process
from seawall.deploy.plan import plan
from seawall.deploy.states import States
from seawall.deploy.workplace import Workplace

pytestmark = pytest.mark.needs("terraform", "aws-provider", "emulator")
REGION = deploy_platform.REGION
DRIVER = prerequisites.ROOT / "tests" / "deploy_driver.py"


def _start(place: Workplace, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(DRIVER), str(place.root), *arguments],
        stdout=(place.root.parent / "events").open("w"),
        stderr=subprocess.PIPE,
        text=True,
    )


def _run(place: Workplace, *arguments: str) -> str:
    """Run it to its end, which must be a good one, and return what it said."""
    ran = subprocess.run(
        [sys.executable, str(DRIVER), str(place.root), *arguments], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def _until(condition: Callable[[], bool], seconds: float = 120.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "what the test waits for did not happen"
        time.sleep(0.02)


def _logs(place: Workplace, step: str) -> str:
    return "".join(path.read_text() for path in place.run.glob(f"*/*/{step}-*.jsonl"))


def _terraform(place: Workplace, step: str) -> int:
    """The process id of the Terraform that does a step, from the journal."""
    entries = [entry for path in sorted(place.journal.glob("*.jsonl")) for entry in journal.read(path)]
    return next(
        int(entry["pid"]) for entry in reversed(entries) if entry["what"] == "process" and entry["step"] == step
    )


def _counts(place: Workplace) -> dict[str, int]:
    """How many of each thing there are, asked through the APIs."""
    cloud = target.emulator(place.root, start=False)
    assert cloud is not None
    vpcs = cloud.client("ec2", REGION).describe_vpcs()["Vpcs"]
    return {
        "networks": sum(not vpc["IsDefault"] for vpc in vpcs),
        "topics": len(cloud.client("sns", REGION).list_topics()["Topics"]),
        "queues": len(cloud.client("sqs", REGION).list_queues().get("QueueUrls", ())),
        "parameters": len(cloud.client("ssm", REGION).describe_parameters()["Parameters"]),
    }


def _addresses(cloud: target.Cloud) -> list[str]:
    """The Elastic IPs there are."""
    return [each["PublicIp"] for each in cloud.client("ec2", REGION).describe_addresses()["Addresses"]]


WHOLE = {"networks": 1, "topics": 1, "queues": 1, "parameters": 3}


def test_seawall_killed_during_an_apply(place: Workplace) -> None:
    """Killed by -9 in mid-apply, Seawall's Terraform saves its state, and the next `up` finishes without doubles."""
    first = _start(place, "up", "slow")
    _until(lambda: "aws_vpc.main: Creation complete" in _logs(place, "apply"))
    terraform = _terraform(place, "apply")
    first.kill()
    first.wait()
    _until(lambda: not child.group_is_alive(terraform, process.birth_mark(terraform) or ""))
    cloud = target.emulator(place.root, start=False)
    assert cloud is not None
    state = States(cloud).read(deploy_platform.rendered().stacks[f"{REGION}/data"].backend)
    assert state is not None, "Terraform was not told that its Seawall had died"
    assert "aws_vpc.main" in state.resources

    said = _run(place, "up", "slow")
    assert "took over the lock of a run that is gone" in said
    assert "was cut off" in said
    assert _counts(place) == WHOLE
    assert plan(deploy_platform.rendered(slow=True), place, cloud).is_empty


def test_terraform_killed_during_an_apply(place: Workplace) -> None:
    """Killed by -9 with nothing saved, Terraform's lock is released and what it had made is adopted, not doubled."""
    first = _start(place, "up", "slow")
    _until(lambda: "aws_vpc.main: Creation complete" in _logs(place, "apply"))
    _until(lambda: "aws_sns_topic.alarms: Creation complete" in _logs(place, "apply"))
    terraform = _terraform(place, "apply")
    os.kill(terraform, signal.SIGKILL)
    assert first.wait() == 3
    assert first.stderr is not None
    message = first.stderr.read()
    assert "terraform was killed during apply of stack eu-west-1/data" in message
    assert not child.group_is_alive(terraform, ""), "its provider was left running"

    said = _run(place, "up", "slow")
    assert "released the lock of a Terraform that is gone" in said
    assert "aws_vpc.main: adopted vpc-" in said
    assert _counts(place) == WHOLE
    cloud = target.emulator(place.root, start=False)
    assert cloud is not None
    assert plan(deploy_platform.rendered(slow=True), place, cloud).is_empty
    # A group whose making was cut off would keep the rule that AWS gives every new group.
    assert drift(deploy_platform.rendered(slow=True), place, cloud).noticed == ()


@pytest.mark.parametrize("killed", ["seawall", "both"])
def test_a_request_that_arrives_when_its_sender_is_gone(place: Workplace, killed: str) -> None:
    """What was being asked for when all ended, and is made all the same, is adopted: `up` ends well, none is left."""
    cloud = target.emulator(place.root, start=True)
    assert cloud is not None
    with late_requests.late(place.root / process.STATE_FILE, rb"Action=(AllocateAddress|CreateRoute)&") as way:
        first = _start(place, "up", "outside")
        _until(lambda: way.held == 2)
        terraform = _terraform(place, "apply")
        birth = process.birth_mark(terraform) or ""
        if killed == "both":
            first.send_signal(signal.SIGSTOP)
            os.kill(terraform, signal.SIGKILL)
        first.kill()
        first.wait()
        _until(lambda: killed == "both" or not child.group_is_alive(terraform, birth))
        way.let_go()
        said = _run(place, "up", "outside")
        assert "aws_eip.outlet: adopted eipalloc-" in said
        assert "aws_route.out: adopted rtb-" in said
        assert len(_addresses(cloud)) == 1
        assert plan(deploy_platform.rendered(outside=True), place, cloud).is_empty
        assert "left behind" not in _run(place, "down", "outside")
    assert target.emulator(place.root, start=False) is None


def test_both_killed_and_then_taken_down(place: Workplace) -> None:
    """With Seawall and Terraform both killed by -9 in mid-apply, `down` adopts what was made and leaves nothing."""
    first = _start(place, "up", "slow")
    _until(lambda: "aws_vpc.main: Creation complete" in _logs(place, "apply"))
    terraform = _terraform(place, "apply")
    first.send_signal(signal.SIGSTOP)
    os.kill(terraform, signal.SIGKILL)
    first.kill()
    first.wait()
    said = _run(place, "down", "slow")
    assert "released the lock of a Terraform that is gone" in said
    assert "left behind" not in said
    assert target.emulator(place.root, start=False) is None


def test_seawall_killed_during_a_destroy(place: Workplace) -> None:
    """Killed by -9 while taking down, run again, `down` finishes and the emulator is gone."""
    _run(place, "up")
    first = _start(place, "down")
    _until(lambda: "Destruction complete" in _logs(place, "destroy"))
    first.kill()
    first.wait()
    _run(place, "down")
    assert target.emulator(place.root, start=False) is None


def test_a_second_run_says_who_holds_the_lock(place: Workplace) -> None:
    """While one run is under way a second ends at once with status 3 and names the process that holds the lock."""
    first = _start(place, "up", "slow")
    _until(lambda: "aws_vpc.main" in _logs(place, "apply"))
    second = subprocess.run(
        [sys.executable, str(DRIVER), str(place.root), "down"], capture_output=True, text=True, check=False
    )
    first.kill()
    first.wait()
    assert second.returncode == 3
    assert "`seawall up tiny`" in second.stderr
    assert f"process {first.pid}" in second.stderr
