"""A cookie that is kept longer than its session lives."""

from __future__ import annotations

from collections.abc import Iterator

from seawall.check.rule import Rule
from seawall.facts.facts import Facts
from seawall.facts.resilience import Setting
from seawall.kernel.address import Address
from seawall.kernel.finding import Finding, Severity
from seawall.kernel.value import Unknown

RULE = Rule(
    id="EDGE-101",
    severity=Severity.MEDIUM,
    summary="A session's cookie outlives the session",
    why="the browser keeps presenting a session that the server has forgotten; logins that redirect on an "
    "unknown session "
    "then loop",
    fix="give the cookie the session's own length",
    layers=("application", "kubernetes"),
    source="https://docs.spring.io/spring-boot/appendix/application-properties/index.html",
    read=None,
)


def check(facts: Facts) -> Iterator[Finding]:
    """Workloads that state both lengths."""
    for cookie in facts.all(Setting):
        if cookie.key != "cookie-max-age" or not isinstance(cookie.of, Address):
            continue
        for session in facts.where(Setting, of=cookie.of):
            if session.key != "session-timeout":
                continue
            missing = [value for value in (cookie.value, session.value) if isinstance(value, Unknown)]
            if missing:
                what = f"whether the cookie of {cookie.of} outlives its session is not known"
                yield RULE.unknown(what, missing, cookie.of)
            elif cookie.value > session.value:
                yield RULE.refuted(
                    f"{cookie.of} keeps its cookie {cookie.value} s and its session {session.value} s", cookie.of
                )
