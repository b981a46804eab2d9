"""Values as Terraform's JSON syntax spells them: references, templates, and text that must not become one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from seawall.kernel.documents import json_text
from seawall.kernel.value import Ref, Text, Textual, Unknown

Spell = Callable[[Ref], str]
"""Spells a reference as an expression, without ``${`` and ``}``."""

JSON_ARGUMENTS = frozenset(
    {
        "access_policies", "access_policy", "assume_role_policy", "configuration_values", "container_definitions",
        "dashboard_body", "definition", "delivery_policy", "event_pattern", "filter_policy", "policy",
        "policy_document", "redrive_allow_policy", "redrive_policy", "resource_policy", "rule_json",
    }
)  # fmt: skip
"""Arguments that the provider wants as JSON text; a body may hold a mapping there."""

# Set-valued attributes cannot be indexed: from the schemas of the AWS provider 5.100.0 and of azurerm 4.55.0.
_SETS = frozenset(
    {
        ("aws_acm_certificate", "domain_validation_options"),
        ("aws_elasticache_replication_group", "member_clusters"),
        ("aws_lb", "subnet_mapping"),
        ("aws_rds_global_cluster", "global_cluster_members"),
        ("aws_vpc_endpoint", "network_interface_ids"),
        ("azurerm_dns_zone", "name_servers"),
    }
)

_OPENING = re.compile(r"([$%])\{")
_TRAILING_DOLLARS = re.compile(r"\$+$")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def escape(literal: str) -> str:
    """Text as a template that means just this text: ``${`` and ``%{`` are doubled."""
    return _OPENING.sub(r"\1\1{", literal) if "{" in literal else literal


def template(value: Textual, spell: Spell) -> str:
    """A string with holes as a template. Raises ValueError on an Unknown: no rendered body may hold one."""
    if isinstance(value, str):
        return escape(value)
    written: list[str] = []
    for part in value.parts if isinstance(value, Text) else (value,):
        if isinstance(part, str):
            written.append(escape(part))
            continue
        if isinstance(part, Unknown):
            raise ValueError(f"{part.what} is unknown and cannot be rendered")
        # A dollar sign before an opening would escape it, so it is said as an expression of its own.
        if written and written[-1].endswith("$"):
            written[-1] = _TRAILING_DOLLARS.sub(lambda match: f'${{"{match[0]}"}}', written[-1])
        written.append(f"${{{spell(part)}}}")
    return "".join(written)


def traversal(type: str, name: str, attr: str) -> str:
    """A reference within a root module: ``aws_eks_cluster.main.identity[0].oidc[0].issuer``."""
    spelled = f"{type}.{name}"
    for number, step in enumerate(filter(None, attr.split("."))):
        if step.isdecimal():
            inside = (type, attr.split(".")[0]) in _SETS and number == 1
            spelled = f"tolist({spelled})[{step}]" if inside else f"{spelled}[{step}]"
        elif _NAME.fullmatch(step):
            spelled += f".{step}"
        else:
            spelled += f"[{quoted(step)}]"
    return spelled


def quoted(literal: str) -> str:
    """A string literal inside an expression."""
    escaped = escape(literal).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def arguments(body: Mapping[str, Any], spell: Spell) -> dict[str, Any]:
    """A body in Terraform's JSON syntax; absent and null are the same, so nulls are left out."""
    return {
        escape(name) if type(name) is str else template(name, spell): _argument(name, value, spell)
        for name, value in body.items()
        if value is not None
    }


def _argument(name: str, value: Any, spell: Spell) -> Any:
    if name in JSON_ARGUMENTS and (isinstance(value, Mapping) or name == "container_definitions"):
        value = json_text(value)
    if type(value) is str:  # most values are
        return escape(value)
    match value:
        case str() | Ref() | Text() | Unknown():
            return template(value, spell)
        case Mapping():
            return arguments(value, spell)
        case list() | tuple():
            return [_argument("", item, spell) for item in value]
        case bool() | int() | float() | None:
            return value
        case _:
            raise ValueError(f"argument {name!r} holds a {type(value).__name__}, which has no spelling in Terraform")
