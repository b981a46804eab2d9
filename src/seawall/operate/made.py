"""What Terraform's states say of what was made: the values that references stand for until then."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seawall.kernel.address import Address
from seawall.kernel.value import Ref, Textual, Unknown

if TYPE_CHECKING:
    from seawall.deploy.rendered import Rendered
    from seawall.deploy.target import Cloud


class Made:
    """Attributes of what stands, by address; it can hold secrets, so nothing of it is printed or kept."""

    __slots__ = ("_attributes",)

    def __init__(self, attributes: Mapping[Address, Mapping[str, Any]]) -> None:
        self._attributes = attributes

    @classmethod
    def of(cls, rendered: Rendered, cloud: Cloud) -> Made:
        """Read the states of all stacks; those that are not up say nothing."""
        from seawall.deploy.states import States

        states, found = States(cloud), {}
        for stack in rendered.stacks.values():
            for resource in (states.document(stack.backend) or {}).get("resources", ()):
                if len(resource.get("instances", ())) == 1 and not resource.get("module"):
                    prefix = "data." if resource.get("mode") == "data" else ""
                    address = Address.terraform(
                        stack.region, stack.name, f"{prefix}{resource['type']}.{resource['name']}"
                    )
                    found[address] = resource["instances"][0].get("attributes", {})
        return cls(found)

    def attribute(self, address: Address, name: str) -> str | None:
        """A plain attribute, whose name may lead down by dots; None where there is none."""
        value: Any = self._attributes.get(address)
        for step in name.split("."):
            if isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return str(value) if isinstance(value, str | int) and value != "" else None

    def text(self, value: Textual) -> str | None:
        """A text with its references replaced by what was made; None where one of them is not known."""
        if isinstance(value, str):
            return value
        if isinstance(value, Unknown):
            return None
        if isinstance(value, Ref):
            return self.attribute(value.to, value.attr)
        parts = [self.text(part) for part in value.parts]
        return None if None in parts else "".join(part for part in parts if part is not None)


NOTHING = Made({})
