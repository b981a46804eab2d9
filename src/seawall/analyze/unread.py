"""What is not among the facts, and so may be there: the modules that a source calls and that were not given."""

from __future__ import annotations

from seawall.facts.facts import Facts
from seawall.facts.resilience import Unread
from seawall.kernel.value import Unknown


def unread(facts: Facts) -> tuple[Unknown, ...]:
    """Why nothing that could be made by Terraform is certainly absent; empty if everything was read."""
    return facts.derive(_unread)


def _unread(facts: Facts) -> tuple[Unknown, ...]:
    return tuple(Unknown(f"{each.of}", why=f"the module is not read: {each.why}") for each in facts.all(Unread))
