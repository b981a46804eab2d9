"""A description is read safely, within limits, and every value keeps its place."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seawall.kernel.errors import InputError
from seawall.kernel.origin import Origin
from seawall.model.document import MAX_BYTES, parse_document, read_document


def test_every_value_knows_its_line_and_column():
    """A mapping's value is found at its key, an item of a list where it stands."""
    document = parse_document("platform: a\nnetwork:\n  zones: [x, y]\n", "p.yaml")
    assert document.origin(("network", "zones")) == Origin("p.yaml", 3, 3)
    assert document.origin(("network", "zones", 1)) == Origin("p.yaml", 3, 14)
    assert document.origin(("network", "missing", "deeper")) == Origin("p.yaml", 2, 1)


BOMB = "a: &a [x,x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "not YAML"),
        ("- a\n", "a description is a mapping"),
        ("", "a description is a mapping"),
        ("a: 1\na: 2\n", "p.yaml:2:1: a is said twice"),
        ("1: a\n", "not text"),
        ("? [a]\n: b\n", "not text"),
        ("a: !!python/object/apply:os.system [ls]\n", "has no meaning|not YAML"),
        ("a: !custom x\n", "has no meaning"),
        ("a: !!set {x, y}\n", "has no meaning"),
        ("a: 1\n<<: [x]\n", "takes one mapping"),
        ("a: &a {<<: *a}\n", "nested deeper|not YAML"),
        (BOMB, "more than"),
        ("a: " + "[" * 60 + "]" * 60, "nested deeper|not YAML"),
        ("a: &a [*a]\n", "nested deeper|not YAML"),
        ("a: 2026-13-45\n", "cannot be read"),
        ("a: \x00\n", "not YAML"),
        ("a: 1\n---\nb: 2\n", "not YAML"),
    ],
)
def test_what_is_not_a_description_is_refused(text, said):
    """Duplicate keys, tags, alias bombs, endless nesting: a message with a place, not a traceback."""
    with pytest.raises(InputError, match=said) as caught:
        parse_document(text, "p.yaml")
    assert caught.value.problems[0].origin.file == "p.yaml"
    assert caught.value.problems[0].origin.line >= 1


@pytest.mark.parametrize("opening", ["[", "{a: ", "? "])
def test_deep_nesting_does_not_end_the_process(opening):
    """Hundreds of thousands of opening brackets are an error with a line, where composing them would crash in C."""
    with pytest.raises(InputError):
        parse_document("platform: " + opening * (MAX_BYTES // 5), "p.yaml")


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    """50 MB of YAML costs a look at the file's size."""
    huge = tmp_path / "platform.yaml"
    with huge.open("wb") as file:
        file.truncate(50_000_000)
    with pytest.raises(InputError, match=f"50,000,000 bytes; a description may have {MAX_BYTES:,}"):
        read_document(huge)


def test_a_file_that_is_not_text_is_refused(tmp_path):
    """Bytes that are not UTF-8 are said to be so."""
    file = tmp_path / "platform.yaml"
    file.write_bytes(b"platform: \xff\xfe\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_document(file)
    with pytest.raises(InputError, match="cannot read"):
        read_document(tmp_path / "missing.yaml")


def test_an_environment_is_laid_over_the_rest_with_its_own_places():
    """Mappings merge, lists replace, null takes away, and what was said anew is found where it was said."""
    text = "n: {a: 1, b: [1, 2], c: 3}\nenvironments:\n  dev:\n    region: r\n    n:\n      b: [9]\n      c: null\n"
    document = parse_document(text, "p.yaml")
    merged = document.overridden(("environments", "dev"), leave_out=frozenset({"region"}))
    assert merged.data["n"] == {"a": 1, "b": [9]}
    assert merged.origin(("n", "b")).line == 6
    assert merged.origin(("n", "b", 0)).line == 6
    assert merged.origin(("n", "a")).line == 1
    assert document.data["n"] == {"a": 1, "b": [1, 2], "c": 3}


@given(st.text(max_size=200))
@example("a: !!timestamp x")
@example("{[")
@example("a: 0x")
@example("a: 1e999")
@example("a: 9999-12-31 99:99:99")
@example("a: .inf")
def test_no_text_makes_the_reader_fall_over(text):
    """Any text is a document or an InputError."""
    with contextlib.suppress(InputError):
        parse_document(text, "p.yaml")


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fall_over(tmp_path_factory, data):
    """Any file is a document or an InputError."""
    path = tmp_path_factory.mktemp("fuzz") / "platform.yaml"
    path.write_bytes(data)
    with contextlib.suppress(InputError):
        read_document(path)


def test_a_mapping_takes_over_what_stands_elsewhere():
    """`<<: *name` repeats a mapping; what is said beside it goes before, and each value keeps the line it stands on."""
    text = "one: &one\n  port: 1\n  image: x\ntwo:\n  <<: *one\n  port: 2\n"
    document = parse_document(text, "p.yaml")
    assert document.data["two"] == {"port": 2, "image": "x"}
    assert document.origin(("two", "port")) == Origin("p.yaml", 6, 3)
    assert document.origin(("two", "image")) == Origin("p.yaml", 3, 3)
