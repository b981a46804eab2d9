"""Objects that a distribution serves, and that go into an archive."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from seawall.check.rule import Rule
from seawall.facts.data import Archives
from seawall.facts.facts import Facts
from seawall.facts.network import Forwards, Origin
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

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
            if archives.prefix is None or not isinstance(archives.prefix, str):
                why = Unknown(f"{archives.by}.rule.filter", why="it chooses objects by more than how their names begin")
                what = f"whether {origin.of} serves what {origin.target} archives is not known"
                yield RULE.unknown(what, [why], origin.target, origin.of)
            elif any(_meets(forwards, archives.prefix) for forwards in _forwards(facts, origin)):
                yield RULE.refuted(
                    f"{origin.of} serves {origin.target}, whose objects are archived after {archives.after} days",
                    origin.target,
                    origin.of,
                    archives.by,
                )


def _forwards(facts: Facts, origin: Origin) -> list[Forwards]:
    return [forwards for forwards in facts.where(Forwards, of=origin.of) if forwards.to == origin.id]


def _meets(forwards: Forwards, prefix: str) -> bool:
    """Whether a path that is forwarded may be that of an object whose name begins so."""
    path = str(forwards.path).lstrip("/").partition("*")[0]
    return path.startswith(prefix) or prefix.startswith(path)
