"""Whatever is in a source file, reading it ends with resources, an Unknown, or one clear message."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from seawall.ingest.expression import Place, template
from seawall.ingest.hcl import parse
from seawall.ingest.source import Source
from seawall.ingest.static_module import read_module
from seawall.ingest.syntax import Undecided
from seawall.kernel.address import Address
from seawall.kernel.errors import InputError
from seawall.kernel.value import Ref

_PIECES = st.sampled_from(
    ["resource", ' "a" ', "{", "}", "\n", "=", "[", "]", "(", ")", ",", '"', "${", "%{", "$", "<<-E\n", "E", "#", "/*",
     "*/", "for", "?", ":", "local.x", "aws_vpc.m.id", "[0]", "[*]", ".", "1", "true", "\\", "é", " "]
)  # fmt: skip
_SOURCE = st.lists(_PIECES, max_size=30).map("".join) | st.text(max_size=40)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _SOURCE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["resource", "data", "aws_vpc", "a", "provider", "aws", "region", "alias", "locals", "x", "count", "for_each",
         "depends_on", "lifecycle", "terraform", "backend", "s3", "output", "value", "variable", "default", "//"]
    ), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip


class _Names:
    def lookup(self, steps: tuple[str, ...]) -> Any:
        if len(steps) < 3:
            raise Undecided("it is too short")
        return Ref(Address(f"r/s:{steps[0]}.{steps[1]}"), ".".join(steps[2:]))

    def instances(self, steps: tuple[str, ...]) -> Any:
        return [Ref(Address(f"r/s:{steps[0]}.x[0]"), "")] if steps[0] == "aws_vpc" else None


@given(_SOURCE)
@example("a {" * 3000)
@example("a { b = " + "[" * 3000)
def test_any_text_is_source_or_bad_input(source: str) -> None:
    """A source file is read or refused with its place, however broken or deep it is."""
    with suppress(InputError):
        parsed = parse(source, Path("main.tf"))
        read_module("s", [Source(Path("main.tf"), parsed.content, source.encode(), parsed.lines)])


@given(_SOURCE)
@example("${" + "(" * 5000 + "1" + ")" * 5000 + "}")
@example("${" * 3000)
def test_any_string_is_a_value_or_unknown(written: str) -> None:
    """No template is too strange to be read or to be called unknown."""
    template(written, _Names(), Place("r/s:aws_x.y.z", "main.tf"))


@given(st.dictionaries(st.sampled_from(["resource", "data", "provider", "locals", "output", "terraform"]), _JSON))
def test_any_json_object_is_read(content: dict[str, Any]) -> None:
    """A .tf.json file of any shape is read as far as it has one; nothing in it ends in a traceback."""
    with suppress(InputError):
        read_module("s", [Source(Path("main.tf.json"), content, json.dumps(content).encode())])
