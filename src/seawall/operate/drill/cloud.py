"""An AWS that a takeover's calls are made to in a drill: what they change is done to the drill's own servers.

It knows no service by itself. A plan's actions are data: which call changes something, and which question says whether
that is so. Here the call is carried out by whatever plays it, and the question answered by what came of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from seawall.components.takeover.action import Action, Question
from seawall.components.takeover.paths import steps
from seawall.operate.drill.events import Events

Call: TypeAlias = tuple[str, str]
"""A service and an operation, as boto3 names them."""
LANE = "cloud"


class Cloud:
    """Answers for the calls of these actions. ``effects`` are what a call does here; ``so`` says whether something is.

    A call without an effect changes nothing that is played, and is answered as if it had. What no call makes so is so,
    unless ``so`` of its question says otherwise.
    """

    def __init__(
        self,
        actions: Sequence[Action],
        effects: Mapping[Call, Callable[[], None]],
        so: Mapping[Call, Callable[[], bool]],
        events: Events,
    ) -> None:
        self._actions, self._effects, self._so, self._events = actions, effects, so, events
        self._made: set[str] = set()

    def client(self, service: str, region: str) -> Client:
        """What stands for boto3's client of a service."""
        return Client(self, service)

    def call(self, service: str, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Carry a call out, or answer a question."""
        for action in self._actions:
            if (action.service, action.operation) == (service, operation) and action.parameters == parameters:
                effect = self._effects.get((service, operation))
                self._events.add(
                    LANE, f"{service} {operation}" + ("" if effect else ": nothing plays it, taken as done")
                )
                if effect is not None:
                    effect()
                self._made.add(action.name)
                return {}
        answer: dict[str, Any] = {}
        for action, question in self._questions():
            asked = (question.service, question.operation) == (service, operation) and question.parameters == parameters
            if asked and self._is_so(action, question):
                answer = merged(answer, document(question.path, question.expected[0]))
        return answer

    def _questions(self) -> Iterator[tuple[Action, Question]]:
        for action in self._actions:
            for question in (action.already, action.after):
                if question is not None:
                    yield action, question

    def _is_so(self, action: Action, question: Question) -> bool:
        said = self._so.get((question.service, question.operation))
        if said is not None:
            return said()
        return not action.operation or action.name in self._made


@dataclass(frozen=True, slots=True)
class Client:
    """Has every operation of its service that the plan names."""

    _cloud: Cloud
    _service: str

    def __getattr__(self, operation: str) -> Callable[..., dict[str, Any]]:
        return lambda **parameters: self._cloud.call(self._service, operation, parameters)


def document(path: str, value: Any) -> dict[str, Any]:
    """The smallest answer in which a path finds this value."""
    found: Any = value
    for step in reversed(steps(path)):
        if step.where:
            found = [{step.where: step.value, **found}]
        elif step.every:
            found = [found]
        found = {step.name: found}
    assert isinstance(found, dict)
    return found


def merged(one: Any, other: Any) -> Any:
    """Two answers as one: what both have is merged in turn, element by element."""
    if isinstance(one, dict) and isinstance(other, dict):
        return {key: merged(one[key], other[key]) if key in one and key in other else one.get(key, other.get(key))
                for key in (*one, *(key for key in other if key not in one))}  # fmt: skip
    if isinstance(one, list) and isinstance(other, list):
        longer = max(len(one), len(other))
        pairs = ((one[n : n + 1], other[n : n + 1]) for n in range(longer))
        return [merged(a[0], b[0]) if a and b else (a or b)[0] for a, b in pairs]
    return other
