"""Waivers: findings that their owner has decided to live with, for a reason and until a day."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from fnmatch import fnmatchcase
from typing import Protocol

from seawall.check.registry import meant, modules, rule
from seawall.kernel.errors import InputError
from seawall.kernel.finding import Finding, Waiver
from seawall.kernel.origin import NOWHERE, Origin

# The ids of other scanners, which have more digits or an underscore, are waived here and looked at elsewhere.
_OURS = re.compile(r"[A-Z0-9]+-\d{3}")

UNUSED = "WAIVER-001"
EXPIRED = "WAIVER-002"


class Waive(Protocol):
    """A waiver as the description states it: an id or pattern of rules, globs of addresses, why, and until when."""

    @property
    def rule(self) -> str: ...
    @property
    def addresses(self) -> tuple[str, ...]: ...
    @property
    def reason(self) -> str: ...
    @property
    def until(self) -> date: ...


@dataclasses.dataclass(frozen=True, slots=True)
class WaiverLine:
    """One waiver of a description or a waiver file, with where it is written."""

    rule: str
    addresses: tuple[str, ...]
    reason: str
    until: date
    origin: Origin = NOWHERE


def waive(findings: Iterable[Finding], waivers: Sequence[Waive], as_of: date, ran: Iterable[str]) -> Iterator[Finding]:
    """The findings, waived where a waiver that still holds matches; then what is to be said of the waivers.

    A waiver holds up to and including its day. ``ran`` are the rules that were run: a waiver of a rule that was not
    run is not called unused.
    """
    for waiver in waivers:
        if not waiver.reason.strip():
            raise InputError(
                f"the waiver of {waiver.rule} has no reason",
                fix="write down why the finding may stay",
                origin=getattr(waiver, "origin", NOWHERE),
            )
        if _OURS.fullmatch(waiver.rule):
            _known(waiver)
    matched = [0] * len(waivers)
    for finding in findings:
        result = finding
        for number, waiver in enumerate(waivers):
            if not _matches(waiver, finding):
                continue
            matched[number] += 1
            if waiver.until >= as_of:
                if result.waived is None or waiver.until > result.waived.until:
                    result = dataclasses.replace(result, waived=Waiver(waiver.reason, waiver.until))
            else:
                note = f"waiver of {waiver.rule} expired on {waiver.until.isoformat()}: {waiver.reason}"
                result = dataclasses.replace(result, evidence=(*result.evidence, note))
        yield result
    ids = frozenset(ran)
    others = ids - modules().keys()
    for waiver, count in zip(waivers, matched, strict=True):
        if meant(waiver.rule).isdisjoint(ids) and not any(_of_other_scanner(waiver, id) for id in others):
            continue
        place = getattr(waiver, "origin", NOWHERE)
        globs = ", ".join(waiver.addresses)
        line = f"{waiver.rule} at {globs} until {waiver.until.isoformat()}: {waiver.reason}"
        if count == 0 and UNUSED in ids:
            said = rule(UNUSED).refuted(f"no finding matches the waiver of {line}")
        elif count and waiver.until < as_of and EXPIRED in ids:
            said = rule(EXPIRED).refuted(
                f"the waiver of {line} has expired, and {count} finding{'s' * (count > 1)} it matches"
                f" {'count' if count > 1 else 'counts'} again"
            )
        else:
            continue
        yield dataclasses.replace(said, origin=place)


def _known(waiver: Waive) -> None:
    """Say that a waiver names no rule: misspelt, it would waive nothing and nobody would notice."""
    try:
        rule(waiver.rule)
    except InputError as error:
        problem = error.problems[0]
        origin = getattr(waiver, "origin", NOWHERE)
        raise InputError(f"a waiver names {waiver.rule}, and {problem.what}", fix=problem.fix, origin=origin) from None


def _of_other_scanner(waiver: Waive, id: str) -> bool:
    """Whether a waiver is of a check that is none of ours: whoever runs other scanners asks here what stays."""
    return id not in modules() and fnmatchcase(id, waiver.rule)


def _matches(waiver: Waive, finding: Finding) -> bool:
    if finding.rule not in meant(waiver.rule) and not _of_other_scanner(waiver, finding.rule):
        return False
    # A glob is tried as plain text first: the brackets of aws_subnet.zone["a"] are not a set of characters.
    return any(
        glob == "*" or any(address == glob or fnmatchcase(address, glob) for address in finding.addresses)
        for glob in waiver.addresses
    )
