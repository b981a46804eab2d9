"""The rules that every patch of the emulator keeps, and the tools that put it onto moto."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest

from seawall.deploy.emulator import grafting, patches

GAPS = Path(__file__).parents[3] / "integration" / "emulator"


@pytest.mark.parametrize("name", patches.names())
def test_a_patch_says_what_it_closes_and_has_its_tests(name: str) -> None:
    """A patch says which gap it closes as seen from the provider, can be applied, and has tests that bear its name."""
    module = importlib.import_module(f"{patches.__name__}.{name}")
    assert "Seen from the provider:" in (module.__doc__ or "")
    assert callable(module.apply)
    assert "aws: Clients" in (GAPS / f"test_gaps_of_{name}.py").read_text(encoding="utf-8")


def test_no_test_of_a_gap_outlives_its_patch() -> None:
    """Each file of gaps belongs to a patch."""
    assert {path.stem.removeprefix("test_gaps_of_") for path in GAPS.glob("test_gaps_of_*.py")} == set(patches.names())


class Thing:
    """Stands in for a class of moto."""

    def __init__(self, name: str, **options: Any) -> None:
        self.name = name
        self.options = options

    def greet(self, greeting: str) -> str:
        """Return a greeting."""
        return f"{greeting} {self.name}"

    @property
    def size(self) -> int:
        """Return a number."""
        return 1


@pytest.fixture
def thing() -> type:
    """A class of its own, since grafting changes classes."""
    return type("Own", (Thing,), dict(Thing.__dict__))


def test_a_wrapped_method_receives_the_original(thing: type) -> None:
    """A wrapper decides whether and how the original is called."""

    @grafting.around(thing, "greet")
    def greet(original: Any, self: Any, greeting: str) -> str:
        return f"<{original(self, greeting)}>"

    assert thing("moto").greet("hello") == "<hello moto>"


def test_a_hook_sees_arguments_by_name(thing: type) -> None:
    """What an instance was made from is known by name, however it was given."""
    seen: list[dict[str, Any]] = []

    @grafting.after_init(thing)
    def note(self: Any, arguments: dict[str, Any]) -> None:
        seen.append(arguments)

    thing("moto", colour="red")
    assert seen == [{"name": "moto", "colour": "red"}]


def test_a_property_is_replaced(thing: type) -> None:
    """A property's getter may build on the original's."""

    @grafting.replaced_property(thing, "size")
    def size(original: Any, self: Any) -> int:
        return original(self) + 1

    assert thing("moto").size == 2


def test_a_property_is_added(thing: type) -> None:
    """A property that moto lacks is computed like its own."""

    def double(self: Any) -> int:
        return 2 * int(self.size)

    grafting.added_property(thing, double)
    assert thing("moto").double == 2
    with pytest.raises(grafting.PatchDoesNotFit):
        grafting.added_property(thing, double)


def test_a_patch_that_does_not_fit_fails_at_once(thing: type) -> None:
    """Wrapping what is absent and adding what is there are errors, so that another moto is noticed at start."""

    def greet(self: Any) -> None:
        raise AssertionError

    with pytest.raises(grafting.PatchDoesNotFit):
        grafting.around(thing, "shout")(greet)
    with pytest.raises(grafting.PatchDoesNotFit):
        grafting.replaced_property(thing, "greet")(greet)
    with pytest.raises(grafting.PatchDoesNotFit):
        grafting.add_operations(thing, greet)
    with pytest.raises(grafting.PatchDoesNotFit):
        grafting.add_routes({"{0}/known$": None}, None, "{0}/known$")


def test_added_routes_come_before_those_that_take_everything() -> None:
    """A route of ours is found before moto's catch-all."""
    routes: dict[str, str] = {"{0}/.+$": "moto"}
    grafting.add_routes(routes, "ours", "{0}/new$")
    assert list(routes) == ["{0}/new$", "{0}/.+$"]
