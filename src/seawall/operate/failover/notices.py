"""Telling people what happened: a line in a file of the operations, once an event."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from seawall.deploy.journal import read
from seawall.kernel.verdict import Verdict, proven, refuted


@dataclass(frozen=True, slots=True)
class Notices:
    """A herald that keeps ``notices.jsonl`` in a folder and says each notice aloud."""

    folder: Path
    say: Callable[[str], None]

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "notices.jsonl"

    def told(self, event: str) -> Verdict:
        """Whether the file has it."""
        known = self.path.exists() and any(line.get("event") == event for line in read(self.path))
        return proven(f"{event} has been told") if known else refuted(f"{event} has not been told")

    def tell(self, event: str, words: str) -> None:
        """Say it, and add it to the file."""
        self.say(words)
        line = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "event": event, "words": words}
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            os.write(file, json.dumps(line).encode() + b"\n")
            os.fsync(file)
        finally:
            os.close(file)
