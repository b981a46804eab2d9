"""PromQL: which metrics are asked for with which labels, and which labels are left."""

from __future__ import annotations

import pytest

from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.readers.kubernetes.promql import (
    Asked,
    Comparison,
    Left,
    asked,
    chosen,
    compared,
    left,
    of_grafana,
    proved,
)


def found(expression: str, *wanted: str) -> dict[str, tuple[str, ...]]:
    """Metric -> labels."""
    return {one.metric: one.labels for one in asked(expression, wanted)}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('up{job="web", env!~"a|b"}', {"up": ("env", "job")}),
        ('rate(x{a="1"}[5m:30s] offset 1m) + x{b="2"} @ end()', {"x": ("a", "b")}),
        ("sum by (pod) (rate(x[5m]))", {"x": ("pod",)}),
        ("sum without (pod) (x)", {"x": ()}),
        ("sum by () (x)", {"x": ()}),
        ("a / on (p) group_left (n) b", {"a": ("p",), "b": ("n", "p")}),
        ("a * on (p) group_right (n) b", {"a": ("n", "p"), "b": ("p",)}),
        ("a / ignoring (p) b", {"a": (), "b": ()}),
        ("a > bool on (p) b", {"a": ("p",), "b": ("p",)}),
        ("a unless on (p) b", {"a": ("p",), "b": ("p",)}),
        ('label_replace(a, "n", "$1", "i", "(.*)")', {"a": ("i",)}),
        ('label_join(a, "n", "-", "x", "y")', {"a": ("x", "y")}),
        ('absent(a{j="w"})', {"a": ("j",)}),
        ("histogram_quantile(0.9, sum by (le, job) (rate(h_bucket[5m])))", {"h_bucket": ("job", "le")}),
        ("histogram_quantile(0.9, rate(h_bucket[5m]))", {"h_bucket": ("le",)}),
        ("histogram_quantile(0.9, rate(native[5m]))", {"native": ()}),
        ("topk by (job) (3, x)", {"x": ("job",)}),
        ('count_values("v", x)', {"x": ()}),
        ('{__name__="x", a="b"}', {"x": ("a",)}),
        ('{__name__=~"x.*"}', {"": ()}),
        ("x or vector(0)", {"x": ()}),
        ('-x{a="b"} ^ 2', {"x": ("a",)}),
        ("quantile(scalar(q), x)", {"q": (), "x": ()}),
    ],
)
def test_what_an_expression_asks_for(expression: str, expected: dict[str, tuple[str, ...]]) -> None:
    """Matchers, groupings, matchings and functions ask for labels; what is left out is asked of nobody."""
    assert found(expression) == expected


@pytest.mark.parametrize(
    ("expression", "wanted", "expected"),
    [
        ("x > 1", ("pod",), {"x": ("pod",)}),
        ("sum by (pod) (x)", ("pod",), {"x": ("pod",)}),
        ("a and on (p) b", ("n",), {"a": ("n", "p"), "b": ("p",)}),
        ("a * on (p) group_left (n) b", ("n", "q"), {"a": ("p", "q"), "b": ("n", "p")}),
        ('label_replace(a, "n", "$1", "i", "(.*)")', ("n",), {"a": ("i",)}),
        ('label_replace(a, "n", "x", "", "")', ("n", "m"), {"a": ("m",)}),
        ('count_values("v", x)', ("v",), {"x": ()}),
        ("a or b", ("n",), {"a": ("n",), "b": ("n",)}),
        ("a - b", ("n",), {"a": ("n",), "b": ("n",)}),
        ("1 - x", ("n",), {"x": ("n",)}),
    ],
)
def test_who_reads_the_result_asks_for_labels_too(
    expression: str, wanted: tuple[str, ...], expected: dict[str, tuple[str, ...]]
) -> None:
    """A label that a message names has to come from a metric that can bring it to the result."""
    assert found(expression, *wanted) == expected


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x", Left(frozenset(), True, ("x",))),
        ("sum(x)", Left(frozenset())),
        ("sum by (a, b) (x) > 3", Left(frozenset({"a", "b"}))),
        ("topk(3, sum by (a) (x))", Left(frozenset({"a"}))),
        ("sum by (a) (x) * on (a) group_left (n) y", Left(frozenset({"a", "n"}))),
        ("sum by (a, b) (x) / on (a) sum by (a) (y)", Left(frozenset({"a"}))),
        ("histogram_quantile(0.9, sum by (le, a) (h_bucket))", Left(frozenset({"a"}))),
        ('absent(x{a="b", c=~"d"})', Left(frozenset({"a"}))),
        ('count_values("v", x)', Left(frozenset({"v"}))),
        ("sum by (a) (x) or sum by (b) (y)", Left(frozenset({"a", "b"}))),
        ("sum by (a) (x) unless y", Left(frozenset({"a"}))),
        ('label_replace(sum by (a) (x), "n", "", "a", "")', Left(frozenset({"a", "n"}))),
    ],
)
def test_what_is_left(expression: str, expected: Left) -> None:
    """What a recorded series has, and what a message may name."""
    assert left(expression) == expected


@pytest.mark.parametrize(
    ("query", "filled"),
    [
        ('sum(rate(x{ns="$ns"}[$__rate_interval]))', 'sum(rate(x{ns="x"}[5m]))'),
        ("sum by (pod, ${group}) (x) > $limit", "sum by (pod) (x) > 1"),
        ("x offset 1h", "x offset 1h"),
        ('x{a=~"[[b]]"} and y{c="\\"$d"}', 'x{a=~"x"} and y{c="\\"x"}'),
    ],
)
def test_variables_of_a_dashboard_are_filled(query: str, filled: str) -> None:
    """Each by something of its kind, so that what is around it can be read."""
    assert of_grafana(query) == filled
    assert asked(filled)


def test_what_is_no_promql_is_told_with_its_place() -> None:
    """Whoever writes an expression learns at compile time that Prometheus would refuse it."""
    with pytest.raises(InputError, match="unclosed") as told:
        proved("sum(x", Origin("platform.yaml", 3, 1))
    assert "platform.yaml:3" in str(told.value)
    assert proved("sum(x)", Origin("platform.yaml", 3, 1)) == "sum(x)"
    with pytest.raises(ValueError, match="unclosed"):
        asked("sum(x")


def test_each_metric_is_told_once() -> None:
    """Selectors of one metric are put together, sorted."""
    assert asked('b{x="1"} + a + b{y="2"}') == (Asked("a", ()), Asked("b", ("x", "y")))


def test_whom_selectors_mean() -> None:
    """Each by itself, since two of one metric may mean two jobs; patterns and what is excluded mean nobody."""
    expression = 'a{job="x",b="1"} / a{job="y"} + b{job=~"x|y",namespace!="z"} + c{job=""}'
    assert chosen(expression, ("job", "namespace")) == (("a", (("job", "x"),)), ("a", (("job", "y"),)))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("x > 5", Comparison("x", "", ">", 5)),
        ('sum by (pod) (rate(x{a="b"}[5m])) >= 0.05', Comparison("x", "rate", ">=", 0.05, ("a",))),
        ("(increase((x)[1h:]) > (3))", None),
        ("increase(x[1h]) > (3)", Comparison("x", "increase", ">", 3)),
        ("rate(x[5m]) / rate(y[5m]) > 0.05", None),
        ("rate(x[5m]) * 100 > 5", None),
        ("x > y", None),
        ("x < 5", None),
        ("count(x) > 5", None),
        ("x > 5 and y > 1", None),
        ("absent(x) > 0", None),
    ],
)
def test_one_metric_against_a_number(expression: str, expected: Comparison | None) -> None:
    """A comparison is told where it is of one metric or its growth, and never where anything is worked out of it."""
    assert compared(expression) == expected
