"""What shipped platforms have in Azure is what its provider takes, and waits for nothing that waits for it."""

from __future__ import annotations

import pytest
import yaml

import azurerm_schema
from platforms import shipped
from seawall.cli.input import reference_platforms
from seawall.render.terraform.stacks import stacks


def with_recovery():
    """Every (platform, environment) that has something in another cloud."""
    for name, folder in reference_platforms().items():
        description = yaml.safe_load((folder / "platform.yaml").read_text())
        for environment, said in description["environments"].items():
            if (description | (said or {})).get("recovery"):
                yield pytest.param(name, environment, id=f"{name}-{environment}")


@pytest.mark.needs("reference")
@pytest.mark.parametrize(("name", "environment"), list(with_recovery()))
def test_bodies_in_azure_are_what_the_provider_takes(name, environment, reference):
    """Each type, argument and block of azurerm 4.55, whose provider cannot be had offline."""
    known = azurerm_schema.schema(reference)
    _, graph = shipped(name, environment)
    found = [resource for resource in graph if resource.type.startswith("azurerm_")]
    assert found
    assert [mistake for resource in found for mistake in azurerm_schema.mistakes(resource, known)] == []


@pytest.mark.parametrize(("name", "environment"), list(with_recovery()))
def test_only_the_last_stack_waits_for_azure(name, environment):
    """Azure is brought up by hand, after AWS: whatever waited for it would not be there until then."""
    _, graph = shipped(name, environment)
    found = stacks(graph)
    away = {stack for stack in found if not stack.region[-1].isdigit()}
    waiting = {stack for stack, body in found.items() if stack not in away and away & set(body.upstream)}
    assert {stack.stack for stack in waiting} <= {"recovery"}
    assert [stack for stack, body in found.items() if waiting & set(body.upstream)] == []
