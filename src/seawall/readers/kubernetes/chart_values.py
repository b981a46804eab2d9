"""Values of a Helm chart, as an application of Argo CD gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from seawall.kernel.errors import InputError
from seawall.kernel.json_documents import MAX_DEPTH, deeper_than
from seawall.kernel.value import Ref, Text, render_text
from seawall.kernel.yaml_documents import yaml_documents


def values_of(helm: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of a source's ``helm``, as an object or as text; those in files beside it are not there."""
    values = helm.get("valuesObject")
    return values if isinstance(values, Mapping) else parsed(helm.get("values"))


def parsed(text: Any) -> Mapping[str, Any]:
    """YAML within a string, as an object; one that is no object is as good as none to the chart, too."""
    if isinstance(text, Text | Ref):
        text = render_text(text, str)
    if not isinstance(text, str):
        return text if isinstance(text, Mapping) else {}
    try:
        # All JSON is YAML, which takes a hundred times as long to read.
        if text.lstrip().startswith("{"):
            found = orjson.loads(text)
        else:
            found = next((document.data for document in yaml_documents(text, "values")), None)
    except (ValueError, InputError):
        return {}
    if deeper_than(found, MAX_DEPTH):
        return {}
    return found if isinstance(found, Mapping) else {}


def at(values: Any, path: str, default: Any) -> Any:
    """What stands at a path of names; ``default`` where nothing does."""
    for name in path.split("."):
        if not isinstance(values, Mapping) or values.get(name) is None:
            return default
        values = values[name]
    return values
