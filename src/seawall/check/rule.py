"""What a rule is: its metadata, and how it words a finding."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer


@dataclass(frozen=True, slots=True)
class Rule:
    """The metadata of a rule; a module of ``check/rules`` names it RULE.

    ``summary`` is the constant headline of its findings; ``why`` and ``fix`` are constant too and close each
    finding's detail; ``layers`` are the layers it looks at; ``source`` is the address of the text that states its
    fact, ``read`` the day of the copy in which that was read, None where it is common knowledge and was not.
    """

    id: str
    severity: Severity
    summary: str
    why: str
    fix: str
    layers: tuple[str, ...]
    source: str
    read: date | None

    def refuted(
        self,
        what: str,
        *addresses: Address,
        evidence: Iterable[str] = (),
        fix: str = "",
        severity: Severity | None = None,
    ) -> Finding:
        """A finding: this is wrong. The first address is where a person should look; ``fix`` replaces the usual."""
        return self._finding(Answer.REFUTED, what, addresses, tuple(evidence), fix or self.fix, severity)

    def unknown(
        self,
        what: str,
        because: Iterable[Unknown],
        *addresses: Address,
        evidence: Iterable[str] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """A finding: this cannot be shown to be right, because these values are not known."""
        missing = sorted(dict.fromkeys(because), key=lambda reason: (reason.what, reason.why))
        reasons = tuple(f"unknown: {reason.what}: {reason.why}" for reason in missing)
        names = ", ".join(reason.what for reason in missing)
        fix = f"make {names} known: {HOW_TO_KNOW}" if names else self.fix
        return self._finding(Answer.UNKNOWN, what, addresses, (*evidence, *reasons), fix, severity)

    def _finding(
        self,
        answer: Answer,
        what: str,
        addresses: tuple[Address, ...],
        evidence: tuple[str, ...],
        fix: str,
        severity: Severity | None,
    ) -> Finding:
        return Finding(
            rule=self.id,
            severity=self.severity if severity is None else severity,
            answer=answer,
            summary=self.summary,
            detail=f"{what}\nwhy: {self.why}\nfix: {fix}",
            addresses=tuple(dict.fromkeys(addresses)),
            evidence=evidence,
        )


HOW_TO_KNOW = "set it, or give the plan, the state after apply, or the files that define it as further input"
