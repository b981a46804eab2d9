"""Rendered root modules under the real Terraform and the real AWS provider's schema, without a cloud."""

from __future__ import annotations

import base64
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import descriptions
from platforms import PLATFORMS, stacks_in_aws
from roundtrip import write
from seawall.components.expand import expand
from seawall.kernel.value import text
from seawall.render.terraform.expressions import quoted, template
from seawall.render.terraform.stacks import Stack, StackName, stacks
from terraform_test import mocked_test, without_ephemeral

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
        without_ephemeral(folder)
        said = _terraform(["test", "-no-color"], folder, terraform_environment)
        assert "1 passed, 0 failed" in said, said

    planned = stacks_in_aws(graph)
    assert len(planned) >= len(found) - 1
    with ThreadPoolExecutor(2) as pool:
        assert len(list(pool.map(check, planned))) == len(planned)


ALARMS = """
platform: shop
domain: shop.example
network: {cidr: 10.0.0.0/16, zones: 2}
cluster:
  version: "1.36"
  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}
edge: {}
insights: {}
telemetry: {}
alerts: {email: [one@shop.example], slack: {workspace: T0EXAMPLE1, channel: C0EXAMPLE1, hears: critical}}
budget: {amount: 100 USD, slack: {workspace: T0EXAMPLE1, channel: C0EXAMPLE1}}
claims: {availability: 99.9 %}
environments: {production: {region: ap-northeast-2}}
components:
  shop: {kind: service, image: shop, expose: {host: www.shop.example}}
"""


def test_alarms_of_alarms_are_valid(tmp_path: Path, terraform_environment: dict[str, str]) -> None:
    """The provider takes windows of metric math, alarms over them, dashboards in sections, and a channel that hears."""
    platform = descriptions.platform(ALARMS)
    graph = expand(platform)
    write(platform, graph, tmp_path)
    found = stacks(graph)
    stack = found[StackName("ap-northeast-2", "telemetry")]
    folder = tmp_path / "terraform" / stack.region / stack.name
    (folder / "tests").mkdir()
    (folder / "tests" / "mocked.tftest.json").write_text(json.dumps(mocked_test(stack, found)))
    _terraform(["init", "-backend=false", "-input=false", "-no-color"], folder, terraform_environment)
    assert json.loads(_terraform(["validate", "-json"], folder, terraform_environment))["diagnostics"] == []
    assert "1 passed, 0 failed" in _terraform(["test", "-no-color"], folder, terraform_environment)


STORES = """
platform: shop
domain: shop.example
network: {cidr: 10.0.0.0/16, zones: 2}
cluster:
  version: "1.36"
  node_groups: {workload: {types: [t3.medium], min: 3, max: 6}}
environments: {production: {region: ap-northeast-2}}
sites: {tokyo: {region: ap-northeast-1, network: {cidr: 10.1.0.0/16, zones: [a, c]}}}
components:
  orders: {kind: aurora, writer: db.r7g.large, readers: [db.r7g.xlarge], write_forwarding: true}
  stock: {kind: aurora, engine: mysql, serverless: {min: 0, max: 4}}
  sessions: {kind: cache, place: managed, class: cache.r7g.large, replicas: 2, shards: 1, reserved_memory: 20 %}
  queries: {kind: cache, place: managed, class: cache.r7g.large, engine: valkey, follows: false}
  shop: {kind: service, image: shop, needs: [orders, stock, sessions, queries]}
"""


@pytest.mark.parametrize("region", ["ap-northeast-2", "ap-northeast-1"])
def test_stores_over_two_regions_are_valid(region: str, tmp_path: Path, terraform_environment: dict[str, str]) -> None:
    """The provider takes global databases and datastores as they are written, at home and at the site that follows."""
    described = descriptions.platform(STORES)
    graph = expand(described)
    write(described, graph, tmp_path)
    found = stacks(graph)
    stack = found[StackName(region, "data")]
    folder = tmp_path / "terraform" / stack.region / stack.name
    (folder / "tests").mkdir()
    (folder / "tests" / "mocked.tftest.json").write_text(json.dumps(mocked_test(stack, found)))
    _terraform(["init", "-backend=false", "-input=false", "-no-color"], folder, terraform_environment)
    verdict = json.loads(_terraform(["validate", "-json"], folder, terraform_environment))
    assert verdict["diagnostics"] == []
    without_ephemeral(folder)
    assert "1 passed, 0 failed" in _terraform(["test", "-no-color"], folder, terraform_environment)


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
