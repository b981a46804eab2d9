"""`seawall promote` says what is missing before it touches anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from seawall.cli.main import main

WITHOUT = """\
platform: shop
network:
  cidr: 10.0.0.0/16
  zones: [a, b]
  subnets: {public: [10.0.1.0/24, 10.0.2.0/24], private: [10.0.11.0/24, 10.0.12.0/24]}
cluster: {version: "1.36", node_groups: {workload: {types: [t3.medium], min: 2, max: 3}}}
environments: {test: {region: eu-west-1, default: true}}
"""


@pytest.fixture
def promote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Promote in an empty folder; the status and what was said."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "images.txt").write_text(f"petclinic-was@sha256:{'a' * 64}\n")
    (tmp_path / "platform.yaml").write_text(WITHOUT)

    def run(*words: str) -> tuple[int, str]:
        status = main(["promote", *words, "-o", "deployed"])
        assert not (tmp_path / "deployed").exists()
        return status, capsys.readouterr().err

    return run


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["petclinic", "--images", "none.txt"], "cannot read none.txt"),
        (["platform.yaml", "--images", "images.txt"], "platform.yaml has no delivery"),
        (["pingvas", "--images", "images.txt"], "petclinic-was is no image of this platform's own"),
        (["petclinic", "-e", "development", "--images", "images.txt"], "nothing is up"),
    ],
)
def test_what_is_missing_is_named(promote, words: list[str], said: str) -> None:
    """A list that is not there, a platform that nothing delivers, an image of somebody else, nothing that is up."""
    status, error = promote(*words)
    assert status == 2
    assert said in error
