"""Java's properties, as Spring Boot reads them."""

from __future__ import annotations

import pytest

from seawall.kernel.errors import InputError
from seawall.readers.application.documents import documents


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("a=b", {"a": "b"}),
        ("a : b\n c  d", {"a": "b", "c": "d"}),
        ("a=b\\\n    c", {"a": "bc"}),
        ("a\\=b=c\\ d", {"a=b": "c d"}),
        ("# x\n! y\n\na=", {"a": ""}),
        ("a=\\u00e9\\t", {"a": "é\t"}),
        ("a=\\ud83d\\ude00", {"a": "\N{GRINNING FACE}"}),
        ("a=\\ud83d", {"a": "\N{REPLACEMENT CHARACTER}"}),
        ("a=\\\\u12", {"a": "\\u12"}),
        ("a=1\na=2", {"a": "2"}),
    ],
)  # fmt: skip
def test_properties_are_what_java_reads(written: str, expected: dict[str, str]) -> None:
    """Separators, continued lines and escapes mean what they mean to java.util.Properties."""
    assert [each["properties"] for each in documents(written, "application.properties")] == [expected]


def test_a_broken_escape_is_refused_by_line() -> None:
    """Java refuses a \\u without four digits, and so do we, with the line."""
    with pytest.raises(InputError, match=r"application\.properties:2: .*four hexadecimal digits"):
        documents("a=b\nc=\\u12", "application.properties")
