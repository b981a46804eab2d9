"""What surrounds a child process of the emulator: nothing of the user's AWS, everything Terraform needs."""

from __future__ import annotations

import json
from pathlib import Path

from seawall.deploy.emulator.process import Emulator
from seawall.deploy.emulator.surroundings import (
    environment,
    protections_lifted,
    provider_override,
    write_provider_override,
)

EMULATOR = Emulator(pid=1, port=4566, started="2026-01-01T00:00:00+00:00")
USER = {
    "PATH": "/bin",
    "HTTPS_PROXY": "http://proxy.example:3128",
    "no_proxy": "registry.example, *",
    "http_proxy": "http://proxy.example:3128",
    "AWS_PROFILE": "production",
    "AWS_ACCESS_KEY_ID": "the real one",
    "AWS_ROLE_ARN": "arn:aws:iam::1:role/admin",
    "TF_CLI_CONFIG_FILE": "/home/user/mirror.tfrc",
}


def test_nothing_of_the_users_aws_reaches_a_child() -> None:
    """Every AWS_* variable of the user is gone or replaced; no value of them is left anywhere."""
    made = environment(EMULATOR, USER)
    assert "AWS_PROFILE" not in made
    assert "AWS_ROLE_ARN" not in made
    assert not {USER[name] for name in USER if name.startswith("AWS_")} & set(made.values())


def test_what_is_not_aws_stays() -> None:
    """Path, proxy for the registry and Terraform's own configuration are the user's."""
    made = environment(EMULATOR, USER)
    assert {made[name] for name in ("PATH", "HTTPS_PROXY", "TF_CLI_CONFIG_FILE")} == {
        "/bin",
        "http://proxy.example:3128",
        "/home/user/mirror.tfrc",
    }


def test_plain_requests_go_to_the_emulator_by_any_host_name() -> None:
    """The emulator is the proxy of plain HTTP, in one spelling; what the user exempts stays exempt, save everything."""
    made = environment(EMULATOR, USER)
    assert made["HTTP_PROXY"] == made["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert made["NO_PROXY"] == "127.0.0.1,localhost,registry.example"
    assert "http_proxy" not in made
    assert "no_proxy" not in made


def test_the_override_covers_every_configuration(tmp_path: Path) -> None:
    """The default provider and each alias get the same settings, and an alias keeps its name."""
    path = write_provider_override(tmp_path, ["us_east_1"])
    default, aliased = json.loads(path.read_text(encoding="utf-8"))["provider"]["aws"]
    assert aliased == {"alias": "us_east_1", **default}
    assert default["s3_use_path_style"] is True
    assert provider_override()["provider"]["aws"] == [default]


def test_nothing_is_protected_from_down() -> None:
    """The shipped files protect databases and load balancers; on the emulator `down` takes all the same."""
    shipped = [
        {"resource": {"aws_db_instance": {"db": {"deletion_protection": True}}, "aws_vpc": {"main": {}}}},
        {"resource": {"aws_lb": {"main": {"enable_deletion_protection": True}}}},
    ]
    assert protections_lifted(shipped) == {
        "aws_db_instance": {
            "db": {"deletion_protection": False, "skip_final_snapshot": True, "delete_automated_backups": True}
        },
        "aws_lb": {"main": {"enable_deletion_protection": False}},
    }
