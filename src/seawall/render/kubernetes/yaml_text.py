"""YAML that kubectl, Kustomize and PyYAML read alike: whatever could be taken for something else is quoted."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_PLAIN: Final = re.compile(r"[A-Za-z/][A-Za-z0-9_./ -]*(?<! )|[A-Za-z][A-Za-z0-9_.-]*(?:[:/][A-Za-z0-9_./-]+)+")
"""Strings that may stand without quotes: they begin like a word and hold nothing that any YAML gives a meaning."""
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "nan", "inf"})
"""Words that some version of YAML takes for a truth value, for nothing or for a number."""
_LINES: Final = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff]*")


class _Writer(_Dumper):  # type: ignore[misc]
    """PyYAML's safe writer without aliases, and with quotes around whatever is not surely a string."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _string(writer: Any, value: str) -> Any:
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        style: str | None = None
    elif "\n" in value and _is_block(value):
        style = "|"
    else:
        style = '"'
    return writer.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _is_block(value: str) -> bool:
    """Whether a text of several lines can stand as it is: no tabs or spaces that an editor or a parser might eat."""
    if not _LINES.fullmatch(value) or "\t" in value or value[0] in " \n" or value.endswith("\n\n"):
        return False
    return not any(line.endswith(" ") for line in value.split("\n"))


_Writer.add_representer(str, _string)


def yaml_text(*documents: Any) -> bytes:
    """Documents as UTF-8 YAML: keys in the order of the mapping, no aliases, no line folded."""
    written: str = yaml.dump_all(
        documents,
        Dumper=_Writer,
        sort_keys=False,
        default_flow_style=False,
        allow_unicode=True,
        width=2**31 - 1,
        explicit_start=len(documents) > 1,
    )
    return written.encode("utf-8")
