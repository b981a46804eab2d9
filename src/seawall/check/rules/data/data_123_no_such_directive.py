"""A line that Redis does not know."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches

from seawall.check.rule import Rule
from seawall.facts.application import Directive
from seawall.facts.facts import Facts
from seawall.kernel.finding import Finding, Severity
from seawall.knowledge.redis_directives import DIRECTIVES, is_directive

RULE = Rule(
    id="DATA-123",
    severity=Severity.HIGH,
    summary="A redis.conf has a line that Redis does not know",
    why="Redis ends with a fatal error at the first line that it does not know: the pod never starts, or does not "
    "start again after its next restart",
    fix="take the line away, or write the directive as Redis spells it",
    layers=("kubernetes", "app"),
    source="https://github.com/redis/redis/blob/7.2.0/src/config.c",
    read=date(2026, 11, 22),
)


def check(facts: Facts) -> Iterator[Finding]:
    """Every line of every redis.conf, against the directives of all its versions."""
    for directive in facts.where(Directive, server="redis"):
        if is_directive(directive.name):
            continue
        near = get_close_matches(directive.name.lower(), sorted(DIRECTIVES), n=1, cutoff=0.75)
        yield RULE.refuted(
            f"line {directive.line} of {directive.of} says {directive.name}, and no version of Redis has that",
            directive.of,
            evidence=(f"{directive.name} {directive.value}",),
            fix=f"{RULE.fix}; did you mean {near[0]}?" if near else "",
        )
