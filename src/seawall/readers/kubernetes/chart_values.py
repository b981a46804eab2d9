"""Values of a Helm chart, as an application of Argo CD gives them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, cast

import orjson

from seawall.kernel.errors import InputError
from seawall.kernel.json_documents import MAX_DEPTH, deeper_than
from seawall.kernel.value import Ref, Text, Unknown, map_leaves, render_text
from seawall.kernel.value import text as joined
from seawall.kernel.yaml_documents import yaml_documents


def values_of(helm: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values of a source's ``helm``, as an object or as text, and its parameters, which go before them.

    Those in files beside it are not there: ``elsewhere`` tells whether there are any.
    """
    values = helm.get("valuesObject")
    found = values if isinstance(values, Mapping) else parsed(helm.get("values"))
    parameters = helm.get("parameters")
    if not isinstance(parameters, list | tuple):
        return found
    return laid_over([found, *(one for each in parameters if (one := _parameter(each)))])


def elsewhere(helm: Mapping[str, Any]) -> bool:
    """Whether some of the values are not in the input."""
    values = (helm.get("valuesObject"), helm.get("values"), helm.get("parameters"))
    files = (helm.get("valueFiles"), helm.get("fileParameters"))
    return any(each not in (None, "", [], ()) for each in files) or any(map(is_hidden, values))


def is_hidden(values: Any) -> bool:
    """Whether values come from somewhere that is not read; a text with holes is, as long as they are all there is."""
    return isinstance(values, Unknown | Ref) or (isinstance(values, Text) and not parsed(values))


def laid_over(every: Iterable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """Objects of values as Helm merges them: the later goes before the earlier, name by name."""
    found: dict[str, Any] = {}
    for each in every:
        _lay(found, each)
    return found


def _lay(under: dict[str, Any], over: Mapping[str, Any]) -> None:
    for name, value in over.items():
        below = under.get(name)
        if isinstance(value, Mapping):
            merged = dict(below) if isinstance(below, Mapping) else {}
            _lay(merged, value)
            under[name] = merged
        else:
            under[name] = value


def _parameter(each: Any) -> Mapping[str, Any] | None:
    """A value by its path, as ``--set`` takes it; None for one that goes into a list."""
    name = each.get("name") if isinstance(each, Mapping) else None
    if not isinstance(name, str) or "[" in name:
        return None
    value = each.get("value")
    if each.get("forceString") is not True and each.get("type") != "string":
        value = {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
    for part in reversed(re.split(r"(?<!\\)\.", name)[:MAX_DEPTH]):
        value = {part.replace("\\.", "."): value}
    return value if isinstance(value, Mapping) else None


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


def parsed_around_holes(text: Any) -> Mapping[str, Any]:
    """Like ``parsed``, with the holes of the text back in the values in which they stand."""
    if not isinstance(text, Text):
        return parsed(text)
    holes = text.holes
    numbers = iter(range(len(holes)))
    # Characters of the private use area, which stand in no text of values that anybody writes.
    plain = "".join(part if isinstance(part, str) else chr(_FIRST + next(numbers)) for part in text.parts)
    found = parsed(plain)
    return found if not found else cast("Mapping[str, Any]", map_leaves(found, lambda leaf: _refilled(leaf, holes)))


_FIRST: Final = 0xE000


def _refilled(leaf: Any, holes: Sequence[Ref | Unknown]) -> Any:
    if not isinstance(leaf, str):
        return leaf
    parts = (
        holes[ord(part) - _FIRST] if len(part) == 1 and 0 <= ord(part) - _FIRST < len(holes) else part
        for part in re.split("([\ue000-\uf8ff])", leaf)
    )
    return joined(*parts)


def at(values: Any, path: str, default: Any) -> Any:
    """What stands at a path of names; ``default`` where nothing does."""
    for name in path.split("."):
        if not isinstance(values, Mapping) or values.get(name) is None:
            return default
        values = values[name]
    return values
