"""Terraform's own language, ``*.tf``, brought into the form of its JSON syntax, with the line of every block.

Only the structure is read here: blocks, labels and arguments. What stands right of an equals sign stays text and
becomes a template of one expression, to be read like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seawall.ingest.syntax import HEREDOC, Dynamic, Undecided, heredoc_body
from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

_SPACE = re.compile(r"(?:\s|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_LABEL = re.compile(r'"((?:[^"\\]|\\.)*)"|([A-Za-z_][\w-]*)')
_STRING = re.compile(r'"(?:[^"\\$%]|\\.|\$\$\{|%%\{|[$%](?!\{))*"')
_COMMENT = re.compile(r"#[^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)
# Arguments that name things rather than hold values.
_NAMING = frozenset({"depends_on", "ignore_changes", "provider", "replace_triggered_by", "providers"})


@dataclass
class Parsed:
    """A file's content as Terraform's JSON syntax has it, and the line at which each labelled block begins."""

    content: dict[str, Any] = field(default_factory=dict)
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)


def parse(source: str, file: Path) -> Parsed:
    """Read one file. Raises InputError with file and line where the structure is broken."""
    parsed = Parsed()
    parser = _Parser(source, file)
    try:
        blocks = parser.top()
    except RecursionError:
        raise parser.fail("this is nested too deeply to be read") from None
    for type, labels, body, line in blocks:
        parsed.lines[(type, *labels)] = line
        at: dict[str, Any] = parsed.content
        *path, last = (type, *labels)
        for step in path:
            at = at.setdefault(step, {})
        at.setdefault(last, []).append(body)
    return parsed


def arguments(source: str, file: Path) -> dict[str, Any]:
    """The arguments of a file that holds nothing else, such as ``*.tfvars``; InputError where it is broken."""
    parser = _Parser(source, file, bare=True)
    try:
        return parser.body()
    except RecursionError:
        raise parser.fail("this is nested too deeply to be read") from None


class _Parser:
    def __init__(self, source: str, file: Path, *, bare: bool = False) -> None:
        self.source, self.file, self.at = source, file, 0
        self.bare = bare  # arguments alone, which end with the file

    def fail(self, what: str) -> InputError:
        line = self.source.count("\n", 0, self.at) + 1
        fix = "`terraform validate` says more; or pass the plan instead of the source"
        return InputError(what, fix=fix, origin=Origin(str(self.file), line))

    def space(self) -> None:
        match = _SPACE.match(self.source, self.at)
        if match:
            self.at = match.end()

    def top(self) -> list[tuple[str, list[str], dict[str, Any], int]]:
        found: list[tuple[str, list[str], dict[str, Any], int]] = []
        self.space()
        while self.at < len(self.source):
            line = self.source.count("\n", 0, self.at) + 1
            name = self.name()
            labels = self.labels()
            if not self.source.startswith("{", self.at):
                raise self.fail(f"a block was expected after {name}")
            self.at += 1
            found.append((name, labels, self.body(), line))
            self.space()
        return found

    def name(self) -> str:
        match = _NAME.match(self.source, self.at)
        if match is None:
            raise self.fail("the name of a block or an argument was expected")
        self.at = match.end()
        return match[0]

    def labels(self) -> list[str]:
        found: list[str] = []
        while True:
            self.inline_space()
            match = _LABEL.match(self.source, self.at)
            if match is None:
                return found
            found.append(match[1] if match[1] is not None else match[2])
            self.at = match.end()

    def inline_space(self) -> None:
        while self.at < len(self.source) and self.source[self.at] in " \t":
            self.at += 1

    def body(self) -> dict[str, Any]:
        """The arguments and blocks up to the closing brace."""
        found: dict[str, Any] = {}
        dynamic: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        while True:
            self.space()
            if self.source.startswith("}", self.at) or (self.bare and self.at >= len(self.source)):
                self.at += 1
                return found | {label: _dynamic(blocks, found.get(label)) for label, blocks in dynamic.items()}
            if self.at >= len(self.source):
                raise self.fail("a block never ends")
            name = self.name()
            labels = self.labels()
            if self.source.startswith("=", self.at) and not labels:
                self.at += 1
                found[name] = self.argument(name)
            elif self.source.startswith("{", self.at):
                self.at += 1
                inner = self.body()
                if name == "dynamic" and labels:
                    dynamic.setdefault(labels[0], []).append((labels[0], inner))
                    continue
                for label in reversed(labels):
                    inner = {label: inner}
                blocks = found.setdefault(name, [])
                if isinstance(blocks, list):
                    blocks.append(inner)
            else:
                raise self.fail(f"= or {{ was expected after {name}")

    def argument(self, name: str) -> Any:
        self.inline_space()
        heredoc = HEREDOC.match(self.source, self.at)
        if heredoc:
            return self.heredoc(heredoc)
        written = self.expression()
        if name in _NAMING:
            if written.startswith("["):
                return [item.strip() for item in written[1:-1].split(",") if item.strip()]
            return written
        if written in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[written]
        return f"${{{written}}}"

    def expression(self) -> str:
        """The text of an expression: up to the end of the line on which all brackets are closed."""
        pieces: list[str] = []
        depth = 0
        while self.at < len(self.source):
            character = self.source[self.at]
            comment = _COMMENT.match(self.source, self.at)
            if comment:
                self.at = comment.end()
                continue
            if character == '"':
                start = self.at
                self.string()
                pieces.append(self.source[start : self.at])
                continue
            if character == "<" and (heredoc := HEREDOC.match(self.source, self.at)):
                self.heredoc(heredoc)
                pieces.append(self.source[heredoc.start() : self.at])
                continue
            if character in "\r\n" and depth == 0:
                break
            if character in "([{":
                depth += 1
            elif character in ")]}":
                if depth == 0:
                    break
                depth -= 1
            pieces.append(character)
            self.at += 1
        if depth:
            raise self.fail("a bracket is never closed")
        return "".join(pieces).strip()

    def string(self) -> None:
        plain = _STRING.match(self.source, self.at)
        if plain:
            self.at = plain.end()
            return
        self.at += 1
        while self.at < len(self.source):
            if self.source.startswith(("$${", "%%{"), self.at):
                self.at += 3
            elif self.source.startswith(("${", "%{"), self.at):
                self.at += 2
                self.hole()
            elif self.source[self.at] == "\\":
                self.at += 2
            elif self.source[self.at] == '"':
                self.at += 1
                return
            else:
                self.at += 1
        raise self.fail("a string never ends")

    def hole(self) -> None:
        depth = 1
        while self.at < len(self.source):
            character = self.source[self.at]
            if character == '"':
                self.string()
                continue
            depth += (character == "{") - (character == "}")
            self.at += 1
            if depth == 0:
                return
        raise self.fail("a template never ends")

    def heredoc(self, opening: re.Match[str]) -> str:
        try:
            found, self.at = heredoc_body(self.source, opening)
        except Undecided as reason:
            raise self.fail(str(reason)) from None
        return found


def _dynamic(blocks: list[tuple[str, dict[str, Any]]], static: Any) -> Dynamic:
    """Dynamic blocks as what they make, the blocks written out beside them first."""
    found = Dynamic(f"${{dynamic({', '.join(part for _, block in blocks for part in _expressions(block))})}}")
    found.blocks = list(blocks)
    found.static = static if isinstance(static, list) else []
    return found


def _expressions(value: Any) -> Iterator[str]:
    """The expressions within a body."""
    if isinstance(value, str):
        if value.startswith("${"):
            yield value[2:-1]
    elif isinstance(value, dict):
        for item in value.values():
            yield from _expressions(item)
    elif isinstance(value, list):
        for item in value:
            yield from _expressions(item)
