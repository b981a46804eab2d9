"""What IAM would answer, and what decides it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from seawall.facts.identity import Statement
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer


class Layer(StrEnum):
    """The kinds of policy that have a say, in the words that people are shown."""

    IDENTITY = "identity policy"
    RESOURCE = "resource policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    SCP = "service control policy"
    RCP = "resource control policy"
    ENDPOINT = "endpoint policy"
    TRUST = "trust policy"
    KEY = "key policy"
    GRANT = "grant of the key"


@dataclass(frozen=True, slots=True)
class Decision:
    """Proven is allowed, refuted is denied; ``layer`` is the one that decides.

    ``statements`` are those that allow it, or the Deny that matches; none where nothing allows it (an implicit
    denial). ``because`` names what makes it unknown.
    """

    answer: Answer
    layer: Layer
    statements: tuple[Statement, ...] = ()
    because: tuple[Unknown, ...] = ()

    @property
    def explicit(self) -> bool:
        """Whether a Deny that matches is why."""
        return self.answer is Answer.REFUTED and bool(self.statements)
