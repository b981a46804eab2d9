"""A second region takes over, and gives back: the actions of the platform's plan, each a step, carried out from here.

The same actions are compiled to a state machine in the surviving region; whoever carries them out makes the same calls
and asks the same questions.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from seawall.components.takeover.action import Action, Approval, Move, Question
from seawall.components.takeover.paths import values
from seawall.kernel.address import Address
from seawall.kernel.errors import OutsideError
from seawall.kernel.value import Ref, Value, refs
from seawall.kernel.verdict import Verdict, all_of, proven, refuted, unknown
from seawall.operate.failover.loss import Loss
from seawall.operate.failover.settle import NotSettled, unsettled
from seawall.operate.runbook import Doing, Runbook, Step

Clients: TypeAlias = Callable[[str, str], Any]
"""Makes boto3's client of a service in a region."""

EVIDENCE_SECONDS = 20.0
"""How long what is told beside a question is waited for: a region that is lost answers nothing."""


@dataclass(frozen=True, slots=True)
class Carrying:
    """How actions are carried out: by whose clients, and how much quicker than they say (``pace`` 0 never waits)."""

    clients: Clients = field(repr=False)
    pace: float = 1.0

    def ask(self, question: Question) -> Verdict:
        """Ask once: proven, refuted, or unknown where no answer came."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            answer = self._call(question.region, question.service, question.operation, question.parameters)
        except (BotoCoreError, ClientError) as error:
            return unknown(f"{question.says}: no answer: {error}")
        found = next(iter(values(question.path, answer)), None)
        if found is not None and found in question.expected:
            return proven(question.says)
        wanted = " or ".join(map(str, question.expected))
        return refuted(f"not so: {question.says} ({question.path} is {found}, not {wanted})")

    def wait(self, question: Question, say: Callable[[str], None]) -> Verdict:
        """Ask until it is so, as long as the question says."""
        end = time.monotonic() + question.within * self.pace
        while True:
            said = self.ask(question)
            if said.proven or time.monotonic() >= end:
                return said
            say("; ".join(map(str, said.because)))
            time.sleep(max(0.05, question.every * self.pace))

    def begun(self, action: Action) -> bool:
        """Whether the action's call has been made: what it makes is so already, or on its way."""
        # In this order: what arrives between the two questions would be missed in the other.
        asked = (question for question in (action.underway, action.already) if question is not None)
        return any(self.ask(question).proven for question in asked)

    def do(self, action: Action) -> None:
        """Make the action's call. Raises OutsideError where it is refused or not answered, and is not so either."""
        from botocore.exceptions import BotoCoreError, ClientError

        if not action.operation:
            return
        try:
            self._call(action.region, action.service, action.operation, action.parameters)
        except (BotoCoreError, ClientError) as error:
            # An answer can get lost where the call did not.
            if not self.begun(action):
                raise OutsideError(
                    f"{action.name}: {action.service} in {action.region} refused {action.operation}",
                    str(error),
                    fix="mend that and run it again; it goes on at this step",
                ) from None

    def evidence(self, approval: Approval) -> tuple[str, ...]:
        """What is seen just before a person decides, one sentence a question; all are asked at once."""
        said: dict[int, str] = {}

        def look(number: int, question: Question) -> None:
            verdict = self.ask(question)
            said[number] = "; ".join(map(str, verdict.because))

        threads = [threading.Thread(target=look, args=asked, daemon=True) for asked in enumerate(approval.evidence)]
        for thread in threads:
            thread.start()
        end = time.monotonic() + EVIDENCE_SECONDS
        for thread in threads:
            thread.join(max(0.0, end - time.monotonic()))
        return tuple(
            said.get(number, f"{question.says}: no answer within {EVIDENCE_SECONDS:g} s")
            for number, question in enumerate(approval.evidence)
        )

    def _call(self, region: str, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        return getattr(self.clients(service, region), operation)(**parameters)


def runbook(
    subject: str, site: str, move: Move, actions: Sequence[Action], carrying: Carrying, loss: Loss | None = None
) -> Runbook:
    """The runbook of a plan whose values are settled; its name is ``failover`` or ``failback``.

    ``loss`` is asked whether home is lost before anything else, and again before the first change by a run that goes
    on with what another was told.
    """
    book = "failback" if move == "failback" else "failover"
    steps = [_step(action, carrying) for action in actions]
    if loss is not None:
        changing = next(number for number, action in enumerate(actions) if action.stage != "ask")
        steps[changing] = replace(steps[changing], ready=lambda doing: loss.still())
        steps.insert(0, loss.step())
    inputs = {"to": "home" if move == "failback" else site, "move": move}
    return Runbook(book, subject, tuple(steps), inputs)


def settled(
    actions: Sequence[Action], settle: Callable[[Value], Any], left_out: Mapping[Address, str] | None = None
) -> tuple[Action, ...]:
    """Actions with every value filled in; what is only evidence, or may fail, is left out where it cannot be.

    ``left_out`` are resources that are not there on this AWS, and why: what is to be done with them is passed over.
    Raises OutsideError that names every value that cannot be read.
    """
    found: list[Action] = []
    lacking: list[str] = []
    for action in actions:
        gone = next((ref.to for ref in _refs(action) if ref.to in (left_out or {})), None)
        if gone is not None and left_out is not None:
            found.append(_passed_over(action, f"{gone} is not here: {left_out[gone]}"))
            continue
        try:
            found.append(_settled(action, settle))
        except NotSettled as why:
            if action.tolerated and action.approval is None:
                found.append(_passed_over(action, str(why)))
            else:
                lacking.append(f"{action.name}: {why}")
    if lacking:
        raise unsettled(lacking)
    return tuple(found)


def _refs(action: Action) -> Iterator[Ref]:
    yield from refs(dict(action.parameters))
    for question in (action.already, action.underway, action.after):
        if question is not None:
            yield from refs([dict(question.parameters), *question.expected])


def _settled(action: Action, settle: Callable[[Value], Any]) -> Action:
    def question(asked: Question) -> Question:
        return replace(
            asked,
            parameters=settle(dict(asked.parameters)),
            expected=tuple(settle(value) for value in asked.expected),
        )

    approval = action.approval
    if approval is not None:
        seen: list[Question] = []
        unseen: list[str] = []
        for asked in approval.evidence:
            try:
                seen.append(question(asked))
            except NotSettled as why:
                unseen.append(f"{asked.says}: nobody can say: {why}")
        approval = replace(approval, says=" ".join([approval.says, *(f"({words})" for words in unseen)]))
        approval = replace(approval, evidence=tuple(seen))
    return replace(
        action,
        parameters=settle(dict(action.parameters)),
        already=question(action.already) if action.already else None,
        underway=question(action.underway) if action.underway else None,
        after=question(action.after) if action.after else None,
        approval=approval,
    )


def _passed_over(action: Action, why: str) -> Action:
    says = f"Pass over `{action.says}`: {why}"
    return replace(action, says=says, operation="", parameters={}, already=None, underway=None, after=None)


def _step(action: Action, carrying: Carrying) -> Step:
    kept = f"done {action.name}"

    def act(doing: Doing) -> None:
        try:
            if not carrying.begun(action):
                carrying.do(action)
            if action.after is not None:
                said = carrying.wait(action.after, doing.say)
                if not said.proven:
                    raise OutsideError(f"{action.name}: {'; '.join(map(str, said.because))}")
        except OutsideError as error:
            if not action.tolerated:
                raise
            doing.audit(action.name, action.region, "failed, and tolerated")
            doing.keep(**{kept: f"tolerated: {error.what}"})
            doing.say(f"failed: {error.what}. {action.tolerated}")
            return
        if action.already is None and action.after is None:
            doing.keep(**{kept: True})

    def so(doing: Doing) -> Verdict:
        if kept in doing.kept:
            return proven(f"{action.name} is done")
        questions = [question for question in (action.already, action.after) if question is not None]
        if not questions:
            return refuted(f"{action.name} is not done")
        return all_of(carrying.ask(question) for question in questions)

    def approval(doing: Doing) -> str:
        if action.approval is None:
            return ""
        return "\n  ".join([action.approval.says, *carrying.evidence(action.approval), "Go on?"])

    return Step(action.name, action.says, act, so, approval=approval)
