"""Literal values that name a resource by themselves: ARNs, and ids that carry their kind.

After apply nothing is left of a reference but its value. An ARN or an id like ``subnet-0a1b`` names one resource of
the world; any other text (a role's name is also its id) names something only together with a type, an attribute and
a region, which is what the readers' declared links are for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Text, map_leaves, text

_ARN = re.compile(r"arn:aws[\w-]*:[\w-]+:[\w-]*:(?:\d{12}|aws)?:.+")
# vpc-0a1b2c3d, eipalloc-..., a hosted zone's id, a key's id.
_ID = re.compile(r"[a-z]{1,12}-[0-9a-f]{8,17}|Z[A-Z0-9]{12,31}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Identities:
    """Which resource each self-telling value names; a value that two claim names neither."""

    def __init__(self) -> None:
        self._refs: dict[str, Ref | None] = {}
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: Any, ref: Ref) -> None:
        """Let a value name what a reference means, if it is one that tells by itself."""
        if isinstance(value, str) and (_ARN.fullmatch(value) or _ID.fullmatch(value)):
            known = self._refs.setdefault(value, ref)
            if known is not None and known.to != ref.to:
                self._refs[value] = None
            self._pattern = None

    def add_all(self, other: Identities) -> None:
        """Let every value that names something there name it here, too."""
        for value, ref in other._refs.items():
            if ref is None:
                self._refs[value] = None
            else:
                self.add(value, ref)
        self._pattern = None

    def without(self, owners: Iterable[Address]) -> Identities:
        """The same values but for those that name these resources."""
        left_out = frozenset(owners)
        kept = Identities()
        kept._refs = {value: ref for value, ref in self._refs.items() if ref is None or ref.to not in left_out}
        return kept

    def __bool__(self) -> bool:
        return bool(self._refs)

    def add_resource(self, address: Address, values: Mapping[str, Any]) -> None:
        """Let a resource's ARN and id name it."""
        self.add(values.get("arn"), Ref(address, "arn"))
        self.add(values.get("id"), Ref(address, "id"))

    def linked(self, body: Mapping[str, Any], own: Address) -> Any:
        """The body with Refs in place of such values, within text too; what names the resource itself stays."""
        return map_leaves(body, lambda leaf: self._leaf(leaf, own)) if self._refs else body

    def _leaf(self, leaf: Any, own: Address) -> Any:
        if isinstance(leaf, Text):
            return text(*(self._leaf(part, own) if isinstance(part, str) else part for part in leaf.parts))
        if not isinstance(leaf, str) or len(leaf) < 10:
            return leaf
        if leaf in self._refs:
            ref = self._refs[leaf]
            return leaf if ref is None or ref.to == own else ref
        if "arn:" not in leaf:
            return leaf
        return text(*self._pieces(leaf, own))

    def _pieces(self, leaf: str, own: Address) -> Iterable[str | Ref]:
        if self._pattern is None:
            arns = sorted(
                (value for value, ref in self._refs.items() if ref is not None and value.startswith("arn:")), key=len
            )
            # A bucket's ARN is followed by a slash, a log group's by a colon, but no ARN by the rest of a word.
            self._pattern = re.compile("|".join(rf"{re.escape(arn)}(?![\w-])" for arn in reversed(arns)) or r"(?!)")
        position = 0
        for match in self._pattern.finditer(leaf):
            ref = self._refs[match[0]]
            if ref is not None and ref.to != own:
                yield leaf[position : match.start()]
                yield ref
                position = match.end()
        yield leaf[position:]
