"""The real Terraform and the real AWS provider against the emulator, with every type that a patch is for."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from seawall.deploy.emulator.leftovers import leftovers
from seawall.deploy.emulator.process import Emulator
from seawall.deploy.emulator.surroundings import write_provider_override

ROOT_MODULES = Path(__file__).parent / "root_modules"
REGIONS = ("ap-northeast-2", "us-east-1")

pytestmark = pytest.mark.needs("terraform", "aws-provider", "emulator")


@pytest.mark.parametrize("name", sorted(folder.name for folder in ROOT_MODULES.iterdir()))
def test_a_root_module_comes_up_stays_and_goes(
    name: str, tmp_path: Path, emulator: Emulator, terraform: Callable[..., None]
) -> None:
    """All resources are applied, the second plan is empty, and after destroy nothing is left in the emulator."""
    folder = tmp_path / "root_module"
    shutil.copytree(ROOT_MODULES / name, folder)
    write_provider_override(folder, ["us_east_1"])
    terraform("init")
    terraform("apply", "-auto-approve", "-parallelism=30")
    assert len(leftovers(emulator, REGIONS)) > 20
    terraform("plan", "-detailed-exitcode", "-parallelism=30")
    terraform("destroy", "-auto-approve", "-parallelism=30")
    assert leftovers(emulator, REGIONS) == []
