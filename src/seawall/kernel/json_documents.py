"""JSON as plain data, read from hostile text: each key once, limits, and an error that names the line."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

import orjson

from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

MAX_DEPTH: Final = 150
"""Levels of nesting, as for YAML; templates that a program writes have about thirty."""


def json_document(text: str, file: str) -> Any:
    """The value of a text; ``file`` names it in messages.

    InputError, with the line where one is known, for what is not JSON (``NaN`` and halves of surrogate pairs are
    not), repeats a key or is nested deeper than the limit.
    """
    too_deep = InputError(f"nested deeper than {MAX_DEPTH} levels", origin=Origin(file))
    try:
        orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if "recursion" in error.msg or "depth" in error.msg:
            raise too_deep from None
        where = Origin(file, error.lineno, error.colno)
        raise InputError(f"this is not JSON: {error.msg}", origin=where) from None

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(pairs)
        if len(mapping) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            raise InputError(f"{twice} is said twice", origin=Origin(file, _second(text, twice)))
        return mapping

    try:
        data = json.loads(text, object_pairs_hook=once)
    except RecursionError:
        raise too_deep from None
    except ValueError as error:  # a whole number of more digits than Python reads
        raise InputError(f"this is not JSON: {error}", origin=Origin(file)) from None
    if deeper_than(data, MAX_DEPTH):
        raise too_deep
    return data


def deeper_than(data: Any, limit: int) -> bool:
    """Whether a value has more than so many levels of lists and objects."""
    level = [data] if isinstance(data, Mapping | list) else []
    for _ in range(limit):
        if not level:
            return False
        level = [
            item
            for value in level
            for item in (value.values() if isinstance(value, Mapping) else value)
            if isinstance(item, Mapping | list)
        ]
    return bool(level)


def _second(text: str, name: str) -> int:
    """The line on which a key stands for the second time, where it stands just twice; 0 otherwise."""
    found = [match.start() for match in re.finditer(rf"{re.escape(orjson.dumps(name).decode())}\s*:", text)]
    return text.count("\n", 0, found[1]) + 1 if len(found) == 2 else 0
