"""A workflow as text: YAML with the version of each action beside its commit."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from seawall.components.pipelines.actions import ACTIONS, Action

HEADER: Final = "# Written by `seawall compile` from platform.yaml: change that, compile, and take this over again.\n"
SHELL: Final = "bash -euo pipefail {0}"

_VERSIONS: Final = {action.uses: action.version for action in ACTIONS}
_PLAIN: Final = re.compile(r"[A-Za-z./$][A-Za-z0-9_./@$-]*(?: [A-Za-z0-9_./@$(-][A-Za-z0-9_./@$,()-]*)*")
_EXPRESSION: Final = re.compile(r"\$\{\{ [^{}\"#:]+ \}\}")
_WORDS: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


def text(body: Mapping[str, Any]) -> str:
    """A workflow, or another YAML file of the repository, in the order of the mapping."""
    lines: list[str] = []
    for number, (key, value) in enumerate(body.items()):
        if number and isinstance(value, Mapping | list | tuple) and value:
            lines.append("")
        _entry(key, value, "", lines)
    return HEADER + "\n".join(lines) + "\n"


def step(name: str, run: str, *, env: Mapping[str, str] | None = None, **more: Any) -> dict[str, Any]:
    """A step that runs a script; what comes from outside reaches it through ``env`` alone."""
    found: dict[str, Any] = {"name": name, **more}
    if env:
        found["env"] = dict(env)
    return found | {"run": run if run.endswith("\n") or "\n" not in run else f"{run}\n"}


def use(action: Action, name: str, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A step that uses an action with what it is given."""
    return {"name": name, "uses": action.uses} | ({"with": dict(given)} if given else {})


def _entry(key: str, value: Any, indent: str, lines: list[str]) -> None:
    head = f"{indent}{_scalar(key)}:"
    if isinstance(value, Mapping) and value:
        lines.append(head)
        for inner, each in value.items():
            _entry(inner, each, f"{indent}  ", lines)
    elif isinstance(value, list | tuple) and value:
        lines.append(head)
        _list(value, f"{indent}  ", lines)
    elif isinstance(value, str) and "\n" in value:
        lines.append(f"{head} |")
        lines += (f"{indent}  {line}" if line else "" for line in value.removesuffix("\n").split("\n"))
    else:
        if key == "run" and _scalar(value).startswith('"'):
            # A script is read by people: in a block nothing of it is escaped.
            lines += (f"{head} |", f"{indent}  {value}")
            return
        comment = f"  # {_VERSIONS[value]}" if key == "uses" and value in _VERSIONS else ""
        lines.append(f"{head} {_scalar(value)}{comment}")


def _list(items: Sequence[Any], indent: str, lines: list[str]) -> None:
    for item in items:
        if isinstance(item, Mapping):
            start = len(lines)
            for key, value in item.items():
                _entry(key, value, f"{indent}  ", lines)
            lines[start] = f"{indent}- {lines[start][len(indent) + 2 :]}"
        else:
            lines.append(f"{indent}- {_scalar(item)}")


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Mapping):
        return "{}"
    if _EXPRESSION.fullmatch(value) or (_PLAIN.fullmatch(value) and value.lower() not in _WORDS):
        return str(value)
    return json.dumps(value, ensure_ascii=False)
