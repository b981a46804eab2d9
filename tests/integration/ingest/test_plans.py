"""The law of the round trip through the real plan of what was rendered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from offline_plan import Terraform, aws, take_offline, without_templates
from platforms import PLATFORMS, stacks_in_aws
from roundtrip import assert_same_facts, write
from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.ingest.plan import plan_module
from seawall.ingest.root_module import RootModule, joined
from seawall.ingest.token_plan import token_module
from seawall.render.terraform.stacks import Stack, stacks

pytestmark = pytest.mark.needs("terraform", "aws-provider")


@dataclass
class Planned:
    graph: Graph
    terraform: Terraform
    plans: Mapping[Path, Mapping[str, Any]]


@pytest.fixture(scope="module")
def planned(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, terraform_environment: dict[str, str]
) -> Iterator[Planned]:
    """Every stack of a platform in AWS, rendered, and planned by the real Terraform and the real AWS provider."""
    out = tmp_path_factory.mktemp("planned")
    platform, graph = PLATFORMS[request.param]()
    write(platform, graph, out)
    found = stacks(graph)
    known = {stack.key for stack in stacks_in_aws(graph)}
    # What Azure's state holds is read through a stack that cannot be planned.
    in_aws = [stack for stack in stacks_in_aws(graph) if known.issuperset(stack.upstream)]
    terraform = Terraform(terraform_environment)
    with aws() as address, ThreadPoolExecutor(2) as pool:

        def plan(stack: Stack) -> tuple[Path, Mapping[str, Any]]:
            folder = out / "terraform" / stack.region / stack.name
            take_offline(stack, found, folder, address)
            terraform.ok(["init", "-input=false", "-no-color"], folder)
            return folder, terraform.plan(folder)

        # Of `lifecycle` a plan says nothing at all: whether a version is left alone is read of source only.
        part = Graph(_without_lifecycle(resource) for stack in in_aws for resource in stack.resources)
        yield Planned(part, terraform, dict(pool.map(plan, in_aws)))


def _without_lifecycle(resource: Resource) -> Resource:
    return replace(resource, meta={name: said for name, said in resource.meta.items() if name != "lifecycle"})


@pytest.mark.parametrize("planned", PLATFORMS, indirect=True)
def test_facts_survive_the_plan_alone(planned: Planned) -> None:
    """Of JSON source a plan holds every expression word for word, so our own output loses nothing on the way."""
    modules = (plan_module(plan, name=folder.name) for folder, plan in planned.plans.items())
    assert_same_facts(planned.graph, joined(modules))


# A shipped platform would take minutes more and holds nothing that the handmade one lacks.
@pytest.mark.parametrize("planned", ["handmade"], indirect=True)
def test_facts_survive_plan_and_token_plan(planned: Planned) -> None:
    """Tokens find every reference again, documents included, where the plan holds none of the source's text.

    That is how the plan of an HCL source is, so the text that JSON leaves in it is taken out first.
    """

    def module(entry: tuple[Path, Mapping[str, Any]]) -> RootModule:
        folder, plan = entry
        return token_module(folder, without_templates(plan), planned.terraform, name=folder.name)

    with ThreadPoolExecutor(2) as pool:
        assert_same_facts(planned.graph, joined(pool.map(module, planned.plans.items())))
