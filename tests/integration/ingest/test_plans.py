"""The law of the round trip through the real plan of what was rendered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import handmade
from offline_plan import Terraform, sts, take_offline
from roundtrip import assert_same_facts, write
from seawall.ingest.plan import plan_module
from seawall.ingest.root_module import joined
from seawall.ingest.token_plan import token_module
from seawall.render.terraform.stacks import stacks

pytestmark = pytest.mark.needs("terraform", "aws-provider")


@pytest.fixture(scope="module")
def planned(
    tmp_path_factory: pytest.TempPathFactory, terraform_environment: dict[str, str]
) -> Iterator[tuple[Terraform, dict[Path, dict[str, object]]]]:
    """Every stack of the handmade platform, rendered and planned by the real Terraform and the real AWS provider."""
    out = tmp_path_factory.mktemp("planned")
    graph = handmade.graph()
    write(handmade.Described(), graph, out)
    found = stacks(graph)
    terraform = Terraform(terraform_environment)
    plans = {}
    with sts() as address:
        for stack in found.values():
            folder = out / "terraform" / stack.region / stack.name
            take_offline(stack, found, folder, address)
            terraform.ok(["init", "-input=false", "-no-color"], folder)
            plans[folder] = terraform.plan(folder)
        yield terraform, plans


def test_facts_survive_plan_and_token_plan(planned: tuple[Terraform, dict[Path, dict[str, object]]]) -> None:
    """Plan and source together say exactly what the graph says, documents and other stacks' outputs included."""
    terraform, plans = planned
    modules = [token_module(folder, plan, terraform, name=folder.name) for folder, plan in plans.items()]
    assert_same_facts(handmade.graph(), joined(modules))


def test_facts_survive_the_plan_alone(planned: tuple[Terraform, dict[Path, dict[str, object]]]) -> None:
    """Of JSON source a plan holds every expression word for word, so our own output loses nothing on the way."""
    _, plans = planned
    assert_same_facts(handmade.graph(), joined(plan_module(plan, name=folder.name) for folder, plan in plans.items()))
