"""Which reader reads which type, and which text attributes are really links.

A reader is a generator function marked with ``@reads("aws_vpc")`` in any module below this package; it is found by
walking the package, so that to add one is to add a file.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple, TypeAlias, TypeVar

from seawall.facts.fact import Demand, Fact
from seawall.graph.resource import Resource
from seawall.kernel.value import Body, Unknown, Value

Reader: TypeAlias = Callable[[Resource], Iterator[Fact | Demand]]
F = TypeVar("F", bound=Reader)

EVERY = "*"
"""The type under which a reader of every resource is marked."""


class LinkTarget(NamedTuple):
    """What a text attribute really names: a resource of that type whose attribute has that very value."""

    type: str
    attr: str


Answer: TypeAlias = Callable[[Body, str | Unknown], Value]
A = TypeVar("A", bound=Answer)

_readers: dict[str, list[Reader]] = {}
_links: dict[tuple[str, str], LinkTarget] = {}
_answers: dict[tuple[str, str], Answer] = {}
_implied: dict[str, str] = {}


def reads(*types: str) -> Callable[[F], F]:
    """Mark a generator function as a reader of these resource types; ``EVERY`` means all of them."""

    def mark(reader: F) -> F:
        for type in types:
            _readers.setdefault(type, []).append(reader)
        return reader

    return mark


def link(type: str, attribute: str, *, to: str, by: str) -> None:
    """Declare that an attribute of ``type``, a plain name in the body, names the ``to`` whose ``by`` is equal.

    ``attribute`` is a path with ``*`` for every element of a list: ``vpc_config.*.subnet_ids.*``.
    """
    _links[type, attribute] = LinkTarget(to, by)


def answers(type: str, attribute: str) -> Callable[[A], A]:
    """Mark a function of a body and its region that works out a computed attribute; it answers None if it cannot."""

    def mark(answer: A) -> A:
        _answers[type, attribute] = answer
        return answer

    return mark


def implies(attribute: str, name: str) -> None:
    """Declare that a Ref to that attribute means what its owner implies: ``owner//name``, not the owner."""
    _implied[attribute] = name


def implied_by(attribute: str) -> str | None:
    """The name of what an attribute of its owner means, or None if it means the owner."""
    return _implied.get(attribute)


@cache
def answering() -> dict[tuple[str, str], Answer]:
    """Every declared answer by type and attribute."""
    readers()
    return dict(_answers)


@cache
def readers() -> dict[str, tuple[Reader, ...]]:
    """Every reader by type, found by importing all modules below this package."""
    import seawall.readers as package

    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        importlib.import_module(module.name)
    return {type: tuple(found) for type, found in _readers.items()}


@cache
def links() -> dict[str, dict[str, LinkTarget]]:
    """Every declared link: type, then attribute path, then what it names."""
    readers()
    found: dict[str, dict[str, LinkTarget]] = {}
    for (type, attribute), target in _links.items():
        found.setdefault(type, {})[attribute] = target
    return found
