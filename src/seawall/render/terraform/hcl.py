"""A block in Terraform's own language, for a person to read and copy; what ships is written as JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from seawall.kernel.address import Address
from seawall.kernel.value import Ref
from seawall.render.terraform.expressions import escape


def block(head: tuple[str, ...], arguments: Mapping[str, Any], beside: Address) -> str:
    """One block with its arguments; ``head`` is its type with its labels, ``beside`` is in the stack that it is for.

    What another stack holds is spelled as its address, which no Terraform takes for an expression.
    """
    labels = "".join(f" {json.dumps(label)}" for label in head[1:])
    width = max((len(name) for name in arguments), default=0)
    lines = [f"  {name:<{width}} = {_value(value, beside)}" for name, value in arguments.items()]
    return "\n".join([f"{head[0]}{labels} {{", *lines, "}"])


def _value(value: Any, beside: Address) -> str:
    if isinstance(value, Ref):
        return _reference(value, beside)
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(item, beside) for item in value)}]"
    return json.dumps(escape(value) if isinstance(value, str) else value)


def _reference(ref: Ref, beside: Address) -> str:
    here, there = beside.as_terraform(), ref.to.as_terraform()
    attribute = re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", ref.attr)
    if here is None or there is None or here[:2] != there[:2]:
        return f'"<{ref.to}.{attribute}>"'
    return f"{there.path}.{attribute}"
