"""Verdicts: proven, refuted, or unknown because of something that is named."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NoReturn


class Answer(StrEnum):
    """The three answers; never two."""

    PROVEN = "proven"
    REFUTED = "refuted"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An answer with its reasons: facts for a definite one, Unknowns for an unknown one; ``where`` names the step."""

    answer: Answer
    because: tuple[Any, ...] = ()
    where: str = ""

    def __bool__(self) -> NoReturn:
        raise TypeError("a verdict has three values; ask .proven, .refuted or .unknown")

    @property
    def proven(self) -> bool:
        """Whether it is shown to be so."""
        return self.answer is Answer.PROVEN

    @property
    def refuted(self) -> bool:
        """Whether it is shown not to be so."""
        return self.answer is Answer.REFUTED

    @property
    def unknown(self) -> bool:
        """Whether it depends on something that is not known."""
        return self.answer is Answer.UNKNOWN

    def __str__(self) -> str:
        return str(self.answer)


def proven(*because: Any, where: str = "") -> Verdict:
    """It is so, because of these facts."""
    return Verdict(Answer.PROVEN, because, where)


def refuted(*because: Any, where: str = "") -> Verdict:
    """It is not so, because of these facts."""
    return Verdict(Answer.REFUTED, because, where)


def unknown(*because: Any, where: str = "") -> Verdict:
    """It cannot be said, because these are not known."""
    return Verdict(Answer.UNKNOWN, because, where)


def all_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Proven if all are; a refuted one wins over an unknown one, wherever it stands. No verdicts: proven."""
    return _combine(verdicts, decisive=Answer.REFUTED, otherwise=Answer.PROVEN)


def any_of(verdicts: Iterable[Verdict]) -> Verdict:
    """Proven if one is; refuted only if all are. No verdicts: refuted."""
    return _combine(verdicts, decisive=Answer.PROVEN, otherwise=Answer.REFUTED)


def _combine(verdicts: Iterable[Verdict], decisive: Answer, otherwise: Answer) -> Verdict:
    # Every verdict is looked at: stopping at the first unknown would hide a definite answer behind it.
    everything = list(verdicts)
    for answer in (decisive, Answer.UNKNOWN):
        chosen = [verdict for verdict in everything if verdict.answer is answer]
        if chosen:
            reasons = dict.fromkeys(reason for verdict in chosen for reason in verdict.because)
            return Verdict(answer, tuple(reasons), chosen[0].where)
    reasons = dict.fromkeys(reason for verdict in everything for reason in verdict.because)
    return Verdict(otherwise, tuple(reasons))
