"""Where the page of an alarm or alert lies: what to do about it, in order."""

from __future__ import annotations

from seawall.components.scope import Scope

FOLDER = "runbooks"
"""The folder of the pages within what is compiled."""


def path(name: str) -> str:
    """The page's path within what is compiled; ``name`` is the alert's, or the alarm's without the platform's."""
    return f"{FOLDER}/{name}.md"


def link(scope: Scope, name: str) -> str:
    """What annotations and descriptions call the page: its path."""
    return path(name)
