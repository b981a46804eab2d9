"""Strings survive: what is written reads back the same in PyYAML, in our own reader and through kubectl."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seawall.kernel.yaml_documents import yaml_documents
from seawall.render.kubernetes.yaml_text import yaml_text

TRICKY = [
    "", " ", "y", "Y", "n", "N", "yes", "No", "on", "OFF", "true", "False", "null", "Null", "~", "none",
    "nan", ".nan", ".inf", "-.Inf", "inf", "1", "-1", "+1", "08", "010", "0o10", "0x1F", "0b1", "1e3",
    "1E3", "1.", ".5", "1_000", "1:30", "12:30:45", "2026-01-27", "2026-01-27T03:00:00Z", "1.2.3.4",
    "10.0.0.0/16", "=", "<<", "---", "...", "-", "- a", "? a", ": a", "a: b", "a:", "a #b", "#a", "&a",
    "*a", "!a", "|", ">", "%a", "@a", "`a`", "'", '"', "\\", "{a}", "[a]", "${a}", "$(a)", "a\n",
    "a\nb", "a\n\nb\n", " a\nb", "a \nb", "a\tb\n", "\ta", "\n", "\n\n", "a\n\n", "a\r\nb", "a\rb",
    "\x7f", "\x85", "\u2028", "\ufeff", "한국어", "한국어\n둘\n", "🦀", "\x00", "\x1b[31m", "http://a/b",
    "a/b:1.0", "nginx:1.25-alpine", "a,b", "-----BEGIN X-----\n", "server {\n  listen 80;\n}\n",
    "#!/bin/sh\nset -e\n", "0.5", "500m", "70%", "a" * 300, "a b " * 60,
]  # fmt: skip

# What Kustomize itself does not carry; the renderer refuses it.
NOT_CARRIED = re.compile("[\x7f-\x9f\ufffe\uffff]")

strings = st.one_of(
    st.sampled_from(TRICKY),
    st.text(max_size=30),
    st.text(alphabet="yYnNoOeE01.:-+_x ~\n#'\"", max_size=8),
)


@given(st.lists(strings, max_size=20))
def test_strings_are_read_back_by_python(items: list[str]) -> None:
    """PyYAML and our own reader both see the very strings that were written, as keys and as values."""
    document = {"items": items, "keys": {item: item for item in items}}
    written = yaml_text(document).decode()
    assert yaml.safe_load(written) == document
    (read,) = yaml_documents(written, "a.yaml")
    assert read.data == document


def test_tricky_strings_are_read_back_by_python() -> None:
    """The strings that have gone wrong before, every one of them."""
    document = {"items": TRICKY, "keys": {item: item for item in TRICKY}}
    assert yaml.safe_load(yaml_text(document)) == document


def _through_kubectl(folder: Path, items: list[str]) -> list[str]:
    data = {f"k{number}": item for number, item in enumerate(items)}
    body = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}, "data": data}
    (folder / "a.yaml").write_bytes(yaml_text(body))
    (folder / "kustomization.yaml").write_bytes(yaml_text({"resources": ["a.yaml"]}))
    run = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, check=False)
    assert run.returncode == 0, run.stderr.decode()
    (read,) = yaml_documents(run.stdout.decode(), "built")
    built = read.data.get("data", {})
    return [built[f"k{number}"] for number in range(len(items))]


@pytest.mark.needs("kubectl")
def test_tricky_strings_are_read_back_through_kubectl(tmp_path: Path) -> None:
    """kubectl takes every one of them for the string that it is."""
    carried = [item for item in TRICKY if not NOT_CARRIED.search(item)]
    assert len(carried) > len(TRICKY) - 3
    assert _through_kubectl(tmp_path, carried) == carried


@pytest.mark.needs("kubectl")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(items=st.lists(strings.filter(lambda item: not NOT_CARRIED.search(item)), min_size=1, max_size=60))
def test_any_strings_are_read_back_through_kubectl(tmp_path: Path, items: list[str]) -> None:
    """kubectl takes any string for the string that it is."""
    assert _through_kubectl(tmp_path, items) == items


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | strings,
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strings, inner, max_size=3),
                    max_leaves=12))  # fmt: skip
def test_data_of_any_shape_is_read_back(data: object) -> None:
    """Whole documents survive, their types included, and writing them twice gives the same bytes."""
    written = yaml_text({"x": data})
    assert yaml_text({"x": data}) == written
    (read,) = yaml_documents(written.decode(), "a.yaml")
    assert read.data == {"x": data}
