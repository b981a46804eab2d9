"""Whatever a file holds that is called a script, it is read without running, guessing or failing."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from seawall.facts.application import Assigns, Command
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.readers.read import read_one

WORDS = st.sampled_from(
    ["mysqldump", "mysql", "gzip", "set -o pipefail", "'", '"', "|", "||", "<", ">", "<<EOF", "EOF", "\\", "\n", ";",
     "(", ")", "$(", "`", "#", "-phunter2", "--host", "A=1", "&&", "sh 'x'", '"""']
)  # fmt: skip
SCRIPTS = st.one_of(st.text(max_size=200), st.lists(WORDS, max_size=40).map(" ".join))


@settings(max_examples=60, deadline=None)
@given(written=SCRIPTS, format=st.sampled_from(["script", "jenkinsfile"]))
def test_every_text_is_read(written: str, format: str) -> None:
    """Reading ends, every command stands on a line of the text, and no password of a client becomes a fact."""
    found = tuple(read_one(Resource(Address.file("a"), f"file/{format}", {"text": written})))
    for command in found:
        assert isinstance(command, Command | Assigns)
        if isinstance(command, Assigns):
            assert all(re.fullmatch(r"[A-Za-z_]\w*", name) for name in command.names)
            continue
        assert 1 <= command.line <= written.count("\n") + written.count("\r") + len(written.splitlines()) + 1
        if command.program in ("mysql", "mysqldump"):
            assert "-phunter2" not in command.arguments
