"""Two emulators for the tests of the patches: ours, and moto as it is, on which each of those tests must fail.

And one of its own for each test that runs Terraform.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seawall.deploy.emulator import process
from seawall.deploy.emulator.clients import client
from seawall.deploy.emulator.process import Emulator
from seawall.deploy.emulator.surroundings import environment

REGION = "ap-northeast-2"

Clients = Callable[..., Any]
Terraform = Callable[..., None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test of a gap twice: it passes with our patches and fails without them, or it proves nothing."""
    if "aws" in metafunc.fixturenames:
        without = pytest.param(
            "plain", marks=pytest.mark.xfail(strict=True, reason="the gap of moto that the patch closes")
        )
        metafunc.parametrize("aws", ["patched", without], indirect=True)


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Emulator]]:
    """Starts each of the two emulators when it is first asked for, and ends both with the session."""
    folders: dict[str, Path] = {}

    def get(kind: str) -> Emulator:
        if kind not in folders:
            folders[kind] = tmp_path_factory.mktemp(f"emulator-{kind}")
        return process.start(folders[kind], plain=kind == "plain")

    yield get
    for folder in folders.values():
        process.stop(folder)


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """An emulator with nothing in it, for whoever fills it with Terraform."""
    yield process.start(tmp_path / "emulator")
    process.stop(tmp_path / "emulator")


@pytest.fixture
def terraform(tmp_path: Path, emulator: Emulator, terraform_environment: dict[str, str]) -> Terraform:
    """Runs Terraform against that emulator, in the folder ``root_module`` of the test's own; it must end well."""
    surroundings = environment(emulator, terraform_environment)

    def run(*arguments: str) -> None:
        ran = subprocess.run(
            ["terraform", *arguments, "-no-color", "-input=false"],
            cwd=tmp_path / "root_module",
            env=surroundings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert ran.returncode == 0, ran.stdout[-8000:]

    return run


@pytest.fixture
def aws(request: pytest.FixtureRequest, running: Callable[[str], Emulator]) -> Clients:
    """Makes a boto3 client of a service, by default in Seoul."""
    emulator = running(request.param)

    def make(service: str, region: str = REGION) -> Any:
        return client(emulator, service, region)

    return make
