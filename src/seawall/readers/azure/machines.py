"""Virtual machines."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.facts.fact import Fact
from seawall.facts.identity import Assumes
from seawall.facts.network import Carries
from seawall.facts.resilience import Setting
from seawall.graph.resource import Resource
from seawall.kernel.value import Unknown
from seawall.readers.arguments import Arguments
from seawall.readers.registry import reads


@reads("azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine")
def virtual_machine(resource: Resource) -> Iterator[Fact]:
    """A machine: its interfaces, as whom it acts, and how large its disk is. Azure encrypts every disk."""
    body = Arguments(resource)
    cards = body.links("network_interface_ids")
    for card in (cards,) if isinstance(cards, Unknown) else cards:
        yield Carries(resource.address, card)
    for identity in body.blocks("identity"):
        identities = identity.links("identity_ids")
        for who in identities if isinstance(identities, tuple) else ():
            yield Assumes(resource.address, who, "service")
    disk = body.block("os_disk")
    if disk.has("disk_size_gb"):
        yield Setting(resource.address, "disk-size", disk.count("disk_size_gb"))
    yield Setting(resource.address, "disk-encrypted", True)
