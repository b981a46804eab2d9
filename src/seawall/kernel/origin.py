"""Where something was said: the file, line and column a message points at."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in an input file; lines and columns count from 1, and 0 means that it is not known."""

    file: str
    line: int = 0
    column: int = 0

    def document(self) -> dict[str, str | int | None] | None:
        """The place as JSON output shows it: file, and line or null; null where nothing is known."""
        return {"file": self.file, "line": self.line or None} if self.file else None

    def __str__(self) -> str:
        text = self.file
        if self.line:
            text += f":{self.line}"
            if self.column:
                text += f":{self.column}"
        return text


NOWHERE = Origin("")
