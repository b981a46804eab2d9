"""Finding Terraform, and understanding what it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from fake_cloud import fake_cloud
from seawall.deploy import terraform
from seawall.deploy.rendered import Backend
from seawall.deploy.target import require_global_names
from seawall.kernel.errors import InputError, OutsideError


def test_too_old_a_terraform_is_refused(tmp_path: Path) -> None:
    """S3 lock files need Terraform 1.11: an older one is named with its version and the remedy, exit 3."""
    programs = fake_cloud(tmp_path, FAKE_VERSION="1.10.9").folder / "programs"
    environment = {"PATH": f"{programs}:/bin:/usr/bin", "FAKE_WORLD": str(tmp_path), "FAKE_VERSION": "1.10.9"}
    with pytest.raises(OutsideError, match=r"is version 1\.10\.9") as refused:
        terraform.find(environment)
    assert refused.value.status == 3
    assert terraform.find(environment | {"FAKE_VERSION": "1.11.0"}).version == (1, 11, 0)


def test_a_missing_terraform_says_how_to_get_it(tmp_path: Path) -> None:
    """Without Terraform and OpenTofu the error says what to install."""
    with pytest.raises(OutsideError, match=r"install Terraform 1\.11"):
        terraform.find({"PATH": str(tmp_path)})


@pytest.mark.parametrize("line", ["", "╷", "│ Warning: no file", "[1]", '{"torn": '])
def test_what_is_no_message_is_none(line: str) -> None:
    """Warnings before the messages, and a line torn by a crash, are no messages."""
    assert terraform.parse(line) is None


def test_replacement_is_one_word() -> None:
    """Terraform plans a replacement as two actions."""
    assert terraform.action_word(["delete", "create"]) == "replace"
    assert terraform.action_word([]) == "no-op"


def test_names_shared_with_the_world_must_be_stated() -> None:
    """On AWS a platform without prefix or domain is refused before anything is asked of AWS."""
    with pytest.raises(InputError, match="prefix and domain"):
        require_global_names(None, None)
    require_global_names("p", "example.org")


def test_the_environment_is_not_printed(tmp_path: Path) -> None:
    """Credentials lie in the environment, so no representation shows it."""
    cloud = fake_cloud(tmp_path, AWS_SECRET_ACCESS_KEY="secret-of-mine")
    assert "secret-of-mine" not in repr(cloud) + repr(terraform.find(cloud.environment))
    assert Backend("b", "k", "r") < Backend("c", "a", "r")
