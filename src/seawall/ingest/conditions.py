"""Where a Terraform source decides something by a condition, in HCL or JSON.

A token plan evaluates conditions on tokens, and so decides ``id == "vpc-1" ? x : y`` without anybody noticing. The
sites found here are called unknown instead. The search is by text: it may name a site too many, never one too few
for ``?`` and for ``if`` in a ``for``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

_BLOCK = re.compile(r'^[ \t]*(resource|data)[ \t]+"([\w-]+)"[ \t]+"([\w-]+)"[ \t]*\{', re.MULTILINE)
_NAMED = re.compile(r'^[ \t]*(module|output)[ \t]+"([\w-]+)"[ \t]*\{', re.MULTILINE)
_LOCALS = re.compile(r"^[ \t]*locals[ \t]*\{", re.MULTILINE)
_ARGUMENT = re.compile(r'^[ \t]*([\w-]+)(?:[ \t]+"([\w-]+)")*[ \t]*(?:=(?!=)|\{)', re.MULTILINE)
_HEREDOC = re.compile(r"<<-?[ \t]*(\w+)[ \t]*$")
_CONDITION = re.compile(r"\?|\bif\b")
_COMMENT = re.compile(r"(?:#|//)[^\n]*|/\*.*?\*/", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


@dataclass
class Conditions:
    """The sites of one module: arguments of resources, and the locals and outputs through which others get theirs."""

    arguments: set[tuple[str, str]] = field(default_factory=set)
    """(``type.name``, argument)."""
    names: set[str] = field(default_factory=set)
    """``local.x``, ``output.x`` and ``module.m.x`` (an input of a call)."""

    def through(self, references: Iterator[str]) -> bool:
        """Whether an expression with these references hangs on a condition."""
        return any(
            reference == name or reference.startswith((f"{name}.", f"{name}["))
            for reference in references
            for name in self.names
        )


def conditions(folder: Path) -> Conditions:
    """The conditions in a module's files."""
    found = Conditions()
    mentions: dict[str, str] = {}
    for file in sorted(folder.iterdir()):
        if file.name.endswith(".tf.json"):
            _of_json(file, found, mentions)
        elif file.suffix == ".tf":
            _of_hcl(file.read_text(encoding="utf-8", errors="replace"), found, mentions)
    # A local that mentions a local that hangs on a condition hangs on it, too.
    growing = True
    while growing:
        growing = False
        for name, written in mentions.items():
            if name not in found.names and any(_mentions(written, known) for known in tuple(found.names)):
                found.names.add(name)
                growing = True
    return found


def _of_hcl(source: str, found: Conditions, mentions: dict[str, str]) -> None:
    source = _without_comments(source)
    for match in _BLOCK.finditer(source):
        prefix = "data." if match[1] == "data" else ""
        for name, written in _arguments(_body(source, match.end())):
            if _conditional(written):
                found.arguments.add((f"{prefix}{match[2]}.{match[3]}", name))
    for match in _LOCALS.finditer(source):
        for name, written in _arguments(_body(source, match.end())):
            mentions[f"local.{name}"] = written
            if _conditional(written):
                found.names.add(f"local.{name}")
    for match in _NAMED.finditer(source):
        for name, written in _arguments(_body(source, match.end())):
            if match[1] == "output" and name != "value":
                continue
            site = f"output.{match[2]}" if match[1] == "output" else f"module.{match[2]}.{name}"
            mentions[site] = written
            if _conditional(written):
                found.names.add(site)


def _of_json(file: Path, found: Conditions, mentions: dict[str, str]) -> None:
    import orjson

    content = orjson.loads(file.read_bytes())
    if not isinstance(content, dict):
        return
    for kind, prefix in (("resource", ""), ("data", "data.")):
        for type, named in _items(content.get(kind)):
            for name, body in _items(named):
                for argument, value in _items(body):
                    if _conditional(_expressions(value)):
                        found.arguments.add((f"{prefix}{type}.{name}", argument))
    for name, value in _items(content.get("locals")):
        mentions[f"local.{name}"] = _expressions(value)
    for name, body in _items(content.get("output")):
        mentions[f"output.{name}"] = _expressions(dict(_items(body)).get("value"))
    for name, body in _items(content.get("module")):
        for argument, value in _items(body):
            mentions[f"module.{name}.{argument}"] = _expressions(value)
    found.names.update(name for name, written in mentions.items() if _conditional(written))


def _items(value: object) -> Iterator[tuple[str, object]]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            yield from item.items()


def _expressions(value: object) -> str:
    """Everything between ``${`` and the end of each string: enough to see a condition."""
    if isinstance(value, str):
        return value.partition("${")[2] + value.partition("%{")[2]
    if isinstance(value, list):
        return "\n".join(map(_expressions, value))
    if isinstance(value, Mapping):
        return "\n".join(map(_expressions, value.values()))
    return ""


def _conditional(written: str) -> bool:
    # What stands in a string without a template is text.
    return bool(_CONDITION.search(_STRING.sub(lambda match: match[0] if "{" in match[0] else '""', written)))


def _mentions(written: str, name: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(name)}(?![\w-])", written) is not None


def _without_comments(source: str) -> str:
    kept = re.compile(rf"({_STRING.pattern})|{_COMMENT.pattern}", re.DOTALL)
    return kept.sub(lambda match: match[1] or "", source)


def _body(source: str, start: int) -> str:
    depth, position = 1, start
    while position < len(source) and depth:
        match source[position]:
            case "{" | "[" | "(":
                depth += 1
            case "}" | "]" | ")":
                depth -= 1
            case '"':
                string = _STRING.match(source, position)
                position = string.end() - 1 if string else position
        position += 1
    return source[start : position - 1]


def _arguments(body: str) -> Iterator[tuple[str, str]]:
    """The top-level arguments and nested blocks of a body with what is written in each."""
    position = 0
    while match := _ARGUMENT.search(body, position):
        end, depth = match.end(), 1 if match[0].endswith("{") else 0
        while end < len(body) and not (depth == 0 and body[end] == "\n"):
            match body[end]:
                case "{" | "[" | "(":
                    depth += 1
                case "}" | "]" | ")":
                    depth -= 1
                case '"':
                    string = _STRING.match(body, end)
                    end = string.end() - 1 if string else end
            end += 1
        heredoc = _HEREDOC.search(body[match.end() : end])
        if heredoc:
            closing = re.compile(rf"^[ \t]*{heredoc[1]}[ \t]*$", re.MULTILINE).search(body, end)
            end = closing.end() if closing else len(body)
        yield (match[2] if match[1] == "dynamic" else match[1]), body[match.end() : end]
        position = end
