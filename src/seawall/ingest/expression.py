"""Terraform's expressions and templates, worked out as far as that can be done without running Terraform.

Whatever rests on what is written comes out as Terraform would have it: conditions, loops, templates, the pure
functions. What rests on anything else becomes an Unknown that names its attribute, quotes the expression, says what
is missing and mentions the references within it.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Any, Protocol

from seawall.ingest.functions import (
    FUNCTIONS,
    MOST,
    Distinct,
    Missing,
    because,
    boolean,
    equal,
    number,
    spelled,
    unified,
)
from seawall.ingest.syntax import (
    Binary,
    Call,
    Choice,
    Dynamic,
    Hole,
    Items,
    Literal,
    Loop,
    Name,
    Node,
    Object,
    Part,
    Quoted,
    Unary,
    Undecided,
    parse,
    plain,
    split,
)
from seawall.kernel.value import Ref, Text, Unknown, holes, is_known, text


class Scope(Protocol):
    """What names mean in one module."""

    def lookup(self, steps: tuple[str, ...]) -> Any:
        """The value of a dotted name; raises Undecided if it has none before Terraform runs."""

    def instances(self, steps: tuple[str, ...]) -> Any:
        """All instances of a resource or module as a list or an object; None if it is no such name."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A scope with a few more names: those of a loop, of a dynamic block, or of one instance among several.

    ``spent`` is how much was worked out within a loop and all that it stands in.
    """

    scope: Scope
    names: Mapping[str, Any]
    spent: list[int] | None = None

    def lookup(self, steps: tuple[str, ...]) -> Any:
        """The value of a name that is bound here, or else further out."""
        if steps[0] in self.names:
            return descend(self.names[steps[0]], steps[1:])
        return self.scope.lookup(steps)

    def instances(self, steps: tuple[str, ...]) -> Any:
        """All instances of what is named further out."""
        return None if steps[0] in self.names else self.scope.instances(steps)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose value is being read: ``what`` is ``address.attribute``, ``file`` where the expression stands.

    ``whole`` where the value is passed on, so that it may be a resource as a whole: a reference to no attribute.
    """

    what: str
    file: str
    whole: bool = False


FIX = "pass the plan, or the plan together with this source, to settle it"

_MENTION = re.compile(r"(?<![\w.\"-])(?:data\.)?[a-z][a-z0-9]*_\w*\.[A-Za-z_][\w-]*(?:\.\w+|\[\d+\]|\[\"[^\"]*\"\])*")


def value(written: Any, scope: Scope, place: Place) -> Any:
    """A JSON value of a ``.tf.json`` file with every string in it read as a template.

    An argument that comes out as null is left out, as Terraform does.
    """
    match written:
        case Dynamic():
            return _dynamic(written, scope, place)
        case str():
            return template(written, scope, place)
        case list():
            return [value(item, scope, _within(place, at)) for at, item in enumerate(written)]
        case dict():
            found = {}
            for key, item in written.items():
                settled = value(item, scope, _within(place, key))
                if settled is not None or item is None:
                    found[_key(key, scope, place)] = settled
            return found
        case _:
            return written


def template(written: str, scope: Scope, place: Place) -> Any:
    """A template: text with ``${...}``, or one expression, which keeps its type."""
    if "${" not in written and "%{" not in written:
        return written
    try:
        pieces = [piece if isinstance(piece, str) else _settle(piece.source, scope, place) for piece in split(written)]
        if len(pieces) == 1:
            return pieces[0]
        return _limited(text(*(as_text(piece) for piece in pieces)))
    except Undecided as reason:
        return unknown(written, reason, scope, place)
    except RecursionError:
        return unknown(written, Undecided("it is nested too deeply to be read"), scope, place)


def _dynamic(written: Dynamic, scope: Scope, place: Place) -> Any:
    """The blocks that dynamic ones make beside those that are written out; None if there are none at all."""
    found = [value(item, scope, _within(place, at)) for at, item in enumerate(written.static)]
    try:
        for label, block in written.blocks:
            iterator = str(block.get("iterator", label)).removeprefix("${").removesuffix("}")
            (content,) = block["content"]
            over = block["for_each"]
            over = expression(over[2:-1], scope, place) if isinstance(over, str) else over
            for key, item in _pairs(over):
                bound = Bound(scope, {iterator: {"key": key, "value": item}})
                found.append(value(content, bound, _within(place, len(found))))
    except Undecided as reason:
        return unknown(str(written), reason, scope, place)
    except (KeyError, ValueError, TypeError):
        return unknown(str(written), Undecided("it is no dynamic block that Terraform takes"), scope, place)
    return found or None


def _within(place: Place, step: str | int) -> Place:
    return Place(f"{place.what}.{step}", place.file, place.whole)


def _key(key: str, scope: Scope, place: Place) -> Any:
    return template(key, scope, place) if "{" in key else key


def _settle(source: str, scope: Scope, place: Place) -> Any:
    try:
        return expression(source, scope, place)
    except Undecided as reason:
        return unknown(f"${{{source}}}", reason, scope, place)


def unknown(written: str, reason: Undecided, scope: Scope, place: Place) -> Unknown:
    """What stands for an expression that is not known, for that reason."""
    shown = " ".join(written.split())
    shown = shown if len(shown) <= 80 else f"{shown[:77]}..."
    return Unknown(place.what, mentions(written, scope), f"{place.file} says {shown} and {reason}; {FIX}")


def mentions(source: str, scope: Scope) -> tuple[Ref, ...]:
    """The references to resources within an expression that is not read."""
    found: dict[Ref, None] = {}
    for match in _MENTION.finditer(source):
        try:
            meant = scope.lookup(steps(match[0]))
        except Undecided:
            continue
        if isinstance(meant, Ref) and meant.attr:
            found[meant] = None
    return tuple(found)


def steps(traversal: str) -> tuple[str, ...]:
    """A traversal as its steps: ``a.b[0].c["d"]`` is ``a b 0 c d``."""
    found = re.findall(r"\[\"((?:[^\"\\]|\\.)*)\"\]|\[(\d+|\*)\]|([A-Za-z_][\w-]*|\d+|\*)", traversal)
    return tuple(next(step for step in match if step) if any(match) else "" for match in found)


def as_text(piece: Any) -> Any:
    """A value as a part of text; raises Undecided where Terraform makes no text of it."""
    match piece:
        case Ref(_, ""):
            raise Undecided("a whole resource stands within text")
        case str() | Ref() | Text() | Unknown():
            return piece
        case bool():
            return "true" if piece else "false"
        case int() | float():
            return spelled(piece)
        case _:
            raise Undecided("a list or an object stands within text")


def expression(source: str, scope: Scope, place: Place) -> Any:
    """The value of an expression; raises Undecided if it cannot be read statically."""
    reader = _Reader(scope, place)
    node = parse(source)
    found = reader.collection(node) if place.whole else reader.read(node)
    if not place.whole and any(isinstance(hole, Ref) and not hole.attr for hole in holes(found)):
        raise Undecided("it stands for a whole resource")
    return list(found) if isinstance(found, Distinct) and not place.whole else found


def worked_out(node: Node, scope: Scope, place: Place) -> Any:
    """The value of an expression that is parsed already; raises Undecided if it cannot be read statically."""
    return _Reader(scope, place).read(node)


_ARITHMETIC: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv, "%": operator.mod,
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
_EXACT = Context(prec=200)  # more digits than Terraform's numbers have: what comes out even there does so here


class _Reader:
    """Works one expression out."""

    def __init__(self, scope: Scope, place: Place) -> None:
        self.scope, self.place = scope, place

    def read(self, node: Node) -> Any:
        match node:
            case Literal(found):
                return found
            case Quoted((Hole() as only,)):
                return self.hole(only)  # which keeps its type
            case Quoted(pieces):
                found = [piece if isinstance(piece, str) else self.hole(piece) for piece in pieces]
                return _limited(text(*(as_text(piece) for piece in found)))
            case Name(name, path):
                return self.scope.lookup((name, *self.steps(path)))
            case Part(whole, path):
                return descend(self.collection(whole), self.steps(path))
            case Items(items):
                return [self.element(item, source) for item, source in items]
            case Object(pairs):
                return {self.key(key): self.element(item, source) for key, item, source in pairs}
            case Choice(condition, yes, no):
                return self.choice(condition, yes, no)
            case Binary("&&" | "||" as what, left, right):
                return self.both(left, right, ends=what == "||")
            case Binary("==" | "!=" as what, left, right):
                return self.same(left, right) == (what == "==")
            case Binary(what, left, right):
                return self.arithmetic(what, number(self.read(left)), number(self.read(right)))
            case Unary("!", operand):
                return not boolean(self.read(operand))
            case Unary(_, operand):
                return -number(self.read(operand))
            case Call():
                return self.call(node)
            case Loop():
                return self.loop(node)

    def steps(self, path: tuple[str | Node, ...]) -> tuple[str, ...]:
        found = []
        for step in path:
            if isinstance(step, str):
                found.append(step)
                continue
            index = self.read(step)
            if isinstance(index, Unknown):
                raise because(index)
            if not isinstance(index, str | int) or isinstance(index, bool):
                raise Undecided("its index is not known")
            found.append(str(index))
        return tuple(found)

    def hole(self, hole: Hole) -> Any:
        try:
            return expression(hole.source, self.scope, self.place)
        except Missing:
            raise
        except Undecided as reason:
            return unknown(f"${{{hole.source}}}", reason, self.scope, self.place)

    def element(self, node: Node, source: str) -> Any:
        """One value of a list or an object; that it is not known spoils no other."""
        try:
            return self.read(node)
        except Missing:
            raise
        except Undecided as reason:
            return unknown(f"${{{source}}}", reason, self.scope, self.place)

    def key(self, node: Node) -> Any:
        found = self.read(node)
        if isinstance(found, str | Ref | Text | Unknown):
            return found
        return as_text(found)

    def collection(self, node: Node) -> Any:
        """A value that may be all the instances of a resource or module."""
        if isinstance(node, Name) and len(node.path) in (1, 2) and all(isinstance(step, str) for step in node.path):
            found = self.scope.instances((node.name, *(step for step in node.path if isinstance(step, str))))
            if found is not None:
                return found
        return self.read(node)

    def choice(self, condition: Node, yes: Node, no: Node) -> Any:
        try:
            chosen = boolean(self.read(condition))
        except Missing:
            raise
        except Undecided:
            either = self.read(yes)
            if is_known(either) and equal(either, self.read(no)):
                return either
            raise
        found = self.read(yes if chosen else no)
        if isinstance(found, str | Ref | Text | Unknown) or found is None:
            return found
        try:  # both sides are brought to one type, whichever is taken
            return unified([found, self.read(no if chosen else yes)])[0]
        except Undecided:
            return found

    def same(self, left: Node, right: Node) -> bool:
        """Whether two operands are equal: a list and a tuple of the same are not, nor a map and an object."""
        one, other = self.read(left), self.read(right)
        found = equal(one, other)
        if found and isinstance(one, list | tuple | Mapping) and not (_written(left) and _written(right)):
            raise Undecided("whether both are of one type is known to Terraform alone")
        return found

    def both(self, left: Node, right: Node, *, ends: bool) -> bool:
        """``||`` where ``ends`` is true, ``&&`` where it is false: one side that is ``ends`` is enough."""
        open: Undecided | None = None
        for node in (left, right):
            try:
                if boolean(self.read(node)) is ends:
                    return ends
            except Missing:
                raise
            except Undecided as reason:
                open = open or reason
        if open is not None:
            raise open
        return not ends

    def arithmetic(self, what: str, left: Any, right: Any) -> Any:
        try:
            with localcontext(_EXACT):
                found = _ARITHMETIC[what](Decimal(str(left)), Decimal(str(right)))
                return found if isinstance(found, bool) else plain(found)
        except (ArithmeticError, ValueError):
            raise Undecided(f"{what} cannot be worked out") from None

    def call(self, node: Call) -> Any:
        if node.name in ("try", "can"):
            return self.attempt(node)
        function = FUNCTIONS.get(node.name)
        if function is None:
            raise Undecided(f"{node.name}() is worked out by Terraform")
        arguments = [self.collection(argument) for argument in node.arguments]
        if node.spread:
            last = arguments.pop()
            if not isinstance(last, list | tuple):
                raise because(last) if isinstance(last, Unknown) else Undecided("its last argument is no list")
            arguments += last
        try:
            found = _limited(function(*arguments))
            if isinstance(self.scope, Bound):
                _spend(self.scope.spent, *arguments, found)
            return found
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError):
            raise Undecided(f"{node.name}() cannot be worked out of what it is given") from None

    def attempt(self, node: Call) -> Any:
        """``try`` and ``can``: only what is certain to fail is passed over."""
        for argument in node.arguments:
            try:
                found = self.read(argument)
            except Missing:
                continue
            if isinstance(found, Unknown):
                raise because(found)
            if isinstance(found, Ref) and "." in found.attr:
                raise Undecided("whether a part of it is there is known to Terraform alone")
            return True if node.name == "can" else found
        if node.name == "can":
            return False
        raise Missing("nothing that it tries is there")

    def loop(self, node: Loop) -> Any:
        listed: list[Any] = []
        named: dict[str, Any] = {}
        spent = self.scope.spent if isinstance(self.scope, Bound) else None
        spent = [0] if spent is None else spent
        for key, item in _pairs(self.collection(node.over)):
            _spend(spent)
            names = {node.item: item} | ({node.key: key} if node.key else {})
            inner = _Reader(Bound(self.scope, names, spent), self.place)
            if node.only is not None and not boolean(inner.read(node.only)):
                continue
            if node.name is None:
                listed.append(inner.read(node.result))
                continue
            name = inner.key(node.name)
            if not isinstance(name, str):
                raise because(name) if isinstance(name, Unknown) else Undecided("a name in it is known after apply")
            if name in named and not node.grouped:
                raise Missing(f"two of its elements are called {name!r}")
            if node.grouped:
                named.setdefault(name, []).append(inner.read(node.result))
            else:
                named[name] = inner.read(node.result)
        return _limited(listed if node.name is None else named)


def _written(node: Node) -> bool:
    """Whether a node is written out, so that its type is seen."""
    match node:
        case Literal() | Quoted():
            return True
        case Items(items):
            return all(_written(item) for item, _ in items)
        case Object(pairs):
            return all(_written(item) for _, item, _ in pairs)
    return False


def _pairs(over: Any) -> list[tuple[Any, Any]]:
    """What a loop goes through: keys in their order and values, or numbers and elements."""
    if isinstance(over, Unknown):
        raise because(over)
    if isinstance(over, Mapping):
        if not all(isinstance(key, str) for key in over):
            raise Undecided("a name in it is known after apply")
        return sorted(over.items(), key=lambda pair: str(pair[0]))
    if isinstance(over, Distinct):
        return [(item, item) for item in over]
    if isinstance(over, list | tuple):
        return list(enumerate(over))
    raise Undecided("what it goes through is known after apply")


def _spend(spent: list[int] | None, *used: Any) -> None:
    """Count one step, and what it went through; raises Undecided where loops within loops never get done."""
    if spent is not None:
        spent[0] += 1 + sum(len(item) for item in used if isinstance(item, str | list | tuple | Mapping))
        if spent[0] > 10 * MOST:
            raise Undecided("it makes more than is read")


def _limited(found: Any) -> Any:
    """A value that is not larger than anybody means it to be."""
    size = 0
    if isinstance(found, Text):  # a hole counts, too: text of text of holes doubles without end
        size = sum(len(part) if isinstance(part, str) else 1 for part in found.parts)
    if size > MOST or (isinstance(found, str | list | dict) and len(found) > MOST):
        raise Undecided("it makes more than is read")
    return found


def descend(found: Any, path: tuple[str, ...]) -> Any:
    """The part of a value that lies at a path; a reference's path just grows."""
    for at, step in enumerate(path):
        match found:
            case Ref():
                rest = ".".join(path[at:])
                if "*" in path[at:]:
                    raise Undecided("it takes a part of every element")
                return Ref(found.to, f"{found.attr}.{rest}" if found.attr else rest)
            case Mapping() if step in found:
                found = found[step]
            case Distinct() if step != "*":
                raise Missing("a set has no index")
            case list() | tuple() if step.isdecimal() and len(step) < 10 and int(step) < len(found):
                found = found[int(step)]
            case list() | tuple() if step == "*":
                return [descend(item, path[at + 1 :]) for item in found]
            case None if step == "*":
                return []
            case Unknown():
                return found
            case Mapping() if step == "*":
                return [descend(found, path[at + 1 :])]
            case Mapping() if all(isinstance(key, str) for key in found):
                raise Missing(f"nothing is known of its part {step!r}")
            case list() | tuple() | str() | int() | float() | None:
                raise Missing(f"nothing is known of its part {step!r}")
            case _:
                raise Undecided(f"nothing is known of its part {step!r}")
    return found
