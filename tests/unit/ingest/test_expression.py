"""Terraform's expressions worked out: operators, loops, and the pure functions."""

from __future__ import annotations

import time
from typing import Any

import pytest

from seawall.ingest.expression import Place, template
from seawall.ingest.variables import NoNames
from seawall.kernel.value import Unknown

CASES = {
    "<<-A\n    a\n\n      b\n        \n    A\n": "a\n\n  b\n        \n",
    '<<-A\n  ${join("", [\n"a"])}\n    b\n  A\n': "a\n  b\n",
    'one([])': None,
    "-7 % 3": -1,
    "7 % -3": 1,
    "0.1 + 0.2": 0.3,
    'ceil(7 / 3)': 3,
    '"$$${1}%%%{x}"': "$${1}%%{x}",
    '"a${1.0}"': "a1",
    '"${5}"': 5,
    'tostring(1e-7)': "0.0000001",
    "tostring(1e20)": "100000000000000000000",
    'toset(["a"]) == tolist(["b"])': False,
    '(true ? 1 : "a") == "1"': True,
    'true ? [1, 2] : ["a"]': ["1", "2"],
    'false ? { a = 1 } : { a = true, b = "x" }': {"a": "true", "b": "x"},
    '[for x in toset([10, 9, 1, 9]) : x]': [1, 9, 10],
    '[for k, v in toset([6, 5]) : k]': [5, 6],
    'try({ for x in ["a", "a"] : x => 1 }, "d")': "d",
    'try(toset(["a"])[0], "d")': "d",
    r'"\U0001F600"': "\U0001f600",
    'chunklist(["a", 1], 1)': [["a"], ["1"]],
    'coalesce(1, "a")': "1",
    'compact([1, "", true])': ["1", "true"],
    'contains([1, 2], "1")': False,
    'distinct([1, "1", "a", 1.0])': ["1", "a"],
    r'format("%q", "<a>\n")': r'"\u003ca\u003e\n"',
    'index([true, 1], 1)': 1,
    'try(join(",", ["a", null]), "d")': "d",
    'jsondecode("[1.0]")': [1],
    'jsonencode({ b = [1.0, true], a = "<&>" })': r'{"a":"\u003c\u0026\u003e","b":[1,true]}',
    'lookup({ "1" = "x" }, 1, "d")': "x",
    'upper("\u00e9\u00df")': "\u00c9\u00df",
    "range(4, 1)": [4, 3, 2],
    "range(-3)": [0, -1, -2],
    'setintersection([1, 2], ["2"])': ["2"],
    'setsubtract(["a", "1"], [1])': ["a"],
    'setunion(["a", 1], ["1"])': ["1", "a"],
    'setproduct(["b", "a"], toset(["c"]))': [["a", "c"], ["b", "c"]],
    "sort([10, 9, 1])": ["1", "10", "9"],
    'try(sum([]), "d")': "d",
    "sum([0.1, 0.2])": 0.3,
    'title("it\'s a.b c-d e_f")': "It'S A.B C-D E_f",
    'tolist([1, "a", null])': ["1", "a", None],
    'tolist([{ a = 1 }, { a = "x" }])': [{"a": "1"}, {"a": "x"}],
    'tomap({ a = 1, b = "x" })': {"a": "1", "b": "x"},
    'toset(["b", 1, "1", null])': ["1", "b", None],
    r'trimspace("\u00a0a\u2003")': "a",
    'zipmap([1], ["a"])': {"1": "a"},
    "1 + 2 * 3 - 4 / 2": 5,
    "(1 + 2) * 3": 9,
    "7 % 3": 1,
    "-2 + 1": -1,
    "1 / 4": 0.25,
    '1 < 2 && !(2 >= 3) || false': True,
    '1 == "1"': False,
    "true == 1": False,
    "1 == 1.0": True,
    '[1, "a"] == [1, "a"]': True,
    "{ a = 1 } != { a = 2 }": True,
    'null == ""': False,
    'true ? "a" : 1': "a",
    '1 > 2 ? "a" : 2 > 1 ? "b" : "c"': "b",
    '"true" ? 1 : 2': 1,
    '[for x in [1, 2, 3] : x * 2 if x != 2]': [2, 6],
    '[for i, x in ["a", "b"] : "${i}${x}"]': ["0a", "1b"],
    '[for k, v in { b = 2, a = 1 } : "${k}${v}"]': ["a1", "b2"],
    '{ for x in ["a", "b"] : x => upper(x) }': {"a": "A", "b": "B"},
    '{ for x in ["aa", "ab", "b"] : substr(x, 0, 1) => x... }': {"a": ["aa", "ab"], "b": ["b"]},
    '[for k, v in toset(["b", "a"]) : k]': ["a", "b"],
    'abs(-3)': 3,
    'alltrue([true, "true"])': True,
    'anytrue([])': False,
    'base64encode("a")': "YQ==",
    'can({ a = 1 }.b)': False,
    'chunklist(["a", "b", "c"], 2)': [["a", "b"], ["c"]],
    'cidrhost("10.12.112.0/20", 16)': "10.12.112.16",
    'cidrhost("10.12.112.0/20", -1)': "10.12.127.255",
    'cidrnetmask("172.16.0.0/12")': "255.240.0.0",
    'cidrsubnet("172.16.0.0/12", 4, 2)': "172.18.0.0/16",
    'cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)': "fd00:fd12:3456:7800:a200::/72",
    'cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)': ["10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"],
    'coalesce(null, "", "b")': "b",
    'coalescelist([], ["c"])': ["c"],
    'compact(["a", "", null, "b"])': ["a", "b"],
    'concat(["a"], ["b", "c"]...)': None,
    'concat([["a"], ["b"]]...)': ["a", "b"],
    'contains(["a", 1], 1)': True,
    'distinct(["a", "b", "a"])': ["a", "b"],
    'element(["a", "b", "c"], 4)': "b",
    'flatten([["a", ["b"]], [], "c"])': ["a", "b", "c"],
    'format("%s-%03d-%5s-%q-%%", "a", 7, "b", "c")': 'a-007-    b-"c"-%',
    'format("%v", true)': "true",
    'formatlist("%s.%s", ["a", "b"], "x")': ["a.x", "b.x"],
    'index(["a", "b"], "b")': 1,
    'join(",", ["a", "b"], ["c"])': "a,b,c",
    'jsondecode("{\\"a\\": [1]}").a[0]': 1,
    'keys({ b = 1, a = 2 })': ["a", "b"],
    'length("abc") + length({ a = 1 }) + length([1, 2])': 6,
    'lookup({ a = 1 }, "b", 2)': 2,
    'max(1, 3, 2) - min(1, 3, 2)': 2,
    'merge({ a = 1 }, null, { a = 2, b = 3 })': {"a": 2, "b": 3},
    'range(1, 8, 3)': [1, 4, 7],
    'replace("a-b-c", "-", "_")': "a_b_c",
    'reverse([1, 2])': [2, 1],
    'setproduct(["a", "b"], [1])': [["a", 1], ["b", 1]],
    'setsubtract(["a", "b"], ["a"])': ["b"],
    'setunion(["b"], ["a", "b"])': ["a", "b"],
    'setintersection(["a", "b"], ["b", "c"])': ["b"],
    'slice(["a", "b", "c"], 1, 3)': ["b", "c"],
    'sort(["b", "a"])': ["a", "b"],
    'split(",", "a,b")': ["a", "b"],
    'startswith("abc", "ab") && endswith("abc", "bc") && strcontains("abc", "b")': True,
    'substr("hello", -3, -1)': "llo",
    'sum([1, 2.5, 0.5])': 4,
    'title("ab cd")': "Ab Cd",
    'tonumber("5") + 1': 6,
    'toset(["b", "a", "b"])': ["a", "b"],
    'trim("?a?", "?")': "a",
    'trimprefix("abc", "a")': "bc",
    'trimsuffix("abc", "c")': "ab",
    'try({ a = 1 }.b, [1][3], "c")': "c",
    'values({ b = 1, a = 2 })': [2, 1],
    'zipmap(["a", "b"], [1, 2])': {"a": 1, "b": 2},
    '"${1 + 1} x ${true}"': "2 x true",
    '{ "a" : 1, (lower("B")) = 2, 3 = 4 }': {"a": 1, "b": 2, "3": 4},
    '[{ a = 1 }, { a = 2 }][*].a': [1, 2],
    "{ a = null }.a[*]": [],
}  # fmt: skip


@pytest.mark.parametrize("source", CASES)
def test_what_rests_on_nothing_else_is_worked_out(source: str) -> None:
    """Operators, loops and pure functions give what Terraform's documents say they give."""
    found = template(f"${{{source}}}", NoNames(), Place("r.a", "main.tf"))
    if source.startswith('concat(["a"], ["b"'):
        assert isinstance(found, Unknown)  # an argument that is no list
        return
    assert found == CASES[source]
    assert type(found) is type(CASES[source])


@pytest.mark.parametrize(
    "source",
    ["timestamp()", 'file("a")', 'replace("a", "/a/", "b")', 'regex("a", "a")', "1 / 0", '"a" + 1', "lower([1])",
     "[1][2]", 'cidrsubnet("10.0.0.0/30", 4, 0)', 'cidrsubnet("x", 4, 0)', "range(100000)", 'format("%s")', "!5",
     "var.x ? 1 : 2", 'index(["a"], "b")', "1 +", "[for x in [1] x]", "a.b.c", 'format("%.2f", 1)', "9" * 5000,
     'format("%s", 1 / 3)',
     "1e99999999",
     'tolist(["a"]) == ["a"]',
     'cidrnetmask("10.0.0.0")',
     'cidrsubnet("10.0.0.0/255.255.0.0", 8, 1)',
     'cidrsubnet("::ffff:10.0.0.0/112", 8, 1)',
     'cidrsubnet("10.0.0.0/16", 8, 1.5)',
     'element(["a", "b"], -1)',
     'format("%d", 1.5)',
     'format("%05s", "ab")',
     'jsondecode("NaN")',
     'length("e\u0301")',
     "range(1, 5, -1)",
     "tolist([1, true])"],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_unknown(source: str) -> None:
    """What fails, or what only Terraform can say, is an Unknown that quotes the expression."""
    found: Any = template(f"${{{source}}}", NoNames(), Place("r.a", "main.tf"))
    assert isinstance(found, Unknown)
    assert found.what == "r.a"
    assert found.why.startswith(f"main.tf says ${{{source}"[:60])


_MANY = "range(1024)"


@pytest.mark.parametrize(
    "source",
    [
        f"[for a in {_MANY} : [for b in {_MANY} : [for c in {_MANY} : [for d in {_MANY} : 1]]]]",
        f"[for a in {_MANY} : length([for b in {_MANY} : length(range(1024))])]",
        f'length([for a in {_MANY} : "${{length([for b in {_MANY} : length({_MANY})])}}"]) > 0 ? concat() : {_MANY}',
        f'merge([for a in {_MANY} : {{ for b in {_MANY} : "${{a}}-${{b}}" => 1 }}]...)',
        'replace(join("", [for a in range(999) : "aaaaaaaa"]), "a", join("", [for a in range(999) : "aaaaaaaaaa"]))',
        "range(1000000000)",
        "1e60 * 1e60 * 1e60",
        'cidrsubnet("10.0.0.0/8", 60000000000000, 1)',
        "setproduct(range(1024), range(1024), range(1024))",
    ],
)
def test_what_never_gets_done_is_unknown_soon(source: str) -> None:
    """Source that is written to take all time or memory is Unknown within seconds."""
    started = time.monotonic()
    found = template(f"${{{source}}}", NoNames(), Place("r.a", "main.tf"))
    assert time.monotonic() - started < 20
    assert isinstance(found, Unknown) or found == []
