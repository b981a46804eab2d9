"""What a plan of Azure's stacks would say, for scanners: written from the bodies, since the provider is not at hand.

What is known only after apply is a word that stands for it; references are kept, so that checks can follow them.
"""

from __future__ import annotations

from typing import Any

from seawall.graph.graph import Graph
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, map_leaves

_PROVIDER = "registry.terraform.io/hashicorp/azurerm"


def azure_plan(graph: Graph) -> tuple[dict[str, Any], dict[str, Address]]:
    """The plan as Terraform's JSON shows it, and the resource of each path in it; both empty without Azure."""
    made = [resource for resource in graph if resource.type.startswith("azurerm_")]
    if not made:
        return {}, {}
    content = {
        "format_version": "1.2",
        "terraform_version": "1.11.0",
        "planned_values": {"root_module": {"resources": [{**_head(one), "values": _known(one)} for one in made]}},
        "resource_changes": [
            {**_head(one), "change": {"actions": ["create"], "before": None, "after": _known(one), "after_unknown": {}}}
            for one in made
        ],
        "configuration": {
            "provider_config": {"azurerm": {"name": "azurerm", "full_name": _PROVIDER}},
            "root_module": {
                "resources": [
                    {
                        **_head(one),
                        "provider_config_key": "azurerm",
                        "expressions": {name: _expression(value) for name, value in one.body.items()},
                    }
                    for one in made
                ]
            },
        },
    }
    return content, {_path(one): one.address for one in made}


def _path(resource: Resource) -> str:
    name = resource.address.as_terraform()
    assert name is not None
    return name.path


def _head(resource: Resource) -> dict[str, Any]:
    name = resource.address.as_terraform()
    assert name is not None
    return {
        "address": name.path,
        "mode": "managed",
        "type": name.type,
        "name": name.name,
        "provider_name": _PROVIDER,
        "schema_version": 0,
    }


def _known(resource: Resource) -> Any:
    return map_leaves(resource.body, lambda leaf: str(leaf) if isinstance(leaf, Ref | Text) else leaf)


def _expression(value: Any) -> Any:
    match value:
        case Ref():
            name = value.to.as_terraform()
            assert name is not None
            return {"references": [f"{name.path}.{value.attr}", name.path]}
        case Text():
            return {"references": []}
        case [dict(), *_]:
            return [{name: _expression(item) for name, item in block.items()} for block in value]
        case _:
            return {"constant_value": map_leaves(value, lambda leaf: None if isinstance(leaf, Ref | Text) else leaf)}
