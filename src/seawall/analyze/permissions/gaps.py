"""Gaps: calls that have to be possible and are not, or cannot be shown to be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from seawall.analyze.permissions.chain import Chain, chain
from seawall.analyze.permissions.needed import needs
from seawall.facts.demands import Call
from seawall.facts.facts import Facts
from seawall.kernel.finding import Severity
from seawall.kernel.value import Unknown


@dataclass(frozen=True, slots=True)
class Gap:
    """A call that is denied (its chain is refuted) or may be; ``after`` is the call that brings it along, if any."""

    call: Call
    chain: Chain
    severity: Severity
    after: Call | None = None


def gaps(facts: Facts) -> tuple[Gap, ...]:
    """Every gap of an estate, sorted by who calls, action and resource."""
    return facts.derive(_gaps)


_WHOLE = frozenset({"wrong subject", "wrong audience", "wrong issuer", "other cluster's OIDC provider", "not trusted"})
"""What takes every permission of a role away at once."""


def _gaps(facts: Facts) -> tuple[Gap, ...]:
    return tuple(sorted(_found(facts), key=lambda gap: (gap.call.source, gap.call.action, str(gap.call.resource))))


def undecided(facts: Facts) -> tuple[Call, ...]:
    """The calls on nobody knows what that are no gaps: something allows them, and nobody can say whether on that."""
    return facts.derive(_undecided)


def _undecided(facts: Facts) -> tuple[Call, ...]:
    return tuple(need.call for need in needs(facts) if _depends_on_it_alone(chain(facts, need.call)))


def _found(facts: Facts) -> Iterator[Gap]:
    for need in needs(facts):
        followed = chain(facts, need.call)
        broken = followed.breaks
        if broken is None or _depends_on_it_alone(followed):
            continue
        severity = Severity.HIGH
        if broken.verdict.unknown:
            severity = Severity.MEDIUM
        elif broken.fault in _WHOLE:
            severity = Severity.CRITICAL
        yield Gap(need.call, followed, severity, need.after)


def _depends_on_it_alone(followed: Chain) -> bool:
    """Whether a call is open for no other reason than that nobody knows what it is on.

    Of such a call only that nothing allows it at all can be said.
    """
    broken = followed.breaks
    if broken is None or not broken.verdict.unknown or not isinstance(followed.call.resource, Unknown):
        return False
    granted = any(link.kind == "policy" and link.verdict.proven for link in followed.links)
    return granted or set(followed.missing) == {followed.call.resource}


def alike(found: Iterable[Gap]) -> tuple[tuple[Gap, ...], ...]:
    """Gaps that are one defect: of one who calls as one role, with one thing wrong with one kind of link."""
    groups: dict[tuple[object, ...], list[Gap]] = {}
    for gap in found:
        link = gap.chain.breaks
        if link is not None:
            key = (gap.call.source, gap.chain.role, link.kind, link.fault, link.verdict.answer)
            groups.setdefault(key, []).append(gap)
    return tuple(tuple(group) for group in groups.values())
