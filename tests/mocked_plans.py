"""Whole platforms as plans that scanners read, made by Terraform with mocked providers: no cloud, one process.

Scanners see no nested blocks in Terraform's JSON syntax, so they get plans. `terraform test` plans every stack of every
environment in one process, but says neither the configuration nor the planned values; both are added here. All stacks
of an environment become one plan, so that what a stack refers to in another is there to be found.

What a mocked plan lacks of a real one are the provider's defaults: an argument that nobody wrote is null.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

import orjson

from seawall.graph.graph import Graph
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, refs
from seawall.render.terraform.files import Described, files
from seawall.render.terraform.stacks import Stack, StackName, provider_of, stacks
from terraform_test import mocked_test, sample, without_ephemeral

_TEST = "plans.tftest.json"


@dataclass(frozen=True, slots=True)
class MockedPlan:
    """A plan as `terraform show -json` writes it, and whose address each of its addresses stands for."""

    content: Mapping[str, Any]
    addresses: Mapping[str, Address]


def mocked_plans(
    platforms: Mapping[str, tuple[Described, Graph]], folder: Path, environment: Mapping[str, str]
) -> dict[str, MockedPlan]:
    """The plan of each environment; `folder` is where they are rendered, each into a folder of its name."""
    mocks: dict[str, list[Any]] = {}
    runs: dict[str, Any] = {}
    found: dict[str, dict[StackName, Stack]] = {}
    for name, (platform, graph) in platforms.items():
        for path, content in files(platform, graph):
            (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / name / path).write_bytes(content)
        every = stacks(graph)
        found[name] = {key: stack for key, stack in every.items() if not _elsewhere(stack)}
        for stack in found[name].values():
            without_ephemeral(folder / name / "terraform" / stack.region / stack.name)
            mocked = mocked_test(stack, every)
            for provider, wanted in mocked["mock_provider"].items():
                mocks.setdefault(provider, []).extend(mock for mock in wanted if mock not in mocks.get(provider, []))
            source = f"./{name}/terraform/{stack.region}/{stack.name}"
            overrides = {"override_resource": list(_known(graph, stack)), **_only_data(mocked, stack)}
            runs[_run(name, stack)] = {"command": "plan", "module": [{"source": source}], **overrides}
    # Without a line of its own Terraform takes the folder for empty and installs nothing.
    (folder / "main.tf.json").write_text('{"terraform": {"required_version": ">= 1.11"}}')
    (folder / _TEST).write_text(json.dumps({"mock_provider": mocks, "run": runs}))
    _init(folder, environment)
    planned = dict(_planned(folder, environment))
    return {
        name: _joined({stack.key: (stack, planned[_run(name, stack)]) for stack in members.values()})
        for name, members in found.items()
    }


def _elsewhere(stack: Stack) -> bool:
    """Whether a stack needs a provider that is not at hand: Azure's is held against its schema instead."""
    return any(provider_of(resource.type) == "azurerm" for resource in stack.resources)


def _run(environment: str, stack: Stack) -> str:
    return f"{environment}-{stack.region}-{stack.name}"


def _only_data(mocked: Mapping[str, Any], stack: Stack) -> dict[str, Any]:
    """What data sources answer: upstream outputs, and an account number that looks like one."""
    answers = list(mocked.get("override_data", []))
    for resource in stack.resources:
        if resource.type == "data.aws_caller_identity":
            target = resource.address.as_terraform()
            assert target is not None
            answers.append({"target": target.path, "values": {"account_id": "123456789012"}})
    return {"override_data": answers} if answers else {}


_LETTER_FIRST = ("aws_elasticache_replication_group",)
"""Types whose id another type takes only if it begins with a letter; what Terraform makes up may begin with a digit."""


def _known(graph: Graph, stack: Stack) -> Iterator[dict[str, Any]]:
    """ARNs that policies of the stack name, so that scanners can read the policies; in a real plan they cannot."""
    wanted = {ref for resource in graph for ref in refs(resource.body)}
    # Of what is overridden in one attribute, Terraform makes up all the others, and lists without an element.
    with_lists = {ref.to for ref in wanted if "." in ref.attr}
    values: dict[str, dict[str, Any]] = {}
    for ref in sorted(ref for ref in wanted if ref.attr in ("arn", "id") and ref.to not in with_lists):
        target = ref.to.as_terraform()
        assert target is not None
        if (target.region, target.stack) != stack.key or target.type.startswith("data."):
            continue
        if ref.attr == "arn":
            values.setdefault(target.path, {})["arn"] = sample(ref)
        elif target.type in _LETTER_FIRST:
            values.setdefault(target.path, {})["id"] = "known-later"
    for path, known in values.items():
        yield {"target": path, "override_during": "plan", "values": known}


def _init(folder: Path, environment: Mapping[str, str]) -> None:
    command = ["terraform", "init", "-backend=false", "-input=false", "-no-color"]
    run = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def _planned(folder: Path, environment: Mapping[str, str]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Each run's name and changes, one message at a time: each holds the provider's whole schema, 14 MB of it."""
    errors: list[str] = []
    command = ["terraform", "test", "-json", "-verbose"]
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if b'"type":"test_plan"' in line:
                message = orjson.loads(line)
                yield message["@testrun"], message["test_plan"]["resource_changes"]
            elif b'"severity":"error"' in line:
                errors.append(line.decode())
    assert run.returncode == 0, "".join(errors)


def _joined(members: Mapping[StackName, tuple[Stack, list[dict[str, Any]]]]) -> MockedPlan:
    """One plan of all stacks, each resource renamed after its stack."""
    changes: list[dict[str, Any]] = []
    configured: list[dict[str, Any]] = []
    addresses: dict[str, Address] = {}
    for stack, planned in members.values():
        bodies = {resource.address: resource.body for resource in stack.resources}
        for change in planned:
            address = Address.terraform(stack.region, stack.name, change["address"])
            if address not in bodies:
                continue  # the states of other stacks
            name = f"{stack.region}__{stack.name}__{change['name']}"
            path = f"{'data.' if change['mode'] == 'data' else ''}{change['type']}.{name}"
            addresses[path] = address
            renamed = {key: change[key] for key in ("mode", "type", "provider_name")} | {"address": path, "name": name}
            expressions = {key: _expression(value) for key, value in bodies[address].items()}
            after = _written(change["change"].get("after") or {}, expressions)
            changes.append({**renamed, "change": {**change["change"], "after": after}})
            configured.append({**renamed, "provider_config_key": "aws", "expressions": expressions})
    values = [
        {key: item for key, item in change.items() if key != "change"} | {"values": change["change"]["after"]}
        for change in changes
    ]
    content = {
        "format_version": "1.2",
        "terraform_version": "1.11.0",
        "planned_values": {"root_module": {"resources": values}},
        "resource_changes": changes,
        "configuration": {
            "provider_config": {"aws": {"name": "aws", "full_name": "registry.terraform.io/hashicorp/aws"}},
            "root_module": {"resources": configured},
        },
    }
    return MockedPlan(content, addresses)


def _expression(value: Any) -> Any:
    """How a plan's configuration spells an argument: nested blocks, a constant, or what it refers to."""
    if _blocks(value):
        return [{key: _expression(item) for key, item in block.items()} for block in value]
    references = [spelling for ref in refs(value) for spelling in _reference(ref)]
    return {"references": references} if references else {"constant_value": value}


def _reference(ref: Ref) -> Iterator[str]:
    target = ref.to.as_terraform()
    assert target is not None
    address = f"{target.type}.{target.region}__{target.stack}__{target.name}"
    yield f"{address}.{ref.attr.partition('.')[0]}"
    yield address


def _blocks(value: Any) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    return isinstance(value, list | tuple) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _written(after: Mapping[str, Any], expressions: Mapping[str, Any]) -> dict[str, Any]:
    """The values that somebody wrote: a mock makes up the others.

    Those that only lead to another resource are left out: there the scanners are to follow the reference.
    """
    kept: dict[str, Any] = {}
    for name, expression in expressions.items():
        value = after.get(name)
        if isinstance(expression, list) and _blocks(value) and len(expression) == len(value) == 1:
            kept[name] = [_written(value[0], expression[0])]
        elif value is not None and not _is_link(value, expression):
            kept[name] = _without_holes(value)
    return kept


def _without_holes(value: Any) -> Any:
    """A value whose lists have no null in them, which stands for what is not known yet; trivy cannot read one."""
    if isinstance(value, Mapping):
        return {key: _without_holes(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_holes(item) for item in value if item is not None]
    return value


def _is_link(value: Any, expression: Any) -> bool:
    if not isinstance(expression, Mapping) or "references" not in expression:
        return False
    if isinstance(value, str):
        return not value.startswith("{")  # a policy is to be read, whatever it names
    return not isinstance(value, Mapping)
