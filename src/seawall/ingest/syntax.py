"""The grammar of Terraform's expressions and templates: text becomes a tree, and nothing is worked out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, TypeAlias


class Undecided(Exception):
    """The expression cannot be read statically; the message says why."""


class Dynamic(str):
    """What dynamic blocks of one type make: as text the expressions within them, to be quoted and searched.

    ``blocks`` are the dynamic ones, each with its label; ``static`` are those of the type that are written out.
    """

    __slots__ = ("blocks", "static")
    blocks: list[tuple[str, Mapping[str, Any]]]
    static: list[Any]


@dataclass(frozen=True, slots=True)
class Literal:
    """A number, ``true``, ``false`` or ``null``."""

    value: Any


@dataclass(frozen=True, slots=True)
class Hole:
    """An expression within a template, not parsed yet, so that one which is broken spoils no other."""

    source: str


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quoted template: text, and the expressions within it."""

    pieces: tuple[str | Hole, ...]


@dataclass(frozen=True, slots=True)
class Name:
    """A dotted name; a step is its name, ``*``, or the expression of an index."""

    name: str
    path: tuple[str | Node, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what an expression gives."""

    whole: Node
    path: tuple[str | Node, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function called; ``spread`` where the last argument is a list of arguments."""

    name: str
    arguments: tuple[Node, ...]
    spread: bool


@dataclass(frozen=True, slots=True)
class Items:
    """A list, each element with the text that it is written as."""

    items: tuple[tuple[Node, str], ...]


@dataclass(frozen=True, slots=True)
class Object:
    """An object: name, value, and the text of the value."""

    pairs: tuple[tuple[Node, Node, str], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """``condition ? yes : no``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands and what stands between them."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Unary:
    """``!`` or ``-`` before an operand."""

    operator: str
    operand: Node


@dataclass(frozen=True, slots=True)
class Loop:
    """``[for ...]``, or ``{for ...}`` where ``name`` is given; ``grouped`` where it ends with ``...``."""

    key: str | None
    item: str
    over: Node
    name: Node | None
    result: Node
    only: Node | None
    grouped: bool


Node: TypeAlias = Literal | Quoted | Name | Part | Call | Items | Object | Choice | Binary | Unary | Loop

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z_][\w-]*")
HEREDOC: Final = re.compile(r"<<(-?)[ \t]*(\w+)[ \t]*\r?\n")
_MARK = re.compile(r"\n|\$\$\{|%%\{|\$\{|%\{")
_STEP = re.compile(r"[A-Za-z_][\w-]*|\d+|\*")
_SPACE = re.compile(r"(?:\s|#[^\n]*|//[^\n]*|/\*.*?\*/)+", re.DOTALL)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_LONGEST = 64  # digits; a longer number means nothing, and Python refuses to read some of them
# From those that bind least to those that bind most.
_OPERATORS = (("||",), ("&&",), ("==", "!="), ("<=", ">=", "<", ">"), ("+", "-"), ("*", "/", "%"))


def plain(digits: Decimal) -> int | float:
    """A number as it is kept; raises Undecided on one of too many digits."""
    if not digits.is_finite() or abs(digits.adjusted()) > _LONGEST:
        raise Undecided("it holds a number of too many digits")
    if digits == digits.to_integral_value():
        return int(digits)
    found = float(digits)
    if found.is_integer():
        raise Undecided("it holds a number of too many digits")
    return found


@lru_cache(maxsize=4096)
def parse(source: str) -> Node:
    """The tree of an expression; raises Undecided if it is none."""
    parser = _Parser(source)
    found = parser.any()
    parser.space()
    if parser.at < len(source):
        raise Undecided("it is more than a reference")
    return found


def heredoc_body(source: str, opening: re.Match[str]) -> tuple[str, int]:
    """The text of a here-document and where it ends; raises Undecided if it never does."""
    closing = re.compile(rf"^[ \t]*{re.escape(opening[2])}[ \t]*$", re.MULTILINE).search(source, opening.end())
    if closing is None:
        raise Undecided(f"the text up to {opening[2]} never ends")
    body = source[opening.end() : closing.start()]
    if opening[1]:
        lines = _lines(body)
        # Lines of nothing but white space neither count nor lose any.
        indent = min((len(line) - len(line.lstrip(" \t")) for line in lines if line.strip()), default=0)
        body = "".join(line[indent:] if line.strip() else line for line in lines)
    return body, closing.end()


def _lines(body: str) -> list[str]:
    """The lines of a template; one that begins within an expression belongs to the line before."""
    found, start, at = [], 0, 0
    while (mark := _MARK.search(body, at)) is not None:
        at = mark.end()
        if mark[0] == "\n":
            found.append(body[start:at])
            start = at
        elif len(mark[0]) == 2:
            at = _closing(body, at) + 1
    return [*found, body[start:]]


def split(written: str) -> Iterator[str | Hole]:
    """Literal text and the expressions between; raises Undecided on a directive such as ``%{ if }``."""
    literal: list[str] = []
    position = 0
    while position < len(written):
        if written.startswith(("$${", "%%{"), position):
            literal.append(written[position + 1 : position + 3])
            position += 3
        elif written.startswith("${", position):
            end = _closing(written, position + 2)
            if literal:
                yield "".join(literal)
                literal = []
            source = written[position + 2 : end]
            if source.startswith("~") or source.endswith("~"):
                raise Undecided("it strips white space")
            yield Hole(source.strip())
            position = end + 1
        elif written.startswith("%{", position):
            raise Undecided("it holds a directive")
        else:
            following = re.compile(r"[$%]").search(written, position + 1)
            stop = following.start() if following else len(written)
            literal.append(written[position:stop])
            position = stop
    if literal:
        yield "".join(literal)


def _closing(source: str, position: int) -> int:
    """Where the brace that was opened before ``position`` closes."""
    depth = 1
    while position < len(source):
        match source[position]:
            case "{":
                depth += 1
            case "}":
                depth -= 1
                if depth == 0:
                    return position
            case '"':
                position = _string_end(source, position + 1)
            case "<" if heredoc := HEREDOC.match(source, position):
                position = heredoc_body(source, heredoc)[1] - 1
        position += 1
    raise Undecided("it never ends")


def _string_end(source: str, position: int) -> int:
    """Where the quotation mark that was opened before ``position`` closes."""
    while position < len(source):
        if source[position] == '"':
            return position
        if source[position] == "\\":
            position += 2
        elif source.startswith(("$${", "%%{"), position):
            position += 3
        elif source.startswith(("${", "%{"), position):
            position = _closing(source, position + 2) + 1
        else:
            position += 1
    raise Undecided("a string in it never ends")


def _escaped(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if code is None:
        if match[3] not in _ESCAPES:
            raise Undecided("a string in it holds an escape that there is not")
        return _ESCAPES[match[3]]
    letter = int(code, 16)
    if letter > 0x10FFFF or 0xD800 <= letter < 0xE000:
        raise Undecided("a string in it holds a letter that there is not")
    return chr(letter)


def _unescape(literal: str) -> str:
    return re.sub(
        r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))",
        _escaped,
        literal,
        flags=re.DOTALL,
    )


class _Parser:
    """Reads one expression from left to right."""

    def __init__(self, source: str) -> None:
        self.source, self.at = source, 0

    def space(self) -> None:
        match = _SPACE.match(self.source, self.at)
        if match:
            self.at = match.end()

    def take(self, token: str) -> bool:
        self.space()
        if self.source.startswith(token, self.at):
            self.at += len(token)
            return True
        return False

    def want(self, token: str) -> None:
        if not self.take(token):
            raise Undecided("it is more than a reference")

    def word(self) -> str:
        self.space()
        match = _NAME.match(self.source, self.at)
        if match is None:
            raise Undecided("it is more than a reference")
        self.at = match.end()
        return match[0]

    def any(self) -> Node:
        found = self.binary(0)
        if not self.take("?"):
            return found
        yes = self.any()
        self.want(":")
        return Choice(found, yes, self.any())

    def binary(self, level: int) -> Node:
        if level == len(_OPERATORS):
            return self.unary()
        found = self.binary(level + 1)
        while (operator := self.operator(level)) is not None:
            found = Binary(operator, found, self.binary(level + 1))
        return found

    def operator(self, level: int) -> str | None:
        self.space()
        for known in _OPERATORS[level]:
            if self.source.startswith(known, self.at):
                self.at += len(known)
                return known
        return None

    def unary(self) -> Node:
        self.space()
        if self.source.startswith(("!", "-"), self.at):
            operator = self.source[self.at]
            self.at += 1
            return Unary(operator, self.unary())
        return self.operand()

    def operand(self) -> Node:
        self.space()
        if self.take("["):
            return self.parted(self.loop("]") if self.of_loop() else self.items())
        if self.take("{"):
            return self.parted(self.loop("}") if self.of_loop() else self.object())
        if self.take("("):
            found = self.any()
            self.want(")")
            return self.parted(found)
        if self.source.startswith('"', self.at):
            return self.parted(self.quoted())
        heredoc = HEREDOC.match(self.source, self.at)
        if heredoc:
            body, self.at = heredoc_body(self.source, heredoc)
            return Quoted(tuple(split(body)))
        number = _NUMBER.match(self.source, self.at)
        if number:
            if len(number[0]) > _LONGEST:
                raise Undecided("it holds a number of too many digits")
            self.at = number.end()
            return Literal(plain(Decimal(number[0])))
        name = self.word()
        if name in ("true", "false", "null"):
            return Literal({"true": True, "false": False, "null": None}[name])
        if self.source.startswith("(", self.at):
            self.at += 1
            return self.parted(self.call(name))
        return Name(name, self.path())

    def parted(self, whole: Node) -> Node:
        path = self.path()
        return Part(whole, path) if path else whole

    def path(self) -> tuple[str | Node, ...]:
        """The steps that follow: attributes, indexes and splats."""
        found: list[str | Node] = []
        while True:
            if self.source.startswith(".", self.at) and not self.source.startswith("...", self.at):
                step = _STEP.match(self.source, self.at + 1)
                if step is None:
                    raise Undecided("it is more than a reference")
                found.append(step[0])
                self.at = step.end()
            elif self.source.startswith("[", self.at):
                self.at += 1
                if self.take("*"):
                    found.append("*")
                else:
                    found.append(self.any())
                self.want("]")
            else:
                return tuple(found)

    def quoted(self) -> Node:
        end = _string_end(self.source, self.at + 1)
        inner = self.source[self.at + 1 : end]
        self.at = end + 1
        return Quoted(tuple(_unescape(piece) if isinstance(piece, str) else piece for piece in split(inner)))

    def written(self) -> tuple[Node, str]:
        self.space()
        start = self.at
        node = self.any()
        return node, self.source[start : self.at].strip()

    def items(self) -> Node:
        found: list[tuple[Node, str]] = []
        while not self.take("]"):
            if found:
                self.want(",")
                if self.take("]"):
                    break
            found.append(self.written())
        return Items(tuple(found))

    def object(self) -> Node:
        found: list[tuple[Node, Node, str]] = []
        while not self.take("}"):
            self.space()
            name = _NAME.match(self.source, self.at)
            key: Node
            if name:
                self.at = name.end()
                key = Quoted((name[0],))
            else:
                key = self.operand()
            if not self.take("="):
                self.want(":")
            found.append((key, *self.written()))
            self.take(",")
        return Object(tuple(found))

    def call(self, name: str) -> Node:
        found: list[Node] = []
        spread = False
        while not self.take(")"):
            if found:
                self.want(",")
                if self.take(")"):
                    break
            found.append(self.any())
            if self.take("..."):
                spread = True
                self.want(")")
                break
        return Call(name, tuple(found), spread)

    def of_loop(self) -> bool:
        """Whether ``for`` begins here, which is taken."""
        self.space()
        match = re.compile(r"for\s+(?=[A-Za-z_][\w-]*\s*(?:,|in\s))").match(self.source, self.at)
        if match is None:
            return False
        self.at = match.end()
        return True

    def loop(self, closing: str) -> Node:
        key, item = None, self.word()
        if self.take(","):
            key, item = item, self.word()
        if self.word() != "in":
            raise Undecided("it is more than a reference")
        over = self.any()
        self.want(":")
        name: Node | None = None
        result = self.any()
        if closing == "}":
            self.want("=>")
            name, result = result, self.any()
        grouped = closing == "}" and self.take("...")
        only = None
        self.space()
        if re.compile(r"if\b").match(self.source, self.at):
            self.at += 2
            only = self.any()
        self.want(closing)
        return Loop(key, item, over, name, result, only, grouped)
