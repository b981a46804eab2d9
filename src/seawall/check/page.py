"""The page of a rule: its documentation, its test, and the text of ``seawall explain``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

from seawall.check.registry import modules, rule

_FENCE = re.compile(r"^```(?P<language>yaml|json) (?P<expects>fires|quiet|unknown)\n(?P<text>.*?)^```$", re.S | re.M)
_HEADING = re.compile(r"^#{2,3} (.+)$", re.M)


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced input: its language and text, and its first line within the page."""

    language: Literal["yaml", "json"]
    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Case:
    """The inputs below one heading, ingested together: the rule must fire on them, keep quiet, or not know."""

    title: str
    expects: Literal["fires", "quiet", "unknown"]
    fences: tuple[Fence, ...]


@cache
def text(id: str) -> str:
    """The page of a rule as it is written; FileNotFoundError if the rule has none."""
    package, _, name = modules()[id].rpartition(".")
    return files(package).joinpath(f"{name}.md").read_text("utf-8")


def explanation(id: str) -> str:
    """What ``seawall explain`` prints: the page, with the metadata that the rule's module holds."""
    about = rule(id)
    read = f"read {about.read.isoformat()}" if about.read else "common knowledge, not read anew"
    return (
        f"{text(id).rstrip()}\n\n"
        f"Severity: {about.severity}. Layers: {', '.join(about.layers)}.\n"
        f"Source: {about.source} ({read}).\n"
    )


def cases(id: str) -> tuple[Case, ...]:
    """The fenced inputs of a page, those of one heading and expectation together, in the order of the page."""
    return tuple(_cases(text(id)))


def _cases(page: str) -> Iterator[Case]:
    headings = [(match.start(), match[1]) for match in _HEADING.finditer(page)]
    grouped: dict[tuple[str, str], list[Fence]] = {}
    for match in _FENCE.finditer(page):
        title = next((title for start, title in reversed(headings) if start < match.start()), "")
        line = page.count("\n", 0, match.start()) + 2
        fence = Fence(match["language"], match["text"], line)  # type: ignore[arg-type]
        grouped.setdefault((title, match["expects"]), []).append(fence)
    for (title, expects), fences in grouped.items():
        yield Case(title, expects, tuple(fences))  # type: ignore[arg-type]
