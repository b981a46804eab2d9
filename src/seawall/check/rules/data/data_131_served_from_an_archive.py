"""Objects that a distribution serves, and that go into an archive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Archives
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Origin
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown
from seawall.kernel.verdict import Answer

RULE = Rule(
    id="DATA-131",
    severity=Severity.HIGH,
    summary="A distribution serves objects that go into an archive",
    why="what lies in Glacier or Deep Archive has to be restored first, which takes minutes to two days; until then "
    "everybody who asks for it gets 403",
    fix="let them go to Glacier Instant Retrieval (GLACIER_IR) or Intelligent-Tiering instead, or serve another bucket",
    layers=("terraform",),
    source="https://docs.aws.amazon.com/AmazonS3/latest/userguide/archived-objects.html",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Origins that are buckets, against the rules by which their objects are archived."""
    for origin in facts.all(Origin):
        if not isinstance(origin.target, Address):
            continue
        for archives in facts.where(Archives, of=origin.target):
            answers = {_meets(forwards, origin, archives) for forwards in _forwards(facts, origin)}
            if Answer.PROVEN in answers:
                yield RULE.refuted(
                    f"{origin.of} serves {origin.target}, whose objects are archived after {archives.after} days",
                    origin.target,
                    origin.of,
                    archives.by,
                )
            elif Answer.UNKNOWN in answers:
                reason = (
                    "it chooses objects by more than how their names begin"
                    if archives.prefix is None
                    else "whether anybody asks for objects whose names begin so is not written anywhere"
                )
                why = Unknown(f"{archives.by}.rule.filter", why=reason)
                what = f"whether {origin.of} serves what {origin.target} archives is not known"
                yield RULE.unknown(what, [why], origin.target, origin.of)


def _forwards(facts: Facts, origin: Origin) -> list[Forwards]:
    return [forwards for forwards in facts.where(Forwards, of=origin.of) if forwards.to == origin.id]


_WILD = re.compile(r"[*?]")


def _meets(forwards: Forwards, origin: Origin, archives: Archives) -> Answer:
    """Whether what is asked for by a path is archived: all of it, none of it, or some that nobody may ask for."""
    if not all(isinstance(each, str) for each in (forwards.path, origin.folder, archives.prefix or "")):
        return Answer.UNKNOWN
    asked = f"{origin.folder}/{str(forwards.path).lstrip('/')}".lstrip("/")
    start = _WILD.split(asked)[0]
    if archives.prefix is None:
        return Answer.UNKNOWN
    prefix = str(archives.prefix)
    if start.startswith(prefix):
        return Answer.PROVEN
    return Answer.UNKNOWN if start != asked and prefix.startswith(start) else Answer.REFUTED
