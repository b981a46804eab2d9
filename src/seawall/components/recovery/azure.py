"""Azure's side of a scope: names as Azure wants them, addresses in the stack there, tags."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from seawall.components.scope import Scope
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.knowledge.azure import TAGGABLE

STACK = "recovery"
"""The stack in Azure's region, and the one at home that reads it: nothing else waits for Azure."""


@dataclass(frozen=True, slots=True)
class Azure:
    """One component's part in one region of Azure; everything lies in one resource group."""

    scope: Scope
    region: str

    @property
    def title(self) -> str:
        """The name of the resource group, and the beginning of others: ``petclinic-production-recovery``."""
        return f"{self.scope.title}-{STACK}"

    def world_name(self, purpose: str, most: int = 24) -> str:
        """A name of letters and digits that nobody else in the world has, such as a storage account's.

        Six characters of a hash stand for prefix, platform and environment, of which as much is written as fits.
        """
        whole = "-".join(filter(None, (self.scope.platform.prefix, self.scope.title)))
        digest = hashlib.sha256(whole.encode()).hexdigest()[:6]
        letters = "".join(filter(str.isalnum, whole))
        return f"{letters[: most - len(purpose) - len(digest)]}{digest}{purpose}"

    def address(self, type: str, name: str) -> Address:
        """The address of a resource there."""
        return Address.terraform(self.region, STACK, f"{type}.{name}")

    def ref(self, type: str, name: str, attr: str) -> Ref:
        """An attribute of a resource there."""
        return Ref(self.address(type, name), attr)

    def make(
        self,
        type: str,
        name: str,
        body: Mapping[str, Any],
        *,
        depends_on: Iterable[Address] = (),
        lifecycle: Mapping[str, Any] | None = None,
    ) -> Resource:
        """A resource there, tagged if its type takes tags; null arguments are left out."""
        arguments = {key: value for key, value in body.items() if value is not None}
        if type in TAGGABLE:
            ours = {key: value for key, value in self.scope.tags("").items() if key != "Name"}
            arguments["tags"] = ours | arguments.get("tags", {})
        meta: dict[str, Any] = {}
        if dependencies := tuple(depends_on):
            meta["depends_on"] = dependencies
        if lifecycle:
            meta["lifecycle"] = dict(lifecycle)
        return Resource(self.address(type, name), type, arguments, self.scope.origin, self.region, meta)

    def placed(self, type: str, name: str, body: Mapping[str, Any], **more: Any) -> Resource:
        """A resource that says its region and resource group itself."""
        return self.make(type, name, {"location": self.region, **self.grouped, **body}, **more)

    @property
    def grouped(self) -> dict[str, Any]:
        """The argument that names the resource group."""
        return {"resource_group_name": self.ref("azurerm_resource_group", "main", "name")}

    def lookup(self, type: str, name: str, body: Mapping[str, Any] | None = None) -> Resource:
        """A data source; ``type`` without its ``data.``."""
        of = f"data.{type}"
        return Resource(self.address(of, name), of, dict(body or {}), self.scope.origin, self.region)
