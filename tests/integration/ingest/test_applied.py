"""What is up, read back: after apply every reference is a value, in the state as in a plan without changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import handmade
from offline_plan import Terraform, take_offline, without_templates
from roundtrip import facts, write
from seawall.deploy.emulator import process
from seawall.ingest.plan import plan_module
from seawall.ingest.root_module import joined
from seawall.ingest.state import state_module
from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.render.terraform.stacks import StackName, stacks

pytestmark = pytest.mark.needs("terraform", "aws-provider", "emulator")


@dataclass
class Applied:
    state: dict[str, Any]
    plan: dict[str, Any]


@pytest.fixture(scope="module")
def applied(tmp_path_factory: pytest.TempPathFactory, terraform_environment: dict[str, str]) -> Iterator[Applied]:
    """The handmade network, applied to the emulator, and its plan without changes."""
    out = tmp_path_factory.mktemp("applied")
    graph = handmade.graph()
    write(handmade.Described(), graph, out)
    found = stacks(graph)
    stack = found[StackName(handmade.REGION, "network")]
    folder = out / "terraform" / stack.region / stack.name
    emulator = process.start(out)
    try:
        terraform = Terraform(terraform_environment | {"AWS_ENDPOINT_URL": emulator.url})
        take_offline(stack, found, folder, emulator.url)
        terraform.ok(["init", "-input=false", "-no-color"], folder)
        terraform.ok(["apply", "-auto-approve", "-input=false", "-no-color"], folder)
        shown = terraform.ok(["show", "-json"], folder)
        yield Applied(json.loads(shown[shown.index("{") :]), terraform.plan(folder))
    finally:
        process.stop(out)


def _network() -> frozenset[Any]:
    return facts(resource for resource in handmade.graph() if "/network:" in resource.address)


def test_the_state_says_what_the_graph_says(applied: Applied) -> None:
    """From the values of a state alone come the very facts of the graph, links included, and no others."""
    assert facts(joined([state_module(applied.state, name="network")])) == _network()


@pytest.mark.parametrize("of_json", [True, False])
def test_a_plan_without_changes_says_what_the_graph_says(applied: Applied, of_json: bool) -> None:
    """A plan after apply gives back the references, even where it holds none of the source's text."""
    plan = applied.plan if of_json else without_templates(applied.plan)
    assert {tuple(change["change"]["actions"]) for change in plan["resource_changes"]} == {("no-op",)}
    assert facts(joined([plan_module(plan, name="network")])) == _network()


def test_outputs_of_a_state_are_references(applied: Applied) -> None:
    """Other stacks read a state's outputs, so these are settled like any other value."""
    module = state_module(applied.state, name="network")
    assert module.outputs["vpc_main_id"] == Ref(Address(f"{handmade.REGION}/network:aws_vpc.main"), "id")
