"""YAML that kubectl, Kustomize and PyYAML read alike: whatever could be taken for something else is quoted.

Manifests use a small part of YAML (block mappings and lists, no aliases, no tags), and writing just that is four times
as fast as PyYAML's representer and emitter; what is written is read back by three readers in the tests.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

_PLAIN: Final = re.compile(r"[A-Za-z/][A-Za-z0-9_./ -]*(?<! )|[A-Za-z][A-Za-z0-9_.-]*(?:[:/][A-Za-z0-9_./-]+)+")
"""Strings that may stand without quotes: they begin like a word and hold nothing that any YAML gives a meaning."""
WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"})
"""Words that some version of YAML takes for a truth value, for nothing or for a number."""
_LINES: Final = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]*")
_ESCAPED: Final = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_LONGEST_KEY: Final = 120
"""YAML allows a key of 1,024 characters in one line; a longer one has to be marked as a key."""


def yaml_text(*documents: Any) -> bytes:
    """Documents as UTF-8 YAML: keys in the order of the mapping, no aliases, no line folded.

    Raises TypeError for what is neither a mapping, a list, a string, a number, a truth value nor None.
    """
    lines: list[str] = []
    for document in documents:
        if len(documents) > 1:
            lines.append("---")
        if isinstance(document, Mapping) and document:
            _mapping(document, "", lines)
        elif isinstance(document, list | tuple) and document:
            _list(document, "", lines)
        else:
            lines.append(_scalar(document, ""))
    return ("\n".join(lines) + "\n").encode("utf-8")


def _mapping(mapping: Mapping[str, Any], indent: str, lines: list[str]) -> None:
    for key, value in mapping.items():
        written = _string(key, None)
        head = f"{indent}{written}:" if len(written) < _LONGEST_KEY else f"{indent}? {written}\n{indent}:"
        _value(head, value, indent, lines)


def _list(items: Any, indent: str, lines: list[str]) -> None:
    inner = indent + "  "
    for item in items:
        if isinstance(item, Mapping) and item:
            # The first key stands beside the dash; what was written for it lacks nothing but the dash.
            start = len(lines)
            _mapping(item, inner, lines)
            lines[start] = f"{indent}- {lines[start][len(inner) :]}"
        elif isinstance(item, list | tuple) and item:
            lines.append(f"{indent}-")
            _list(item, inner, lines)
        else:
            lines.append(f"{indent}- {_scalar(item, inner)}")


def _value(head: str, value: Any, indent: str, lines: list[str]) -> None:
    if type(value) is str:
        lines.append(f"{head} {_string(value, indent + '  ')}")
    elif isinstance(value, Mapping) and value:
        lines.append(head)
        _mapping(value, indent + "  ", lines)
    elif isinstance(value, list | tuple) and value:
        lines.append(head)
        _list(value, indent, lines)
    else:
        lines.append(f"{head} {_scalar(value, indent + '  ')}")


def _scalar(value: Any, indent: str) -> str:
    if isinstance(value, str):
        return _string(value, indent)
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(int(value))
    if isinstance(value, float):
        return json.dumps(value, allow_nan=False)
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    raise TypeError(f"{type(value).__name__} has no place in a manifest")


def _string(value: str, indent: str | None) -> str:
    """A string; ``indent`` is where the lines of a block would begin, None where no block may stand."""
    if _PLAIN.fullmatch(value) and value.lower() not in WORDS:
        return value
    if indent and "\n" in value and _is_block(value):
        keeps = "|" if value.endswith("\n") else "|-"
        body = value.removesuffix("\n").split("\n")
        return "\n".join([keeps, *(f"{indent}{line}" if line else "" for line in body)])
    quoted = json.dumps(value, ensure_ascii=False)
    return _ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def _is_block(value: str) -> bool:
    """Whether a text of several lines can stand as it is: no tabs or spaces that an editor or a parser might eat."""
    if not _LINES.fullmatch(value) or "\t" in value or value[0] in " \n" or value.endswith("\n\n"):
        return False
    return not any(line.endswith(" ") for line in value.split("\n"))
