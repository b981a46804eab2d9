"""How a patch is put onto moto's classes: wrap what is there, add what is missing, and fail when neither is
so.

Nothing here knows a service. A patch that no longer fits the moto it meets raises at start, never at the
first request.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any


class PatchDoesNotFit(Exception):
    """moto is not what the patch was written against: the name is absent where it should exist, or the
    reverse."""


def around(owner: type, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function that replaces ``owner.name`` and receives the original as its first argument."""

    def install(replacement: Callable[..., Any]) -> Callable[..., Any]:
        original = getattr(owner, name, None)
        if original is None:
            raise PatchDoesNotFit(f"{owner.__module__}.{owner.__qualname__} has no {name}")

        @functools.wraps(original)
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            return replacement(original, self, *args, **kwargs)

        setattr(owner, name, method)
        return replacement

    return install


def after_init(owner: type) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a function called with each new instance of ``owner`` and the arguments it was made from, by
    name."""

    def install(finish: Callable[..., None]) -> Callable[..., None]:
        original = owner.__init__  # type: ignore[misc]
        signature = inspect.signature(original)
        itself = next(iter(signature.parameters))
        further = next((each.name for each in signature.parameters.values() if each.kind is each.VAR_KEYWORD), "")

        @functools.wraps(original)
        def initialise(self: Any, *args: Any, **kwargs: Any) -> None:
            original(self, *args, **kwargs)
            arguments = dict(signature.bind(self, *args, **kwargs).arguments)
            del arguments[itself]
            finish(self, arguments | arguments.pop(further, {}))

        setattr(owner, "__init__", initialise)  # noqa: B010 - mypy forbids assigning to a method
        return finish

    return install


def replaced_property(owner: type, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorate a function that replaces the getter of a property and receives the original getter first."""

    def install(replacement: Callable[..., Any]) -> Callable[..., Any]:
        original = owner.__dict__.get(name)
        if not isinstance(original, property) or original.fget is None:
            raise PatchDoesNotFit(f"{owner.__module__}.{owner.__qualname__} has no property {name}")
        setattr(owner, name, property(functools.partial(replacement, original.fget), original.fset))
        return replacement

    return install


def added_property(owner: type, getter: Callable[[Any], Any]) -> None:
    """Give a class a property it lacks, under the getter's own name."""
    if hasattr(owner, getter.__name__):
        raise PatchDoesNotFit(f"{owner.__module__}.{owner.__qualname__} already has {getter.__name__}")
    setattr(owner, getter.__name__, property(getter))


def add_operations(response: type, *operations: Callable[..., Any]) -> None:
    """Give a response class API operations it lacks; moto finds them by their snake-case names."""
    for operation in operations:
        if hasattr(response, operation.__name__):
            raise PatchDoesNotFit(f"{response.__module__}.{response.__qualname__} already has {operation.__name__}")
        setattr(response, operation.__name__, operation)


def add_routes(url_paths: MutableMapping[str, Any], dispatch: Any, *patterns: str) -> None:
    """Route REST paths that moto does not know, ahead of its own, since its catch-all patterns come first
    otherwise."""
    known = dict(url_paths)
    for pattern in patterns:
        if pattern in known:
            raise PatchDoesNotFit(f"moto already routes {pattern}")
    url_paths.clear()
    url_paths.update(dict.fromkeys(patterns, dispatch))
    url_paths.update(known)


def store(backend: Any, name: str) -> dict[Any, Any]:
    """Return a dictionary kept on a backend (one account, one region) under a name of our own, empty at
    first."""
    attribute = f"seawall_{name}"
    if not hasattr(backend, attribute):
        setattr(backend, attribute, {})
    found: dict[Any, Any] = getattr(backend, attribute)
    return found


def now() -> datetime:
    """Return the time in the form moto's serialisers expect: UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)
