"""The two ways in which a command ends badly; each carries what a person needs to mend it."""

from __future__ import annotations

from dataclasses import dataclass, field

from seawall.kernel.origin import NOWHERE, Origin


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong in an input: where, what, and how to mend it."""

    origin: Origin
    what: str
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.origin}: " if self.origin.file else ""
        return f"{place}{self.what}" + (f"\n  fix: {self.fix}" if self.fix else "")


class SeawallError(Exception):
    """An error meant for a person: the command prints it and ends with ``status``; never with a traceback."""

    status = 2


class InputError(SeawallError):
    """The input is wrong, or a consent is missing; exit status 2 and nothing is written."""

    status = 2

    def __init__(self, what: str, *, fix: str = "", origin: Origin = NOWHERE) -> None:
        self.problems: tuple[Problem, ...] = (Problem(origin, what, fix),)
        super().__init__(str(self.problems[0]))

    @classmethod
    def of(cls, problems: list[Problem]) -> InputError:
        """Put several problems into one error, in the order of the file."""
        error = cls("the input has problems")
        error.problems = tuple(sorted(problems))
        error.args = ("\n".join(str(problem) for problem in error.problems),)
        return error


@dataclass
class OutsideError(SeawallError):
    """A program or service outside Seawall failed, is absent, or holds a lock; exit status 3, journal intact."""

    what: str
    detail: str = ""
    fix: str = ""
    origin: Origin = field(default=NOWHERE)
    status = 3

    def __str__(self) -> str:
        place = f"{self.origin}: " if self.origin.file else ""
        detail = f"\n{self.detail.rstrip()}" if self.detail else ""
        return f"{place}{self.what}{detail}" + (f"\n  fix: {self.fix}" if self.fix else "")
