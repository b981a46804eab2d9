"""Bodies of azurerm held against the provider's schema: Terraform itself cannot, where the provider is not to be had.

A type has to be known, every required argument there, none unknown or only computed, each block a list of mappings of
as many as it may be, each value of its kind. References stand for any value; so do texts with holes for a string.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from seawall.graph.resource import Resource
from seawall.kernel.value import Ref, Text

# Types that the reference schema leaves out, from the same package in the same release: @cdktf/provider-azurerm@14.23.1
# (azurerm 4.55.0), lib/federated-identity-credential/index.d.ts, read 2026-11-21.
_MORE: Mapping[str, Any] = {
    "azurerm_federated_identity_credential": {
        "attrs": {
            name: {"required": True, "type": ["list", "string"] if name == "audience" else "string"}
            for name in ("audience", "issuer", "name", "parent_id", "resource_group_name", "subject")
        },
        "computed": [],
    },
}
_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str, Ref, Text),
    "number": (int, float, Ref),
    "bool": (bool, Ref),
}


def schema(reference: Path) -> dict[str, Any]:
    """Every known type by name."""
    return {**json.loads((reference / "schemas" / "azurerm.json").read_text())["resources"], **_MORE}


def mistakes(resource: Resource, known: Mapping[str, Any]) -> list[str]:
    """What is wrong with a body, in a few words each."""
    described = known.get(resource.type)
    if described is None:
        return [f"{resource.type} is no type of azurerm"]
    return [
        f"{resource.address}: {mistake}"
        for mistake in _block(resource.body, described["attrs"], described.get("computed") or ())
    ]


def _block(body: Mapping[str, Any], attrs: Mapping[str, Any], computed: Any = ()) -> Iterator[str]:
    for name, described in attrs.items():
        if described.get("required") and body.get(name) is None:
            yield f"{name} is required"
    for name, value in body.items():
        if name in computed:
            yield f"{name} is Azure's to say"
        elif name not in attrs:
            yield f"there is no argument {name}"
        elif "block" in attrs[name]:
            yield from _blocks(name, value, attrs[name])
        elif not _is(value, attrs[name]["type"]):
            yield f"{name} is a {type(value).__name__} and should be {attrs[name]['type']}"


def _blocks(name: str, value: Any, described: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        yield f"{name} is a block, and so a list of mappings"
        return
    if len(value) > described.get("max_items", len(value)):
        yield f"{name} stands {len(value)} times"
    for one in value:
        for mistake in _block(one, described["attrs"]):
            yield f"{name}: {mistake}"


def _is(value: Any, kind: Any) -> bool:
    if isinstance(kind, str):
        return isinstance(value, _KINDS[kind]) and not (kind == "number" and isinstance(value, bool))
    outer, inner = kind
    if outer == "map":
        return isinstance(value, Mapping) and all(_is(one, inner) for one in value.values())
    return isinstance(value, Ref) or (isinstance(value, list) and all(_is(one, inner) for one in value))
