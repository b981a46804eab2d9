"""Whether home is lost: asked before it is given up, and again by a run that goes on with what was decided before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from seawall.kernel.verdict import Verdict, proven, refuted
from seawall.operate.runbook import Doing, Step


class Loss:
    """What is known of home's loss in this run; ``although_it_answers`` takes it as lost whatever it answers."""

    def __init__(self, home: str, answers: Callable[[], Verdict], *, although_it_answers: bool) -> None:
        self._home, self._answers, self._although = home, answers, although_it_answers
        self.said: Verdict | None = None
        """What home said when it was asked; None where nobody has asked yet."""
        self.at = datetime.now(UTC)
        """When it was asked."""

    def may_be_given_up(self) -> Verdict:
        """Ask home; proven unless it answers."""
        said = self._answers()
        if said.proven and not self._although:
            return refuted(
                f"{self._home} answers: {words(said)}",
                "--planned moves without losing anything; --although-it-answers takes it as lost; --anew gives up what "
                "was cut short",
            )
        self.said, self.at = said, datetime.now(UTC)
        return proven(f"{self._home} does not answer, or counts as lost")

    def still(self) -> Verdict:
        """Asked before the first change: what an earlier run was told may have been long ago."""
        return proven("it was asked just now") if self.said is not None else self.may_be_given_up()

    @property
    def doubt(self) -> str:
        """What a person has to be told beside the question; empty where home failed for all to see."""
        if self.said is None or self.said.refuted:
            return ""
        if self.said.proven:
            return f"{self._home} answers ({words(self.said)}). "
        return f"Nobody can say that {self._home} is lost: {words(self.said)}. "

    def step(self) -> Step:
        """A step that makes sure of it; a person is asked where nobody can say."""

        def question(doing: Doing) -> str:
            return f"{self.doubt}Take {self._home} as lost?" if self.doubt else ""

        def so(doing: Doing) -> Verdict:
            return proven("it was made sure of") if "lost" in doing.kept else refuted("nobody has made sure of it")

        return Step(
            "lost",
            f"make sure that {self._home} is lost: asked from outside, several times",
            lambda doing: doing.keep(lost=self.at.isoformat(timespec="milliseconds")),
            so,
            lambda doing: self.may_be_given_up(),
            question,
        )


def words(said: Verdict) -> str:
    """A verdict's reasons in one line."""
    return "; ".join(map(str, said.because)) or str(said)
