"""Excess: what a role's policies grant and nothing that acts as it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from seawall.facts.facts import Facts
from seawall.facts.identity import Statement
from seawall.kernel.address import Address
from seawall.kernel.value import Textual
from seawall.kernel.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Wide:
    """A pattern that covers more than is needed: what is granted, and all that is needed of it.

    ``of`` says whether it is a pattern of actions or of resources; ``action`` narrows a resource to one action.
    """

    of: Literal["action", "resource"]
    granted: Textual
    needed: tuple[Textual, ...]
    action: str = ""


@dataclass(frozen=True, slots=True)
class Excess:
    """What one statement of a role grants beyond what is needed; refuted (it is not minimal), or not known.

    ``actions`` and ``resources`` are never needed; ``wide`` are needed in part; ``dead`` are pairs of an action and an
    ARN that can match nothing the action is about, so that the grant is none. ``policy`` is what the role carries: an
    address, or the ARN of a managed policy. An unknown one says why in ``verdict.because``.
    """

    role: Address
    policy: str
    statement: Statement
    verdict: Verdict
    actions: tuple[Textual, ...] = ()
    resources: tuple[Textual, ...] = ()
    wide: tuple[Wide, ...] = ()
    dead: tuple[tuple[str, Textual], ...] = ()


def excess(facts: Facts) -> tuple[Excess, ...]:
    """At most one item for each Allow statement that a role carries, sorted by role."""
    return facts.derive(_excess)


def _excess(facts: Facts) -> tuple[Excess, ...]:
    return ()
