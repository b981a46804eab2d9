"""The files of every stack's root module."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import orjson

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Unknown
from seawall.render.terraform.expressions import Spell, arguments, traversal
from seawall.render.terraform.inline_rules import whole
from seawall.render.terraform.stacks import Stack, StackName, provider_of, providers_of, stack_of, stacks

TERRAFORM_VERSION = ">= 1.11.0"
# A provider's source and the releases that the bodies are written for.
_PROVIDERS = {
    "aws": ("hashicorp/aws", "~> 5.100"),
    "azurerm": ("hashicorp/azurerm", "~> 4.55"),
    "random": ("hashicorp/random", "~> 3.7"),
}
_REGIONAL = frozenset({"aws"})


class Described(Protocol):
    """What the renderer needs to know of a platform."""

    @property
    def name(self) -> str:
        """The platform's name."""

    @property
    def environment(self) -> str:
        """The environment's name."""

    @property
    def prefix(self) -> str | None:
        """What makes global names unique."""


def files(platform: Described, graph: Graph) -> Iterator[tuple[str, bytes]]:
    """Relative path and content of every Terraform file, ``terraform/<region>/<stack>/*.tf.json``, and what they name.

    Raises InputError if stacks need each other in a circle, and ValueError if a body holds an Unknown.
    """
    found = stacks(graph)
    for stack in found.values():
        folder = f"terraform/{stack.region}/{stack.name}"
        for name, content in root_module(platform, stack, found).items():
            yield f"{folder}/{name}", _json(content)
        yield from ((f"{folder}/{name}", content) for name, content in _beside(stack).items())


def root_module(platform: Described, stack: Stack, found: Mapping[StackName, Stack]) -> dict[str, dict[str, Any]]:
    """One stack's files by name, as JSON values."""
    spell = _Speller(stack, found)
    managed = _blocks(stack, spell, "")
    data = _blocks(stack, spell, "data.")
    ephemeral = _blocks(stack, spell, "ephemeral.")
    for above in spell.read:
        state = _remote_state(platform, found[above])
        data.setdefault("terraform_remote_state", {})[state_name(stack, above)] = state
    outputs = {
        name: {
            "description": f"Read by {_and(stack.readers[name])}.",
            "value": f"${{{spell.within(ref)}}}",
        }
        for name, ref in stack.outputs.items()
    }
    content: dict[str, dict[str, Any]] = {
        "terraform.tf.json": _terraform(platform, stack),
        "providers.tf.json": _providers(stack),
        "data.tf.json": {"data": {type: dict(sorted(data[type].items())) for type in sorted(data)}},
        "ephemeral.tf.json": {"ephemeral": ephemeral},
        "main.tf.json": {"resource": managed},
        "outputs.tf.json": {"output": outputs},
    }
    return {name: value for name, value in content.items() if any(value.values())}


def _beside(stack: Stack) -> dict[str, bytes]:
    """The files that bodies of a stack name, by name; ValueError if two different ones want the same name."""
    found: dict[str, bytes] = {}
    for resource in stack.resources:
        for name, content in resource.meta.get("files", {}).items():
            if found.setdefault(name, content) != content or name.endswith((".tf", ".tf.json")) or "/" in name:
                raise ValueError(f"{resource.address} cannot have a file {name}")
    return dict(sorted(found.items()))


def backend(platform: Described, stack: Stack) -> tuple[str, dict[str, Any]]:
    """Where a stack's state lies, as Terraform's backend type and its arguments.

    The state of a region's stacks lies in that region, so that the loss of one region leaves the others' state;
    that of a stack in Azure lies in Azure for the same reason.
    """
    key = f"{platform.name}/{platform.environment}/{stack.region}/{stack.name}.tfstate"
    if {provider_of(resource.type) for resource in stack.resources} & {"aws", "azurerm"} == {"azurerm"}:
        return "azurerm", {
            "resource_group_name": f"{platform.prefix or platform.name}-terraform-state",
            "storage_account_name": state_account(platform),
            "container_name": "tfstate",
            "key": key,
            "use_azuread_auth": True,
        }
    return "s3", {
        "bucket": state_bucket(platform, stack.region),
        "key": key,
        "region": stack.region,
        "encrypt": True,
    }


def state_bucket(platform: Described, region: str) -> str:
    """The S3 bucket that holds the states of a region's stacks."""
    return f"{platform.prefix or platform.name}-terraform-state-{region}"


def state_account(platform: Described) -> str:
    """The Azure storage account that holds the states of stacks in Azure: at most 24 letters and digits."""
    letters = "".join(filter(str.isalnum, platform.prefix or platform.name)).lower()
    return f"{letters[:17]}tfstate"


def state_name(reader: Stack, above: StackName) -> str:
    """What a stack calls the remote state of another: its name, with its region where that differs."""
    if above.region == reader.region:
        return above.stack
    return f"{above.stack}_{above.region.replace('-', '_')}"


def alias(region: str) -> str:
    """The alias of the provider for a region other than the stack's own."""
    return region.replace("-", "_")


class _Speller:
    """Spells references as seen from one stack, and remembers which other stacks were read."""

    def __init__(self, stack: Stack, found: Mapping[StackName, Stack]) -> None:
        self._stack = stack
        self._outputs = {
            name: {ref: output for output, ref in other.outputs.items()}
            for name, other in found.items()
            if name in stack.upstream
        }
        self.read: dict[StackName, None] = {}

    def __call__(self, ref: Ref) -> str:
        away = stack_of(ref.to)
        if away is None or away == self._stack.key:
            return self.within(ref)
        self.read[away] = None
        output = self._outputs[away][ref]
        return f"data.terraform_remote_state.{state_name(self._stack, away)}.outputs.{output}"

    def within(self, ref: Ref) -> str:
        """The reference as its own stack spells it."""
        name = ref.to.as_terraform()
        if name is None:
            raise ValueError(f"{ref} is no Terraform reference")
        return traversal(name.type, name.name, ref.attr)


def _blocks(stack: Stack, spell: Spell, mode: str) -> dict[str, dict[str, Any]]:
    """The blocks of one mode: ``data.``, ``ephemeral.``, or nothing for what is made."""
    blocks: dict[str, dict[str, Any]] = {}
    for resource in stack.resources:
        if resource.type.startswith(mode) if mode else not resource.is_data_source:
            name = resource.address.as_terraform()
            if name is None:
                raise ValueError(f"{resource.address} is no Terraform address")
            type = resource.type.removeprefix(mode)
            blocks.setdefault(type, {})[name.name] = _block(stack, resource, spell)
    return blocks


def _block(stack: Stack, resource: Resource, spell: Spell) -> dict[str, Any]:
    block: dict[str, Any] = {}
    if isinstance(resource.region, Unknown):
        raise ValueError(f"{resource.region.what} is unknown and cannot be rendered")
    provider = provider_of(resource.type)
    if resource.region and resource.region != stack.region and provider in _REGIONAL:
        block["provider"] = f"{provider}.{alias(resource.region)}"
    block.update(whole(resource.type, arguments(resource.body, spell)))
    # A dependency on another stack is kept by the order of the stacks.
    depends_on = [
        name.path
        for address in resource.meta.get("depends_on", ())
        if stack_of(address) == stack.key and (name := address.as_terraform())
    ]
    if depends_on:
        block["depends_on"] = depends_on
    if resource.meta.get("lifecycle"):
        block["lifecycle"] = dict(resource.meta["lifecycle"])
    return block


def _terraform(platform: Described, stack: Stack) -> dict[str, Any]:
    used = sorted({provider_of(resource.type) for resource in stack.resources} & _PROVIDERS.keys())
    kind, settings = backend(platform, stack)
    if kind == "s3":
        settings["use_lockfile"] = True
    return {
        # What ingest needs to give every resource its address back; Terraform passes over it.
        "//": {
            "seawall": {
                "platform": platform.name,
                "environment": platform.environment,
                "region": stack.region,
                "stack": stack.name,
            }
        },
        "terraform": {
            "required_version": TERRAFORM_VERSION,
            "required_providers": {
                name: {"source": _PROVIDERS[name][0], "version": _PROVIDERS[name][1]} for name in used
            },
            "backend": {kind: settings},
        },
    }


def _providers(stack: Stack) -> dict[str, Any]:
    providers: dict[str, Any] = {}
    if any(provider_of(resource.type) == "azurerm" for resource in stack.resources):
        # Storage accounts take no keys; the subscription comes from ARM_SUBSCRIPTION_ID or `az login`.
        providers["azurerm"] = {"features": {}, "storage_use_azuread": True}
    if any(provider_of(resource.type) == "aws" for resource in stack.resources):
        others = [region for provider, region in providers_of(stack) if provider == "aws"]
        providers["aws"] = [
            {"region": stack.region},
            *({"alias": alias(region), "region": region} for region in others),
        ]
    return {"provider": dict(sorted(providers.items()))}


def _remote_state(platform: Described, above: Stack) -> dict[str, Any]:
    kind, settings = backend(platform, above)
    return {"backend": kind, "config": settings}


def _and(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _json(content: Any) -> bytes:
    return orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
