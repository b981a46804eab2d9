"""Where a certificate is, and which names it covers."""

from __future__ import annotations

from collections.abc import Iterable

from seawall.analyze.texts import same
from seawall.facts.fact import Known, Link
from seawall.facts.facts import Facts
from seawall.facts.network import Certificate
from seawall.kernel.value import Textual, Unknown
from seawall.kernel.verdict import Answer


def region_of(facts: Facts, certificate: Link) -> Known[str]:
    """The region of a certificate: as it states it, or as its literal ARN does; empty if it belongs to none."""
    if isinstance(certificate, Unknown):
        return certificate
    found = facts.one(Certificate, of=certificate)
    if found is not None:
        return found.region
    if certificate.is_outside:
        words = certificate.removeprefix("outside:").split(":")
        return words[3] if len(words) > 4 and words[2] == "acm" else ""
    if certificate.owner != certificate:
        return ""
    return Unknown(f"{certificate}.region", why="the certificate is not in the input")


def covers(names: Iterable[Textual], host: Textual) -> Answer:
    """Whether one of a certificate's names is that host; a star stands for exactly one label."""
    answers = [_covers(name, host) for name in names]
    for answer in (Answer.PROVEN, Answer.UNKNOWN):
        if answer in answers:
            return answer
    return Answer.REFUTED


def _covers(name: Textual, host: Textual) -> Answer:
    if isinstance(name, str) and isinstance(host, str):
        own, wanted = name.lower().rstrip("."), host.lower().rstrip(".")
        if own.startswith("*."):
            first, dot, rest = wanted.partition(".")
            return Answer.PROVEN if first and dot and rest == own[2:] else Answer.REFUTED
        return Answer.PROVEN if own == wanted else Answer.REFUTED
    return same(name, host)
