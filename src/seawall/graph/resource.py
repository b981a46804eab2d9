"""A resource: one Terraform resource, one Kubernetes object, or one file of a known format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from seawall.kernel.address import Address
from seawall.kernel.origin import NOWHERE, Origin
from seawall.kernel.value import Body, Unknown

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Resource:
    """What will exist, exactly: an address, a type and a body.

    ``type`` is Terraform's (``aws_vpc``, ``data.aws_caller_identity``, ``ephemeral.aws_secretsmanager_secret_version``
    for what is known only while Terraform runs), a Kubernetes version and kind (``apps/v1/Deployment``) or
    ``file/FORMAT``. ``body`` holds arguments only: what somebody configured, never what
    a provider computed. ``region`` is where the provider puts it, empty for what has none. ``meta`` holds
    Terraform's meta-arguments ``depends_on`` (addresses) and ``lifecycle``, ``count`` (an Unknown) where nobody can say
    how many of it there are, and under ``files`` what has to lie beside the root module because the body names it
    (name -> content). Resources compare by identity, so that what is read
    of one can be remembered.
    """

    address: Address
    type: str
    body: Body
    origin: Origin = NOWHERE
    region: str | Unknown = ""
    meta: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    @property
    def is_data_source(self) -> bool:
        """Whether it is only looked up, never made."""
        return self.type.startswith(("data.", "ephemeral."))

    @property
    def is_kubernetes(self) -> bool:
        """Whether it is a Kubernetes object."""
        return "/" in self.type and not self.type.startswith("file/")

    @property
    def is_terraform(self) -> bool:
        """Whether it is a Terraform resource or data source."""
        return "/" not in self.type
