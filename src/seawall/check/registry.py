"""Which rules there are, found by walking ``check/rules``; to add one is to add a module and its page."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import cache
from typing import TypeAlias, cast

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.kernel.errors import InputError
from seawall.kernel.finding import Finding

Check: TypeAlias = Callable[[Facts], Iterator[Finding]]

_MODULE = re.compile(r"(?P<area>[a-z0-9]+)_(?P<number>\d{3})_[a-z0-9_]+")


@cache
def modules() -> dict[str, str]:
    """The module of every rule by the rule's id, sorted; the id is the start of the file's name."""
    import seawall.check.rules as package

    found: dict[str, str] = {}
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        match = _MODULE.fullmatch(module.name.rpartition(".")[2])
        if match is None:
            continue
        id = f"{match['area'].upper()}-{match['number']}"
        if id in found:
            raise RuntimeError(f"{found[id]} and {module.name} are both rule {id}")
        found[id] = module.name
    return dict(sorted(found.items()))


@cache
def rule(id: str) -> Rule:
    """The metadata of a rule; InputError, with the nearest id, if there is none of that id."""
    if id not in modules():
        raise InputError(f"there is no rule {id}", fix=_suggestion(id))
    return cast("Rule", importlib.import_module(modules()[id]).RULE)


@cache
def check_of(id: str) -> Check | None:
    """The generator of a rule; None for those that the engine itself states."""
    return cast("Check | None", getattr(importlib.import_module(modules()[id]), "check", None))


def area(id: str) -> str:
    """The folder of a rule: network, data, identity ..."""
    return modules()[id].split(".")[-2]


def selected(select: Iterable[str] = (), ignore: Iterable[str] = ()) -> tuple[str, ...]:
    """The ids that the patterns choose: an id, a glob such as ``EDGE-0*``, a prefix ``EDGE`` or an area ``network``.

    No ``select`` means all. Raises InputError for a pattern that means no rule, so that a typing error cannot turn
    a check off.
    """
    wanted = _matching(select) if (select := tuple(select)) else set(modules())
    wanted -= _matching(tuple(ignore))
    return tuple(id for id in modules() if id in wanted)


def _matching(patterns: tuple[str, ...]) -> set[str]:
    found: set[str] = set()
    for pattern in patterns:
        matching = meant(pattern)
        if not matching:
            raise InputError(f"no rule is called {pattern}", fix=_suggestion(pattern))
        found |= matching
    return found


@cache
def meant(pattern: str) -> frozenset[str]:
    """The ids that a pattern means; none if it is of another scanner, or misspelt."""
    if any(mark in pattern for mark in "*?["):
        return frozenset(id for id in modules() if fnmatchcase(id, pattern.upper()))
    return _called().get(pattern.upper(), frozenset()) | _called().get(pattern.lower(), frozenset())


@cache
def _called() -> dict[str, frozenset[str]]:
    """The ids by each plain word that means them: an id, a prefix, or an area, the one in small letters."""
    found: dict[str, set[str]] = {}
    for id in modules():
        for word in (id, id.partition("-")[0], area(id)):
            found.setdefault(word, set()).add(id)
    return {word: frozenset(ids) for word, ids in found.items()}


def _suggestion(pattern: str) -> str:
    words = [*modules(), *{id.partition("-")[0] for id in modules()}, *{area(id) for id in modules()}]
    near = difflib.get_close_matches(pattern.upper(), words, 1) or difflib.get_close_matches(pattern.lower(), words, 1)
    hint = f"did you mean {near[0]}? " if near else ""
    return f"{hint}`seawall explain` lists the rules"
