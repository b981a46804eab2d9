"""The facts of one graph, with the queries that analyses and rules ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar, cast

from seawall.facts.fact import Demand, Fact
from seawall.kernel.value import Ref, Text, Unknown

S = TypeVar("S", bound=Fact | Demand)
P = ParamSpec("P")
R = TypeVar("R")

_NOT_YET = object()


class Matches(NamedTuple, Generic[S]):
    """An answer that may be incomplete: what matches for sure, and what might if its key were known."""

    matches: tuple[S, ...]
    doubts: tuple[S, ...]


class Facts:
    """An immutable set of facts and demands.

    Queries name one field and a value, and cost one dictionary look-up after the first use of that field. Where an
    empty answer would mean something (no association, so the default applies), use ``ask``, which also returns the
    facts whose field is unknown.
    """

    __slots__ = ("_derived", "_indexes", "_kinds", "_unknown")

    def __init__(self, statements: Iterable[Fact | Demand]) -> None:
        kinds: dict[type, dict[Fact | Demand, None]] = {}
        for statement in statements:
            kinds.setdefault(type(statement), {}).setdefault(statement)
        self._kinds: dict[type, tuple[Fact | Demand, ...]] = {kind: tuple(of) for kind, of in kinds.items()}
        self._indexes: dict[tuple[type, str], dict[Any, tuple[Any, ...]]] = {}
        self._unknown: dict[tuple[type, str], tuple[Any, ...]] = {}
        self._derived: dict[Any, Any] = {}

    def __iter__(self) -> Iterator[Fact | Demand]:
        for kind in self._kinds.values():
            yield from kind

    def __len__(self) -> int:
        return sum(len(kind) for kind in self._kinds.values())

    def all(self, kind: type[S]) -> tuple[S, ...]:
        """Every fact of a kind, in the order in which they were stated."""
        return cast("tuple[S, ...]", self._kinds.get(kind, ()))

    def where(self, kind: type[S], **field: Any) -> tuple[S, ...]:
        """The facts of a kind whose one named field has that very value."""
        ((name, value),) = field.items()
        return self._index(kind, name).get(value, ())

    def one(self, kind: type[S], **field: Any) -> S | None:
        """The first fact of a kind whose one named field has that value, or None."""
        found = self.where(kind, **field)
        return found[0] if found else None

    def ask(self, kind: type[S], **field: Any) -> Matches[S]:
        """Like ``where``, together with the facts whose named field is not known and so might match too."""
        ((name, value),) = field.items()
        matches = self._index(kind, name).get(value, ())
        return Matches(matches, self._unknown[kind, name])

    def derive(self, function: Callable[..., R], *arguments: Any) -> R:
        """The value of ``function(self, *arguments)``, worked out once; arguments must be hashable."""
        key = (function, arguments)
        found = self._derived.get(key, _NOT_YET)  # one look-up: the arguments may be facts, slow to hash
        if found is _NOT_YET:
            found = self._derived[key] = function(self, *arguments)
        return cast("R", found)

    def and_also(self, statements: Iterable[Fact | Demand]) -> Facts:
        """These facts and some more, as a new object."""
        more = Facts(statements)
        together = Facts(())
        together._kinds = self._kinds | {
            kind: tuple(dict.fromkeys((*self._kinds.get(kind, ()), *of))) for kind, of in more._kinds.items()
        }
        return together

    def _index(self, kind: type[S], name: str) -> dict[Any, tuple[S, ...]]:
        if (kind, name) not in self._indexes:
            if name not in kind.__dataclass_fields__:
                raise AttributeError(f"{kind.__name__} has no field {name!r}")
            index: dict[Any, list[S]] = {}
            unknown: list[S] = []
            for fact in self.all(kind):
                value = getattr(fact, name)
                if isinstance(value, Unknown | Ref | Text):
                    unknown.append(fact)
                index.setdefault(value, []).append(fact)
            self._indexes[kind, name] = {value: tuple(found) for value, found in index.items()}
            self._unknown[kind, name] = tuple(unknown)
        return self._indexes[kind, name]
