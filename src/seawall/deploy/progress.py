"""What a use case tells whoever watches it: small frozen events, handed to a reporter one at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Note:
    """Something worth knowing that no other event says, such as a stale lock that was taken over."""

    text: str


@dataclass(frozen=True, slots=True)
class StackStarted:
    """Work on a stack began; ``step`` is one of init, plan, apply, destroy, adopt."""

    stack: str
    step: str


@dataclass(frozen=True, slots=True)
class ResourceChanged:
    """Terraform finished with one resource of a stack: the ``number``-th of ``total``, after ``seconds``."""

    stack: str
    resource: str
    action: str
    number: int
    total: int
    seconds: float


@dataclass(frozen=True, slots=True)
class ResourceWaits:
    """Terraform is still waiting for a resource, for ``seconds`` by now."""

    stack: str
    resource: str
    action: str
    seconds: float


@dataclass(frozen=True, slots=True)
class StackDone:
    """A stack is as it should be; the counts are those of Terraform's plan."""

    stack: str
    added: int
    changed: int
    destroyed: int
    seconds: float


@dataclass(frozen=True, slots=True)
class StackFailed:
    """A stack is not as it should be; ``why`` is one line."""

    stack: str
    why: str


@dataclass(frozen=True, slots=True)
class StackHeldBack:
    """A stack was not begun, because of those it comes after; none where something else stopped the run."""

    stack: str
    after: tuple[str, ...]


Event: TypeAlias = Note | StackStarted | ResourceChanged | ResourceWaits | StackDone | StackFailed | StackHeldBack
Reporter: TypeAlias = Callable[[Event], None]


def silent(event: Event) -> None:
    """Tell nobody."""


def one_at_a_time(report: Reporter) -> Reporter:
    """A reporter that may be called from several threads, though the one it passes events to may not."""
    lock = threading.Lock()

    def passed_on(event: Event) -> None:
        with lock:
            report(event)

    return passed_on
