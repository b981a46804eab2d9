"""PromQL's selectors against an oracle that knows nothing but parentheses: it reads the text from left to right."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.readers.kubernetes.promql import asked

METRICS = st.sampled_from(["up", "http_requests_total", "node:load:sum", "redis_up", "by_hand", "sum_total"])
LABELS = st.sampled_from(["pod", "job", "le", "by", "on", "status"])
# Within a text anything may stand, and none of it is a label.
TEXTS = st.text(alphabet='ab(){}[]," by$', max_size=8).map(lambda text: text.replace('"', '\\"'))
MATCHERS = st.tuples(LABELS, st.sampled_from(["=", "!="]), TEXTS).map(lambda parts: f'{parts[0]}{parts[1]}"{parts[2]}"')
SELECTORS = st.tuples(METRICS, st.lists(MATCHERS, max_size=3)).map(
    lambda parts: parts[0] + (f"{{{','.join(parts[1])}}}" if parts[1] else "")
)
LISTS = st.lists(LABELS, max_size=2, unique=True).map(",".join)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.tuples(st.sampled_from(["sum", "max", "count"]), LISTS, inner).map(lambda p: f"{p[0]} by ({p[1]}) ({p[2]})"),
        st.tuples(LISTS, inner).map(lambda p: f"avg without ({p[0]}) ({p[1]})"),
        inner.map(lambda text: f"sum({text})"),
        inner.map(lambda text: f"abs(({text}))"),
        inner.map(lambda text: f"max_over_time(({text})[5m:1m] offset 1h)"),
        st.tuples(inner, st.sampled_from(["+", ">", "and", "unless"]), LISTS, inner).map(
            lambda p: f"({p[0]}) {p[1]} on ({p[2]}) ({p[3]})"
        ),
        st.tuples(inner, inner).map(lambda p: f"({p[0]}) / ({p[1]})"),
        inner.map(lambda text: f"({text}) > bool 0.5"),
    )


EXPRESSIONS = st.recursive(st.one_of(SELECTORS, SELECTORS.map(lambda text: f"rate({text}[5m])")), _grown, max_leaves=6)


@dataclass
class Group:
    """What stands within a pair of parentheses: selectors, and further groups in their order."""

    asks: frozenset[str] | None = None
    """The labels of a ``by`` before it; nothing where all is summed up; None where it is no aggregation."""
    taken: frozenset[str] = frozenset()
    """The labels of a ``without`` before it."""
    carries: frozenset[str] = frozenset()
    """The labels of an ``on`` beside it."""
    alone: bool = False
    """Whether nothing but these labels of it is left."""
    selectors: list[tuple[str, frozenset[str]]] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)


TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\]|\\.)*")|(?P<clause>\b(?:by|without|on) \((?P<list>[^)]*)\))|(?P<range>\[[^\]]*\])'
    r"|(?P<name>[a-zA-Z_:][a-zA-Z0-9_:]*)|(?P<mark>[(){},=!+>])"
)
WORDS = {"sum", "max", "count", "avg", "abs", "rate", "max_over_time", "offset", "and", "unless", "bool", "m", "h"}
SUMS = {"sum", "max", "count", "avg"}


def oracle(text: str) -> dict[str, set[str]]:
    """Metric -> labels: those of its matchers, of each ``on`` beside it, and of the nearest ``by`` around it."""
    stack, before, labels, matched = [Group()], "", frozenset[str](), False
    matching = False
    for token in TOKEN.finditer(text):
        kind, spelled = token.lastgroup, token[0]
        if token["clause"] is not None:
            labels = frozenset(filter(None, token["list"].split(",")))
            if spelled.startswith("on"):
                beside = stack[-1].groups[-1]
                beside.carries, beside.alone, matched = labels, before in "+>", True
            else:
                before = spelled.partition(" ")[0]
        elif matching and kind == "name":
            metric, known = stack[-1].selectors[-1]
            stack[-1].selectors[-1] = (metric, known | {spelled})
        elif kind == "mark" and spelled in "{}":
            matching = spelled == "{"
        elif spelled == "(":
            opened = Group()
            if matched:
                opened.carries, opened.alone = labels, True
            elif before == "without":
                opened.taken = labels
            elif before == "by" or before in SUMS:
                opened.asks = labels if before == "by" else frozenset()
            stack[-1].groups.append(opened)
            stack.append(opened)
            before, labels, matched = "", frozenset(), False
        elif spelled == ")":
            stack.pop()
            before = ""
        elif kind in ("name", "mark"):
            before = spelled
            if kind == "name" and spelled not in WORDS:
                stack[-1].selectors.append((spelled, frozenset()))
    found: dict[str, set[str]] = {}
    for metric, labels in _collected(stack[0], frozenset()):
        found.setdefault(metric, set()).update(labels)
    return found


def _collected(group: Group, above: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    here = frozenset() if group.alone else above - group.taken
    here = group.asks if group.asks is not None else here | group.carries
    for metric, labels in group.selectors:
        yield metric, labels | here
    for inner in group.groups:
        yield from _collected(inner, here)


@given(EXPRESSIONS)
def test_every_selector_is_found_with_its_own_labels(text: str) -> None:
    """The metrics are those that stand in the text, each at least with the labels of its own matchers."""
    plain = re.sub(r'"(?:[^"\\]|\\.)*"', '""', text)
    stated: dict[str, set[str]] = {}
    for metric, matchers in re.findall(r"([a-zA-Z_:][\w:]*)(?:\{([^}]*)\})?", plain):
        if metric in {"up", "http_requests_total", "node:load:sum", "redis_up", "by_hand", "sum_total"}:
            stated.setdefault(metric, set()).update(re.findall(r'(\w+)!?=""', matchers))
    found = {one.metric: set(one.labels) for one in asked(text)}
    assert found.keys() == stated.keys()
    assert all(stated[metric] <= labels for metric, labels in found.items())


@given(EXPRESSIONS, st.frozensets(LABELS, max_size=2))
def test_who_reads_more_asks_for_more(text: str, wanted: frozenset[str]) -> None:
    """Labels that are read of the result are asked of metrics beside what is asked anyhow, and no others are."""
    alone = {one.metric: set(one.labels) for one in asked(text)}
    read = {one.metric: set(one.labels) for one in asked(text, tuple(sorted(wanted)))}
    assert all(alone[metric] <= labels <= alone[metric] | wanted for metric, labels in read.items())


@settings(max_examples=400)
@given(EXPRESSIONS)
def test_labels_are_those_of_the_oracle(text: str) -> None:
    """What is asked of a selector is what the nearest grouping around it asks, and what it is matched by."""
    assert {one.metric: set(one.labels) for one in asked(text)} == oracle(text)
