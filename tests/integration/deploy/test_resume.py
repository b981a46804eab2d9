"""Whatever is killed, and whenever: the next run finishes, nothing is made twice, nothing is forgotten."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

import deploy_platform
import prerequisites
from deploy_platform import REGION
from fake_cloud import FakeCloud, fake_cloud
from seawall.deploy.down import down
from seawall.deploy.plan import plan
from seawall.deploy.progress import Event, Note
from seawall.deploy.states import States
from seawall.deploy.up import up
from seawall.deploy.workplace import Workplace
from seawall.kernel.errors import OutsideError

pytestmark = pytest.mark.needs("emulator")  # boto3's errors
BUCKET = f"tiny-terraform-state-{REGION}"
PLATFORM = deploy_platform.rendered()
EVERYTHING = 8
# run, then begin, process and end of the plan and the apply of each of two stacks, then closed
LINES_OF_A_RUN = 14


@pytest.fixture
def cloud(tmp_path: Path) -> FakeCloud:
    """A fake AWS with a state bucket."""
    return fake_cloud(tmp_path / "world", BUCKET)


@pytest.fixture
def place(tmp_path: Path) -> Workplace:
    """A workplace on it."""
    return Workplace(tmp_path / ".seawall", "tiny", "test", "aws")


def _resources(cloud: FakeCloud) -> int:
    states = [States(cloud).read(stack.backend) for stack in PLATFORM.stacks.values()]
    return sum(len(state.resources) for state in states if state)


def _killed(cloud: FakeCloud, place: Workplace, command: str, at: int) -> None:
    driver = prerequisites.ROOT / "tests" / "deploy_killed.py"
    ran = subprocess.run(
        [sys.executable, str(driver), str(cloud.folder), str(place.root), command, str(at)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == -9, ran.stderr


@pytest.mark.parametrize("at", range(1, LINES_OF_A_RUN + 1))
def test_up_killed_at_each_line_of_the_journal(cloud: FakeCloud, place: Workplace, at: int) -> None:
    """Seawall killed by -9 right after any line of its journal: the next `up` finishes, and makes nothing twice."""
    _killed(cloud, place, "up", at)
    up(PLATFORM, place, cloud)
    made = Counter(line for line in cloud.things() if line.startswith("create"))
    assert _resources(cloud) == EVERYTHING
    assert len(made) == EVERYTHING
    assert set(made.values()) == {1}
    assert up(PLATFORM, place, cloud).stacks[f"{REGION}/data"].total == 0


@pytest.mark.parametrize("at", range(1, LINES_OF_A_RUN + 1, 3))
def test_down_killed_at_lines_of_the_journal(cloud: FakeCloud, place: Workplace, at: int) -> None:
    """Seawall killed by -9 while taking down: the next `down` finishes, and every thing is destroyed once."""
    up(PLATFORM, place, cloud)
    _killed(cloud, place, "down", at)
    down(PLATFORM, place, cloud)
    gone = Counter(line for line in cloud.things() if line.startswith("delete"))
    assert _resources(cloud) == 0
    assert len(gone) == EVERYTHING
    assert set(gone.values()) == {1}
    assert down(PLATFORM, place, cloud).nothing_up


def test_terraform_killed_is_looked_after_by_the_next_run(cloud: FakeCloud, place: Workplace) -> None:
    """After Terraform died the run fails with status 3; the next one unlocks, imports what was made and goes on."""
    cloud.behave(data_apply="die")
    with pytest.raises(OutsideError, match=r"terraform was killed during apply of stack eu-west-1/data"):
        up(PLATFORM, place, cloud)
    cloud.behave()
    with pytest.raises(OutsideError):
        up(PLATFORM, place, replace(cloud, environment={"PATH": ""}))
    assert plan(PLATFORM, place, cloud).stacks[f"{REGION}/data"].changes, "only looking must not disturb it"
    said: list[Event] = []
    up(PLATFORM, place, cloud, said.append)
    notes = "\n".join(event.text for event in said if isinstance(event, Note))
    assert "released the lock of a Terraform that is gone" in notes
    first = next(line for line in cloud.things() if line.startswith("create")).split()[1]
    assert f"import {first}" in cloud.things()
    assert cloud.things().count(f"create {first}") == 1
    assert _resources(cloud) == EVERYTHING


def test_terraform_killed_while_planning(cloud: FakeCloud, place: Workplace) -> None:
    """A plan that died leaves a lock as well; the next run releases it."""
    cloud.behave(data_plan="die")
    with pytest.raises(OutsideError, match="terraform was killed during plan"):
        up(PLATFORM, place, cloud)
    cloud.behave()
    up(PLATFORM, place, cloud)
    assert _resources(cloud) == EVERYTHING


def test_the_lock_of_somebody_else_stays(cloud: FakeCloud, place: Workplace) -> None:
    """A state's lock that the journal does not own is never released; Terraform's own message names its owner."""
    backend = PLATFORM.stacks[f"{REGION}/data"].backend
    lock = cloud.folder / "buckets" / backend.bucket / f"{backend.key}.tflock"
    lock.parent.mkdir(parents=True)
    lock.write_text('{"ID": "x", "Who": "ann@elsewhere", "Operation": "o", "Created": "2026-01-01T00:00:00Z"}')
    with pytest.raises(OutsideError, match="ann@elsewhere"):
        up(PLATFORM, place, cloud)
    assert lock.exists()
    assert cloud.things() == []


def test_a_killed_up_can_be_taken_down(cloud: FakeCloud, place: Workplace) -> None:
    """What a killed Terraform made before any state was saved goes with `down`, too."""
    cloud.behave(data_apply="die")
    with pytest.raises(OutsideError):
        up(PLATFORM, place, cloud)
    cloud.behave()
    down(PLATFORM, place, cloud)
    made = [line.split()[1] for line in cloud.things() if line.startswith("create")]
    gone = [line.split()[1] for line in cloud.things() if line.startswith("delete")]
    assert made == gone != []


def test_another_machine_resumes_from_the_copy_in_the_bucket(
    cloud: FakeCloud, place: Workplace, tmp_path: Path
) -> None:
    """A run can be resumed from a working folder that has never seen it: the bucket holds lock and journal."""
    cloud.behave(data_apply="die")
    with pytest.raises(OutsideError):
        up(PLATFORM, place, cloud)
    cloud.behave()
    said: list[Event] = []
    up(PLATFORM, Workplace(tmp_path / "elsewhere", "tiny", "test", "aws"), cloud, said.append)
    assert any("was cut off" in event.text for event in said if isinstance(event, Note))
    assert _resources(cloud) == EVERYTHING
