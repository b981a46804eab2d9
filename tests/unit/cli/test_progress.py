"""A long run is told line by line, and a terminal is left as it was."""

from __future__ import annotations

import io

import pytest

from seawall.cli.deployment import consent
from seawall.cli.progress import Teller
from seawall.deploy.progress import (
    Note,
    ResourceChanged,
    ResourceWaits,
    StackDone,
    StackFailed,
    StackHeldBack,
    StackStarted,
)
from seawall.kernel.errors import InputError

EVENTS = (
    Note("a stale lock was taken over"),
    StackStarted("r/network", "apply"),
    ResourceChanged("r/network", "aws_vpc.main", "create", 1, 2, 0.5),
    ResourceWaits("r/network", "aws_nat_gateway.a", "create", 30.0),
    StackDone("r/network", 2, 0, 0, 31.0),
    StackFailed("r/data", "no"),
    StackHeldBack("r/edge", ("r/data",)),
)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def told(stream):
    """What a stream holds after every event."""
    with Teller(stream) as teller:
        for event in EVENTS:
            teller(event)
    return stream.getvalue()


def test_off_a_terminal_only_what_ended_is_said():
    """A log has a line for each note and each stack that ended, and no control characters."""
    lines = told(io.StringIO()).splitlines()
    assert [line.split("] ", 1)[1] for line in lines] == [
        "note: a stale lock was taken over",
        "r/network: +2 ~0 -0 in 31 s",
        "r/data: failed: no",
        "r/edge: not begun, it comes after r/data",
    ]
    assert "\x1b" not in "".join(lines)


def test_on_a_terminal_a_line_moves_and_goes():
    """What runs is shown on one line, which is cleared before the next and at the end."""
    text = told(Terminal())
    assert "r/network create 1/2 (aws_nat_gateway.a 30 s)" in text
    assert text.rstrip("\n").splitlines()[-1].endswith("it comes after r/data")


def test_nobody_to_ask_is_no_consent(monkeypatch, capsys):
    """Without --yes and without a terminal AWS is not touched; only `yes` is yes."""
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    with pytest.raises(InputError, match="nobody is there to ask"):
        consent("Apply?", given=False)
    consent("Apply?", given=True)
    monkeypatch.setattr("sys.stdin", Terminal("y\n"))
    with pytest.raises(InputError, match="not agreed"):
        consent("Apply?", given=False)
    monkeypatch.setattr("sys.stdin", Terminal("yes\n"))
    consent("Apply?", given=False)
