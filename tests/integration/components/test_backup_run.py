"""The backup instance's script, as it ships: what it starts, what it lets go, and when it says that a copy was made."""

from __future__ import annotations

import fcntl
import os
import subprocess
from pathlib import Path

import pytest

from seawall.components.backup_instance.instance import file

pytestmark = pytest.mark.needs("shellcheck")


class Instance:
    """A folder with the script's programs as notes that are taken, and copies of several ages."""

    def __init__(self, root: Path) -> None:
        self.root, self.kept = root, root / "kept"
        (self.kept / "copies" / "orders" / "20261121T180000Z").mkdir(parents=True)
        (self.kept / "copies" / "orders" / "20261122T180000Z").mkdir()
        old = self.kept / "copies" / "orders" / "20261121T180000Z"
        os.utime(old, (1, 1))
        self.program("id", "echo 34")
        self.program("aws", 'printf "%s\\n" "$*" >>$NOTES/aws; echo 111122223333')
        self.program("docker", 'printf "%s\\n" "$@" >$NOTES/docker')

    def program(self, name: str, body: str) -> None:
        """A program that the script finds before the real one."""
        path = self.root / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/bash\n{body}\n")
        path.chmod(0o755)

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run it as its unit does."""
        script = self.root / "run.sh"
        script.write_text(file("run.sh"))
        given = {
            "PATH": f"{self.root / 'bin'}:{os.environ['PATH']}", "NOTES": str(self.root), "KEPT": str(self.kept),
            "KEPT_MINUTES": "1440", "AWS_REGION": "ap-northeast-2", "IMAGE": "shop-production/seawall-agent:v1",
            "JOBS": "/shop-production/night-copy/orders /shop-production/night-copy/users",
            "PLATFORM": "shop-production", "COMPONENT": "night-copy",
        }  # fmt: skip
        return subprocess.run(["bash", str(script)], env=given, capture_output=True, text=True, timeout=30, check=False)

    def noted(self, name: str) -> str:
        """What a program was told; empty where it was not started."""
        path = self.root / name
        return path.read_text() if path.exists() else ""


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """One with a copy of 1970 and one of now."""
    return Instance(tmp_path)


def test_the_agent_is_started_confined_and_with_its_jobs(instance: Instance) -> None:
    """No privilege, nothing writable but its folder, no secret among its arguments; a copy is told of afterwards."""
    ended = instance.run()
    assert ended.returncode == 0, ended.stderr
    said = instance.noted("docker").splitlines()
    image = "111122223333.dkr.ecr.ap-northeast-2.amazonaws.com/shop-production/seawall-agent:v1"
    assert said[said.index(image) + 1 :] == [
        "backup", "--state-dir", "/var/lib/backup/state", "ssm:/shop-production/night-copy/orders",
        "ssm:/shop-production/night-copy/users",
    ]  # fmt: skip
    assert {"--read-only", "no-new-privileges", "--rm"} <= set(said)
    assert said[said.index("--cap-drop") + 1] == "ALL"
    assert said[said.index("--user") + 1] == "34:34"
    assert "Platform=shop-production,Component=night-copy" in instance.noted("aws")


def test_a_run_that_fails_is_not_told_of_as_a_copy(instance: Instance) -> None:
    """The alarm waits for a copy that was made, so nothing is said of one that was not."""
    instance.program("docker", "exit 3")
    assert instance.run().returncode == 3
    assert "put-metric-data" not in instance.noted("aws")


def test_what_has_lain_long_enough_goes(instance: Instance) -> None:
    """Old copies on its own disk go before a new one is made; those of today stay."""
    assert instance.run().returncode == 0
    assert [path.name for path in (instance.kept / "copies" / "orders").iterdir()] == ["20261122T180000Z"]


def test_two_runs_are_never_at_it_at_once(instance: Instance) -> None:
    """While one is under way the next one ends, and does nothing."""
    with (instance.kept / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        ended = instance.run()
    assert (ended.returncode, instance.noted("docker")) == (0, "")
    assert "still at it" in ended.stderr


def test_shellcheck_finds_nothing(tmp_path: Path) -> None:
    """Both scripts, as they ship."""
    for name in ("run.sh", "install.sh"):
        (tmp_path / name).write_text(file(name))
        ended = subprocess.run(["shellcheck", str(tmp_path / name)], capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout
