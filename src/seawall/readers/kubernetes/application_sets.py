"""The applications that an ApplicationSet makes, as far as its own text says.

Generators and templates: docs/operator-manual/applicationset/{Generators-List,Generators-Matrix,Template,GoTemplate}.md
of argoproj/argo-cd. A generator's own template goes before the set's; parameters are put in before a patch is laid on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

_FIELD = re.compile(r"\{\{-?\s*\.?([A-Za-z_][A-Za-z0-9_.-]*)\s*-?\}\}")
_GO_FIELD = re.compile(r"\{\{-?\s*\.([A-Za-z_][A-Za-z0-9_.]*)\s*-?\}\}")
_ACTION = re.compile(r"\{\{")
_SETTINGS = ("template", "values", "selector")
_LOOKS_ELSEWHERE = "what this generator finds is not in the manifest"


@dataclass(frozen=True, slots=True)
class NotTold:
    """Applications that cannot be told: the part of the set that makes them, why, and their template as written.

    ``patched`` says that a patch may still change anything in that template.
    """

    path: str
    why: str
    template: Mapping[str, Any]
    patched: bool


class _Untold(Exception):
    def __init__(self, path: str, why: str) -> None:
        super().__init__(path)
        self.path, self.why = path, why


def generated(spec: Mapping[str, Any]) -> Iterator[Mapping[str, Any] | NotTold]:
    """The body of every application of a set, without apiVersion and kind; NotTold for a generator that is not read."""
    go = spec.get("goTemplate") is True
    shared = _mapping(spec.get("template"))
    for number, generator in enumerate(_list(spec.get("generators"))):
        path = f"spec.generators.{number}"
        kind = next((key for key in _mapping(generator) if key not in _SETTINGS), "")
        template = _merged(_mapping(_mapping(_mapping(generator).get(kind)).get("template")), shared)
        try:
            for parameters in _parameters(_mapping(generator), path):
                body = _filled(template, parameters, go, path)
                patch = spec.get("templatePatch")
                yield _patched(_patch(patch, parameters, go), body) if patch else body
        except _Untold as untold:
            yield NotTold(untold.path, untold.why, template, bool(spec.get("templatePatch")))


def _parameters(generator: Mapping[str, Any], path: str) -> list[dict[str, str]]:
    """The sets of parameters that a generator yields, nested ones with dots."""
    if generator.get("selector"):
        raise _Untold(f"{path}.selector", "which parameters it selects is not read")
    kind = next((key for key in generator if key not in _SETTINGS), "")
    inside = _mapping(generator.get(kind))
    if kind == "list" and not inside.get("elementsYaml"):
        return [dict(_flat(_mapping(element), "")) for element in _list(inside.get("elements"))]
    if kind == "matrix":
        parts = [
            _parameters(_mapping(part), f"{path}.matrix.generators.{number}")
            for number, part in enumerate(_list(inside.get("generators")))
        ]
        return [{key: value for part in chosen for key, value in part.items()} for chosen in product(*parts)]
    raise _Untold(f"{path}.{kind}" if kind else path, _LOOKS_ELSEWHERE)


def _flat(value: Mapping[str, Any], before: str) -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        if isinstance(item, Mapping):
            yield from _flat(item, f"{before}{key}.")
        else:
            yield f"{before}{key}", ("true" if item else "false") if isinstance(item, bool) else str(item)


def _filled(value: Any, parameters: Mapping[str, str], go: bool, path: str) -> Any:
    """A value with its parameters put in. Raises _Untold where a template does more than name one."""
    if isinstance(value, Mapping):
        return {
            str(_filled(key, parameters, go, path)): _filled(item, parameters, go, path) for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_filled(item, parameters, go, path) for item in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    # Without Go templates a name that is no parameter stays as it stands, braces and all.
    put = (_GO_FIELD if go else _FIELD).sub(lambda match: parameters.get(match[1], match[0]), value)
    if _ACTION.search(put):
        raise _Untold(path, f"its template does more than name a parameter: {put}")
    return put


def _patch(text: Any, parameters: Mapping[str, str], go: bool) -> Mapping[str, Any]:
    """A patch is a text until its parameters are put in; one with conditions is not read."""
    from seawall.kernel.errors import InputError
    from seawall.kernel.yaml_documents import yaml_documents

    filled = _filled(str(text), parameters, go, "spec.templatePatch")
    try:
        return _mapping(next((document.data for document in yaml_documents(filled, "templatePatch")), None))
    except InputError as error:
        raise _Untold("spec.templatePatch", f"it is no YAML: {error}") from None


def _merged(over: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """Two mappings as one; what the first says goes before, but for what it leaves empty."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(value, Mapping) and isinstance(below, Mapping):
            merged[key] = _merged(value, below)
        elif value not in (None, "", {}, []) or key not in merged:
            merged[key] = value
    return merged


def _patched(patch: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    """A body with a merge patch laid on: null takes away, a mapping goes into what is there, anything else replaces."""
    changed = dict(base)
    for key, value in patch.items():
        if value is None:
            changed.pop(key, None)
        elif isinstance(value, Mapping):
            changed[key] = _patched(value, _mapping(changed.get(key)))
        else:
            changed[key] = value
    return changed


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
