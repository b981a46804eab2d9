"""The plans by which a site takes over and gives back: every component's actions, in the order that needs demand.

What lets work in is closed first, whoever needs before what is needed; stores and machines change hands, what is needed
before whoever needs; only then is work let in again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from seawall.components.component import Expandable
from seawall.components.scope import Scope
from seawall.components.takeover.action import STAGES, Action, Approval, Move
from seawall.kernel.errors import InputError
from seawall.model.platform import Platform


def plan(platform: Platform, site: str, move: Move) -> tuple[Action, ...]:
    """The ordered actions of a move between home and a site; InputError if there is no such site.

    The first asks a person, with everything that components have to say and every piece of evidence that they name.
    """
    there = platform.home.sites.get(site)
    if there is None:
        known = ", ".join(platform.home.sites) or "none"
        raise InputError(f"{platform.name} has no site {site}", fix=f"its sites: {known}")
    said = {
        name: [
            replace(action, component=name)
            for action in cast(Expandable, there.components[name]).takes_over(Scope(there, name, there.region), move)
        ]
        for name in order(there)
    }
    staged: list[Action] = []
    for stage in STAGES[1:]:
        names = reversed(said) if stage == "close" else said
        staged += [action for name in names for action in said[name] if action.stage == stage]
    if not staged:
        return ()
    asking = [action for actions in said.values() for action in actions if action.stage == "ask"]
    return (_approval(there, move, asking), *staged)


def order(platform: Platform) -> tuple[str, ...]:
    """The components, each after everything that it needs; else in the order of the description."""
    found: dict[str, None] = {}

    def take(name: str) -> None:
        if name in found or name in path:
            return
        path.append(name)
        for needed in _needs(platform, name):
            take(needed)
        path.pop()
        found[name] = None

    path: list[str] = []
    for name in platform.components:
        take(name)
    return tuple(found)


def _needs(platform: Platform, name: str) -> Iterator[str]:
    """What it names, the cluster that its pods run in, and of a front what it leads visitors to."""
    component = cast(Expandable, platform.components[name])
    scope = Scope(platform, name, platform.region)
    yield from (needed for needed in component.needs if needed in platform.components)
    if component.pods(scope) is not None:
        yield from (other for other, one in platform.components.items() if one.kind == "cluster")
    if component.front(scope) is not None:
        yield from (
            other for other, one in platform.components.items() if cast(Expandable, one).exposes(scope.at(other))
        )


def _approval(there: Platform, move: Move, asking: list[Action]) -> Action:
    home = there.home
    says = {
        "failover": f"{there.region} takes over from {home.region}, which is lost",
        "switchover": f"{there.region} takes over from {home.region}, while both are well",
        "failback": f"{home.region} takes over from {there.region} again, while both are well",
    }[move]
    words = (f"{says}.", *(action.says for action in asking))
    evidence = tuple(
        question for action in asking if action.approval is not None for question in action.approval.evidence
    )
    return Action(
        "approve",
        f"A person decides whether {says}.",
        "ask",
        there.region,
        approval=Approval(" ".join(words), evidence),
    )
