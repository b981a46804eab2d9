"""Where a platform is brought up in these tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from seawall.deploy.emulator import process
from seawall.deploy.workplace import Workplace


@pytest.fixture
def named() -> tuple[str, str]:
    """The platform and the environment; a module with another platform says so by a fixture of this name."""
    return "tiny", "test"


@pytest.fixture
def place(
    named: tuple[str, str],
    tmp_path: Path,
    terraform_environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Workplace]:
    """A workplace whose emulator is ended however the test ends."""
    if "TF_CLI_CONFIG_FILE" in terraform_environment:
        monkeypatch.setenv("TF_CLI_CONFIG_FILE", terraform_environment["TF_CLI_CONFIG_FILE"])
    yield Workplace(tmp_path / ".seawall", *named, "emulator")
    process.stop(tmp_path / ".seawall")
