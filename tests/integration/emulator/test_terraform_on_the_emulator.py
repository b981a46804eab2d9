"""The real Terraform and the real AWS provider against the emulator, with every type that a patch is for."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from seawall.deploy.emulator import process
from seawall.deploy.emulator.leftovers import leftovers
from seawall.deploy.emulator.process import Emulator
from seawall.deploy.emulator.surroundings import environment, write_provider_override

ROOT_MODULES = Path(__file__).parent / "root_modules"
REGIONS = ("ap-northeast-2", "us-east-1")

pytestmark = pytest.mark.needs("terraform", "aws-provider", "emulator")


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator with nothing in it."""
    yield process.start(tmp_path / "emulator")
    process.stop(tmp_path / "emulator")


@pytest.mark.parametrize("name", sorted(folder.name for folder in ROOT_MODULES.iterdir()))
def test_a_root_module_comes_up_stays_and_goes(
    name: str, tmp_path: Path, emulator: Emulator, terraform_environment: dict[str, str]
) -> None:
    """All resources are applied, the second plan is empty, and after destroy nothing is left in the emulator."""
    folder = tmp_path / "root_module"
    shutil.copytree(ROOT_MODULES / name, folder)
    write_provider_override(folder, ["us_east_1"])
    surroundings = environment(emulator, terraform_environment)

    def terraform(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["terraform", *arguments, "-no-color"],
            cwd=folder,
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    for step in (["init", "-input=false"], ["apply", "-auto-approve", "-input=false", "-parallelism=30"]):
        run = terraform(*step)
        assert run.returncode == 0, run.stdout[-8000:]
    assert len(leftovers(emulator, REGIONS)) > 20
    second = terraform("plan", "-detailed-exitcode", "-input=false", "-parallelism=30")
    assert second.returncode == 0, second.stdout[-8000:]
    gone = terraform("destroy", "-auto-approve", "-input=false", "-parallelism=30")
    assert gone.returncode == 0, gone.stdout[-8000:]
    assert leftovers(emulator, REGIONS) == []
