"""References as manifests hold them before apply: ``${region/stack:type.name.attribute}``, and nothing else.

Spring, shells and Kustomize have placeholders of their own, so whatever is not spelled exactly like an address and
an attribute stays the text that it is.
"""

from __future__ import annotations

import re
from typing import Any, Final

from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Textual, map_leaves, text

REFERENCE: Final = re.compile(
    r"\$\{(?P<to>[a-z0-9-]*/[A-Za-z0-9_-]+:"
    r"(?:module\.[A-Za-z0-9_-]+(?:\[[^]\s]*\])?\.)*(?:data\.)?[a-z][a-z0-9]*_[a-z0-9_]+\.[A-Za-z_][A-Za-z0-9_-]*"
    r"(?:\[(?:\d+|\"[^\"\s]*\")\])?)"
    r"\.(?P<attr>[A-Za-z0-9_][A-Za-z0-9_.:/-]*)\}"
)


def settle(value: str) -> Textual:
    """A string with its references as holes."""
    if "${" not in value:
        return value
    parts: list[Textual] = []
    start = 0
    for match in REFERENCE.finditer(value):
        parts += (value[start : match.start()], Ref(Address(match["to"]), match["attr"]))
        start = match.end()
    return text(*parts, value[start:])


def settle_all(value: Any) -> Any:
    """A whole value with every string settled."""
    return map_leaves(value, lambda leaf: settle(leaf) if isinstance(leaf, str) else leaf)
