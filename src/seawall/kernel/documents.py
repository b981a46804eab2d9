"""Documents inside bodies: policies and other JSON that an argument holds as text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from seawall.kernel.value import Ref, Text, Textual, Unknown, text


def json_text(value: Any) -> Textual:
    """A document as JSON text, its references left as holes of the text; keys keep their order.

    A hole stands between the quotation marks of a string, so it must hold nothing that JSON escapes; ARNs, names
    and addresses do not.
    """
    pieces: list[Textual] = []
    _write(value, pieces.append)
    return text(*pieces)


@cache
def _encoded() -> Callable[[Any], str]:
    import json  # only documents need it; orjson cannot write a fragment

    return json.JSONEncoder(ensure_ascii=False).encode


def _write(value: Any, write: Callable[[Textual], None]) -> None:
    # By identity of the type first: a dashboard has thousands of values, and nearly all are of these three.
    kind, encoded = type(value), _encoded()
    if kind is str:
        write(encoded(value))
    elif kind is dict or isinstance(value, Mapping):
        write("{")
        for number, (key, item) in enumerate(value.items()):
            write(", " if number else "")
            # A key with a hole, such as the condition key of an OIDC issuer, is written like a value.
            _write(key if isinstance(key, Text | Ref | Unknown) else str(key), write)
            write(": ")
            _write(item, write)
        write("}")
    elif kind is list or isinstance(value, list | tuple):
        write("[")
        for number, item in enumerate(value):
            write(", " if number else "")
            _write(item, write)
        write("]")
    elif isinstance(value, Ref | Text | Unknown):
        write('"')
        for part in value.parts if isinstance(value, Text) else (value,):
            write(encoded(part)[1:-1] if isinstance(part, str) else part)
        write('"')
    else:
        write(encoded(value))
