"""PromQL: which metrics an expression asks for, with which labels, and which labels what it comes to has.

Labels are asked for by matchers, by clauses (``by``, ``on``, ``group_left``), by functions that read one, and by
whoever reads the result.  What a clause takes away is asked of nobody: ``without`` and ``ignoring`` do without it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, Literal

from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin

_NAME: Final = "__name__"
_SETS: Final = ("and", "unless")
_KEEPS_ALL: Final = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
_MAKES_ANEW: Final = frozenset({"absent", "absent_over_time", "scalar", "time", "vector", "pi"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A metric that an expression asks for; the name is empty where it is left open, by a pattern or altogether."""

    metric: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Left:
    """Labels of what an expression comes to; where ``more``, there are also those of the metrics that ``of`` names."""

    labels: frozenset[str]
    more: bool = False
    of: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def asked(expression: str, wanted: tuple[str, ...] = ()) -> tuple[Asked, ...]:
    """Each metric with all labels that are asked of it; ``wanted`` are labels that somebody reads of the result.

    Raises ValueError, with the parser's words, where it is no PromQL.
    """
    found: dict[str, set[str]] = {}
    for metric, labels in _selections(_parsed(expression), frozenset(wanted)):
        found.setdefault(metric, set()).update(labels)
    return tuple(Asked(metric, tuple(sorted(labels))) for metric, labels in sorted(found.items()))


@lru_cache(maxsize=4096)
def chosen(expression: str, labels: tuple[str, ...]) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Each selector that says which value one of these labels has: the metric, and the labels with their values."""
    found: dict[tuple[str, tuple[tuple[str, str], ...]], None] = {}

    def look(node: Any) -> bool:
        if _kind(node) == "VectorSelector":
            equal = {each.name: each.value for each in _matchers(node) if str(each.op) == "MatchOp.Equal"}
            if stated := tuple(sorted((name, equal[name]) for name in labels if equal.get(name))):
                found[_selector(node)[0], stated] = None
        return True

    import promql_parser

    promql_parser.walk(_parsed(expression), look)
    return tuple(found)


def left(expression: str) -> Left:
    """Which labels its result has, whatever the metrics have; ValueError where it is no PromQL."""
    return _left(_parsed(expression))


@dataclass(frozen=True, slots=True)
class Comparison:
    """One metric, as it stands or as it grows, against a number; ``chosen`` are the labels that its matchers read."""

    metric: str
    growth: Literal["", "rate", "irate", "increase"]
    operator: str
    number: float
    chosen: tuple[str, ...] = ()


@lru_cache(maxsize=4096)
def compared(expression: str) -> Comparison | None:
    """What an expression compares with a number, where it is one metric, summed or not, and nothing worked out of it.

    Raises ValueError where it is no PromQL.
    """
    whole = _bare(_parsed(expression))
    if _kind(whole) != "BinaryExpr" or str(whole.op) not in _COMPARES or _kind(_bare(whole.rhs)) != "NumberLiteral":
        return None
    node = _bare(whole.lhs)
    while _kind(node) == "AggregateExpr" and str(node.op) in _SAME_KIND:
        node = _bare(node.expr)
    growth: Literal["", "rate", "irate", "increase"] = ""
    if _kind(node) == "Call":
        match node.func.name:
            case "rate" | "irate" | "increase" as named:
                growth = named
            case _:
                return None
        node = _bare(next(iter(node.args)))
        if _kind(node) != "MatrixSelector":
            return None
        node = node.vector_selector
    if _kind(node) != "VectorSelector":
        return None
    metric, labels = _selector(node)
    number = float(_bare(whole.rhs).val)
    return Comparison(metric, growth, str(whole.op), number, tuple(sorted(labels))) if metric else None


_COMPARES: Final = (">", ">=")
_SAME_KIND: Final = ("sum", "max", "min", "avg")
"""Aggregations of counters that are counters, and of rates that are rates."""


def _bare(node: Any) -> Any:
    """A node without the parentheses around it."""
    while _kind(node) == "ParenExpr":
        node = node.expr
    return node


def proved(expression: str, origin: Origin) -> str:
    """The expression itself; InputError where it is no PromQL."""
    try:
        _parsed(expression)
    except ValueError as error:
        raise InputError(
            f"{expression!r} is no PromQL: {error}", fix="write it as Prometheus takes it", origin=origin
        ) from error
    return expression


def is_limited(expression: str) -> bool:
    """Whether it is a comparison with a number, so that the number at its end is its threshold."""
    node = _parsed(expression)
    return _kind(node) == "BinaryExpr" and _kind(node.rhs) == "NumberLiteral"


@lru_cache(maxsize=4096)
def of_grafana(expression: str) -> str:
    """A query of a dashboard with something of the right kind in place of the dashboard's variables."""
    return "".join(_filled(expression))


_LEXEMES: Final = re.compile(
    r"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`)"""
    r"""|(?P<range>\[[^\]]*\])"""
    r"""|(?P<clause>\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\))"""
    r"""|(?P<variable>\$\{[^}]*\}|\$\w+|\[\[\w+\]\])""",
    re.IGNORECASE,
)
_VARIABLE: Final = re.compile(r"\$\{[^}]*\}|\$\w+|\[\[\w+\]\]")


def _filled(expression: str) -> Iterator[str]:
    """Within a text a word, within a range a duration, within a clause nothing, elsewhere a number."""
    start = 0
    for lexeme in _LEXEMES.finditer(expression):
        yield expression[start : lexeme.start()]
        kind, spelled = lexeme.lastgroup, lexeme[0]
        if kind == "range" and spelled.startswith("[["):
            kind = "variable"
        if kind == "text":
            yield _VARIABLE.sub("x", spelled)
        elif kind == "range":
            yield _VARIABLE.sub("5m", spelled)
        elif kind == "clause":
            yield _CLAUSED.sub("", _VARIABLE.sub("", spelled))
        else:
            yield "1"
        start = lexeme.end()
    yield expression[start:]


_CLAUSED: Final = re.compile(r"(?<=\()\s*,\s*|,\s*(?=[,)])")


@lru_cache(maxsize=4096)
def _parsed(expression: str) -> Any:
    import promql_parser

    return promql_parser.parse(expression)


def _kind(node: Any) -> str:
    return type(node).__name__


# -- what is asked for -------------------------------------------------------------------------------------------------


def _selections(node: Any, wanted: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Every selector with the labels asked of it; ``wanted`` are those that are read of the node's result."""
    match _kind(node):
        case "VectorSelector":
            metric, labels = _selector(node)
            yield metric, labels | wanted
        case "MatrixSelector":
            yield from _selections(node.vector_selector, wanted)
        case "SubqueryExpr" | "ParenExpr" | "UnaryExpr":
            yield from _selections(node.expr, wanted)
        case "AggregateExpr":
            yield from _of_aggregate(node, wanted)
        case "BinaryExpr":
            yield from _of_pair(node, wanted)
        case "Call":
            yield from _of_call(node, wanted)


def _selector(node: Any) -> tuple[str, frozenset[str]]:
    metric, labels = node.name or "", set()
    for matcher in _matchers(node):
        if matcher.name != _NAME:
            labels.add(matcher.name)
        elif str(matcher.op) == "MatchOp.Equal":
            metric = matcher.value
    return metric, frozenset(labels)


def _matchers(node: Any) -> Iterator[Any]:
    yield from node.matchers.matchers
    for either in node.matchers.or_matchers:
        yield from either


def _of_aggregate(node: Any, wanted: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    if node.param is not None:
        yield from _selections(node.param, frozenset())
    if str(node.op) == "count_values":
        wanted -= {_text(node.param)}
    named = _clause(node.modifier)
    if str(node.op) in _KEEPS_ALL:
        yield from _selections(node.expr, wanted | (named or frozenset()))
    elif node.modifier is None:
        yield from _selections(node.expr, frozenset())
    elif named is None:
        yield from _selections(node.expr, wanted - _listed(node.modifier))
    else:
        yield from _selections(node.expr, named)


def _of_pair(node: Any, wanted: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    modifier, operator = node.modifier, str(node.op)
    matching = modifier.matching if modifier is not None else None
    on = _clause(matching)
    carried = frozenset(modifier.group_labels or ()) if modifier is not None else frozenset()
    card = str(modifier.card) if modifier is not None else ""
    both = on or frozenset()
    if operator == "or":
        yield from _selections(node.lhs, wanted | both)
        yield from _selections(node.rhs, wanted | both)
    elif operator in _SETS:
        yield from _selections(node.lhs, wanted | both)
        yield from _selections(node.rhs, both)
    elif card.endswith("ManyToOne"):
        yield from _selections(node.lhs, (wanted - carried) | both)
        yield from _selections(node.rhs, carried | both)
    elif card.endswith("OneToMany"):
        yield from _selections(node.lhs, carried | both)
        yield from _selections(node.rhs, (wanted - carried) | both)
    else:
        # A filter keeps the left side's labels; arithmetic keeps those on which both agree.
        read = wanted if on is None else both
        yield from _selections(node.lhs, read | both)
        yield from _selections(node.rhs, read | both)


def _of_call(node: Any, wanted: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    name, arguments = node.func.name, list(node.args)
    vectors = [argument for argument in arguments if _kind(argument) not in ("NumberLiteral", "StringLiteral")]
    if name == "label_replace":
        wanted = (wanted - {_text(arguments[1])}) | ({_text(arguments[3])} - {""})
    elif name == "label_join":
        wanted = (wanted - {_text(arguments[1])}) | {_text(argument) for argument in arguments[3:]}
    elif name == "histogram_quantile":
        # A native histogram has no buckets; one with buckets needs their bounds.
        wanted |= {"le"} if any(_bucketed(vector) for vector in vectors) else set()
    elif name in _MAKES_ANEW:
        wanted = frozenset()
    elif name in ("sort_by_label", "sort_by_label_desc"):
        wanted |= {_text(argument) for argument in arguments[1:]}
    elif name == "info":
        vectors, wanted = vectors[:1], frozenset()
    for vector in vectors:
        yield from _selections(vector, wanted)


def _bucketed(node: Any) -> bool:
    return any(metric.endswith("_bucket") for metric, _ in _selections(node, frozenset()))


def _clause(modifier: Any) -> frozenset[str] | None:
    """The labels of ``by`` or ``on``; None where there is no such clause, or it says which to leave out."""
    if modifier is None or not str(modifier.type).endswith(("By", "On", "Include")):
        return None
    return frozenset(modifier.labels)


def _listed(modifier: Any) -> frozenset[str]:
    return frozenset() if modifier is None else frozenset(modifier.labels)


def _text(node: Any) -> str:
    return str(node.val) if _kind(node) == "StringLiteral" else ""


# -- what is left ------------------------------------------------------------------------------------------------------


def _left(node: Any) -> Left:
    match _kind(node):
        case "VectorSelector":
            return Left(frozenset(), True, (_selector(node)[0],))
        case "MatrixSelector":
            return _left(node.vector_selector)
        case "SubqueryExpr" | "ParenExpr" | "UnaryExpr":
            return _left(node.expr)
        case "AggregateExpr":
            return _left_by_aggregate(node)
        case "BinaryExpr":
            return _left_by_pair(node)
        case "Call":
            return _left_by_call(node)
    return Left(frozenset())


def _left_by_aggregate(node: Any) -> Left:
    inner = _left(node.expr)
    if str(node.op) in _KEEPS_ALL:
        return inner
    named = _clause(node.modifier)
    made = {_text(node.param)} if str(node.op) == "count_values" else set()
    if node.modifier is None:
        return Left(frozenset(made))
    if named is None:
        return Left((inner.labels - _listed(node.modifier)) | made, inner.more, inner.of)
    return Left(named | made)


def _left_by_pair(node: Any) -> Left:
    modifier, operator = node.modifier, str(node.op)
    card = str(modifier.card) if modifier is not None else ""
    one, other = _left(node.lhs), _left(node.rhs)
    if operator == "or":
        return Left(one.labels | other.labels, one.more or other.more, (*one.of, *other.of))
    if operator in _SETS:
        return one
    carried = frozenset(modifier.group_labels or ()) if modifier is not None else frozenset()
    if card.endswith("ManyToOne"):
        return Left(one.labels | carried, one.more, one.of)
    if card.endswith("OneToMany"):
        return Left(other.labels | carried, other.more, other.of)
    scalar = [_is_number(side) for side in (node.lhs, node.rhs)]
    if scalar[0] or scalar[1]:
        return other if scalar[0] else one
    on = _clause(modifier.matching if modifier is not None else None)
    if on is not None:
        return Left(on)
    return one if not one.more else other if not other.more else one


def _is_number(node: Any) -> bool:
    if _kind(node) in ("ParenExpr", "UnaryExpr"):
        return _is_number(node.expr)
    return _kind(node) == "NumberLiteral" or (_kind(node) == "Call" and node.func.name in ("scalar", "time", "pi"))


def _equal(node: Any) -> frozenset[str]:
    """Labels that what is absent is known to have had: those that its selector states."""
    if _kind(node) == "MatrixSelector":
        return _equal(node.vector_selector)
    if _kind(node) in ("ParenExpr", "SubqueryExpr"):
        return _equal(node.expr)
    if _kind(node) != "VectorSelector":
        return frozenset()
    return frozenset(each.name for each in _matchers(node) if str(each.op) == "MatchOp.Equal" and each.name != _NAME)


def _left_by_call(node: Any) -> Left:
    name, arguments = node.func.name, list(node.args)
    if name.startswith("absent"):
        return Left(_equal(arguments[0]))
    if name in _MAKES_ANEW:
        return Left(frozenset())
    vectors = [argument for argument in arguments if _kind(argument) not in ("NumberLiteral", "StringLiteral")]
    inner = _left(vectors[0]) if vectors else Left(frozenset())
    if name == "histogram_quantile":
        return Left(inner.labels - {"le"}, inner.more, inner.of)
    if name in ("label_replace", "label_join"):
        return Left(inner.labels | {_text(arguments[1])}, inner.more, inner.of)
    return inner
