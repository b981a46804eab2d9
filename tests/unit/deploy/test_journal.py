"""What the journal remembers: steps without an end, of the same world, whoever ran them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from seawall.deploy.journal import Journal, read


def test_a_step_without_an_end_was_interrupted(tmp_path: Path) -> None:
    """The next run learns stack, step, process and log of what nobody saw end; what ended is forgotten."""
    first = Journal(tmp_path, "up", world="w")
    first.begin("r/a", "apply")
    first.end("r/a", "apply", "done")
    first.begin("r/b", "apply")
    first.process("r/b", "apply", 7, "birth", "log")
    first.process("r/b", "adopt", 8, "later", "")
    (step,) = Journal(tmp_path, "up", world="w").interrupted()
    assert (step.stack, step.step, step.pid, step.birth, step.log) == ("r/b", "apply", 8, "later", "log")


def test_what_was_left_open_stays_so_until_somebody_looked_after_it(tmp_path: Path) -> None:
    """A run that dies before it reaches a stack leaves what an earlier one left there."""
    Journal(tmp_path, "up", world="w").begin("r/a", "apply")
    second = Journal(tmp_path, "up", world="w")
    second.begin("r/b", "plan")
    third = Journal(tmp_path, "down", world="w")
    assert [step.stack for step in third.interrupted()] == ["r/a", "r/b"]
    third.end("r/a", "apply", "recovered")
    assert [step.stack for step in Journal(tmp_path, "up", world="w").interrupted()] == ["r/b"]


def test_another_world_is_none_of_ours(tmp_path: Path) -> None:
    """What was begun in an emulator that is gone is nothing to look after."""
    Journal(tmp_path, "up", world="emulator 1").begin("r/a", "apply")
    assert Journal(tmp_path, "up", world="emulator 2").interrupted() == []


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    """A line that was being written when the machine stopped does not keep the others from being read."""
    journal = Journal(tmp_path, "up", world="w")
    journal.begin("r/a", "apply")
    with journal.path.open("ab") as file:
        file.write(b'{"what": "end", "stack": "r/')
    assert [entry["what"] for entry in read(journal.path)] == ["run", "begin"]
    assert len(Journal(tmp_path, "up", world="w").interrupted()) == 1


def test_a_copy_follows_every_line(tmp_path: Path) -> None:
    """The copy is whole after each line, and the runs of other machines are read from it."""

    class Kept:
        def __init__(self) -> None:
            self.files: dict[str, bytes] = {}

        def keep(self, name: str, content: bytes) -> None:
            self.files[name] = content

        def missing(self, known: frozenset[str]) -> Mapping[str, bytes]:
            return {name: content for name, content in self.files.items() if name not in known}

    kept = Kept()
    here = Journal(tmp_path / "here", "up", world="w", copy=kept)
    here.begin("r/a", "apply")
    assert kept.files[here.name] == here.path.read_bytes()
    there = Journal(tmp_path / "there", "up", world="w", copy=kept)
    assert [step.stack for step in there.interrupted()] == ["r/a"]
    assert all(json.loads(line) for line in here.path.read_bytes().splitlines())
