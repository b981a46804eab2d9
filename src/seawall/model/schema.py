"""The JSON Schema of a description, with the words of the model's own source as descriptions."""

from __future__ import annotations

import ast
import inspect
import itertools
import textwrap
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel

from seawall.model.component import Component
from seawall.model.platform import description_type

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def description_schema(kinds: Mapping[str, type[Component]]) -> dict[str, Any]:
    """The schema of a platform.yaml that may hold these kinds of component."""
    description = description_type(kinds)
    schema = description.model_json_schema()
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    for model in _models(description, set()):
        target = schema if model is description else definitions.get(model.__name__)
        if target is not None:
            for name, words in _field_words(model).items():
                target.get("properties", {}).get(name, {}).setdefault("description", words)
    for kind in kinds.values():
        if kind.section and kind.__name__ in definitions:
            # A section's kind is the key it stands under; it is not said again.
            definitions[kind.__name__]["properties"].pop("kind", None)
            definitions[kind.__name__]["required"].remove("kind")
    return {"$schema": DIALECT, "title": "A Seawall platform", **{k: v for k, v in schema.items() if k != "title"}}


def _models(model: type[BaseModel], seen: set[type[BaseModel]]) -> Iterator[type[BaseModel]]:
    if model in seen:
        return
    seen.add(model)
    yield model
    for field in model.model_fields.values():
        for part in _parts(field.annotation):
            yield from _models(part, seen)


def _parts(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _parts(argument)


def _field_words(model: type[BaseModel]) -> dict[str, str]:
    """Field -> the string that stands below it in the source, for the model and what it inherits from."""
    words: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if not issubclass(base, BaseModel) or base is BaseModel:
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except OSError:  # made by create_model: it has no source, and inherits all its words
            continue
        body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
        for field, below in itertools.pairwise(body):
            if (
                isinstance(field, ast.AnnAssign)
                and isinstance(field.target, ast.Name)
                and isinstance(below, ast.Expr)
                and isinstance(below.value, ast.Constant)
                and isinstance(below.value.value, str)
            ):
                words[field.target.id] = inspect.cleandoc(below.value.value)
    return words
