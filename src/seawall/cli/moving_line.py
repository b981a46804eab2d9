"""A stream to people on which the last line moves: what is done stays above, what goes on is drawn over."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class MovingLine:
    """Lines with the seconds since it began, ``digits`` behind the point; drawn over only on a terminal.

    Writes to stderr by default, so that what a command prints stays clean.
    """

    def __init__(self, stream: TextIO | None = None, *, digits: int = 0) -> None:
        self.stream = stream or sys.stderr
        self._moving = self.stream.isatty()
        self._began = time.monotonic()
        self._digits = digits
        self._drawn = False

    def say(self, text: str) -> None:
        """Say something that stays, a line of its own."""
        self.clear()
        print(self._stamped(text), file=self.stream, flush=True)

    def draw(self, text: str) -> None:
        """Show what goes on, in place of what was drawn before; nothing where it could not be drawn over."""
        if not self._moving:
            return
        import shutil

        self.clear()
        if text:
            width = shutil.get_terminal_size().columns - 1
            self.stream.write(self._stamped(text)[:width])
            self.stream.flush()
            self._drawn = True

    def clear(self) -> None:
        """Leave the terminal as it was."""
        if self._drawn:
            self.stream.write("\r\x1b[K")
            self.stream.flush()
            self._drawn = False

    def _stamped(self, text: str) -> str:
        return f"[{time.monotonic() - self._began:5.{self._digits}f} s] {text}"
