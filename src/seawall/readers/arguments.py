"""A cursor over a body that reads arguments as facts want them and names what is unknown.

Absent, null and empty are the same thing: a plan fills in nulls and empty strings that the source never had, and
both must read alike.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from seawall.facts.fact import Known, Link
from seawall.graph.resource import Resource
from seawall.kernel.address import Address
from seawall.kernel.units import Cidr
from seawall.kernel.value import Ref, Text, Textual, Unknown
from seawall.readers.registry import implied_by


class Arguments:
    """The arguments of one resource or of a block within it."""

    __slots__ = ("_path", "address", "body")

    def __init__(self, resource: Resource) -> None:
        self.address = resource.address
        self.body: Mapping[str, Any] = resource.body
        self._path = ""

    def path(self, name: str) -> str:
        """The path of an argument from the resource on, as an Unknown names it."""
        return f"{self._path}{name}"

    def raw(self, name: str) -> Any:
        """The value as it stands, None if it is absent, null or empty."""
        value = self.body.get(name)
        if value is None or type(value) is str:  # most are
            return value or None
        if isinstance(value, Ref | Text | Unknown):
            return value
        return None if value in (None, "", [], {}) else value

    def has(self, name: str) -> bool:
        """Whether anything is configured there, known or not."""
        return self.raw(name) is not None

    def text(self, name: str, default: str = "") -> Textual:
        """A string, possibly with holes."""
        value = self.raw(name)
        return default if value is None else self.as_text(name, value)

    def as_text(self, name: str, value: Any) -> Textual:
        """One value as a string, as Terraform would write it; Unknown if it is a list or an object."""
        match value:
            case str() | Ref() | Text() | Unknown():
                return value
            case bool():
                return "true" if value else "false"
            case int() | float():
                return str(value)
            case _:
                return self.unknown(name, value)

    def known_text(self, name: str, default: str = "") -> Known[str]:
        """A string, or Unknown if it has holes."""
        value = self.text(name, default)
        return value if isinstance(value, str) else self.unknown(name, value)

    def texts(self, name: str) -> Known[tuple[Textual, ...]]:
        """A list of strings, sorted where all are known; Unknown if the list itself is not known."""
        value = self.raw(name)
        if value is None:
            return ()
        if isinstance(value, Ref | Text | Unknown):
            return self.unknown(name, value)
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(sorted((self.as_text(name, item) for item in items if item is not None), key=str))

    def known_texts(self, name: str) -> Known[tuple[str, ...]]:
        """A list of strings, sorted; Unknown if any of them has holes."""
        value = self.texts(name)
        if isinstance(value, Unknown):
            return value
        for item in value:
            if not isinstance(item, str):
                return self.unknown(name, item)
        return tuple(str(item) for item in value)

    def number(self, name: str, default: int | None = None) -> Known[int] | None:
        """A whole number."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, Ref | Text | Unknown):
            return self.unknown(name, value)
        try:
            return int(value)
        except (TypeError, ValueError):
            return self.unknown(name, value)

    def count(self, name: str, default: int = 0) -> Known[int]:
        """A whole number that is always there."""
        value = self.number(name, default)
        return default if value is None else value

    def flag(self, name: str, default: bool = False) -> Known[bool]:
        """A truth value."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value in ("true", "false"):
            return value == "true"
        return self.unknown(name, value)

    def cidr(self, name: str) -> Known[Cidr] | None:
        """An address range; None if absent."""
        value = self.raw(name)
        return None if value is None else self._as_cidr(name, value)

    def cidrs(self, name: str) -> tuple[Known[Cidr], ...]:
        """Address ranges, one or a list of them, sorted where they are known."""
        value = self.raw(name)
        if value is None:
            return ()
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(sorted((self._as_cidr(name, item) for item in items), key=str))

    def _as_cidr(self, name: str, value: Any) -> Known[Cidr]:
        if not isinstance(value, str):
            return self.unknown(name, value)
        try:
            return Cidr.parse(value)
        except ValueError:
            return Unknown(f"{self.address}.{self.path(name)}", why=f"{value!r} is not an address range")

    def required_cidr(self, name: str) -> Known[Cidr]:
        """An address range; Unknown if absent, too."""
        value = self.cidr(name)
        return self.unknown(name) if value is None else value

    def link(self, name: str) -> Link | None:
        """The address of what it names; None if absent."""
        value = self.raw(name)
        return None if value is None else self.as_link(name, value)

    def required_link(self, name: str) -> Link:
        """The address of what it names; Unknown if nothing stands there, too."""
        value = self.raw(name)
        return self.unknown(name) if value is None else self.as_link(name, value)

    def link_or_text(self, name: str) -> Link | Textual | None:
        """The address of what a reference names, else the text as it stands; None if absent."""
        value = self.raw(name)
        return None if value is None else self.as_link_or_text(name, value)

    def as_link_or_text(self, name: str, value: Any) -> Link | Textual:
        """The address of what one reference names, else the text as it stands, such as an ARN."""
        return self.as_link(name, value) if isinstance(value, Ref) else self.as_text(name, value)

    def links(self, name: str) -> Known[tuple[Link, ...]]:
        """The addresses of what a list names, sorted; Unknown if the list itself is not known."""
        value = self.raw(name)
        if value is None:
            return ()
        if isinstance(value, Text | Unknown):
            return self.unknown(name, value)
        items = value if isinstance(value, list | tuple) else [value]
        return tuple(sorted((self.as_link(name, item) for item in items), key=str))

    def as_link(self, name: str, value: Any) -> Link:
        """What one value names: the Ref's target, ``outside:`` of a literal id, or Unknown."""
        match value:
            case Ref():
                implied = implied_by(value.attr)
                return value.to if implied is None else value.to.implied(implied)
            case str():
                return Address.outside(value)
            case _:
                return self.unknown(name, value)

    def blocks(self, name: str) -> Iterator[Arguments]:
        """The nested blocks of that name; a single block may stand without its list. An unknown list yields none."""
        value = self.raw(name)
        if isinstance(value, Mapping):
            yield self._within(value, f"{name}.0")
        elif isinstance(value, list | tuple):
            for number, item in enumerate(value):
                if isinstance(item, Mapping):
                    yield self._within(item, f"{name}.{number}")

    def stands(self, name: str) -> bool:
        """Whether a block is there, even one without arguments."""
        value = self.body.get(name)
        return not (value is None or (isinstance(value, list | tuple | str) and not value))

    def block(self, name: str) -> Arguments:
        """The first nested block of that name, or one without arguments."""
        return next(self.blocks(name), self._within({}, f"{name}.0"))

    def unknown_blocks(self, name: str) -> Unknown | None:
        """The Unknown that stands in place of a list of blocks, if one does."""
        value = self.raw(name)
        return self.unknown(name, value) if isinstance(value, Ref | Text | Unknown) else None

    def unknown(self, name: str, value: Any = None) -> Unknown:
        """An Unknown that names this argument and mentions what its value mentions."""
        if isinstance(value, Unknown):
            return value
        what = f"{self.address}.{self.path(name)}"
        if value is None:
            return Unknown(what, why="nothing in the input states it")
        if isinstance(value, Ref):
            return Unknown(what, (value,), f"it is {value}, which nothing in the input says")
        if isinstance(value, Text):
            mentioned = tuple(hole for hole in value.holes if isinstance(hole, Ref))
            return Unknown(what, mentioned, f"it is {value}, which nothing in the input says")
        return Unknown(what, why=f"its value {value!r} is not of the expected type")

    def _within(self, body: Mapping[str, Any], path: str) -> Arguments:
        inner = Arguments.__new__(Arguments)
        inner.address, inner.body, inner._path = (self.address, body, f"{self._path}{path}.")
        return inner
