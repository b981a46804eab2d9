"""Rendered root modules under the real Terraform and the real AWS provider's schema, without a cloud."""

from __future__ import annotations

import base64
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from platforms import PLATFORMS
from roundtrip import write
from seawall.kernel.value import text
from seawall.render.terraform.expressions import quoted, template
from seawall.render.terraform.stacks import Stack, stacks
from terraform_test import mocked_test

pytestmark = pytest.mark.needs("terraform", "aws-provider")


def _terraform(arguments: list[str], folder: Path, environment: dict[str, str], stdin: str = "") -> str:
    run = subprocess.run(
        ["terraform", *arguments], cwd=folder, env=environment, input=stdin, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_stack_is_valid_and_plans_with_mocked_providers(
    name: str, tmp_path: Path, terraform_environment: dict[str, str]
) -> None:
    """Schema, references and ordering hold for Terraform itself: validate and a mocked `terraform test` pass."""
    platform, graph = PLATFORMS[name]()
    write(platform, graph, tmp_path)
    found = stacks(graph)

    def check(stack: Stack) -> None:
        folder = tmp_path / "terraform" / stack.region / stack.name
        (folder / "tests").mkdir()
        (folder / "tests" / "mocked.tftest.json").write_text(json.dumps(mocked_test(stack, found)))
        _terraform(["init", "-backend=false", "-input=false", "-no-color"], folder, terraform_environment)
        verdict = json.loads(_terraform(["validate", "-json"], folder, terraform_environment))
        assert verdict["valid"]
        assert verdict["diagnostics"] == []
        said = _terraform(["test", "-no-color"], folder, terraform_environment)
        assert "1 passed, 0 failed" in said, said

    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(check, found.values()))) == len(found)


def test_terraform_reads_user_text_as_text(tmp_path: Path, terraform_environment: dict[str, str]) -> None:
    """What Terraform itself makes of an escaped string is the string, for every mix of its special characters."""
    marks = ["$", "$$", "%", "${", "%{", "$${", "$$${", "%%{", "~}", '"', "\\", "\n", "a", "é𝄞", "${'x'}", "%{ if"]
    wanted = [first + second for first in marks for second in marks]
    content = {
        "locals": {
            "plain": [template(literal, str) for literal in wanted],
            "before": [template(text(literal, literal), str) + "${local.hole}" for literal in ("a", "b")],
            "quoted": [f"${{{quoted(literal)}}}" for literal in wanted],
            "hole": "x",
        }
    }
    (tmp_path / "main.tf.json").write_text(json.dumps(content))
    out = _terraform(
        ["console"], tmp_path, terraform_environment, "base64encode(jsonencode([local.plain, local.quoted]))\n"
    )
    plain, spelled = json.loads(base64.b64decode(json.loads(out)))
    assert plain == wanted
    assert spelled == wanted
